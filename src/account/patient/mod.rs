//! A new phone number of a patient.

pub mod forms;
pub mod page;
