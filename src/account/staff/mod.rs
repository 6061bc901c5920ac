//! The accounts of staff, for admins.

pub mod forms;
pub mod page;
