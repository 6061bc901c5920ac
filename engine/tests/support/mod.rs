//! Support for tests: a clinic in a database of its own, people who act at once, the rules that hold afterwards, the log.

mod app;
mod command;
mod database;
mod log;
mod race;
mod sound;

pub use self::{
    app::{INSTANT, LONG, PASSWORD, TestApp, VISIT, crowded, emptied, settings},
    command::{RULES, answer_within, hold, patient_caller, submit, visitor},
    database::TestDatabase,
    log::Heard,
    race::{APPOINTMENTS, DOCTORS, HOURS, one_winner, refusal},
};
