//! Two records of one person become one: the page that compares them, its forms and calls.

pub mod api;
pub mod forms;
pub mod page;
