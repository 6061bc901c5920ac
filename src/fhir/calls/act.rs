//! Who does something, and how it is answered.

use engine::{account::Caller, i18n::Locale, idempotency::Key};

use crate::{fhir::base::Base, server::AppState};

/// Who does something, how it is answered, and under which key.
pub struct Act<'a> {
    pub state: &'a AppState,
    pub caller: &'a Caller,
    pub base: &'a Base,
    pub locale: Locale,
    pub key: Option<Key>,
}
