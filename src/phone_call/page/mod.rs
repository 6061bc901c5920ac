//! The pages of calls.

mod calls;
mod demo;
mod lines;

use engine::i18n::Texts;

pub use self::{calls::PhoneCallsPage, demo::DemoCallPage, lines::PhoneLinesPage};

/// The text of a word that the database has, such as `find_times`.
pub(super) fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("phone-calls-{prefix}-{}", word.replace('_', "-")))
}
