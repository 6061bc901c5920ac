//! Is it well?

pub mod health;
