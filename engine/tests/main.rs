//! Tests of the engine: races, transactions, rules and what the database itself refuses.
//!
//! Each test has a database of its own and people who act. Time is an argument, nothing sleeps, and
//! everybody in a race is released at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod appointment;
mod audit;
mod availability;
mod booking;
mod calcom;
mod caldav;
mod clinical_note;
mod consultation;
mod course;
mod database;
mod demo;
mod desk;
mod group;
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
mod stay;
pub mod support;
mod visit;
mod waitlist;
mod webhook;
