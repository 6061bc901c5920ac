//! Prescriptions.

mod write;
