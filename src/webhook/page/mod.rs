//! The pages of webhooks.

mod deliveries;
mod fields;
mod list;
mod one;

pub use self::{
    list::{AdminWebhooksPage, DoctorWebhooksPage},
    one::{AdminWebhookPage, DoctorWebhookPage},
};

use engine::{
    i18n::Texts,
    webhook::{Because, State, WebhookView},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;

use crate::ui::{Tone, icon, notice, query};

/// The text of a word of the database.
fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("{prefix}-{}", word.replace('_', "-")))
}

/// A moment, in UTC: what is told is of all clinics.
fn moment(at: Timestamp, texts: Texts) -> impl IntoView {
    let said = format!("{} UTC", engine::time::moment(at, &TimeZone::UTC, texts));
    view! { <time datetime=at.to_string()>{said}</time> }
}

/// What becomes of a webhook, in a word and a picture.
fn state_tag(webhook: &WebhookView, texts: Texts) -> impl IntoView + use<> {
    let (name, said) = match (webhook.state, webhook.because) {
        (State::Active, _) if !webhook.is_owner_there => ("ban", texts.text("webhook-owner-gone")),
        (State::Active, _) if webhook.failures > 0 => ("alert-triangle", texts.text("webhook-state-failing")),
        (State::Active, _) => ("circle-check", texts.text("webhook-state-active")),
        (state, Some(because @ (Because::Failing | Because::Gone))) => (
            "alert-triangle",
            format!(
                "{}: {}",
                word("webhook-state", state.as_str(), texts),
                word("webhook-because", because.as_str(), texts)
            ),
        ),
        (state, _) => ("ban", word("webhook-state", state.as_str(), texts)),
    };
    view! { <span class="tag">{icon(name)} " " {said}</span> }
}

/// What a form of these pages did.
fn done(texts: Texts) -> Option<AnyView> {
    let title = match query("done")?.as_str() {
        "change" => texts.text("webhook-done-change"),
        "pause" => texts.text("webhook-done-pause"),
        "resume" => texts.text("webhook-done-resume"),
        "delete" => texts.text("webhook-done-delete"),
        "test" => texts.text("webhook-done-test"),
        "replay" => {
            let count: i64 = query("count").and_then(|count| count.parse().ok())?;
            texts.with("webhook-done-replay", &[("count", count.into())])
        }
        _ => return None,
    };
    Some(notice(Tone::Good, title, ()).into_any())
}

#[cfg(test)]
mod tests {
    use engine::{
        i18n::Locale,
        webhook::{DeliveryState, Topic, Trouble},
    };

    use super::*;

    #[test]
    fn every_word_has_a_text_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            let states = State::ALL.map(|state| word("webhook-state", state.as_str(), texts));
            let because = Because::ALL.map(|because| word("webhook-because", because.as_str(), texts));
            let deliveries = DeliveryState::ALL.map(|state| word("webhook-delivery", state.as_str(), texts));
            let troubles = Trouble::ALL.map(|trouble| word("webhook-trouble", trouble.as_str(), texts));
            let topics = Topic::ALL.map(|topic| fields::topic_text(topic.name(), texts));
            let test = fields::topic_text(Topic::Test.name(), texts);
            let all = [
                &states[..],
                &because[..],
                &deliveries[..],
                &troubles[..],
                &topics[..],
            ]
            .concat();
            for text in all.into_iter().chain([test]) {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }
}
