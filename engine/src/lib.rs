//! Janji's engine: the rules and transactions of a clinic's bookings.
//!
//! It knows PostgreSQL and nothing of pages, HTTP or JSON. Each folder is a slice: `mod.rs` has its types and pure rules,
//! and each transaction is a file named by its verb.

pub mod account;
pub mod appointment;
pub mod audit;
pub mod availability;
pub mod booking;
pub mod calcom;
pub mod caldav;
pub mod clinical_note;
pub mod consultation;
pub mod course;
pub mod database;
pub mod demo;
pub mod desk;
pub mod error;
pub mod event;
pub mod group;
pub mod i18n;
pub mod ical;
pub mod idempotency;
pub mod installation;
pub mod integrity;
pub mod money;
pub mod monitoring;
pub mod nobody;
pub mod notification;
pub mod organisation;
pub mod payment;
pub mod phone;
pub mod phone_call;
pub mod prescription;
pub mod privacy;
pub mod rating;
pub mod report;
pub mod schedule;
pub mod stay;
pub mod text;
pub mod time;
pub mod together;
pub mod visit;
pub mod waitlist;
pub mod webhook;
pub mod worker;
