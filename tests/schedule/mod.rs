//! Schedules, planned without JavaScript.

mod api;
mod closures;
mod dates;
mod week;
