//! Janji: appointment booking for clinics that never double-books and never loses a booking.
//!
//! One folder per capability; in each, a layer is a file name: `mod.rs` has the types and the pure
//! rules, `service` the transactions, `api.rs` the server functions, `page.rs` the pages, `island.rs` what is
//! alive in the browser. The server is built with the feature `ssr`, the browser's part with `hydrate`.

// The view macro builds deep types.
#![recursion_limit = "512"]

pub mod availability;
pub mod booking;
#[cfg(feature = "hydrate")]
mod hydrate;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod appointment;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod database;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod i18n;
#[cfg(feature = "ssr")]
pub mod idempotency;
#[cfg(feature = "ssr")]
pub mod money;
#[cfg(feature = "ssr")]
pub mod monitoring;
#[cfg(feature = "ssr")]
pub mod notification;
#[cfg(feature = "ssr")]
pub mod organisation;
#[cfg(feature = "ssr")]
pub mod prescription;
#[cfg(feature = "ssr")]
pub mod rating;
#[cfg(feature = "ssr")]
pub mod schedule;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod time;

#[cfg(all(test, feature = "ssr"))]
mod tests;
