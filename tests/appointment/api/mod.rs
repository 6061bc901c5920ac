//! Appointments by the API.

mod change;
mod list;
mod sorted;
mod version;
