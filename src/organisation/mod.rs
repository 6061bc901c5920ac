//! Services, clinics and doctors: pages, forms and calls for admins.

pub mod api;
mod cell;
pub mod files;
pub mod forms;
pub mod page;
