//! A patient's appointments: all of them, one, what happens next, cancelling and moving.

use crate::{
    account::guard,
    appointment::forms::{CancelVisit, ChangeStatus, FORM},
    availability::page::times::{TimesForm, mode_icon},
    booking::{
        forms::Reschedule,
        page::{
            conflict::{ConflictSubject, conflict},
            place, steps, times_of, unfinished,
        },
    },
    course::forms::CancelRest,
    idempotency::page::KeyField,
    server::AppState,
    ui::{
        Hidden, KeptForm, Page, TextArea, Tone, icon,
        island::{LivePart, PrintButton},
        isolate, notice, page, path_parameter, query, request_error, texts,
    },
    waitlist::way,
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    arrival::{arrive_form, take_back_form},
    badge::badge,
    moving::{MoveForm, chosen_time, move_check, moving_page},
    notice::what_happened,
    parts::is_ahead,
    visit::{is_left, part_of, rest},
};
use engine::{
    account::{Caller, Role},
    appointment::{self, Item, Status},
    error::{AppError, Field},
    i18n::Texts,
    payment, time,
};

/// The patient who has signed in, and the appointment in the path.
async fn own() -> Result<(Caller, Item), AppError> {
    let state = expect_context::<AppState>();
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let item = appointment::find(
        &state.database,
        Some(caller.clone()),
        None,
        path_parameter("reference")?,
    )
    .await?;
    Ok((caller, item))
}

fn may(item: &Item, to: Status, now: Timestamp) -> bool {
    item.transition(item.status, to, now).is_allowed(Role::Patient)
}

/// Whether its patient may still move it: as long as it can be cancelled, and lies ahead.
fn may_move(item: &Item, now: Timestamp) -> bool {
    item.group.is_none() && may_cancel(item, now)
}

/// Whether its patient may still cancel it, and it lies ahead.
fn may_cancel(item: &Item, now: Timestamp) -> bool {
    item.starts_at > now && may(item, Status::Cancelled, now)
}

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

/// Shows the facts of an appointment in rows.
fn summary(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let rows = [
        ("doctor", item.doctor(texts)),
        ("service", item.service(texts.locale()).to_owned()),
        (
            "group-session",
            item.group
                .as_ref()
                .map_or_else(String::new, |group| group.title.clone()),
        ),
        ("group-seats", crate::group::page::seats_of(item)),
        (
            "when",
            format!(
                "{} – {} ({})",
                time::moment(item.starts_at, &item.zone, texts),
                time::clock(item.ends_at, &item.zone, texts.locale()),
                time::zone_name(&item.zone_name, &item.zone, item.starts_at)
            ),
        ),
        ("where", place(item, texts)),
        ("clinic-phone", item.clinic_phone.clone()),
        (
            "price",
            item.price
                .as_ref()
                .map(|price| price.text(texts.locale()))
                .unwrap_or_default(),
        ),
        ("pay-how", crate::payment::page::how(item, texts)),
        ("whose-label", item.patient_name.clone().unwrap_or_default()),
        ("reason-label", item.reason.clone()),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd class="said">{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// Until when the doctor answers a request.
fn answered_by(item: &Item, texts: Texts) -> Option<String> {
    let until = item.answer_until.filter(|_| item.status == Status::Pending)?;
    Some(texts.with(
        "done-answer",
        &[
            ("doctor", item.doctor_name.clone().into()),
            ("until", time::moment(until, &item.zone, texts).into()),
        ],
    ))
}

/// Booked: the reference, and what happens next.
#[component]
pub fn DonePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let (_, item) = own().await?;
        if !matches!(item.status, Status::Pending | Status::Confirmed) {
            crate::ui::redirect(&format!("/appointments/{}", item.reference));
        }
        let requested = item.status == Status::Pending;
        let title = texts.text(if requested {
            "done-requested"
        } else {
            "done-confirmed"
        });
        let answer = answered_by(&item, texts);
        let arrive = texts.text(match item.mode.as_str() {
            "video" => "done-video",
            "text" => "done-text",
            _ => "done-in-person",
        });
        let href = format!("/appointments/{}", item.reference);
        let visit = part_of(&item, &rest(&item).await?, texts);
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    {steps(3, texts)}
                    <span class="tick">{icon("check")}</span>
                    <h1>{title}</h1>
                    <article class="slip">
                        <header>
                            <p>{texts.text("your-reference")}</p>
                            <p class="reference">{item.reference.clone()}</p>
                        </header>
                        {summary(&item, texts)}
                    </article>
                    {visit}
                    <section class="stack-s" aria-labelledby="next">
                        <h2 id="next">{texts.text("what-happens-next")}</h2>
                        <ol class="next">
                            {answer.map(|answer| view! { <li><span>{answer}</span></li> })}
                            <li><span>{arrive}</span></li>
                            <li><span>{texts.with("done-call", &[("phone", item.clinic_phone.clone().into())])}</span></li>
                        </ol>
                    </section>
                    <div class="actions">
                        {crate::ical::page::file_link(&item, "btn", texts)}
                        <a class="btn" href=href.clone()>{texts.text("view-appointment")}</a>
                        <PrintButton text=texts.text("print") />
                        {item.group.is_none().then(|| view! { <a class="btn quiet" href=format!("{href}/reschedule")>{texts.text("reschedule")}</a> })}
                        <a class="btn quiet" href=format!("{href}/cancel")>{texts.text("cancel")}</a>
                    </div>
                </div>
            },
        ))
    })
}

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

/// Shows the error of a form about this appointment.
async fn said(error: Option<AppError>, caller: &Caller, item: &Item) -> Result<Option<AnyView>, AppError> {
    match error {
        Some(error @ (AppError::StaleVersion { .. } | AppError::InvalidTransition { .. })) => {
            what_happened(error, caller).await
        }
        error => conflict(error, Some(ConflictSubject::moving(item))).await,
    }
}

/// Really cancel?
#[component]
pub fn CancelPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let (caller, item) = own().await?;
        let href = format!("/appointments/{}", item.reference);
        if !may(&item, Status::Cancelled, crate::server::now()) && request_error().is_none() {
            crate::ui::redirect(&href);
        }
        let problem = said(request_error(), &caller, &item).await?;
        let typed: String = guard::session().typed(FORM, &item.reference).await?;
        let rest = rest(&item).await?;
        let whole = item
            .visit_id
            .filter(|_| rest.iter().any(|part| is_left(part, crate::server::now())))
            .map(|visit_id| {
                view! {
                    <div class="stack-s">
                        <p class="soft">{texts.text("cancel-visit-intro")}</p>
                        <button class="btn danger" formaction=CancelVisit::url() name="visit_id" value=visit_id.to_string()>
                            {texts.text("cancel-visit")}
                        </button>
                    </div>
                }
            });
        let now = crate::server::now();
        let later = rest
            .iter()
            .any(|part| part.starts_at > item.starts_at && is_left(part, now))
            .then(|| {
                view! {
                    <div class="stack-s">
                        <p class="soft">{texts.text("cancel-rest-intro")}</p>
                        <button class="btn danger" formaction=CancelRest::url()>{texts.text("cancel-rest")}</button>
                    </div>
                }
            });
        let visit = part_of(&item, &rest, texts);
        Ok(Page::new(
            texts.text("cancel-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href=href.clone()>{icon("arrow-left")}{texts.text("view-appointment")}</a>
                    {problem}
                    <h1>{texts.text("cancel-title")}</h1>
                    <p>{texts.text("cancel-intro")}</p>
                    {summary(&item, texts)}
                    {visit}
                    <form method="post" action=ChangeStatus::url() id=CANCEL_FORM.id class="stack" novalidate>
                        <KeyField />
                        <Hidden name="reference" value=item.reference.clone() />
                        <Hidden name="to" value="cancelled" />
                        <Hidden name="version" value=item.version.to_string() />
                        <TextArea
                            field=Field::Reason
                            label=texts.text("cancel-reason")
                            value=typed
                        />
                        <div class="actions">
                            <button class="btn danger primary big">{texts.text("cancel-now")}</button>
                            <a class="btn big" href=href>{texts.text("keep-it")}</a>
                        </div>
                        {later}
                        {whole}
                    </form>
                </div>
            },
        )
        .keeps(CANCEL_FORM)
        .shows_problem())
    })
}

/// The form that cancels.
const CANCEL_FORM: KeptForm = KeptForm {
    id: "cancel-form",
    action: "/form/change-status",
};

/// Another time for an appointment; it keeps the one it has until then.
#[component]
pub fn ReschedulePage() -> impl IntoView {
    page(async {
        let (caller, item) = own().await?;
        let now = crate::server::now();
        let href = format!("/appointments/{}", item.reference);
        if !may_move(&item, now) && request_error().is_none() {
            crate::ui::redirect(&href);
        }
        let problem = said(request_error(), &caller, &item).await?;
        let path = format!("{href}/reschedule");
        if let Some(chosen) = chosen_time(&item) {
            let form = MoveForm {
                action: Reschedule::url(),
                hidden: vec![
                    ("reference", item.reference.clone()),
                    ("version", item.version.to_string()),
                ],
                with: Some(item.doctor_name.clone()),
                whose: None,
                other_times: path,
            };
            return Ok(move_check(&item, chosen, form, problem).shows_problem());
        }
        let form = TimesForm {
            action: path.clone(),
            is_link: true,
            hidden: Vec::new(),
            base: format!("{path}?"),
            moving: Some(item.reference.clone()),
            with: item.doctor_name.clone(),
            ..TimesForm::default()
        };
        let moving = moving_page(&item, caller, href, form, problem).await?;
        Ok(moving.shows_problem())
    })
}
