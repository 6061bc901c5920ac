//! Monitoring.

mod api;
mod health;
mod integrity;
mod locks;
mod metrics;
mod traces;
