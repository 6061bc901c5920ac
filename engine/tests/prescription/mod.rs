//! Prescriptions.

mod withdraw;
mod write;
