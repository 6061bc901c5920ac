//! One stay: held with its end, booked with its reference, and what can still be done.

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    conflict::conflict,
    parts::{badge, summary},
};
use crate::{
    account::guard,
    booking::island::HoldCountdown,
    idempotency::page::KeyField,
    notification::page::told_about,
    payment::page::{of_stay, take_for_stay},
    server::AppState,
    stay::forms::{
        ARRIVED, BookHeldRooms, CANCEL, CancelStay, LEFT, NOT_ARRIVED, PayForRooms, SetStayPresence,
    },
    ui::{
        Hidden, Page, TextArea, Tone, icon, island::PrintButton, isolate, notice, page, path_parameter,
        query, request_error, texts,
    },
};
use engine::{
    account::{Caller, reads},
    error::{AppError, Field},
    i18n::Texts,
    notification::board,
    stay::{self, Item, Status, WantedRooms},
    time,
};

/// A stay of a patient.
#[component]
pub fn StayPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        stay_page(guard::anyone().await?).await
    })
}

/// A stay, for the desk.
#[component]
pub fn AdminStayPage() -> impl IntoView {
    page(async { stay_page(guard::desk().await?).await })
}

async fn stay_page(caller: Caller) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let item = stay::stay_of_reference(&state.database, &caller, path_parameter("reference")?).await?;
    reads::record(
        &state.database,
        &caller,
        reads::What::Appointment,
        [item.stay.patient_id],
        now,
    )
    .await;
    let is_staff = caller.role().is_staff();
    let error = request_error();
    let said = match error {
        Some(error) => {
            let patient = match is_staff {
                true => format!("&patient={}", item.stay.patient_id),
                false => String::new(),
            };
            let base = if is_staff { "/admin/rooms" } else { "/rooms" };
            let address = move |wanted: WantedRooms| {
                format!(
                    "{base}/{}?arrival={}&departure={}&rooms={}{patient}",
                    wanted.room_type_id, wanted.arrival, wanted.departure, wanted.rooms
                )
            };
            Some(conflict(error, Some(&caller), address).await?)
        }
        None => done(&item, texts),
    };
    let is_open = can_be_booked(&item, now);
    let title = match is_open && !is_staff {
        true => texts.text("stay-check-title"),
        false => texts.with("stay-title", &[("reference", item.stay.reference.clone().into())]),
    };
    let (back, back_text) = match is_staff {
        true => (
            format!("/admin/stays?clinic={}", item.stay.clinic_id),
            "stays-title",
        ),
        false => ("/appointments".to_owned(), "nav-appointments"),
    };
    let whose = is_staff.then(|| {
        let path = format!("/admin/patients/{}", item.stay.patient_id);
        let name = item
            .patient_name
            .clone()
            .unwrap_or_else(|| texts.text("no-patient-name"));
        view! { <p>{icon("user")} " " <a href=path>{isolate(name)}</a></p> }
    });
    let reason = match error {
        Some(_) => guard::session().typed(CANCEL, &item.stay.reference).await?,
        None => String::new(),
    };
    let steps = steps(&caller, &item, reason, now, texts);
    let paid = match is_staff {
        true => take_for_stay(&caller, &item).await?,
        false => of_stay(&caller, &item).await?,
    };
    let told = match is_staff {
        true => {
            let told = board::of_stay(&state.database, item.stay.id).await?;
            Some(told_about(&told, (&item.zone_name, &item.zone), texts))
        }
        false => None,
    };
    Ok(Page::new(
        title.clone(),
        view! {
            {said}
            <div class="narrow stack">
                <a class="back" href=back>{icon("arrow-left")}{texts.text(back_text)}</a>
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p>{badge(&item, now, texts)}</p>
                        {whose}
                    </div>
                </div>
                {summary(&item, texts)}
                {paid}
                {steps}
                {told}
            </div>
        },
    )
    .shows_problem())
}

/// Whether it is a hold that can be booked. One that ran out can be, too, if its rooms are free and its first night is to come.
fn can_be_booked(item: &Item, now: Timestamp) -> bool {
    match item.stay.status {
        Status::Held if !item.stay.has_run_out(now) => true,
        Status::Held | Status::Lapsed => item.stay.arrival >= item.today(now),
        _ => false,
    }
}

/// What became of the form that led here.
fn done(item: &Item, texts: Texts) -> Option<AnyView> {
    let (key, text) = match (query("said")?.as_str(), item.stay.status) {
        ("booked", Status::Booked) => ("stay-booked-now", Some("stay-booked-text")),
        ("changed", Status::Booked | Status::Arrived) => ("stay-changed-now", None),
        ("cancelled", Status::Cancelled) => ("stay-cancelled-now", Some("stay-cancelled-text")),
        (ARRIVED, Status::Arrived) => ("stay-arrived-now", None),
        (NOT_ARRIVED, Status::Booked) => ("stay-not-arrived-now", None),
        (LEFT, Status::Left) => ("stay-left-now", None),
        _ => return None,
    };
    let title = texts.with(key, &[("reference", item.stay.reference.clone().into())]);
    let body = text.map(|text| view! { <p>{texts.text(text)}</p> });
    Some(notice(Tone::Good, title, body).into_any())
}

/// What can be done next. `reason` is why it is cancelled, as it was typed.
fn steps(caller: &Caller, item: &Item, reason: String, now: Timestamp, texts: Texts) -> AnyView {
    let is_staff = caller.role().is_staff();
    let reference = &item.stay.reference;
    let base = match is_staff {
        true => format!("/admin/stays/{reference}"),
        false => format!("/stays/{reference}"),
    };
    match item.stay.status {
        Status::Held => held(item, is_staff, now, texts).into_any(),
        // What is paid first has to be held anew: nobody pays for rooms that are not kept.
        Status::Lapsed if can_be_booked(item, now) && (is_staff || item.stay.first_minor.is_none()) => {
            view! { <p>{texts.text("stay-ran-out")}</p> {book(item, texts)} }.into_any()
        }
        Status::Booked | Status::Arrived => {
            let can_change = is_staff || item.can_be_changed(now);
            let can_cancel = item.stay.status == Status::Booked && (is_staff || item.can_be_cancelled(now));
            let change = can_change.then(|| {
                view! { <a class="btn" href=format!("{base}/change")>{icon("pencil")}{texts.text("stay-change")}</a> }
            });
            let presence = is_staff.then(|| presence(item, false, now, texts));
            let cancel = can_cancel.then(|| cancel(item, reason, texts));
            view! {
                <div class="actions">
                    {presence}
                    {change}
                    <PrintButton text=texts.text("print") />
                </div>
                {cancel}
            }
            .into_any()
        }
        Status::Cancelled | Status::Lapsed | Status::Left => {
            let again = (!is_staff).then(|| {
                let path = format!("/rooms/{}", item.stay.room_type_id);
                view! { <p><a class="btn" href=path>{texts.text("stay-book-again")}</a></p> }
            });
            view! { {again} }.into_any()
        }
    }
}

/// Until when the rooms are held, the button that books them, and the one that gives them up.
fn held(item: &Item, is_staff: bool, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let line = item.stay.held_until.filter(|until| *until > now).map(|until| {
        let holding = texts.with(
            "stay-holding",
            &[
                ("until", time::clock(until, &item.zone, texts.locale()).into()),
                ("zone", time::zone_name(&item.zone_name, &item.zone, until).into()),
            ],
        );
        view! {
            <div class="hold">
                <p>
                    {icon("clock")}
                    <HoldCountdown
                        seconds=until.duration_since(now).as_secs_f64()
                        holding=holding
                        left=texts.with("hold-minutes-left", &[("minutes", "{minutes}".into())])
                        last_minute=texts.text("hold-last-minute")
                        ran_out=texts.text("stay-ran-out")
                    />
                </p>
            </div>
        }
    });
    let ran_out = line
        .is_none()
        .then(|| view! { <p>{texts.text("stay-ran-out")}</p> });
    let wanted = item.stay.wanted();
    let other = format!(
        "/rooms/{}?arrival={}&departure={}&rooms={}",
        wanted.room_type_id, wanted.arrival, wanted.departure, wanted.rooms
    );
    view! {
        {line}
        {ran_out}
        {can_be_booked(item, now).then(|| match item.stay.first_minor.is_some() && !is_staff {
            true => pay(item, texts),
            false => book(item, texts).into_any(),
        })}
        <div class="actions">
            <a class="btn quiet" href=other>{icon("pencil")}{texts.text("stay-other-nights")}</a>
            <form method="post" action=CancelStay::url()>
                <KeyField />
                <Hidden name="reference" value=item.stay.reference.clone() />
                <button class="btn quiet">{texts.text("stay-give-up")}</button>
            </form>
        </div>
    }
}

/// The button that goes to pay, by which the rooms are booked; and that they cannot be paid at the moment, where that was so.
fn pay(item: &Item, texts: Texts) -> AnyView {
    let not_now = query("pay").filter(|pay| pay == "not-now").map(|_| {
        let text = texts.with(
            "pay-not-now-rooms",
            &[("phone", item.clinic_phone.clone().into())],
        );
        notice(Tone::Bad, texts.text("pay-not-now"), view! { <p>{text}</p> })
    });
    view! {
        {not_now}
        <p class="soft">{texts.text("pay-rooms-text")}</p>
        <form method="post" action=PayForRooms::url() class="stack">
            <KeyField />
            <Hidden name="reference" value=item.stay.reference.clone() />
            <div class="actions">
                <button class="btn primary big">{texts.text("pay-and-book")}</button>
            </div>
        </form>
    }
    .into_any()
}

fn book(item: &Item, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=BookHeldRooms::url() class="stack">
            <KeyField />
            <Hidden name="reference" value=item.stay.reference.clone() />
            <div class="actions">
                <button class="btn primary big">{texts.text("stay-book")}</button>
            </div>
        </form>
    }
}

fn cancel(item: &Item, reason: String, texts: Texts) -> impl IntoView + use<> {
    let is_open = !reason.is_empty();
    view! {
        <details class="fold" open=is_open>
            <summary>{texts.text("stay-cancel")}</summary>
            <form method="post" action=CancelStay::url() class="stack">
                <KeyField />
                <Hidden name="reference" value=item.stay.reference.clone() />
                <Hidden name="version" value=item.stay.version.to_string() />
                <p>{texts.text("stay-cancel-text")}</p>
                <TextArea field=Field::Reason label=texts.text("stay-cancel-reason") value=reason />
                <div class="actions">
                    <button class="btn danger">{texts.text("stay-cancel-do")}</button>
                </div>
            </form>
        </details>
    }
}

/// The buttons by which the desk says that people arrived or left.
pub fn presence(item: &Item, on_board: bool, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let today = item.today(now);
    let can_arrive =
        item.stay.status == Status::Booked && (item.stay.arrival..=item.stay.departure).contains(&today);
    let steps: &[(&'static str, &'static str, &'static str)] = match item.stay.status {
        Status::Booked if can_arrive => &[(ARRIVED, "stay-arrived-do", "btn primary")],
        Status::Arrived => &[
            (LEFT, "stay-left-do", "btn primary"),
            (NOT_ARRIVED, "stay-not-arrived-do", "btn quiet"),
        ],
        _ => &[],
    };
    let reference = item.stay.reference.clone();
    let whose = item
        .patient_name
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"));
    steps
        .iter()
        .map(|&(presence, key, class)| {
            let label = format!("{}: {whose}", texts.text(key));
            view! {
                <form method="post" action=SetStayPresence::url()>
                    <KeyField />
                    <Hidden name="reference" value=reference.clone() />
                    <Hidden name="presence" value=presence />
                    <Hidden name="version" value=item.stay.version.to_string() />
                    {on_board.then(|| view! { <Hidden name="on_board" value="true" /> })}
                    <button class=class aria-label=label>{texts.text(key)}</button>
                </form>
            }
        })
        .collect_view()
}
