//! One appointment, as the desk sees it.

use crate::{
    account::guard,
    appointment::forms::{ChangeStatus, FORM},
    idempotency::page::KeyField,
    notification::page::told_about,
    server::AppState,
    ui::{Page, icon, page, path_parameter, query, texts},
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    arrival::{arrival_badge, arrive_form, take_back_form},
    badge::{badge, coming_badge, overbooked_badge},
    notice::news,
    parts::{
        Look, calendar_file, facts, from_to, patient_name, reason_field, step_fields, step_form, step_text,
        timeline,
    },
    reschedule::move_link,
    visit::rest_form,
};
use engine::{
    account::{Caller, must_be_admin, reads},
    appointment::{self, History, Item, Status},
    error::AppError,
    i18n::Texts,
    notification::board,
    text::isolated,
    time,
};

/// One appointment, for the desk: everything about it, and any step that the rules allow.
#[component]
pub fn AdminAppointmentPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let reference: String = path_parameter("reference")?;
        let item = appointment::find(&state.database, Some(caller.clone()), None, reference.clone()).await?;
        let history = appointment::history(&state.database, caller.clone(), reference.into()).await?;
        let typed = guard::session().typed(FORM, &item.reference).await?;
        let news = news(&caller, texts).await?;
        let readers = match must_be_admin(&caller) {
            Ok(()) => Some(readers(&state, &item, texts).await?),
            Err(_) => None,
        };
        let rest = rest_form(&item, caller.role(), texts).await?;
        let payment = crate::payment::page::take_section(&caller, &item).await?;
        let told = board::of_appointment(&state.database, &caller, item.id).await?;
        let told = told_about(&told, (&item.zone_name, &item.zone), texts);
        let title = patient_name(&item, texts);
        let steps = item.steps(caller.role(), now);
        let at_the_desk = at_the_desk(&caller, &item, &history, &steps, now, texts);
        let change = if steps.is_empty() {
            view! { <p class="soft">{texts.text("change-none")}</p> }.into_any()
        } else {
            change_form(&item, &steps, typed, now, texts).into_any()
        };
        Ok(Page::new(
            title.clone(),
            view! {
                {news}
                <div class="stack">
                    <a class="back" href="/admin">{icon("arrow-left")}{texts.text("board-title")}</a>
                    <div class="page-head">
                        <div>
                            <h1>{title}</h1>
                            <p>{in_short(&item, texts)}</p>
                        </div>
                        {badge(item.status_at(now), texts)}
                        {overbooked_badge(&item, texts)} {coming_badge(&item, texts)} {arrival_badge(&item, now, texts)}
                    </div>
                    {at_the_desk}
                </div>
                <div class="with-aside">
                    <div class="stack-l">
                        <section class="stack" aria-labelledby="facts">
                            <h2 id="facts">{texts.text("facts")}</h2>
                            {facts(&item, caller.role(), texts)}
                            {calendar_file(&item, now, texts)}
                        </section>
                        <section class="card stack" id="change" aria-labelledby="change-title">
                            <h2 id="change-title">{texts.text("change-title")}</h2>
                            {change}
                        </section>
                        {payment}
                        {rest}
                    </div>
                    <aside class="stack" aria-labelledby="history">
                        <h2 id="history">{texts.text("history")}</h2>
                        {timeline(history, &item, caller.role(), texts)}
                        {told}
                        {readers}
                    </aside>
                </div>
            },
        )
        .shows_problem())
    })
}

/// What happens at the desk with one click: the patient is here, or did not come; and the way to another time.
fn at_the_desk(
    caller: &Caller,
    item: &Item,
    history: &History,
    steps: &[Status],
    now: Timestamp,
    texts: Texts,
) -> Option<impl IntoView + use<>> {
    let arrive = arrive_form(
        item,
        caller.role(),
        Look::with_key("btn primary", "a"),
        now,
        texts,
    );
    // The notice of the form that led here has it already.
    let last = history.changes.last().filter(|_| query("changed").is_none());
    let undo = take_back_form(&item.reference, last, caller, now, texts);
    let missed = (item.is_late(now) && steps.contains(&Status::NoShow))
        .then(|| step_form(item, Status::NoShow, "btn danger", texts));
    let moving = move_link(caller, item, Look::with_key("btn", "m"), None, now, texts);
    (arrive.is_some() || undo.is_some() || missed.is_some() || moving.is_some())
        .then(|| view! { <div class="actions">{arrive}{undo}{missed}{moving}</div> })
}

/// Number of records of reads on the page of an appointment; programs get all.
const MAX_READS: i64 = 20;

/// Lists who of the staff has read data of the patient, the latest first.
async fn readers(state: &AppState, item: &Item, texts: Texts) -> Result<impl IntoView + use<>, AppError> {
    let read = match item.patient_id {
        Some(id) => reads::of_patient(&state.database, id, None, MAX_READS).await?,
        None => Vec::new(),
    };
    let zone = item.zone.clone();
    let rows = read
        .into_iter()
        .map(|read| {
            let what = texts.text(&format!("read-{}", read.what));
            view! {
                <li>
                    <p><b>{read.staff_name}</b> " " {what}</p>
                    <time datetime=read.read_at.to_string()>{time::moment(read.read_at, &zone, texts)}</time>
                </li>
            }
        })
        .collect_view();
    Ok(view! {
        <details>
            <summary>{texts.text("reads-title")}</summary>
            <ol class="timeline">{rows}</ol>
        </details>
        {item.patient_id.map(|id| view! {
            <p><a href=format!("/admin/patients/{id}")>{texts.text("patient-open")}</a></p>
        })}
    })
}

/// "Tuesday 24 November 2026, 09:20 – 09:40, Dr Sari, K7QM-4D2P".
fn in_short(item: &Item, texts: Texts) -> String {
    format!(
        "{}, {}, {}, {}",
        time::long_date(time::local_date(item.starts_at, &item.zone), texts),
        from_to(item, texts),
        isolated(&item.doctor(texts)),
        item.reference
    )
}

/// Every step that the rules allow, with a reason, and with what choosing it means.
fn change_form(
    item: &Item,
    steps: &[Status],
    typed: String,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let only = steps.len() == 1;
    let choices = steps
        .iter()
        .map(|&to| {
            let hint = step_hint(item, to, now, texts).map(|hint| view! { " " <small>{hint}</small> });
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="to"
                        value=to.as_str()
                        checked=only
                        required
                        aria-keyshortcuts=(to == Status::Cancelled).then_some("c")
                    />
                    <span>{step_text(to, texts)}{hint}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <form method="post" action=ChangeStatus::url() class="stack">
            <KeyField />
            {step_fields(item)}
            <fieldset class="choices">
                <legend>{texts.text("change-to")}</legend>
                {choices}
            </fieldset>
            {reason_field("reason", texts.text("change-reason-hint-any"), typed, false, texts)}
            <div class="actions">
                <button class="btn primary">{texts.text("change-do")}</button>
            </div>
        </form>
    }
}

/// The hint before a step.
fn step_hint(item: &Item, to: Status, now: Timestamp, texts: Texts) -> Option<String> {
    let transition = item.transition(item.status, to, now);
    if transition.is_the_doctors() {
        return Some(texts.with(
            "change-for-doctor",
            &[("doctor", item.doctor_name.clone().into())],
        ));
    }
    let clock = time::clock(item.starts_at, &item.zone, texts.locale());
    (to == Status::Cancelled).then(|| texts.with("change-frees", &[("time", clock.into())]))
}
