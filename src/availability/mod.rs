//! Which times a doctor can be booked at: working plans, and the arithmetic that turns them into
//! times.
//!
//! One function, [`Calendar::day`], says what a day offers. The list of times shows what it returns, and
//! booking accepts a time if and only if it is in it (C6): there is no second rule.

#[cfg(feature = "ssr")]
mod calendar;
#[cfg(feature = "ssr")]
pub mod hours;
pub mod island;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod stream;

#[cfg(feature = "ssr")]
pub use calendar::{
    Calendar, Day, DayPlan, Horizon, Hours, NotOffered, Off, Plan, ServiceRules, Slot, TimeOff, Weekly,
    WhyNot,
};
