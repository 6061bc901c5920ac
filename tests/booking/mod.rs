//! Booking.

mod any;
mod api;
mod family;
mod form;
mod typed;
