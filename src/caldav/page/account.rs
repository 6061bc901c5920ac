//! An account: how it is, which of its calendars are meant, and what can be done with it.

use engine::{
    caldav::{AccountView, CollectionView, Kind, State, Trouble},
    error::Field,
    i18n::Texts,
    time::moment,
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{link::form, word};
use crate::{
    caldav::forms::{ChooseCalendars, SyncCalendar, Typed, UnlinkCalendar},
    ui::{Hidden, Tone, error_text, field_error, icon, isolate, notice, request_error},
};

/// An account.
pub(super) fn account(account: &AccountView, typed: Option<Typed>, texts: Texts) -> impl IntoView + use<> {
    let heading = format!("calendar-{}", account.id);
    let label = heading.clone();
    let is_open = account.state != State::Ending;
    let choice = is_open.then(|| choice(account, texts));
    let deeds = is_open.then(|| deeds(account, typed, texts));
    view! {
        <section class="stack" aria-labelledby=label>
            <h2 id=heading>{word("calendars-kind", account.kind.as_str(), texts)}</h2>
            {trouble(account, texts)}
            {facts(account, texts)}
            {choice}
            {deeds}
        </section>
    }
}

/// A moment, in UTC: a server of calendars is in no clinic.
fn at(when: Timestamp, texts: Texts) -> impl IntoView {
    let said = format!("{} UTC", moment(when, &TimeZone::UTC, texts));
    view! { <time datetime=when.to_string()>{said}</time> }
}

/// What its doctor has to look after.
fn trouble(account: &AccountView, texts: Texts) -> Option<AnyView> {
    let said = |trouble: Trouble| word("calendars-trouble", trouble.as_str(), texts);
    let (tone, title, text) = match (account.state, account.trouble) {
        (State::Choosing, _) => return None,
        (State::Ending, _) => (
            Tone::Warn,
            "calendars-ending",
            texts.text("calendars-ending-text"),
        ),
        (State::Paused, trouble) => (
            Tone::Bad,
            "calendars-paused",
            trouble.map(said).unwrap_or_default() + " " + &texts.text("calendars-paused-text"),
        ),
        (State::Active, Some(trouble)) => (Tone::Warn, "calendars-troubled", said(trouble)),
        (State::Active, None) => return None,
    };
    let body = view! { <p>{text}</p> };
    Some(notice(tone, texts.text(title), body).into_any())
}

fn facts(account: &AccountView, texts: Texts) -> impl IntoView + use<> {
    let pulled = match account.pulled_at {
        Some(when) => at(when, texts).into_any(),
        None => texts.text("calendars-never").into_any(),
    };
    view! {
        <dl class="summary">
            <div><dt>{texts.text("calendars-state")}</dt><dd>{word("calendars-state", account.state.as_str(), texts)}</dd></div>
            <div><dt>{texts.text("calendars-server")}</dt><dd class="mono">{isolate(account.url.clone())}</dd></div>
            <div><dt>{texts.text("calendars-user")}</dt><dd>{isolate(account.username.clone())}</dd></div>
            <div><dt>{texts.text("calendars-pulled-at")}</dt><dd>{pulled}</dd></div>
            <div><dt>{texts.text("calendars-written-count")}</dt><dd>{account.written}</dd></div>
            <div><dt>{texts.text("calendars-waiting")}</dt><dd>{account.waiting}</dd></div>
        </dl>
    }
}

/// The form in which calendars are chosen.
fn choice(account: &AccountView, texts: Texts) -> impl IntoView + use<> {
    let id = account.id.to_string();
    let none_is_written = !account.collections.iter().any(|one| one.is_written);
    // At first, what is usually meant: the first calendar, for both.
    let is_new = account.state == State::Choosing;
    let first = account
        .collections
        .iter()
        .find(|one| one.can_write)
        .map(|one| one.id);
    let written = account
        .collections
        .iter()
        .filter(|one| one.can_write)
        .map(|one| {
            let checked = one.is_written || is_new && first == Some(one.id);
            radio(one.id, checked, one.name.clone())
        })
        .collect_view();
    let error = request_error().and_then(|error| field_error(error, Field::CalendarWritten, texts));
    let error = error.map(|error| error_text("written-error".to_owned(), error));
    let described_by = error.is_some().then_some("written-error");
    let busy = account
        .collections
        .iter()
        .enumerate()
        .map(|(index, one)| busy(index, one, is_new && first == Some(one.id)))
        .collect_view();
    view! {
        <form method="post" action=ChooseCalendars::url() class="narrow stack">
            <Hidden name="account" value=id />
            <fieldset class="field" aria-describedby=described_by>
                <legend id="written">{texts.text("calendars-written")}</legend>
                {error}
                <div class="choices">
                    {written}
                    <label class="choice">
                        <input type="radio" name="written" value="0" checked={none_is_written && !is_new} />
                        <span>{texts.text("calendars-written-none")}</span>
                    </label>
                </div>
            </fieldset>
            <fieldset class="field">
                <legend>{texts.text("calendars-busy")}</legend>
                <div class="choices">{busy}</div>
            </fieldset>
            <label class="choice">
                <input type="checkbox" name="details" value="true" checked=account.details />
                <span>{texts.text("calendars-details")} <small>{texts.text("calendars-details-hint")}</small></span>
            </label>
            <div class="actions">
                <button class="btn primary">{icon("check")}{texts.text("calendars-choose")}</button>
            </div>
        </form>
    }
}

fn radio(id: i64, checked: bool, name: String) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name="written" value=id.to_string() checked=checked />
            <span>{isolate(name)}</span>
        </label>
    }
}

fn busy(index: usize, one: &CollectionView, is_proposed: bool) -> impl IntoView + use<> {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                name=format!("busy[{index}]")
                value=one.id.to_string()
                checked={one.reads_busy || is_proposed}
            />
            <span>{isolate(one.name.clone())}</span>
        </label>
    }
}

/// What can be done with an account.
fn deeds(account: &AccountView, typed: Option<Typed>, texts: Texts) -> impl IntoView + use<> {
    let id = account.id.to_string();
    let is_wrong = typed.is_some() || account.state == State::Paused;
    let typed = typed.unwrap_or_else(|| Typed {
        server: account.url.clone(),
        user: account.username.clone(),
    });
    let sync = (account.state != State::Choosing).then(|| {
        view! {
            <div class="actions">
                <form method="post" action=SyncCalendar::url()>
                    <Hidden name="account" value=id.clone() />
                    <button class="btn">{icon("refresh")}{texts.text("calendars-sync")}</button>
                </form>
            </div>
        }
    });
    let again = (account.kind == Kind::CalDav).then(|| {
        view! {
            <details class="more" open=is_wrong>
                <summary><span>{texts.text("calendars-relink")}</span>{icon("chevron-down")}</summary>
                <p>{texts.text("calendars-relink-text")}</p>
                {form(&typed, "calendars-relink-really", texts)}
            </details>
        }
    });
    view! {
        {sync}
        {again}
        <details class="more">
            <summary><span>{texts.text("calendars-unlink")}</span>{icon("chevron-down")}</summary>
            <form method="post" action=UnlinkCalendar::url() class="stack-s">
                <Hidden name="account" value=id.clone() />
                <p>{texts.text("calendars-unlink-text")}</p>
                <div class="actions">
                    <button class="btn danger">{icon("trash")}{texts.text("calendars-unlink-really")}</button>
                </div>
            </form>
        </details>
    }
}
