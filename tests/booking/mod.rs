//! Booking.

mod any;
mod api;
mod form;
mod typed;
