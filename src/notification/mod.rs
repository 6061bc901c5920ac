//! Messages: how they leave, and pages about them.

pub mod api;
pub mod files;
pub mod forms;
pub mod options;
pub mod page;
pub mod receipts;
pub mod sender;
pub mod settings;
pub mod test;
