//! Work of the desk by the API.

mod patients;
mod walk_in;
