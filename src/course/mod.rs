//! Courses: their pages, forms and calls.

pub mod api;
pub mod forms;
pub mod page;
