//! Clinical notes, on the pages of doctors and for their programs.

pub mod api;
pub mod forms;
pub mod page;
