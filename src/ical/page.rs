//! The page of somebody's calendar, and the links that lead there.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::{AppState, Origin},
    ui::{Page, Tone, icon, isolate, notice, page, query, texts},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{MakeCalendar, RevokeCalendar, just_made, owner};
use engine::{
    appointment::Item,
    i18n::Texts,
    ical::{self, FeedState, Owner, path_of},
    time,
};

/// Leads to the file of an appointment.
pub fn file_link(item: &Item, class: &'static str, texts: Texts) -> impl IntoView + use<> {
    let path = format!("/appointments/{}/calendar.ics", item.reference);
    view! { <a class=class href=path>{icon("calendar-plus")}{texts.text("calendar-add")}</a> }
}

/// Leads to the page where the address of a calendar is made.
pub fn link(class: &'static str, texts: Texts) -> impl IntoView {
    view! { <a class=class href="/calendar">{icon("calendar")}{texts.text("calendar-link")}</a> }
}

/// The page on which patients and doctors make an address for a calendar elsewhere.
#[component]
pub fn CalendarPage() -> impl IntoView {
    page(async {
        let caller = guard::anyone().await?;
        let owner = owner(&caller)?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let known = ical::known(&state.database, owner).await?;
        let secret = just_made().await?;
        // Another one may have been made since.
        let address = secret
            .filter(|secret| known.as_ref().is_some_and(|known| known.has(secret)))
            .map(|secret| made(&path_of(&secret), texts));
        let revoked = (query("revoked").is_some() && known.is_none())
            .then(|| notice(Tone::Good, texts.text("calendar-revoked"), ()));
        let (back, back_text) = match owner {
            Owner::Patient(_) => ("/appointments", "nav-appointments"),
            Owner::Doctor(_) => ("/doctor", "nav-today"),
        };
        let title = texts.text("calendar-title");
        let is_there = known.is_some();
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack-l">
                    <div class="stack">
                        <a class="back" href=back>{icon("arrow-left")}{texts.text(back_text)}</a>
                        {revoked}
                        <h1>{title}</h1>
                        <p>{texts.text("calendar-intro")}</p>
                    </div>
                    {address}
                    {known.map(|known| present(&known, texts))}
                    {make_form(owner, is_there, texts)}
                    <p class="soft"><a href="/tokens">{texts.text("tokens-for-programs")}</a></p>
                </div>
            },
        ))
    })
}

/// The address, this once.
fn made(path: &str, texts: Texts) -> impl IntoView + use<> {
    let origin = use_context::<http::request::Parts>()
        .and_then(|parts| Origin::of(&parts, &expect_context::<AppState>().config).0)
        .unwrap_or_default();
    let address = format!("{origin}{path}");
    let subscribe = origin
        .split_once("://")
        .map(|(_, host)| format!("webcal://{host}{path}"))
        .map(|href| {
            view! {
                <div class="actions">
                    <a class="btn primary" href=href>{icon("calendar-plus")}{texts.text("calendar-subscribe")}</a>
                </div>
            }
        });
    let body = view! {
        <p>{texts.text("calendar-once")}</p>
        <div class="field">
            <label for="address">{texts.text("calendar-address")}</label>
            <p class="hint" id="address-hint">{texts.text("calendar-address-hint")}</p>
            <input id="address" class="mono" value=address readonly aria-describedby="address-hint" />
        </div>
        {subscribe}
    };
    notice(Tone::Good, texts.text("calendar-made"), body)
}

/// Shows the address that exists, and the way to end it.
fn present(known: &FeedState, texts: Texts) -> impl IntoView + use<> {
    let told = match known.details {
        true => "calendar-is-detailed",
        false => "calendar-is-neutral",
    };
    let used = known
        .last_used_at
        .map_or_else(|| texts.text("calendar-unused"), |at| moment(at, texts));
    let rows = [
        ("calendar-made-at", moment(known.made_at, texts)),
        ("calendar-used-at", used),
        ("calendar-told", texts.text(told)),
    ];
    view! {
        <section class="stack" aria-labelledby="present">
            <h2 id="present">{texts.text("calendar-present")}</h2>
            <dl class="summary">
                {rows
                    .into_iter()
                    .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd></div> })
                    .collect_view()}
            </dl>
            <p>{texts.text("calendar-revoke-hint")}</p>
            <form method="post" action=RevokeCalendar::url()>
                <button class="btn danger">{icon("ban")}{texts.text("calendar-revoke")}</button>
            </form>
        </section>
    }
}

/// A calendar belongs to no clinic, so this is shown in UTC.
fn moment(at: Timestamp, texts: Texts) -> String {
    format!("{} UTC", time::moment(at, &TimeZone::UTC, texts))
}

fn make_form(owner: Owner, is_there: bool, texts: Texts) -> impl IntoView {
    let (title, button) = match is_there {
        true => ("calendar-new-title", "calendar-make-new"),
        false => ("calendar-make-title", "calendar-make"),
    };
    let detailed = match owner {
        Owner::Patient(_) => "calendar-detailed-patient",
        Owner::Doctor(_) => "calendar-detailed-doctor",
    };
    let replaces = is_there.then(|| view! { <p>{texts.text("calendar-new-hint")}</p> });
    view! {
        <section class="stack" aria-labelledby="make">
            <h2 id="make">{texts.text(title)}</h2>
            {replaces}
            <form method="post" action=MakeCalendar::url() class="stack">
                <KeyField />
                <fieldset class="choices">
                    <legend>{texts.text("calendar-what")}</legend>
                    <label class="choice">
                        <input type="radio" name="details" value="false" checked required />
                        <span>{texts.text("calendar-neutral")} " " <small>{texts.text("calendar-neutral-hint")}</small></span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="details" value="true" required />
                        <span>{texts.text("calendar-detailed")} " " <small>{texts.text(detailed)}</small></span>
                    </label>
                </fieldset>
                <div class="actions">
                    <button class="btn primary">{icon("calendar-plus")}{texts.text(button)}</button>
                </div>
            </form>
        </section>
    }
}
