//! Janji's faces: pages, forms, the JSON API and the FHIR API of the engine.
//!
//! Folders have the names of the engine's slices. In each, `page/` has the pages, `forms.rs` the Leptos server functions that
//! forms post to, `api.rs` the handlers of `/api/v1`, and `island/` is what is alive in the browser. The server is built
//! with the feature `ssr`, the browser's half with `hydrate`.

// The view macro builds deep types.
#![recursion_limit = "512"]

pub mod availability;
pub mod booking;
pub mod consultation;
#[cfg(feature = "hydrate")]
mod hydrate;
pub mod notification;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod appointment;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod calcom;
#[cfg(feature = "ssr")]
pub mod caldav;
#[cfg(feature = "ssr")]
pub mod clinical_note;
#[cfg(feature = "ssr")]
pub mod course;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod doctor;
#[cfg(feature = "ssr")]
pub mod fhir;
#[cfg(feature = "ssr")]
pub mod group;
#[cfg(feature = "ssr")]
pub mod hooks;
#[cfg(feature = "ssr")]
pub mod ical;
#[cfg(feature = "ssr")]
pub mod idempotency;
#[cfg(feature = "ssr")]
pub mod installation;
#[cfg(feature = "ssr")]
pub mod monitoring;
#[cfg(feature = "ssr")]
pub mod organisation;
#[cfg(feature = "ssr")]
pub mod payment;
#[cfg(feature = "ssr")]
pub mod phone_call;
#[cfg(feature = "ssr")]
pub mod prescription;
#[cfg(feature = "ssr")]
pub mod privacy;
#[cfg(feature = "ssr")]
pub mod rating;
#[cfg(feature = "ssr")]
pub mod report;
#[cfg(feature = "ssr")]
pub mod schedule;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod stay;
#[cfg(feature = "ssr")]
pub mod trace;
#[cfg(feature = "ssr")]
pub mod waitlist;
#[cfg(feature = "ssr")]
pub mod webhook;
