//! The handlers of the calls, each with who may make it.

mod act;
pub mod appointments;
pub mod bulk;
pub mod change;
pub mod directory;
pub mod find;
pub mod hold;
pub mod metadata;
pub mod patients;
pub mod slots;
pub mod write;
