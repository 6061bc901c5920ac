//! Seats in group sessions, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::MOST;
use crate::{
    appointment::forms::MAX_REASON,
    booking::api::pay::{BegunPayment, begun, booked_already},
    server::{
        AppState, Problem,
        api::{
            Adding, Answer, Authenticated, Body, Details, Done, Fault, Id, RequestTexts, SentKey, done, found,
        },
        openapi::GROUPS,
    },
};
use engine::{
    account::{Caller, typed},
    error::{AppError, Field, Inventory},
    group::{self, Person, Seen, Take, Taken, coming, find, people},
    idempotency::{Key, KeyOwner},
    payment::{self, StartSeats, Started},
};

/// The most sessions that are named instead of one that is full.
const ALTERNATIVES: usize = 5;

/// Seats that somebody takes.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seats": 2, "reason": "With my partner"}))]
pub struct WishedSeats {
    /// The number of seats: all of them, or none. 1 if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20, example = 2)]
    seats: Option<i32>,
    /// The reason to come.
    #[schema(max_length = 500, example = "With my partner")]
    reason: Option<String>,
    /// The id of a patient. For staff, and for patients who book for somebody who shares their phone.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Whether the patient may have more of the service than its limits allow. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
}

/// Seats that were taken: an appointment like any other, which is cancelled like any other.
#[derive(Serialize, ToSchema)]
pub struct TakenSeats {
    /// The id of the appointment that has the seats.
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(example = "confirmed")]
    status: &'static str,
    #[schema(example = 1)]
    version: i32,
    #[schema(example = 1)]
    group_id: i64,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The numbers of the seats.
    #[schema(example = json!([4, 5]))]
    seats: Vec<i32>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    ends_at: Timestamp,
}

impl From<Taken> for TakenSeats {
    fn from(taken: Taken) -> Self {
        Self {
            id: taken.appointment.id,
            reference: taken.appointment.reference,
            status: taken.appointment.status.as_str(),
            version: taken.appointment.version,
            group_id: taken.group_id,
            patient_id: taken.appointment.patient_id,
            seats: taken.seats,
            starts_at: taken.appointment.starts_at,
            ends_at: taken.appointment.ends_at,
        }
    }
}

/// Takes seats in a group session: all of them, or none.
///
/// A repeated request returns the same seats, also without a key.
#[utoipa::path(
    post, path = "/v1/groups/{id}/seats", tag = GROUPS, request_body = WishedSeats, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a group session")),
    responses(
        (status = 201, description = "Taken", body = Done<TakenSeats>),
        (status = 402, description = "`PAYMENT_REQUIRED`: seats are paid before they are booked: use `POST groups/{id}/pay`"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: fewer seats are left; `details` have `requested`, `available`, `group_id` and `alternatives`. `BOOKING_FAILED`: the patient has something else then, or the session was cancelled or has begun. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn take_seats(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<WishedSeats>,
) -> Answer {
    let wish = (id, &request);
    let key = match sent.of(&caller, "take-seats", &wish)? {
        Some(key) => key,
        None => Key::derived(KeyOwner::Caller(&caller), "take-seats", &wish)?,
    };
    let patient_id = patient_of(&caller, request.patient_id)?;
    let exceed_limit = request.exceed_limit == Some(true);
    if exceed_limit && !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let reason = request.reason.as_deref().unwrap_or_default();
    let command = Take {
        group_id: id,
        patient_id,
        seats: request.seats.unwrap_or(1),
        name: None,
        reason: typed(Field::Reason, reason, MAX_REASON)?,
        rules: state.config.rules.booking.with_limit_exceeded(exceed_limit),
        key: Some(key),
        caller: caller.clone(),
    };
    let taken = group::take(&state.database, command, state.now())
        .await
        .map_err(no_seats)?;
    Ok(done(
        StatusCode::CREATED,
        texts,
        "api-booked",
        TakenSeats::from(taken),
    ))
}

/// For whom seats are taken.
///
/// # Errors
/// `FORBIDDEN` for a patient who is not the caller's; `VALIDATION_FAILED` where staff name none.
fn patient_of(caller: &Caller, named: Option<i64>) -> Result<i64, Fault> {
    match (caller, named) {
        (Caller::Patient { id, .. }, None) => Ok(*id),
        (Caller::Patient { .. }, named) if caller.acts_for(named) => Ok(named.ok_or(AppError::Forbidden)?),
        (Caller::Patient { .. }, _) => Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id")),
    }
}

/// Goes to pay for seats in a group session, where they are paid before they are booked.
///
/// The seats are kept until the page ends whose address is in the answer, and booked when the provider says that the money has
/// come: ask for the appointment to see it. Who has as many seats kept already pays for those, and the first page is given up.
#[utoipa::path(
    post, path = "/v1/groups/{id}/pay", tag = GROUPS, request_body = WishedSeats, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a group session")),
    responses(
        (status = 201, description = "The page on which the patient pays", body = Done<BegunPayment>),
        (status = 404, description = "`NOT_FOUND`: there is no such session, or nothing is paid before it is booked: use `POST groups/{id}/seats`"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: fewer seats are left; `details` have `requested`, `available`, `group_id` and `alternatives`. `BOOKING_FAILED`: the patient has something else then, the session was cancelled or has begun, or the seats have been kept for long enough. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 503, description = "`UNAVAILABLE`: payments cannot be taken at the moment; or an error after which the request can be repeated"),
    ),
)]
pub async fn pay_for_seats(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<WishedSeats>,
) -> Answer {
    // Who may not know it hears nothing else of it.
    find(&state.database, Some(caller.clone()), id).await?;
    caller.patient_id().ok_or(AppError::Forbidden)?;
    let key = sent.of(&caller, "pay-for-seats", &(id, &request))?;
    if request.exceed_limit == Some(true) {
        return Err(AppError::Forbidden.into());
    }
    let reason = request.reason.as_deref().unwrap_or_default();
    let command = StartSeats {
        take: Take {
            group_id: id,
            patient_id: patient_of(&caller, request.patient_id)?,
            seats: request.seats.unwrap_or(1),
            name: None,
            reason: typed(Field::Reason, reason, MAX_REASON)?,
            rules: state.config.rules.booking,
            key,
            caller: caller.clone(),
        },
        provider: state.payments.chosen().ok_or(AppError::Unavailable)?,
        locale: texts.locale(),
    };
    let started = payment::start_seats(&state.database, command, state.now())
        .await
        .map_err(no_seats)?;
    let data = match started {
        Started::Paying { payment_id } => begun(&state, caller, payment_id).await?,
        Started::Booked { reference } => {
            let path = format!("/appointments/{reference}");
            booked_already(&state, &path, reference)
        }
    };
    Ok(done(StatusCode::CREATED, texts, "api-payment-begun", data))
}

/// Somebody who has seats in a group session.
#[derive(Serialize, ToSchema)]
pub struct SeatedData {
    /// The id of the appointment that has the seats.
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(example = "confirmed")]
    status: &'static str,
    #[schema(example = 1)]
    patient_id: i64,
    patient_name: Option<String>,
    #[schema(example = "+6281255500101")]
    patient_phone: String,
    /// The numbers of the seats.
    #[schema(example = json!([4, 5]))]
    seats: Vec<i32>,
    /// Since when the patient is here, if somebody said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    #[schema(example = "With my partner")]
    reason: String,
}

impl From<Person> for SeatedData {
    fn from(person: Person) -> Self {
        Self {
            id: person.appointment_id,
            reference: person.reference,
            status: person.status.as_str(),
            patient_id: person.patient_id,
            patient_name: person.patient_name,
            patient_phone: person.patient_phone,
            seats: person.seats,
            arrived_at: person.arrived_at,
            reason: person.reason,
        }
    }
}

/// Lists who has seats in a group session, by seat: for its doctor, and for the desk of its clinic.
#[utoipa::path(
    get, path = "/v1/groups/{id}/seats", tag = GROUPS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a group session")),
    responses((status = 200, description = "Who has seats", body = Done<Vec<SeatedData>>)),
)]
pub async fn seats(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let people = people(&state.database, caller, id, state.now()).await?;
    let people: Vec<SeatedData> = people.into_iter().map(SeatedData::from).collect();
    Ok(found(texts, people))
}

/// The details of a session with too few seats: how many are left, and other sessions of the same service.
#[derive(Debug)]
pub struct SeatsLeft {
    group_id: i64,
    requested: i32,
    available: i32,
    /// Whether another session would do.
    has_others: bool,
}

impl SeatsLeft {
    /// Finds the details of this error, if it is about seats.
    pub fn of(error: AppError) -> Option<Self> {
        let AppError::InsufficientInventory {
            of,
            requested,
            available,
        } = error
        else {
            return None;
        };
        let (group_id, has_others) = match of {
            Inventory::Seats { group_id } => (group_id, true),
            Inventory::Capacity { group_id } => (group_id, false),
        };
        Some(Self {
            group_id,
            requested,
            available,
            has_others,
        })
    }

    /// Other sessions of the same service with enough seats.
    async fn others(&self, state: &AppState) -> Result<Vec<Value>, AppError> {
        if !self.has_others {
            return Ok(Vec::new());
        }
        let full = find(&state.database, None, self.group_id).await?;
        let seen = Seen {
            service_id: Some(full.group.service_id),
            limit: MOST,
            ..Seen::default()
        };
        let listed = coming(&state.database, seen, state.now()).await?;
        let others = listed
            .into_iter()
            .filter(|one| one.group.id != self.group_id && one.free() >= self.requested)
            .take(ALTERNATIVES);
        let others = others.map(|one| {
            json!({
                "group_id": one.group.id, "title": one.group.title, "starts_at": one.group.starts_at,
                "ends_at": one.group.ends_at, "free": one.free(), "time_zone": one.zone_name,
            })
        });
        Ok(others.collect())
    }
}

impl Details for SeatsLeft {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            problem
                .detail("requested", self.requested)
                .detail("available", self.available)
                .detail("group_id", self.group_id)
                .detail("alternatives", self.others(state).await.unwrap_or_default())
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        let other = json!({
            "group_id": 2, "title": "Vaccination afternoon", "starts_at": "2026-12-01T06:00:00Z",
            "ends_at": "2026-12-01T08:00:00Z", "free": 7, "time_zone": "Asia/Jakarta",
        });
        vec![
            ("requested", json!(self.requested)),
            ("available", json!(self.available)),
            ("group_id", json!(self.group_id)),
            ("alternatives", json!([other])),
        ]
    }
}

/// The fault of seats that could not be had: another time of the doctor is none.
pub fn no_seats(error: AppError) -> Fault {
    match error {
        AppError::BookingFailed { .. } => Fault::from(error).with(NoAlternatives),
        error => error.into(),
    }
}

/// The details of a session that cannot be taken seats in: nothing else that could be booked.
#[derive(Debug)]
struct NoAlternatives;

impl Details for NoAlternatives {
    fn add<'a>(&'a self, _: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move { problem.detail("alternatives", Vec::<Value>::new()) })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}
