//! What was told about an appointment, or to a patient, in short.

use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::admin::{kind_text, word};
use crate::ui::{icon, isolate};
use engine::{
    i18n::Texts,
    notification::{Channel, board::Entry},
    time,
};

/// What was said: when, which way, and what became of it. Times are in the zone of this name.
pub fn told(entries: &[Entry], (name, zone): (&str, &TimeZone), texts: Texts) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="soft">{texts.text("told-nothing")}</p> }.into_any();
    }
    let rows = entries
        .iter()
        .map(|entry| {
            let at = entry.sent_at.unwrap_or(entry.due_at);
            let way = match entry.channel {
                Some(Channel::Email) => "E-mail",
                _ => "SMS",
            };
            let state = (entry.state).map_or_else(String::new, |state| word("state", state.as_str(), texts));
            let why = entry
                .trouble
                .map(|trouble| view! { <p class="soft">{word("trouble", trouble.as_str(), texts)}</p> });
            let when = format!(
                "{} ({})",
                time::moment(at, zone, texts),
                time::zone_name(name, zone, at)
            );
            let text = (!entry.text.is_empty()).then(|| {
                view! {
                    <details>
                        <summary>{texts.text("messages-text")}</summary>
                        <p class="said">{isolate(entry.text.clone())}</p>
                    </details>
                }
            });
            view! {
                <li>
                    <p><b>{kind_text(entry.kind, texts)}</b> " · " {way} " · " {state}</p>
                    {why}
                    <time datetime=at.to_string()>{when}</time>
                    {text}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{rows}</ol> }.into_any()
}

/// The same under a title, for the page of an appointment.
pub fn told_about(entries: &[Entry], zone: (&str, &TimeZone), texts: Texts) -> impl IntoView + use<> {
    let list = told(entries, zone, texts);
    view! {
        <details>
            <summary>{icon("message")} " " {texts.text("told-title")}</summary>
            {list}
        </details>
    }
}
