//! What a text costs while it is typed.

use leptos::prelude::*;

use super::length::{Sentences, sent};

/// Says how long the text in a field is, as it would go out, and again whenever somebody has typed.
#[island]
pub fn SmsLength(
    /// The id of the field.
    field: String,
    /// What is in it as the page is written.
    text: String,
    /// What its placeholders are filled in with.
    values: Vec<(String, String)>,
    /// What follows it.
    link: String,
    /// The sentence about a length, with `{signs}` and `{sms}`; and the one about a text with an unusual `{sign}`.
    usual: String,
    unusual: String,
) -> impl IntoView {
    let sentences = Sentences { usual, unusual };
    let said = RwSignal::new(sentences.say(&sent(&text, &values, &link)));
    #[cfg(feature = "hydrate")]
    browser::listen(field, move |text| {
        said.set(sentences.say(&sent(text, &values, &link)));
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = field;
    view! { <span>{move || said.get()}</span> }
}

#[cfg(feature = "hydrate")]
mod browser;
