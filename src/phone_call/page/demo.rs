//! The demo's phone agent: a page that plays a call.

use engine::{
    availability::offered,
    error::AppError,
    i18n::Texts,
    phone_call::{self, Line},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::word;
use crate::{
    account::guard,
    phone_call::forms::{CALLS, DEMO_FORM, PlayCall, Played},
    server::AppState,
    ui::{Page, icon, page, problem, request_error, texts},
};

/// The number with which the form begins.
const CALLER: &str = "+6281299988877";

/// A call, played by buttons. Only the demo has this page.
#[component]
pub fn DemoCallPage() -> impl IntoView {
    page(async {
        let (texts, state) = (texts(), expect_context::<AppState>());
        if !state.config.demo || state.config.phone.keys.is_empty() {
            return Err(AppError::NotFound);
        }
        let played: Played = guard::session().typed(DEMO_FORM, "").await?;
        let lines = phone_call::lines(&state.database).await?;
        let line = lines.iter().find(|line| line.number == played.line);
        let services = match line {
            Some(line) => services(&state, line).await?,
            None => Vec::new(),
        };
        let stage = match (played.call_id.is_empty(), played.has_ended) {
            (true, _) => begin(&lines, texts).into_any(),
            (false, true) => again(texts).into_any(),
            (false, false) => wishes(&played, &services, texts).into_any(),
        };
        Ok(Page::new(
            texts.text("demo-call-title"),
            view! {
                {request_error().map(|error| problem(error, texts))}
                <div class="page-head">
                    <div><h1>{texts.text("demo-call-title")}</h1><p>{texts.text("demo-call-intro")}</p></div>
                </div>
                {spoken(&played, texts)}
                {stage}
                <p class="actions">
                    <a class="btn quiet" href="/demo/messages">{texts.text("messages-title")}</a>
                    <a class="btn quiet" href=CALLS>{texts.text("demo-call-desk")}</a>
                </p>
            },
        ))
    })
}

/// The keys and names of what can be booked where the call arrives.
async fn services(state: &AppState, line: &Line) -> Result<Vec<(String, String)>, AppError> {
    let offers = offered(&state.database, None).await?;
    let mut services: Vec<(String, String)> = offers
        .iter()
        .filter(|offer| offer.clinic_id == line.clinic_id)
        .map(|offer| (offer.service_key.clone(), offer.service(line.locale).to_owned()))
        .collect();
    services.sort();
    services.dedup();
    Ok(services)
}

/// Who calls whom.
fn begin(lines: &[Line], texts: Texts) -> impl IntoView + use<> {
    let lines = lines
        .iter()
        .map(|line| {
            let name = format!(
                "{}, {} ({})",
                line.clinic_name,
                line.number,
                line.locale.own_name()
            );
            view! { <option value=line.number.clone()>{name}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=PlayCall::url() class="stack narrow">
            <h2>{texts.text("demo-call-who")}</h2>
            <div class="field">
                <label for="number">{texts.text("demo-call-number")}</label>
                <input id="number" name="number" type="tel" autocomplete="off" value=CALLER />
            </div>
            <div class="field">
                <label for="line">{texts.text("demo-call-line")}</label>
                <select id="line" name="line">{lines}</select>
            </div>
            <button class="btn primary" name="part" value="begin">{icon("phone")}{texts.text("demo-call-begin")}</button>
        </form>
    }
}

fn again(texts: Texts) -> impl IntoView {
    view! {
        <form method="post" action=PlayCall::url() class="stack">
            <p>{texts.text("demo-call-ended")}</p>
            <p><button class="btn primary" name="part" value="again">{texts.text("demo-call-again")}</button></p>
        </form>
    }
}

/// What was spoken so far, the newest last.
fn spoken(played: &Played, texts: Texts) -> Option<impl IntoView + use<>> {
    if played.spoken.is_empty() {
        return None;
    }
    let rows = played
        .spoken
        .iter()
        .map(|(tool, said)| {
            view! {
                <li>
                    <p class="soft">{word("tool", tool, texts)}</p>
                    <blockquote class="said" dir="auto">{texts.text("demo-call-agent")} ": " {said.clone()}</blockquote>
                </li>
            }
        })
        .collect_view();
    Some(view! {
        <section class="stack-s" aria-labelledby="spoken">
            <h2 id="spoken">{texts.text("demo-call-spoken")}</h2>
            <ol class="timeline">{rows}</ol>
        </section>
    })
}

/// The buttons by which a call goes on.
fn wishes(played: &Played, services: &[(String, String)], texts: Texts) -> impl IntoView + use<> {
    let typed = played.typed.clone();
    let services = services
        .iter()
        .map(|(key, name)| {
            let selected = typed.service == *key;
            view! { <option value=key.clone() selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let times = played
        .times
        .iter()
        .map(|(slot, when)| {
            let selected = typed.slot == *slot;
            view! { <option value=slot.clone() selected=selected>{when.clone()}</option> }
        })
        .collect_view();
    let act = |part: &'static str, key: &'static str| {
        view! { <button class="btn" name="part" value=part>{texts.text(key)}</button> }
    };
    view! {
        <form method="post" action=PlayCall::url() class="stack narrow">
            <h2>{texts.text("demo-call-say")}</h2>
            <div class="field">
                <label for="service">{texts.text("demo-call-service")}</label>
                <select id="service" name="wish[service]">{services}</select>
            </div>
            <div class="field">
                <label for="day">{texts.text("demo-call-day")}</label>
                <input id="day" name="wish[day]" type="date" value=typed.day.clone() />
            </div>
            {act("find_times", "demo-call-find")}
            <div class="field">
                <label for="slot">{texts.text("demo-call-time")}</label>
                <select id="slot" name="wish[slot]">{times}</select>
            </div>
            <div class="field">
                <label for="name">{texts.text("demo-call-name")}</label>
                <input id="name" name="wish[name]" autocomplete="off" value=typed.name.clone() />
            </div>
            <div class="actions">{act("hold_time", "demo-call-hold")}{act("book", "demo-call-book")}</div>
            <div class="field">
                <label for="code">{texts.text("demo-call-code")}</label>
                <input id="code" name="wish[code]" autocomplete="off" inputmode="numeric" value=typed.code.clone() />
            </div>
            {act("my_appointments", "demo-call-mine")}
            <div class="field">
                <label for="note">{texts.text("demo-call-note")}</label>
                <input id="note" name="wish[note]" autocomplete="off" value=typed.note.clone() />
            </div>
            <div class="actions">
                {act("request_callback", "demo-call-callback")}
                {act("twice", "demo-call-twice")}
                {act("end", "demo-call-end")}
            </div>
        </form>
    }
}
