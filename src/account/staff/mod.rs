//! The accounts of staff, for admins.

pub mod api;
pub mod forms;
pub mod page;
