//! Forms of appointments.
