//! The installation: its backups, and the release of a copy that was restored.

pub mod forms;
pub mod page;
