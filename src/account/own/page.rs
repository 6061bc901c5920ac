//! The page of one's own account.

use jiff::{Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    agent::browser_name,
    forms::{EndOtherSessions, EndSession, OwnPassword},
};
use crate::{
    account::{guard, patient::page::sections},
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, icon, isolate, notice, page, query, request_error, texts},
};
use engine::{
    account::{
        family,
        own_sessions::{self, OwnSession},
        secret::hex,
    },
    error::{AppError, Field},
    i18n::Texts,
    time,
};

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(async {
        let caller = guard::anyone().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let session = guard::session();
        let who = session.signed_in().await?.ok_or(AppError::Unauthenticated)?;
        let sessions = own_sessions::list(&state.database, who, state.now()).await?;
        let own = session.stored_id().map(|id| hex(&id)).unwrap_or_default();
        let password = caller
            .staff_id()
            .map(|_| view! { {factors(texts)} {password(texts)} });
        let of_patient = match caller.patient_id() {
            Some(id) => Some(sections(&family::of_holder(&state.database, id).await?, texts)),
            None => None,
        };
        Ok(Page::new(
            texts.text("account-title"),
            view! {
                {said(texts)}
                <div class="page-head">
                    <div><h1>{texts.text("account-title")}</h1><p>{texts.text("account-intro")}</p></div>
                </div>
                {of_patient}
                {password}
                {signed_in(sessions, &own, texts)}
            },
        ))
    })
}

/// What the form that led here has done.
fn said(texts: Texts) -> Option<AnyView> {
    if request_error().is_some() {
        return None;
    }
    let key = match query("done")?.as_str() {
        "password" => "account-password-done",
        "session" => "account-session-done",
        "phone" => "new-phone-done",
        "name" => "account-name-done",
        "sessions" => "account-sessions-done",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()).into_any())
}

/// The way to the second factor.
fn factors(texts: Texts) -> impl IntoView {
    view! {
        <section class="stack-s" aria-labelledby="account-factors">
            <h2 id="account-factors">{texts.text("factors-title")}</h2>
            <p class="soft">{texts.text("factors-intro")}</p>
            <div class="actions">
                <a class="btn" href="/account/factors">{icon("shield-check")}{texts.text("factors-open")}</a>
            </div>
        </section>
    }
}

fn password(texts: Texts) -> impl IntoView {
    view! {
        <section class="stack narrow" aria-labelledby="account-password">
            <h2 id="account-password">{texts.text("account-password")}</h2>
            <p class="soft">{texts.text("account-password-text")}</p>
            <form method="post" action=OwnPassword::url() class="stack">
                <TextField
                    field=Field::OwnPassword
                    label=texts.text("account-old-password")
                    kind="password"
                    autocomplete="current-password"
                />
                <TextField
                    field=Field::NewPassword
                    label=texts.text("new-password-label")
                    hint=texts.text("new-password-hint")
                    kind="password"
                    autocomplete="new-password"
                />
                <div class="actions">
                    <button class="btn">{icon("lock")}{texts.text("account-password-change")}</button>
                </div>
            </form>
        </section>
    }
}

fn signed_in(sessions: Vec<OwnSession>, own: &str, texts: Texts) -> impl IntoView + use<> {
    let has_others = sessions.iter().any(|session| session.name != own);
    let list = sessions
        .into_iter()
        .map(|session| one(session, own, texts))
        .collect_view();
    let end_others = has_others.then(|| {
        view! {
            <form method="post" action=EndOtherSessions::url() class="actions">
                <button class="btn danger">{icon("log-out")}{texts.text("account-end-others")}</button>
            </form>
            <p class="hint">{texts.text("account-end-others-hint")}</p>
        }
    });
    view! {
        <section class="stack" aria-labelledby="account-sessions">
            <h2 id="account-sessions">{texts.text("account-sessions")}</h2>
            <p class="soft">{texts.text("account-sessions-text")} " " <a href="/tokens">{texts.text("tokens-title")}</a></p>
            <ul class="stack">{list}</ul>
            {end_others}
        </section>
    }
}

fn one(session: OwnSession, own: &str, texts: Texts) -> impl IntoView + use<> {
    let is_own = session.name == own;
    let name = browser_name(&session.agent).unwrap_or_else(|| texts.text("account-some-browser"));
    let address = (!session.address.is_empty())
        .then(|| view! { " · " <span class="num">{isolate(session.address)}</span> });
    let since = texts.with(
        "account-since",
        &[("when", moment(session.signed_in_at, texts).into())],
    );
    let used = session.used_at.map(|at| {
        let used = texts.with("account-used", &[("when", moment(at, texts).into())]);
        view! { " · " {used} }
    });
    let end = match is_own {
        true => {
            view! { <span class="tag">{icon("circle-check")} " " {texts.text("account-this-browser")}</span> }
                .into_any()
        }
        false => view! {
            <form method="post" action=EndSession::url()>
                <Hidden name="id" value=session.name />
                <button class="btn">
                    {icon("log-out")}
                    {texts.text("account-end")}
                    <span class="hide">": " {isolate(name.clone())} ", " {since.clone()}</span>
                </button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li class="card stack-s">
            <h3>{isolate(name)}{address}</h3>
            <p>{since}{used}</p>
            {end}
        </li>
    }
}

/// A moment as its reader may remember it: nobody knows the zone of a browser, so it is named.
fn moment(at: Timestamp, texts: Texts) -> String {
    let utc = TimeZone::UTC;
    let day = time::short_date(time::local_date(at, &utc), texts);
    format!("{day}, {} UTC", time::clock(at, &utc, texts.locale()))
}
