//! Appointments in other calendars.

mod address;
