//! Schedules of doctors: pages, forms and calls.

pub mod api;
pub mod calls;
pub mod forms;
pub mod page;
