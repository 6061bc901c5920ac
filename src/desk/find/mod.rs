//! Finding anybody in one box, on every page of staff.

pub mod forms;
