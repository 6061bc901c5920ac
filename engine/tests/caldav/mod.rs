//! Calendars elsewhere.

mod busy;
