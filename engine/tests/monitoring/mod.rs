//! Monitoring: rules that are verified, and numbers that are counted.

mod integrity;
mod planted;
mod statistics;
mod verify;
