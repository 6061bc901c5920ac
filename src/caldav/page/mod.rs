//! The page of a doctor's calendars elsewhere.

mod account;
mod link;
mod questions;

use engine::{
    caldav::{self, busy::Trouble},
    error::AppError,
    i18n::Texts,
};
use leptos::prelude::*;

use super::forms::{FORM, OWN, Typed};
use crate::{
    account::guard,
    server::AppState,
    ui::{Page, Tone, icon, notice, page, query, request_error, texts},
};

/// The calendars elsewhere of a doctor.
#[component]
pub fn DoctorCalendarsPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let accounts = caldav::accounts(&state.database, &caller).await?;
        let asked = caldav::questions(&state.database, &caller).await?;
        let typed: Option<Typed> = match request_error() {
            Some(_) => guard::session().typed(FORM, OWN).await?,
            None => None,
        };
        let has_key = state.config.accounts.secret_key.is_some();
        let linked = accounts
            .iter()
            .find(|account| account.kind == caldav::Kind::CalDav);
        let link = match (has_key, linked) {
            (false, None) => {
                let body = view! { <p>{texts.text("calendars-no-key-text")}</p> };
                notice(Tone::Warn, texts.text("calendars-no-key"), body).into_any()
            }
            (_, None) => link::link(&typed.unwrap_or_default(), texts).into_any(),
            (_, Some(_)) => ().into_any(),
        };
        let has_cal_com = accounts
            .iter()
            .any(|account| account.kind == caldav::Kind::CalCom);
        let cal_com = (has_key && !has_cal_com).then(|| {
            view! { <p><a class="btn" href="/doctor/calendars/cal-com">{icon("plus")}{texts.text("calcom-open")}</a></p> }
        });
        let mut cards = Vec::new();
        for account in &accounts {
            let typed: Option<Typed> = match request_error() {
                Some(_) => guard::session().typed(FORM, OWN).await?,
                None => None,
            };
            cards.push(account::account(account, typed, texts));
        }
        let questions = questions::questions(asked, texts).await?;
        let unread = caldav::busy::troubles(&state.database, &caller, doctor_id).await?;
        let unread = unread
            .into_iter()
            .map(|trouble| not_read(trouble, texts))
            .collect_view();
        Ok::<_, AppError>(Page::new(
            texts.text("calendars-title"),
            view! {
                {done(texts)}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("calendars-title")}</h1>
                        <p>{texts.text("calendars-intro")}</p>
                    </div>
                </div>
                {questions}
                {cards}
                {unread}
                {link}
                {cal_com}
            },
        ))
    })
}

/// What a form of this page did.
fn done(texts: Texts) -> Option<AnyView> {
    let done = query("done")?;
    let key = match done.as_str() {
        "link" | "choose" | "sync" | "unlink" | "keep" | "cancel" | "read" => {
            format!("calendars-done-{done}")
        }
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(&key), ()).into_any())
}

/// What could not be read in one of the calendars.
fn not_read(trouble: Trouble, texts: Texts) -> AnyView {
    let key = format!("busy-trouble-{}", trouble.state.replace('_', "-"));
    let body = view! { <p>{texts.with(&key, &[("count", trouble.objects.into())])}</p> };
    notice(Tone::Warn, trouble.calendar, body).into_any()
}

/// The text of a word of the database.
fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("{prefix}-{}", word.replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use engine::{
        caldav::{Kind, State, Trouble},
        i18n::{Locale, Texts},
    };

    use super::word;

    #[test]
    fn every_word_has_a_text_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            let kinds = Kind::ALL.map(|kind| word("calendars-kind", kind.as_str(), texts));
            let states = State::ALL.map(|state| word("calendars-state", state.as_str(), texts));
            let troubles = Trouble::ALL.map(|trouble| word("calendars-trouble", trouble.as_str(), texts));
            for text in [&kinds[..], &states[..], &troubles[..]].concat() {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }
}
