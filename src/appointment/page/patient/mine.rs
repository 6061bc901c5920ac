//! The list of a patient's appointments, coming and past.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    super::{arrival::arrive_form, badge::badge},
    may_cancel, may_move,
};
use crate::{
    account::guard,
    booking::page::unfinished,
    server::AppState,
    ui::{Page, Tone, icon, island::LivePart, isolate, notice, page, query, texts},
};
use engine::{
    account::Role,
    appointment::{self, Item, Status},
    i18n::Texts,
    payment, time,
};

/// Coming and past appointments.
#[component]
pub fn MinePage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let now = state.now();
        let is_family = caller.patient_ids().len() > 1;
        let since = caller.opened_since();
        let items = appointment::of_patients(&state.database, caller.patient_ids(), since).await?;
        let older = since.map(|_| {
            let body = view! { <p>{texts.text("number-older-text")}</p> };
            notice(Tone::Warn, texts.text("number-older-title"), body)
        });
        let (mut coming, past): (Vec<Item>, Vec<Item>) = items
            .into_iter()
            .filter(|item| item.status != Status::Held)
            .partition(|item| item.status.is_open() && item.ends_at > now);
        coming.reverse();
        let listed: Vec<Item> = coming.iter().chain(&past).cloned().collect();
        let unread = crate::consultation::page::unread(&state, &caller, &listed).await?;
        let priced = listed.iter().filter(|item| item.price.is_some());
        let paid = payment::paid_of(&state.database, priced.map(|item| item.id).collect()).await?;
        let visit = |item: Item| {
            let unread = unread.get(&item.id).copied().unwrap_or_default();
            let paid = paid.get(&item.id).map(|paid| paid.text(texts.locale()));
            visit(item, is_family, (unread, paid), now, texts)
        };
        let unfinished = unfinished(texts).await?;
        let stays = crate::stay::page::mine(&caller).await?;
        let cancelled = query("cancelled")
            .filter(|_| listed.iter().any(|item| item.status == Status::Cancelled))
            .map(|_| notice(Tone::Good, texts.text("visit-cancelled-now"), ()));
        // Nothing is new where nobody writes.
        let live = listed.iter().any(|item| item.mode == "text").then(|| {
            view! {
                <LivePart
                    url="/live/mine".to_owned()
                    part="mine".to_owned()
                    announcement=texts.text("consultation-news")
                />
            }
        });
        let view = if coming.is_empty() && past.is_empty() {
            view! {
                <div class="empty">
                    {icon("calendar")}
                    <h2>{texts.text("mine-empty-title")}</h2>
                    <p>{texts.text("mine-empty-text")}</p>
                    <a class="btn primary" href="/">{texts.text("nav-find")}</a>
                </div>
            }
            .into_any()
        } else {
            view! {
                <section class="stack" aria-labelledby="coming">
                    <h2 id="coming">{texts.text("coming")}</h2>
                    {coming.is_empty().then(|| view! { <p class="soft">{texts.text("nothing-coming")}</p> })}
                    <ul class="visits">{coming.into_iter().map(visit).collect_view()}</ul>
                </section>
                {(!past.is_empty()).then(|| view! {
                    <section class="stack" aria-labelledby="past">
                        <h2 id="past">{texts.text("past")}</h2>
                        <ul class="visits past">{past.into_iter().map(visit).collect_view()}</ul>
                    </section>
                })}
            }
            .into_any()
        };
        Ok(Page::new(
            texts.text("nav-appointments"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("nav-appointments")}</h1></div>
                    <div class="actions">
                        <a class="btn" href="/">{icon("plus")}{texts.text("book-another")}</a>
                        {crate::ical::page::link("btn quiet", texts)}
                        <a class="btn quiet" href="/contact">{icon("message")}{texts.text("contact-link")}</a>
                        <a class="btn quiet" href="/waitlist">{icon("clock")}{texts.text("waitlist-title")}</a>
                    </div>
                </div>
                {cancelled}
                {older}
                {unfinished}
                <div id="mine" class="stack-l">{view}</div>
                {stays}
                {live}
            },
        ))
    })
}

fn visit(
    item: Item,
    is_family: bool,
    (unread, paid): (i64, Option<String>),
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let paid = paid.map(|amount| {
        let text = texts.with("paid-tag", &[("amount", amount.into())]);
        view! { " " <span class="tag">{text}</span> }
    });
    let href = format!("/appointments/{}", item.reference);
    let date = time::local_date(item.starts_at, &item.zone);
    let clock = time::clock(item.starts_at, &item.zone, texts.locale());
    let [weekday, day, month] = time::leaf(date, texts);
    let (moves, coming) = (may_move(&item, now), may_cancel(&item, now));
    let whose = item.patient_name.clone().filter(|_| is_family);
    let whose =
        whose.map(|name| view! { <p class="soft">{texts.text("whose-label")} ": " <bdi>{name}</bdi></p> });
    let arrive = arrive_form(&item, Role::Patient, "btn primary", now, texts)
        .map(|form| view! { <div class="actions">{form}</div> });
    let prescription = crate::prescription::page::patients_link(&item, "btn", texts);
    let rate = crate::rating::page::link(&item, "btn quiet", texts);
    let consultation = crate::consultation::page::link(&item, Role::Patient, unread, now, texts)
        .map(|link| view! { <div class="actions">{link}</div> });
    let over = (prescription.is_some() || rate.is_some())
        .then(|| view! { <div class="actions">{prescription}{rate}</div> });
    view! {
        <li class="card visit">
            <span class="leaf" aria-hidden="true"><span>{weekday}</span><b>{day}</b><span>{month}</span></span>
            <div>
                <h3><a href=href.clone()>{isolate(item.doctor(texts))} ", " {clock}</a></h3>
                {crate::group::page::seats_line(&item, texts)}
                <p>{time::long_date(date, texts)} " · " {isolate(item.service(texts.locale()).to_owned())} " · " {isolate(item.clinic_name.clone())}</p>
                {whose}
                {badge(item.status, texts)}
                {paid}
            </div>
            {consultation}
            {arrive}
            {coming.then(|| view! {
                <div class="actions">
                    {moves.then(|| view! { <a class="btn" href=format!("{href}/reschedule")>{texts.text("reschedule")}</a> })}
                    <a class="btn quiet" href=format!("{href}/cancel")>{texts.text("cancel")}</a>
                </div>
            })}
            {over}
        </li>
    }
}
