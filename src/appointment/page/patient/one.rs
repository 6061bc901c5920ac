//! The page of one appointment.

use leptos::prelude::*;

use super::{
    super::{
        arrival::{arrive_form, take_back_form},
        badge::badge,
        parts::is_ahead,
        visit::{part_of, rest},
    },
    answered_by, may_cancel, may_move, own, said, summary,
};
use crate::{
    availability::page::times::mode_icon,
    booking::page::times_of,
    server::AppState,
    ui::{Page, Tone, icon, island::PrintButton, isolate, notice, page, query, request_error, texts},
    waitlist::way,
};
use engine::{
    account::Role,
    appointment::{self, Item, Status},
    time,
};

/// Where its patient books the same again: the times of the doctor, or the session.
fn again_at(item: &Item) -> String {
    match &item.group {
        Some(group) => format!("/groups/{}", group.id),
        None => times_of(item),
    }
}

/// One appointment.
#[component]
pub fn OnePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let (caller, item) = own().await?;
        let problem = said(request_error(), &caller, &item).await?;
        let now = crate::server::now();
        let href = format!("/appointments/{}", item.reference);
        let state = expect_context::<AppState>();
        let history =
            appointment::history(&state.database, caller.clone(), item.reference.as_str().into()).await?;
        let arrived = item.waiting_minutes(now).map(|_| {
            let undo = take_back_form(&item.reference, history.changes.last(), &caller, now, texts);
            // It stands there as long as somebody waits, and is no news after the first time.
            view! {
                <section class="notice good" aria-labelledby="here">
                    {icon("map-pin")}
                    <h2 id="here">{texts.text("arrival-you")}</h2>
                    {undo}
                </section>
            }
        });
        let arrive = arrive_form(&item, Role::Patient, "btn primary big", now, texts);
        let said_by_clinic = history
            .changes
            .into_iter()
            .rev()
            // Why staff overbooked is the clinic's own affair.
            .find(|change| change.actor.is_staff() && change.from.is_some() && !change.reason.is_empty())
            .map(|change| {
                view! {
                    <section class="stack-s" aria-labelledby="clinic-says">
                        <h2 id="clinic-says">{texts.text("clinic-says")}</h2>
                        <blockquote class="said" dir="auto">{change.reason}</blockquote>
                    </section>
                }
            });
        let prescription = crate::prescription::page::patients_link(&item, "btn", texts)
            .map(|link| view! { <div class="actions">{link}</div> });
        let consultation = crate::consultation::page::section(&caller, &item, now, texts).await?;
        let rating = crate::rating::page::section(&caller, &item, texts).await?;
        let thanks = crate::rating::page::thanks(&item, texts);
        let moved = query("moved")
            .is_some()
            .then(|| notice(Tone::Good, texts.text("moved"), ()));
        let cancelled = (item.status == Status::Cancelled && query("cancelled").is_some())
            .then(|| notice(Tone::Good, texts.text("cancelled-now"), ()));
        let again = (!item.status.is_open()).then(|| view! {
            <div class="actions">
                <a class="btn primary" href=again_at(&item)>{icon("refresh")}{texts.text("book-again")}</a>
            </div>
        });
        let slip = match item.status.is_open() || item.status == Status::Completed {
            true => "slip",
            false => "slip void",
        };
        let file = is_ahead(&item, now).then(|| crate::ical::page::file_link(&item, "btn", texts));
        let (moves, cancels) = (may_move(&item, now), may_cancel(&item, now));
        let change = cancels.then(|| view! {
            {moves.then(|| view! { <a class="btn" href=format!("{href}/reschedule")>{icon("refresh")}{texts.text("reschedule")}</a> })}
            <a class="btn danger" href=format!("{href}/cancel")>{icon("x")}{texts.text("cancel")}</a>
        });
        let sooner = may_move(&item, now).then(|| way::to_sooner(&item.reference, texts));
        let actions = is_ahead(&item, now).then(
            || view! { <div class="actions">{file}{change}{sooner}<PrintButton text=texts.text("print") /></div> },
        );
        let too_late = (!cancels && item.status == Status::Confirmed && item.starts_at > now).then(|| {
            view! { <p class="soft">{texts.with("too-late", &[("phone", item.clinic_phone.clone().into())])}</p> }
        });
        let visit = part_of(&item, &rest(&item).await?, texts);
        let paid = crate::payment::page::of_patient(&caller, &item).await?;
        let waits = answered_by(&item, texts).map(|text| view! { <p>{text}</p> });
        Ok(Page::new(
            item.doctor(texts),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/appointments">{icon("arrow-left")}{texts.text("nav-appointments")}</a>
                    {problem}
                    {moved}
                    {arrived}
                    {cancelled}
                    {thanks}
                    <div class="page-head">
                        <div>
                            <h1>{isolate(item.doctor(texts))}</h1>
                            <p>{icon(mode_icon(&item.mode))} " " {time::moment(item.starts_at, &item.zone, texts)}</p>
                        </div>
                        {badge(item.status, texts)}
                    </div>
                    {waits}
                    {consultation}
                    {arrive}
                    {said_by_clinic}
                    {again}
                    <article class=slip>
                        <header>
                            <p>{texts.text("your-reference")}</p>
                            <p class="reference">{item.reference.clone()}</p>
                        </header>
                        {summary(&item, texts)}
                    </article>
                    {paid}
                    {visit}
                    {prescription}
                    {rating}
                    {too_late}
                    {actions}
                </div>
            },
        )
        .shows_problem())
    })
}
