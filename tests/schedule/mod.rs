//! Schedules, planned without JavaScript.

mod api;
mod calls;
mod closures;
mod dates;
mod elsewhere;
mod week;
