//! The card of a patient, for staff.

pub mod api;
pub mod forms;
pub mod page;
