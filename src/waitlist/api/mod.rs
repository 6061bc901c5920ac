//! The waitlist, for programs.

mod data;

use axum::{extract::State, http::StatusCode};
use jiff::{ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use self::data::{NewWaitlistEntry, WaitlistEntry, WaitlistTime, day_parts, weekdays};
use crate::{
    appointment::{
        api::{ChangedAppointment, with_names},
        forms::MAX_REASON,
    },
    booking::api::alternatives::not_booked,
    group::api::seats::no_seats,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, Listed, Nothing, Query, RequestTexts, SentKey,
            done, found, listed, made, number, page_of, paged,
        },
        openapi::WAITLIST,
    },
};
use engine::{
    account::{Caller, storable, typed},
    appointment::AppointmentName,
    availability::names,
    error::{AppError, Field},
    i18n::Texts,
    idempotency::{Key, KeyOwner},
    time::{self, GivenTime, local_date},
    waitlist::{
        self, Accept, Decline, EntryState, Filter, Join, Leave, OfferByHand, OfferSeats, Party, Which, Wishes,
    },
};

/// The days for which somebody waits who names no last one.
const USUAL_DAYS: i32 = 60;
/// The notice of who names none, in minutes; for seats, a shorter one.
const USUAL_NOTICE: i32 = 24 * 60;
const USUAL_NOTICE_OF_SEATS: i32 = 2 * 60;

/// The key that was sent, or else the request itself (B6).
fn key_of(
    sent: &SentKey,
    caller: &Caller,
    operation: &'static str,
    request: &impl Serialize,
) -> Result<Option<Key>, AppError> {
    match sent.of(caller, operation, request)? {
        Some(key) => Ok(Some(key)),
        None => Key::derived(KeyOwner::Caller(caller), operation, request).map(Some),
    }
}

/// The seats that are waited for, where it is not a time.
fn party_of(request: &NewWaitlistEntry) -> Result<Option<Party>, Fault> {
    match (request.group_id, request.seats, &request.instead_of) {
        (Some(_), _, Some(_)) => Err(Fault::malformed("instead_of")),
        (Some(group_id), seats, None) => Ok(Some(Party {
            group_id,
            seats: seats.unwrap_or(1),
        })),
        (None, Some(_), _) => Err(Fault::missing("group_id")),
        (None, None, _) => Ok(None),
    }
}

/// Puts a patient on the waitlist.
///
/// A time that comes free and fits, or seats of a group session, are kept for the one who has waited longest. Whoever waits
/// for the same already keeps the turn, with the new wishes.
#[utoipa::path(
    post, path = "/v1/waitlist", tag = WAITLIST, request_body = NewWaitlistEntry, security(("token" = ["book"])),
    responses(
        (status = 201, description = "On the list", body = Done<WaitlistEntry>,
         headers(("Location" = String, description = "The path of the entry"))),
        (status = 400, description = "`INVALID_DATE_RANGE`: the dates are over, or too far ahead"),
        (status = 409, description = "`BOOKING_FAILED`: the session was cancelled or has begun. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: the appointment can no longer be moved; `VALIDATION_FAILED`"),
    ),
)]
pub async fn join_waitlist(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewWaitlistEntry>,
) -> Answer {
    let now = state.now();
    let key = key_of(&sent, &caller, "join-waitlist", &request)?;
    let patient_id = match (caller.patient_id(), request.patient_id) {
        (Some(own), None) => own,
        (Some(_), named) if caller.acts_for(named) => named.ok_or(AppError::Forbidden)?,
        (Some(_), Some(_)) => return Err(AppError::Forbidden.into()),
        (None, named) => named.ok_or_else(|| Fault::missing("patient_id"))?,
    };
    let instead_of = match request.instead_of.as_deref() {
        None => None,
        Some(said) => Some(AppointmentName::parse(said).ok_or_else(|| Fault::malformed("instead_of"))?),
    };
    let party = party_of(&request)?;
    let service_id = match (request.service, instead_of.is_some() || party.is_some()) {
        (Some(key), false) => waitlist::service_named(&state.database, storable(&key)).await?,
        // That of the appointment, or of the session.
        (_, true) => 0,
        (None, false) => return Err(Fault::missing("type")),
    };
    let today = local_date(now, &TimeZone::UTC);
    let command = Join {
        key,
        patient_id,
        wishes: Wishes {
            service_id,
            doctor_id: request.doctor_id.or(match &caller {
                Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
                Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
            }),
            clinic_id: request.clinic_id,
            first_day: request.first_day.map_or(today, |day| day.0),
            last_day: (request.last_day).map_or(today.saturating_add(USUAL_DAYS.days()), |day| day.0),
            weekdays: weekdays(&request.weekdays)?,
            day_parts: day_parts(&request.day_parts)?,
            notice_minutes: request.notice_minutes.unwrap_or(match party {
                Some(_) => USUAL_NOTICE_OF_SEATS,
                None => USUAL_NOTICE,
            }),
        },
        instead_of,
        party,
        reason: typed(
            Field::Reason,
            request.reason.as_deref().unwrap_or_default(),
            MAX_REASON,
        )?,
        caller: caller.clone(),
    };
    let names = [
        (Field::Day, "weekdays"),
        (Field::Hours, "day_parts"),
        (Field::Notice, "notice_minutes"),
        (Field::Clinic, "clinic_id"),
        (Field::Seats, "seats"),
    ];
    let joined = waitlist::join(&state.database, command, now)
        .await
        .map_err(|error| match error {
            AppError::BookingFailed { .. } => no_seats(error),
            error => Fault::from(error).under(&names),
        })?;
    let view = waitlist::entry(&state.database, &caller, joined.id, now).await?;
    let location = format!("/api/v1/waitlist/{}", joined.id);
    Ok(made(
        texts,
        "api-waitlist-joined",
        &location,
        WaitlistEntry::new(view, &caller, now),
    ))
}

/// A part of the waitlist.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntryFilter {
    /// `waiting`, `offered`, `accepted` or `ended`. For staff; those who wait or have an offer, if it is missing.
    #[param(example = "waiting")]
    state: Option<String>,
    /// The id of a doctor. For staff.
    #[param(value_type = Option<i64>)]
    doctor: Option<String>,
    /// The id of a clinic. For staff.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists what the caller waits for; for staff, who waits for them, in the order of turns.
#[utoipa::path(
    get, path = "/v1/waitlist", tag = WAITLIST, params(EntryFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<WaitlistEntry>)),
)]
pub async fn waitlist_entries(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<EntryFilter>,
) -> Answer {
    let now = state.now();
    let limit = page_of(filter.limit.as_deref())?;
    let wanted = Filter {
        state: match filter.state.as_deref() {
            None => None,
            Some(word) => Some(EntryState::parse(word).ok_or_else(|| Fault::malformed("state"))?),
        },
        service_id: None,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        after: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: Some(limit + 1),
    };
    let views = match caller.role().is_staff() {
        false => waitlist::of_patients(&state.database, &caller).await?,
        true => waitlist::list(&state.database, &caller, wanted, now).await?,
    };
    let (views, next) = match caller.role().is_staff() {
        true => paged(views, limit, |last| last.id.to_string()),
        false => (views, None),
    };
    let entries = views
        .into_iter()
        .map(|view| WaitlistEntry::new(view, &caller, now))
        .collect();
    Ok(listed(texts, entries, next))
}

/// Returns an entry of the waitlist.
#[utoipa::path(
    get, path = "/v1/waitlist/{id}", tag = WAITLIST, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of an entry")),
    responses((status = 200, description = "The entry", body = Done<WaitlistEntry>)),
)]
pub async fn waitlist_entry(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let now = state.now();
    let view = waitlist::entry(&state.database, &caller, id, now).await?;
    Ok(found(texts, WaitlistEntry::new(view, &caller, now)))
}

/// Takes an entry off the waitlist. A time that was kept for it is offered to the next one.
#[utoipa::path(
    delete, path = "/v1/waitlist/{id}", tag = WAITLIST, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of an entry")),
    responses((status = 200, description = "Off the list, now or before", body = Done<Nothing>)),
)]
pub async fn leave_waitlist(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let command = Leave { caller, entry_id: id };
    waitlist::leave(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-waitlist-left", Nothing))
}

/// Accepts what is kept: the time or the seats are booked, or the appointment moves there. Staff accept for a patient who calls.
///
/// A repeated request returns the same appointment. An offer that has run out can be accepted while nobody has its time.
#[utoipa::path(
    post, path = "/v1/waitlist/{id}/accept", tag = WAITLIST, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of an entry")),
    responses(
        (status = 200, description = "Booked or moved", body = Done<ChangedAppointment>),
        (status = 409, description = "`BOOKING_FAILED`: with `hold_expired`, the offer ran out and somebody else has the time; `details` have `reason` and `alternatives`. Or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: the appointment that was to move cannot be moved any more"),
    ),
)]
pub async fn accept_offer(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let command = Accept {
        key: sent.of(&caller, "accept-offer", &id)?,
        caller: caller.clone(),
        which: Which::OfEntry(id),
        rules: state.config.rules.booking,
    };
    let booked = match waitlist::accept(&state.database, command, state.now()).await {
        Ok(booked) => booked,
        Err(error @ AppError::BookingFailed { .. }) => {
            let entry = waitlist::entry(&state.database, &caller, id, state.now()).await?;
            return Err(match entry.session {
                Some(_) => no_seats(error),
                None => not_booked(error, &caller),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let data = with_names(&state, &booked).await;
    Ok(done(StatusCode::OK, texts, "api-offer-accepted", data))
}

/// Declines what is kept: it is offered to the next one. Whoever waits for a time stays on the list. Staff decline for a patient
/// who calls.
#[utoipa::path(
    post, path = "/v1/waitlist/{id}/decline", tag = WAITLIST, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of an entry")),
    responses(
        (status = 200, description = "Declined, now or before", body = Done<WaitlistEntry>),
        (status = 422, description = "`INVALID_TRANSITION`: it was accepted; the appointment can be cancelled"),
    ),
)]
pub async fn decline_offer(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let now = state.now();
    let command = Decline {
        caller: caller.clone(),
        which: Which::OfEntry(id),
    };
    let entry_id = waitlist::decline(&state.database, command, now).await?;
    let view = waitlist::entry(&state.database, &caller, entry_id, now).await?;
    let data = WaitlistEntry::new(view, &caller, now);
    Ok(done(StatusCode::OK, texts, "api-offer-declined", data))
}

/// Offers a free time, or the seats that they wait for, to somebody whom the staff choose, whoever waits longer.
#[utoipa::path(
    post, path = "/v1/waitlist/{id}/offer", tag = WAITLIST, request_body = WaitlistTime, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of an entry")),
    responses(
        (status = 200, description = "Offered", body = Done<WaitlistEntry>),
        (status = 409, description = "`BOOKING_FAILED`: the time is not free, or the patient is somewhere else then; `INSUFFICIENT_INVENTORY`: fewer seats are left; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`VALIDATION_FAILED`: the patient has another offer, or does not wait any more"),
    ),
)]
pub async fn offer_time(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<WaitlistTime>,
) -> Answer {
    let now = state.now();
    let key = sent.of(&caller, "offer-time", &(id, &request))?;
    let entry = waitlist::entry(&state.database, &caller, id, now).await?;
    if entry.session.is_some() {
        return offer_seats(&state, caller, (id, key), texts).await;
    }
    let doctor_id = request.doctor_id.ok_or_else(|| Fault::missing("doctor_id"))?;
    let clinic_id = request.clinic_id.ok_or_else(|| Fault::missing("clinic_id"))?;
    let starts_at = request.starts_at.ok_or_else(|| Fault::missing("starts_at"))?;
    let starts_at = match starts_at.read("starts_at")? {
        GivenTime::At(at) => at,
        GivenTime::Local(local) => {
            let (_, zone) = names(&state.database, clinic_id, entry.service_id).await?;
            let zone = time::stored_zone(&zone).ok_or(AppError::Internal)?;
            let first = time::readings(local, &zone).into_iter().next();
            first.ok_or_else(|| Fault::malformed("starts_at"))?
        }
    };
    let command = OfferByHand {
        key,
        caller: caller.clone(),
        entry_id: id,
        doctor_id,
        clinic_id,
        starts_at,
    };
    waitlist::offer_by_hand(&state.database, command, now)
        .await
        .map_err(|error| not_booked(error, &caller))?;
    let view = waitlist::entry(&state.database, &caller, id, now).await?;
    let data = WaitlistEntry::new(view, &caller, now);
    Ok(done(StatusCode::OK, texts, "api-offer-made", data))
}

/// Offers the seats that somebody waits for.
async fn offer_seats(
    state: &AppState,
    caller: Caller,
    (entry_id, key): (i64, Option<Key>),
    texts: Texts,
) -> Answer {
    let now = state.now();
    let command = OfferSeats {
        key,
        caller: caller.clone(),
        entry_id,
    };
    waitlist::offer_seats_by_hand(&state.database, command, now)
        .await
        .map_err(no_seats)?;
    let view = waitlist::entry(&state.database, &caller, entry_id, now).await?;
    let data = WaitlistEntry::new(view, &caller, now);
    Ok(done(StatusCode::OK, texts, "api-offer-made", data))
}
