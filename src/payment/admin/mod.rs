//! Payments as the desk oversees them: pages, files and calls.

pub mod api;
pub mod files;
pub mod forms;
mod list;
mod money;
pub mod page;

use engine::{
    i18n::Texts,
    payment::{Provider, Why},
    time,
};
use jiff::{Timestamp, tz::TimeZone};

/// The number of days whose revenue is shown.
const DAYS: i32 = 30;

fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("{prefix}-{}", word.replace('_', "-")))
}

/// The name of a provider, or of a means at the desk.
fn provider_text(provider: Provider, texts: Texts) -> String {
    word("paid-by", provider.as_str(), texts)
}

/// A moment of a payment: payments belong to clinics in several zones.
fn moment(at: Timestamp, texts: Texts) -> String {
    format!("{} UTC", time::moment(at, &TimeZone::UTC, texts))
}

fn why_text(why: Why, texts: Texts) -> String {
    word("paid-back-why", why.as_str(), texts)
}

#[cfg(test)]
mod tests {
    use engine::{i18n::Locale, payment::board::TroubleKind};

    use super::*;

    #[test]
    fn every_word_has_a_text_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            let troubles = TroubleKind::ALL.map(|kind| word("payment-trouble", kind.as_str(), texts));
            let providers = Provider::ALL.map(|provider| provider_text(provider, texts));
            let whys = Why::ALL.map(|why| why_text(why, texts));
            for text in providers.into_iter().chain(whys).chain(troubles) {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }
}
