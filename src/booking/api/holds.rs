//! The calls for holds, which keep a time for a patient while the program collects the rest (B5).
//!
//! Pages bind holds to a browser, programs to the patient: holding another time releases the first one, unless it is
//! kept for the same visit (B7).

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    booking::forms::MAX_NAME,
    server::{
        AppState,
        api::{
            Answer, AppointmentInPath, Authenticated, Body, Done, Fault, Nothing, RequestTexts, SentKey,
            TimeInput, amount::Amount, done, found, made,
        },
        openapi::HOLDS,
    },
};
use engine::{
    account::{Caller, family::Whose, required, typed},
    appointment::{AppointmentName, Item, Status},
    availability::{AnyDoctor, Except, Named, choose, in_turn},
    booking::{self, Wanted, reference},
    error::{AppError, Field},
    idempotency::Key,
    time::GivenTime,
    visit::MAX_SEGMENTS,
};

/// A patient who acts through programs.
pub(crate) struct Holder {
    pub(crate) patient_id: i64,
    has_name: bool,
    /// The holder in place of a browser's token; no browser can have it.
    pub(crate) visitor: Vec<u8>,
}

impl Holder {
    /// # Errors
    /// `FORBIDDEN` for staff, who book at once.
    pub(crate) fn of(caller: &Caller) -> Result<Self, AppError> {
        let patient_id = caller.patient_id().ok_or(AppError::Forbidden)?;
        let mut digest = Sha256::new();
        digest.update(b"programs of a patient");
        digest.update(patient_id.to_be_bytes());
        Ok(Self {
            patient_id,
            has_name: caller.name().is_some(),
            visitor: digest.finalize().to_vec(),
        })
    }

    /// The name that is to be known when the holder of the phone is booked.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, also where nobody has ever said one.
    pub(crate) fn name(&self, said: Option<&str>, whose: Whose) -> Result<String, AppError> {
        let said = said.unwrap_or_default();
        let is_known = matches!(whose, Whose::Known(id) if id != self.patient_id);
        match self.has_name || is_known {
            true => typed(Field::Name, said, MAX_NAME),
            false => required(Field::Name, said, MAX_NAME),
        }
    }
}

/// A time to hold.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"doctor_id": 1, "scheduled_at": "2026-11-24T03:00:00Z", "type": "video_consultation"}))]
pub struct NewHold {
    /// The doctor; any doctor who offers the service if it is missing.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    scheduled_at: TimeInput,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    /// The clinic; any clinic with the time if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// The references of holds to keep, which belong to the same visit as this one. All others end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 7, example = json!([]))]
    keep: Option<Vec<String>>,
}

/// A time that is or was held.
#[derive(Serialize, ToSchema)]
pub struct HoldData {
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    /// `held`, `expired`, or the status of the appointment that was booked.
    #[schema(example = "held")]
    status: String,
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: String,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Harapan")]
    clinic_name: String,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The end of the hold, after which the time goes to whoever asks first.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:10:00Z")]
    held_until: Option<Timestamp>,
    /// The latest end to which the hold can be extended.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:30:00Z")]
    may_be_held_until: Timestamp,
    /// What is paid before it is booked, by `POST holds/{id}/pay`; none where it is booked without.
    paid_first: Option<Amount>,
}

impl HoldData {
    fn new(item: Item, rules: booking::Rules, now: Timestamp) -> Self {
        Self {
            status: item.status_at(now).as_str().to_owned(),
            may_be_held_until: rules.may_be_held_until(item.created_at),
            paid_first: item.paid_first.as_ref().map(Amount::from),
            reference: item.reference,
            doctor_id: item.doctor_id,
            doctor_name: item.doctor_name,
            clinic_id: item.clinic_id,
            clinic_name: item.clinic_name,
            service: item.service_key,
            starts_at: item.starts_at,
            ends_at: item.ends_at,
            time_zone: item.zone_name,
            held_until: item.held_until,
        }
    }
}

/// Finds a hold of this patient's programs, also one that was booked.
pub(crate) async fn find(
    state: &AppState,
    caller: Caller,
    holder: &Holder,
    which: AppointmentName,
) -> Result<Item, AppError> {
    let item = match which {
        AppointmentName::Id(id) => engine::appointment::find_by_id(&state.database, caller, id).await?,
        AppointmentName::Reference(reference) => {
            engine::appointment::find(&state.database, Some(caller), None, reference).await?
        }
    };
    match item.held_by.as_ref() == Some(&holder.visitor) {
        true => Ok(item),
        false => Err(AppError::NotFound),
    }
}

/// As it is now.
async fn shown(
    state: &AppState,
    caller: Caller,
    holder: &Holder,
    reference: String,
) -> Result<HoldData, AppError> {
    let item = find(state, caller, holder, AppointmentName::Reference(reference)).await?;
    Ok(HoldData::new(item, state.config.rules.booking, state.now()))
}

/// Holds a time, for ten minutes by default.
///
/// For patients. Their other holds end, except those in `keep`.
#[utoipa::path(
    post, path = "/v1/holds", tag = HOLDS, request_body = NewHold, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Held", body = Done<HoldData>,
         headers(("Location" = String, description = "The path of the hold"))),
        (status = 409, description = "`BOOKING_FAILED`: the time is not free; `details` have `reason` and `alternatives`. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn hold_time(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewHold>,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let key = sent.of(&caller, "hold", &request)?;
    let at = request.scheduled_at.read("scheduled_at")?;
    let keeps = request.keep.clone().unwrap_or_default();
    if keeps.len() >= MAX_SEGMENTS {
        return Err(Fault::too_long("keep"));
    }
    let keeps = read_references("keep", &keeps)?;
    let request = NewHold {
        keep: Some(keeps.clone()),
        ..request
    };
    let reference = take(&state, &holder, request, at, key).await?;
    let data = shown(&state, caller, &holder, reference).await?;
    let is_held = data.status == Status::Held.as_str();
    if is_held {
        let (rules, now) = (state.config.rules.booking, state.now());
        for kept in keeps {
            // Parts of one visit run out together; one that has ended shows when the visit is booked.
            let _ = booking::extend(&state.database, kept, holder.visitor.clone(), rules, now).await;
        }
    }
    // The same request may have been made before, and its hold have ended since: `status` says so.
    let message = if is_held { "api-held" } else { "api-found" };
    let location = format!("/api/v1/holds/{}", data.reference);
    Ok(made(texts, message, &location, data))
}

/// Reads the references of a list.
pub(super) fn read_references(name: &str, said: &[String]) -> Result<Vec<String>, Fault> {
    let read = said.iter().enumerate().map(|(place, said)| {
        reference::read(said).ok_or_else(|| Fault::malformed(&format!("{name}[{place}]")))
    });
    read.collect()
}

async fn take(
    state: &AppState,
    holder: &Holder,
    request: NewHold,
    at: GivenTime,
    key: Option<Key>,
) -> Result<String, Fault> {
    let now = state.now();
    let command = |wanted: Wanted| booking::Hold {
        wanted,
        visitor: holder.visitor.clone(),
        patient_id: Some(holder.patient_id),
        // Of who has signed in, no address is counted.
        address: String::new(),
        holds_per_address: 0,
        rules: state.config.rules.booking,
        keeps: request.keep.clone().unwrap_or_default(),
        key: key.clone(),
    };
    let malformed = || Fault::malformed("scheduled_at");
    if let Some(doctor_id) = request.doctor_id {
        let (service, clinic_id) = (request.service.clone(), request.clinic_id);
        let (offering, starts_at) = choose(&state.database, doctor_id, service, clinic_id, at, now)
            .await?
            .ok_or_else(malformed)?;
        let command = command(offering.at(starts_at));
        return Ok(booking::hold(&state.database, command, now).await?);
    }
    let any = AnyDoctor {
        service: Named::Key(request.service.clone()),
        clinic_id: request.clinic_id,
    };
    let keeps_nothing = request.keep.as_ref().is_none_or(Vec::is_empty);
    let except = Except {
        appointment_id: None,
        holds_of: keeps_nothing.then(|| holder.visitor.clone()),
    };
    let turns = in_turn(
        &state.database,
        any,
        at,
        except,
        false,
        Some(holder.patient_id),
        now,
    )
    .await?
    .ok_or_else(malformed)?;
    let command = command(turns.wanted);
    Ok(booking::hold_any(&state.database, turns, command, now).await?)
}

/// Returns a hold.
#[utoipa::path(
    get, path = "/v1/holds/{id}", tag = HOLDS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses((status = 200, description = "The hold", body = Done<HoldData>)),
)]
pub async fn held_time(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let item = find(&state, caller, &holder, which).await?;
    let data = HoldData::new(item, state.config.rules.booking, state.now());
    Ok(found(texts, data))
}

/// Extends a hold by its duration.
///
/// A hold lasts at most three times its duration, counted from its beginning.
#[utoipa::path(
    post, path = "/v1/holds/{id}/extend", tag = HOLDS, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses(
        (status = 200, description = "Extended", body = Done<HoldData>),
        (status = 409, description = "`BOOKING_FAILED`: the hold has ended, and `details.alternatives` are free; or an error after which the request can be repeated"),
    ),
)]
pub async fn extend_hold(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let reference = find(&state, caller.clone(), &holder, which).await?.reference;
    booking::extend(
        &state.database,
        reference.clone(),
        holder.visitor.clone(),
        state.config.rules.booking,
        state.now(),
    )
    .await?;
    let data = shown(&state, caller, &holder, reference).await?;
    Ok(done(StatusCode::OK, texts, "api-held", data))
}

/// Releases a hold.
///
/// The time is free at once.
#[utoipa::path(
    delete, path = "/v1/holds/{id}", tag = HOLDS, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses((status = 200, description = "Released, now or before", body = Done<Nothing>)),
)]
pub async fn release_hold(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let reference = find(&state, caller, &holder, which).await?.reference;
    booking::release(&state.database, reference, holder.visitor, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-released", Nothing))
}
