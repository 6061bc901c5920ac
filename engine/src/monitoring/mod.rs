//! Whether all is well: locks, the integrity check, who changed what.

pub mod audit;
pub mod installation;
pub mod integrity;
pub mod locks;
pub mod numbers;
pub mod verify;
