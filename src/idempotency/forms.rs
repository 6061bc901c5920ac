//! The key that comes back with a form.

use std::sync::{Arc, OnceLock};

use leptos::prelude::use_context;
use serde::Serialize;

use engine::{
    error::AppError,
    idempotency::{Key, KeyOwner},
};

/// Under which name a page is given the key that a form of it was sent with.
pub const PARAMETER: &str = "__key";

/// Under which name it is given what was chosen among many.
pub const CHOICE: &str = "__choice";

/// How many hexadecimal digits a key of a form has.
pub(super) const LENGTH: usize = 32;

/// Whether a form of ours can have had this key.
pub(super) fn is_ours(key: &str) -> bool {
    key.len() == LENGTH && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The form that is being handled, for whoever leads back to its page.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<OnceLock<Form>>);

/// The key and the choice that a form was sent with.
#[derive(Clone, Debug)]
pub struct Form {
    pub key: String,
    /// The time that was chosen, where the form is a list of them, in seconds since 1970.
    pub choice: Option<i64>,
}

impl Sent {
    pub fn get(&self) -> Option<&Form> {
        self.0.get()
    }
}

/// The key of a form, where it had one; see [`Key::of_form`].
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn of_form(
    whose: KeyOwner<'_>,
    key: &str,
    choice: Option<i64>,
    operation: &'static str,
    subject: &str,
    request: &impl Serialize,
) -> Result<Option<Key>, AppError> {
    if key.is_empty() {
        return Ok(None);
    }
    if let Some(sent) = use_context::<Sent>()
        && is_ours(key)
    {
        // A form has one key.
        let _ = sent.0.set(Form {
            key: key.to_owned(),
            choice,
        });
    }
    Key::of_form(whose, key, operation, subject, request).map(Some)
}
