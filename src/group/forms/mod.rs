//! The forms of group sessions. What was typed into one that could not be done is kept in the session of the browser.

mod plan;
mod seats;

use serde::Serialize;

pub use self::{plan::*, seats::*};
use crate::idempotency::forms::of_form;
use engine::{
    account::Caller,
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
};

/// Under which names a session of a browser keeps what was typed.
pub(super) const SEATS: &str = "seats";
pub(super) const SESSION: &str = "group";

/// The key of the typed form of a session that is not there yet.
pub(super) const NEW: &str = "new";

/// The path below which the pages of this caller are.
fn base(caller: &Caller) -> &'static str {
    match caller {
        Caller::Doctor { .. } => "/doctor",
        Caller::Admin { .. } | Caller::Reception { .. } | Caller::Patient { .. } => "/admin",
    }
}

fn key_of(
    caller: &Caller,
    key: &str,
    operation: &'static str,
    about: &str,
    request: &impl Serialize,
) -> Result<Option<Key>, AppError> {
    of_form(KeyOwner::Caller(caller), key, None, operation, about, request)
}

fn number(field: Field, text: &str) -> Result<i32, AppError> {
    let problem = match text.trim() {
        "" => FieldProblem::Missing,
        text => match text.parse() {
            Ok(number) => return Ok(number),
            Err(_) => FieldProblem::Malformed,
        },
    };
    Err(AppError::invalid(field, problem))
}
