//! Forms of bookings.
