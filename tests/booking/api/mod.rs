//! Booking by the API.

mod any;
mod book;
mod hold;
mod submit;
mod zone;
