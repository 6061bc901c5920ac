//! Prescriptions.

mod template;
mod withdraw;
mod write;
