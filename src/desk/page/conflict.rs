//! The notice of a conflict at the desk, with the next steps.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{DeskPage, Offer, Person, Typed};
use crate::{
    booking::page::conflict::room_again,
    desk::forms::{DeskBook, DeskPatient},
    idempotency::page::KeyField,
    ui::{Hidden, Tone, icon, isolate, notice, problem as plain},
};
use engine::{
    account::Caller,
    appointment::{Item, of_patients, path_of},
    availability::{Alternative, Asker, Except, Offering, alternatives, offered},
    booking::Wanted,
    error::{AppError, Refusal},
    text::isolated,
    time::{self, Range},
};

/// Shows the error of the form that led here, if there was one.
///
/// # Errors
/// Those of the database.
pub(super) async fn problem(
    desk: &DeskPage,
    person: Option<&Person>,
    typed: &Typed,
) -> Result<Option<AnyView>, AppError> {
    let texts = desk.texts;
    let (reason, wanted, person) = match (desk.error, person) {
        (Some(AppError::BookingFailed { reason, wanted }), Some(person)) => (reason, wanted, person),
        (Some(AppError::PhoneShared), _) => return shared(desk, typed).await.map(Some),
        (
            Some(AppError::BookingFailed {
                reason: Refusal::SlotClosed,
                wanted,
            }),
            None,
        ) if !typed.offer.is_empty() => {
            return nothing_today(desk, wanted, typed).await.map(Some);
        }
        (error, _) => return Ok(error.map(|error| plain(error, texts))),
    };
    let offer = Offer {
        doctor_id: wanted.doctor_id,
        clinic_id: wanted.clinic_id,
        service_id: wanted.service_id,
    };
    let offering = offered(&desk.state.database, Some(wanted.doctor_id))
        .await?
        .into_iter()
        .find(|offering| Offer::from(offering) == offer);
    let Some(offering) = offering else {
        return Ok(desk.error.map(|error| plain(error, texts)));
    };
    let busy = match reason {
        Refusal::PatientOverlap => busy_with(desk, person, &offering, wanted).await?,
        _ => None,
    };
    let clock = |at| time::clock(at, &offering.zone, texts.locale());
    let title = match (reason, &busy) {
        (Refusal::PatientOverlap, Some(item)) => {
            let clock = time::clock(item.starts_at, &item.zone, texts.locale());
            texts.with("desk-conflict-overlap", &[("time", clock.into())])
        }
        (Refusal::PatientOverlap, None) => texts.text("error-patient-overlap"),
        // The walk-in form asks for no time, so what was closed is the rest of the day.
        (Refusal::SlotClosed, _) if !typed.offer.is_empty() => texts.with(
            "desk-nothing-today",
            &[("doctor", offering.doctor_name.clone().into())],
        ),
        (Refusal::SlotClosed, _) if !typed.hours.is_empty() => texts.text("overbook-out-of-range"),
        (Refusal::SlotClosed, _) => texts.text("conflict-closed"),
        (Refusal::TooManyOpen, _) => texts.text("error-too-many-open"),
        (Refusal::TooManyOfService { .. }, _) => texts.text("desk-too-many-of-service"),
        (Refusal::TooManyInWeek { .. }, _) => texts.text("desk-too-many-in-week"),
        (Refusal::SlotTaken | Refusal::HoldExpired, _) => {
            texts.with("conflict-taken", &[("time", clock(wanted.starts_at()).into())])
        }
    };
    let again = reason.again();
    let again = again.map(|again| view! { <p>{room_again(reason, again, &offering.zone, texts)}</p> });
    let offers = match reason.is_limit_of_service() {
        // The times nearby do not help.
        true => Vec::new(),
        false => {
            let (database, asker) = (&desk.state.database, Asker::from(&desk.caller));
            alternatives(database, wanted, Except::default(), asker, desk.now).await?
        }
    };
    let buttons = offers
        .into_iter()
        // Nobody is in two places.
        .filter(|offer| reason != Refusal::PatientOverlap || offer.starts_at != wanted.starts_at())
        .map(|offer| offer_button(desk, person, &offer, typed))
        .collect_view();
    let view = busy.filter(|item| may_see(&desk.caller, item)).map(|item| {
        view! {
            <a class="btn quiet" href=path_of(desk.caller.role(), &item.reference)>{texts.text("view-it")}</a>
        }
    });
    let all_times = desk.book_path(person.id, Some(offer));
    // Nothing is free today; but whoever stands here may be in pain.
    let overbook = (reason == Refusal::SlotClosed && !typed.offer.is_empty()).then(|| {
        let now = desk.now.as_second();
        view! { <a class="btn" href=format!("{all_times}&overbook={now}#overbook")>{texts.text("overbook-title")}</a> }
    });
    let body = view! {
        {again}
        <p>{texts.text("conflict-nothing-lost")}</p>
        <ul class="offers">{buttons}</ul>
        <div class="actions">
            {view}
            {overbook}
            <a class="btn quiet" href=all_times>{icon("clock")}{texts.text("all-times")}</a>
        </div>
    };
    Ok(Some(notice(Tone::Warn, title, body).into_any()))
}

/// Nothing is free today for somebody who is no patient yet: they are made one before they are booked otherwise.
async fn nothing_today(desk: &DeskPage, wanted: Wanted, typed: &Typed) -> Result<AnyView, AppError> {
    let texts = desk.texts;
    let offering = offered(&desk.state.database, Some(wanted.doctor_id))
        .await?
        .into_iter()
        .next();
    let title = match offering {
        Some(offering) => texts.with("desk-nothing-today", &[("doctor", offering.doctor_name.into())]),
        None => texts.text("conflict-closed"),
    };
    let body = view! {
        <p>{texts.text("conflict-nothing-lost")}</p>
        <form method="post" action=DeskPatient::url() class="actions">
            <Hidden name="phone" value=typed.phone.clone() />
            <Hidden name="name" value=typed.name.clone() />
            <Hidden name="whose" value=typed.whose.clone() />
            <Hidden name="offer" value=typed.offer.clone() />
            <button class="btn" name="overbook" value=desk.now.as_second().to_string()>
                {texts.text("overbook-title")}
            </button>
            <button class="btn quiet">{icon("clock")}{texts.text("all-times")}</button>
        </form>
    };
    Ok(notice(Tone::Warn, title, body).into_any())
}

/// Asks whether it is for somebody who has the phone already; nothing is booked before that is said.
async fn shared(desk: &DeskPage, typed: &Typed) -> Result<AnyView, AppError> {
    let texts = desk.texts;
    let people = desk.sharing(typed).await?;
    let names: Vec<String> = people
        .into_iter()
        .map(|person| person.name.unwrap_or_else(|| texts.text("no-patient-name")))
        .collect();
    let title = texts.with("phone-shared", &[("names", names.join(", ").into())]);
    let body = view! {
        <p>{texts.text("phone-shared-text")}</p>
        <p><a href="#whose">{texts.text("whose-label")}</a></p>
    };
    Ok(notice(Tone::Warn, title, body).into_any())
}

/// Finds the appointment that the patient has then.
async fn busy_with(
    desk: &DeskPage,
    person: &Person,
    offering: &Offering,
    wanted: Wanted,
) -> Result<Option<Item>, AppError> {
    let visit = offering.rules.time(wanted.starts_at());
    Ok(of_patients(&desk.state.database, vec![person.id], None)
        .await?
        .into_iter()
        .find(|item| {
            item.status_at(desk.now).occupies() && Range::new(item.starts_at, item.ends_at).overlaps(visit)
        }))
}

fn may_see(caller: &Caller, item: &Item) -> bool {
    match caller {
        Caller::Admin { .. } | Caller::Reception { .. } => !caller.is_kept_from(item.clinic_id),
        Caller::Doctor { doctor_id, .. } => item.doctor_id == *doctor_id,
        Caller::Patient { .. } => false,
    }
}

/// A time that can be had instead: a button that books it with what was typed.
fn offer_button(
    desk: &DeskPage,
    person: &Person,
    offer: &Alternative,
    typed: &Typed,
) -> impl IntoView + use<> {
    let zone = &offer.offering.zone;
    let clock = time::clock(offer.starts_at, zone, desk.texts.locale());
    let day = time::short_date(time::local_date(offer.starts_at, zone), desk.texts);
    let place = format!(
        "{} ({})",
        isolated(&offer.offering.clinic_name),
        time::zone_name(&offer.offering.zone_name, zone, offer.starts_at)
    );
    view! {
        <li>
            <form method="post" action=DeskBook::url()>
                <KeyField />
                <Hidden name="patient" value=person.id.to_string() />
                <Hidden name="offer" value=Offer::from(&offer.offering).to_string() />
                <Hidden name="reason" value=typed.reason.clone() />
                <button class="btn" name="starts_at" value=offer.starts_at.as_second().to_string()>
                    <b>{clock}</b>
                    <small>{day} " · " {isolate(offer.offering.doctor_name.clone())}</small>
                    <small>{isolate(place)}</small>
                </button>
            </form>
        </li>
    }
}
