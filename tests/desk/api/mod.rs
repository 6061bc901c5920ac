//! Work of the desk by the API.

mod family;
mod patients;
mod walk_in;
