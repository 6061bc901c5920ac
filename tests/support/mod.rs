//! Support for tests of the faces: a server with the clinic of the engine's tests, browsers, and programs.

mod app;
mod booking;
mod browser;
mod everybody;
mod program;
mod site;

pub use self::{
    app::{Setup, TestApp},
    booking::{book, borrowed, choose, of_wanted},
    browser::{Answer, Browser},
    everybody::{Everybody, request},
    program::{People, Program, data, refused, wish},
    site::Site,
};
use crate::engine_support;
pub use engine_support::{Heard, LONG, PASSWORD, RULES, VISIT, patient_caller, refusal};

/// The phone numbers of two patients.
pub const PHONE: &str = "+6281255500777";
pub const OTHER: &str = "+6281255500778";
