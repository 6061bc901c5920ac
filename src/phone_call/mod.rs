//! Calls that a phone agent has answered, as the desk sees them, the numbers that are answered, and a page that plays one.

pub mod api;
pub mod files;
pub mod forms;
pub mod page;
