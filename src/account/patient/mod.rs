//! What patients say of themselves: how they want to be told, and a new phone number.

pub mod api;
pub mod forms;
pub mod page;
