//! The calls for admins who watch over the installation.

pub mod changes;
pub mod integrity;
pub mod locks;
