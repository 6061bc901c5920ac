//! Lists of whom to call.

pub mod files;
pub mod forms;
