//! One appointment, as its doctor sees it.

use crate::{
    account::guard,
    appointment::forms::{ChangeStatus, FORM},
    idempotency::page::KeyField,
    notification::page::told_about,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, query, texts},
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    arrival::{arrival_badge, arrive_form},
    badge::{badge, coming_badge, overbooked_badge},
    notice::news,
    parts::{
        calendar_file, facts, from_to, is_grave, patient_name, reason_field, step_fields, step_form,
        step_icon, step_text, timeline,
    },
    reschedule::move_link,
    today::usual_step,
    visit::rest_form,
};
use engine::{
    account::{Caller, Role},
    appointment::{self, History, Item, Status, needs_reason},
    i18n::Texts,
    notification::board::{self, Entry},
    text::isolated,
    time,
};

/// One appointment, for its doctor.
#[component]
pub fn DoctorAppointmentPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let reference: String = path_parameter("reference")?;
        let item = appointment::find(&state.database, Some(caller.clone()), None, reference.clone()).await?;
        let history = appointment::history(&state.database, caller.clone(), reference.into()).await?;
        let typed = guard::session().typed(FORM, &item.reference).await?;
        let news = news(&caller, texts).await?;
        let consultation = crate::consultation::page::section(&caller, &item, now, texts).await?;
        let note = crate::clinical_note::page::section(&caller, &item, now, texts).await?;
        let rating = crate::rating::page::section(&caller, &item, texts).await?;
        let rest = rest_form(&item, Role::Doctor, texts).await?;
        let told = board::of_appointment(&state.database, &caller, item.id).await?;
        let prescribed = (query("prescribed").is_some() && item.has_prescription && news.is_none())
            .then(|| notice(Tone::Good, texts.text("prescription-done"), ()));
        Ok(Page::new(
            patient_name(&item, texts),
            view! {
                {news}
                {prescribed}
                {head(&caller, &item, now, texts)}
                {consultation}
                {note}
                {body(&item, (history, &told), rating, typed, now, texts)}
                {rest}
            },
        )
        .shows_problem())
    })
}

fn head(caller: &Caller, item: &Item, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let date = time::local_date(item.starts_at, &item.zone);
    let steps: Vec<Status> = item
        .steps(Role::Doctor, now)
        .into_iter()
        .filter(|&to| !needs_reason(Role::Doctor, to))
        .collect();
    let prescribes = crate::prescription::page::is_next(item);
    let usual = usual_step(&steps).filter(|_| !prescribes);
    let class = if prescribes { "btn primary" } else { "btn" };
    let prescription = crate::prescription::page::doctors_link(item, class, texts);
    let arrive = arrive_form(item, Role::Doctor, "btn", now, texts);
    let moving = move_link(caller, item, "btn", None, now, texts);
    let buttons = (!steps.is_empty() || prescription.is_some() || moving.is_some()).then(|| {
        let buttons = steps
            .into_iter()
            .map(|to| {
                let class = match to {
                    to if Some(to) == usual => "btn primary",
                    to if is_grave(to) => "btn danger",
                    _ => "btn",
                };
                step_form(item, to, class, texts)
            })
            .collect_view();
        // What is done next stands first.
        let (first, last) = if prescribes {
            (prescription, None)
        } else {
            (None, prescription)
        };
        view! { <div class="actions">{first}{buttons}{arrive}{moving}{last}</div> }
    });
    view! {
        <div class="stack">
            <a class="back" href=format!("/doctor?date={date}")>
                {icon("arrow-left")}
                {time::long_date(date, texts)}
            </a>
            <div class="page-head">
                <div>
                    <h1>{isolate(patient_name(item, texts))}</h1>
                    <p>{format!("{}, {}, {}", time::long_date(date, texts), from_to(item, texts), isolated(item.service(texts.locale())))}</p>
                </div>
                {badge(item.status_at(now), texts)}
                {overbooked_badge(item, texts)} {coming_badge(item, texts)} {arrival_badge(item, now, texts)}
            </div>
            {buttons}
        </div>
    }
}

fn body(
    item: &Item,
    (history, told): (History, &[Entry]),
    rating: Option<AnyView>,
    typed: String,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let visits = item.patient_id.map(|id| {
        view! {
            <p><a href=format!("/doctor/patients/{id}")>{texts.text("patient-history")}</a></p>
        }
    });
    let change = item
        .steps(Role::Doctor, now)
        .into_iter()
        .find(|&to| needs_reason(Role::Doctor, to))
        .map(|to| refuse_form(item, to, typed, texts));
    view! {
        <div class="with-aside">
            <div class="stack-l">
                <section class="stack" aria-labelledby="facts">
                    <h2 id="facts">{texts.text("facts")}</h2>
                    {facts(item, Role::Doctor, texts)}
                    {calendar_file(item, now, texts)}
                    {visits}
                </section>
                {rating}
                {change}
            </div>
            <aside class="stack" aria-labelledby="history">
                <h2 id="history">{texts.text("history")}</h2>
                {timeline(history, item, Role::Doctor, texts)}
                {told_about(told, (&item.zone_name, &item.zone), texts)}
            </aside>
        </div>
    }
}

/// Declining or cancelling, which needs a reason.
fn refuse_form(item: &Item, to: Status, typed: String, texts: Texts) -> impl IntoView + use<> {
    let (title, text) = match to {
        Status::Rejected => ("reject-title", "reject-text"),
        _ => ("cancel-visit-title", "cancel-visit-text"),
    };
    view! {
        <section class="card stack" id="change" aria-labelledby="change-title">
            <h2 id="change-title">{texts.text(title)}</h2>
            <p class="soft">{texts.text(text)}</p>
            <form method="post" action=ChangeStatus::url() class="stack">
                <KeyField />
                {step_fields(item)}
                <Hidden name="to" value=to.as_str() />
                {reason_field("reason", texts.text("change-reason-hint"), typed, true, texts)}
                <div class="actions">
                    <button class="btn danger">{icon(step_icon(to))}{step_text(to, texts)}</button>
                </div>
            </form>
        </section>
    }
}
