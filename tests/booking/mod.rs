//! Booking.

mod any;
mod api;
mod countdown;
mod family;
mod form;
mod limit;
mod typed;
mod way;
