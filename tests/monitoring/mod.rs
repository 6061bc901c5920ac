//! Monitoring.

mod api;
mod integrity;
mod locks;
mod metrics;
