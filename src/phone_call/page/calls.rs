//! The calls of the desk: what came of each, and whom to call back.

use engine::{
    account::must_be_admin,
    i18n::Texts,
    phone_call::{self, Booked, Filter, HeardName, MAX_CALLS, View},
    time,
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::word;
use crate::{
    account::guard,
    phone_call::forms::{CALLS, CheckHeardName, LINES, PhoneCallDone},
    server::AppState,
    ui::{Hidden, Page, Tone, csv_link, icon, notice, page, problem, query, request_error, texts},
};

/// Calls that the phone agent has answered, newest first.
#[component]
pub fn PhoneCallsPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let is_open = query("open").is_some();
        let filter = Filter {
            is_open,
            after: query("after").and_then(|id| id.parse().ok()),
            limit: Some(MAX_CALLS + 1),
            ..Filter::default()
        };
        let mut views = phone_call::calls(&state.database, &caller, filter, now).await?;
        let is_more = i64::try_from(views.len()).unwrap_or(i64::MAX) > MAX_CALLS;
        views.truncate(usize::try_from(MAX_CALLS).unwrap_or(usize::MAX));
        let heard = phone_call::names_to_check(&state.database, &caller, now).await?;
        let open = if is_open { "open=1" } else { "" };
        let older = views.last().filter(|_| is_more).map(|last| {
            let href = format!("{CALLS}?{open}&after={}", last.id);
            view! { <p><a class="btn" href=href>{texts.text("phone-calls-older")}{icon("arrow-right")}</a></p> }
        });
        let lines = must_be_admin(&caller).is_ok().then(|| {
            view! { <p><a class="btn quiet" href=LINES>{icon("phone")}{texts.text("phone-lines-title")}</a></p> }
        });
        let none = if is_open {
            "phone-calls-none-open"
        } else {
            "phone-calls-none"
        };
        let list = match views.is_empty() {
            true => view! { <div class="empty">{icon("phone")}<h2>{texts.text(none)}</h2></div> }.into_any(),
            false => {
                let rows = views.iter().map(|view| row(view, is_open, texts)).collect_view();
                view! { <ol class="stack">{rows}</ol> }.into_any()
            }
        };
        Ok(Page::new(
            texts.text("phone-calls-title"),
            view! {
                {said(texts)}
                {request_error().map(|error| problem(error, texts))}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("phone-calls-title")}</h1>
                        <p class="soft">{texts.text("phone-calls-intro")}</p>
                    </div>
                </div>
                {lines}
                {names(&heard, texts)}
                {filters(is_open, texts)}
                {list}
                {older}
                {csv_link(format!("{CALLS}.csv?{open}"), texts)}
            },
        ))
    })
}

fn said(texts: Texts) -> Option<impl IntoView + use<>> {
    let key = match query("said")?.as_str() {
        "done" => "phone-calls-said-done",
        "undone" => "phone-calls-said-undone",
        "checked" => "phone-calls-said-checked",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()))
}

fn filters(is_open: bool, texts: Texts) -> impl IntoView {
    let current = |is: bool| is.then_some("page");
    view! {
        <p class="actions">
            <a class="btn quiet" href=CALLS aria-current=current(!is_open)>{texts.text("phone-calls-all")}</a>
            <a class="btn quiet" href=format!("{CALLS}?open=1") aria-current=current(is_open)>
                {texts.text("phone-calls-open")}
            </a>
        </p>
    }
}

/// The names that were heard, and nobody has looked at.
fn names(heard: &[HeardName], texts: Texts) -> Option<impl IntoView + use<>> {
    if heard.is_empty() {
        return None;
    }
    let rows = heard
        .iter()
        .map(|one| {
            let when = time::moment(one.heard_at, &TimeZone::UTC, texts);
            let when = texts.with("phone-calls-heard", &[("when", format!("{when} UTC").into())]);
            let label = format!("{}: {}", texts.text("phone-calls-name-right"), one.name);
            view! {
                <li class="spread">
                    <span>
                        <a href=format!("/admin/patients/{}", one.patient_id)><bdi>{one.name.clone()}</bdi></a>
                        " " <span class="soft">{when}</span>
                    </span>
                    <form method="post" action=CheckHeardName::url()>
                        <Hidden name="patient" value=one.patient_id.to_string() />
                        <button class="btn quiet" aria-label=label>
                            {icon("check")}{texts.text("phone-calls-name-right")}
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    Some(view! {
        <section class="stack-s" aria-labelledby="heard">
            <h2 id="heard">{texts.text("phone-calls-names")}</h2>
            <p class="soft">{texts.text("phone-calls-names-text")}</p>
            <ul class="stack-s">{rows}</ul>
        </section>
    })
}

fn row(view: &View, is_open: bool, texts: Texts) -> impl IntoView + use<> {
    let began = time::moment(view.began_at, &view.zone, texts);
    let caller = view
        .number
        .clone()
        .unwrap_or_else(|| texts.text("phone-calls-hidden"));
    let clinic = view
        .clinic_name
        .clone()
        .unwrap_or_else(|| texts.text("phone-calls-clinic-unknown"));
    view! {
        <li class="card stack">
            <div class="spread">
                <h2>{began}</h2>
                <span class="tag">{word("outcome", view.outcome(), texts)}</span>
            </div>
            <dl class="summary">
                <div><dt>{texts.text("phone-calls-caller")}</dt><dd>{caller}</dd></div>
                <div><dt>{texts.text("where")}</dt><dd>{clinic}</dd></div>
                {booked(&view.booked, texts)}
            </dl>
            {needs(view, is_open, texts)}
            {steps(view, texts)}
            {transcript(view, texts)}
        </li>
    }
}

/// The appointments that a call was about.
fn booked(booked: &[Booked], texts: Texts) -> Option<impl IntoView + use<>> {
    if booked.is_empty() {
        return None;
    }
    let links = booked
        .iter()
        .map(|one| {
            let href = format!("/admin/appointments/{}", one.reference);
            view! {
                <span>
                    <a href=href>{one.reference.clone()}</a> " " {word("answer", &one.outcome, texts)} " "
                </span>
            }
        })
        .collect_view();
    Some(view! { <div><dt>{texts.text("phone-calls-appointments")}</dt><dd>{links}</dd></div> })
}

/// Whom to call back, and who has.
fn needs(view: &View, is_open: bool, texts: Texts) -> Option<impl IntoView + use<>> {
    view.needs.as_ref()?;
    let note = (!view.needs_note.is_empty())
        .then(|| view! { <blockquote class="said" dir="auto">{view.needs_note.clone()}</blockquote> });
    let form = |done: bool, key: &'static str, class: &'static str| {
        view! {
            <form method="post" action=PhoneCallDone::url()>
                <Hidden name="call" value=view.id.to_string() />
                <Hidden name="done" value=done.to_string() />
                <Hidden name="open" value=if is_open { "1".to_owned() } else { String::new() } />
                <button class=class>{texts.text(key)}</button>
            </form>
        }
    };
    let done = view.done_at.map(|at| {
        let said = [
            ("name", view.done_by.clone().unwrap_or_default().into()),
            ("when", time::moment(at, &view.zone, texts).into()),
        ];
        texts.with("phone-calls-done-by", &said)
    });
    let act = match done {
        Some(done) => view! {
            <p>{done}</p>
            {form(false, "phone-calls-undone", "btn quiet")}
        }
        .into_any(),
        None => {
            let call = match &view.needs_number {
                Some(number) => {
                    let text = texts.with("phone-calls-call", &[("number", number.clone().into())]);
                    view! { <a class="btn" href=format!("tel:{number}")>{icon("phone")}{text}</a> }.into_any()
                }
                None => view! { <span>{texts.text("phone-calls-call-unknown")}</span> }.into_any(),
            };
            view! { <div class="actions">{call}{form(true, "phone-calls-done", "btn primary")}</div> }
                .into_any()
        }
    };
    Some(view! { <div class="stack-s">{note}{act}</div> })
}

/// What the agent has asked, step by step.
fn steps(view: &View, texts: Texts) -> Option<impl IntoView + use<>> {
    if view.steps.is_empty() {
        return None;
    }
    let rows = view
        .steps
        .iter()
        .map(|step| {
            let said = format!(
                "{}: {}",
                word("tool", &step.tool, texts),
                word("answer", &step.outcome, texts)
            );
            view! {
                <li>
                    {said} " " <span class="soft">{time::clock(step.asked_at, &view.zone, texts.locale())}</span>
                </li>
            }
        })
        .collect_view();
    Some(view! {
        <details>
            <summary>{texts.text("phone-calls-steps")}</summary>
            <ol>{rows}</ol>
        </details>
    })
}

fn transcript(view: &View, texts: Texts) -> Option<impl IntoView + use<>> {
    let said = view.transcript.clone()?;
    Some(view! {
        <details>
            <summary>{texts.text("phone-calls-transcript")}</summary>
            <blockquote class="said" dir="auto">{said}</blockquote>
        </details>
    })
}
