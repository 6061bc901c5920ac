//! The texts of the request that is being answered.

use engine::i18n::{Locale, Texts};
use leptos::prelude::use_context;

/// The texts in the language of the request that is being answered.
pub fn texts() -> Texts {
    Texts::of(use_context::<Locale>().unwrap_or_default())
}
