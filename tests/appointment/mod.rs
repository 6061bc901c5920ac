//! Appointments, once they are booked.

mod api;
mod form;
mod search;
