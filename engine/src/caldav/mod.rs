//! Calendars elsewhere: a doctor's account at a server of calendars, both ways (X3).

pub mod busy;
mod foreign;
mod recurrence;
