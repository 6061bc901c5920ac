//! Appointments: lists, one appointment, changes of its status.

pub mod api;
pub mod files;
pub mod forms;
pub mod page;
