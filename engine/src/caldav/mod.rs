//! Calendars elsewhere: a doctor's account at a server of calendars, both ways (X3).
