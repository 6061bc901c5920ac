//! Booking.

mod any;
mod api;
mod countdown;
mod family;
mod form;
mod typed;
mod way;
