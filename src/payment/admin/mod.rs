//! Payments as the desk oversees them: pages, files and calls.

pub mod api;
pub mod files;
pub mod forms;
mod list;
mod money;
pub mod page;

use engine::{
    i18n::Texts,
    payment::{PaymentState, Provider, Why},
};

/// The number of days whose revenue is shown.
const DAYS: i32 = 30;

fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("{prefix}-{}", word.replace('_', "-")))
}

fn state_text(state: PaymentState, texts: Texts) -> String {
    word("paid-state", state.as_str(), texts)
}

fn provider_text(provider: Provider, texts: Texts) -> String {
    word("paid-by", provider.as_str(), texts)
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
            let words = (PaymentState::ALL
                .into_iter()
                .map(|state| state_text(state, texts)))
            .chain(
                Provider::ALL
                    .into_iter()
                    .map(|provider| provider_text(provider, texts)),
            )
            .chain(Why::ALL.into_iter().map(|why| why_text(why, texts)))
            .chain(
                TroubleKind::ALL
                    .into_iter()
                    .map(|kind| word("payment-trouble", kind.as_str(), texts)),
            );
            for text in words {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }
}
