//! Monitoring: rules that are verified, and numbers that are counted.

mod integrity;
mod planted;
mod planted_beside;
mod statistics;
mod verify;
