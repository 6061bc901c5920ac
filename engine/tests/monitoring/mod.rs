//! Monitoring: rules that are verified, and numbers that are counted.

mod integrity;
mod statistics;
mod verify;
