//! The key that comes back with a form.

use std::sync::{Arc, OnceLock};

use leptos::prelude::use_context;
use serde::Serialize;

use super::{Key, Whose};
use crate::error::AppError;

/// Under which name a page is given the key that a form of it was sent with.
pub const PARAMETER: &str = "__key";

/// How many hexadecimal digits a key of a form has.
pub(super) const LENGTH: usize = 32;

/// Whether a form of ours can have had this key.
pub(super) fn is_ours(key: &str) -> bool {
    key.len() == LENGTH && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The key of the form that is being handled, for whoever leads back to its page.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<OnceLock<String>>);

impl Sent {
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// The key of a form, where it had one; see [`Key::of_form`].
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn of_form(
    whose: Whose<'_>,
    key: &str,
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
        let _ = sent.0.set(key.to_owned());
    }
    Key::of_form(whose, key, operation, subject, request).map(Some)
}
