//! Templates of prescriptions.

pub mod forms;
