//! Visits: several appointments that are booked together.

mod api;
mod form;
