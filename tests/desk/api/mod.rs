//! Work of the desk by the API.

mod notice;
mod patients;
mod walk_in;
