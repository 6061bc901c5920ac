//! Cal.com: a doctor's account there, as one more calendar elsewhere (X8).
//!
//! Appointments are written there, and bookings read from there, by the jobs, the worker and the decisions of
//! [`caldav`](crate::caldav). What is its own is here: it *posts* to us when something became of a booking, signed by a secret. That
//! is no more than a reason to look there at once; what became of it is asked.

mod heard;
mod hook;
mod link;

pub use self::{
    heard::{Hearing, MAX_AGE_MINUTES, Sign, heard},
    hook::{HookSecret, MAX_HOOK_SECRET, MIN_HOOK_SECRET, hook_secret},
    link::{LinkCalCom, link},
};
