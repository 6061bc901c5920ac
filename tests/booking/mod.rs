//! Booking.

mod any;
mod api;
mod countdown;
mod form;
mod typed;
