//! Tests of the faces: pages and forms as a browser without JavaScript gets them, the API as programs use it, and the
//! source text.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod appointment;
mod audit;
mod availability;
mod booking;
mod calcom;
mod caldav;
mod circles;
mod clinical_note;
mod consultation;
mod course;
mod desk;
#[expect(dead_code, unused_imports, reason = "the engine's own tests use the rest")]
#[path = "../engine/tests/support/mod.rs"]
mod engine_support;
mod fhir;
mod group;
mod house;
mod ical;
mod idempotency;
mod installation;
mod monitoring;
mod notification;
mod organisation;
mod payment;
mod phone_call;
mod prescription;
mod privacy;
mod rating;
mod report;
mod schedule;
mod server;
mod stay;
mod support;
mod visit;
mod waitlist;
mod webhook;
