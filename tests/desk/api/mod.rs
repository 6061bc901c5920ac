//! Work of the desk by the API.

mod access;
mod family;
mod notice;
mod patients;
mod walk_in;
