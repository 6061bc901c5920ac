//! Lists of whom to call.

pub mod forms;
