//! Group sessions, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    appointment::forms::MAX_REASON,
    booking::api::alternatives::not_booked,
    server::{
        AppState, Problem,
        api::{
            Adding, Answer, Authenticated, Body, Details, Done, Edit, Fault, Id, IfMatch, OptionalCaller,
            Query, RequestTexts, SentKey, TimeInput, amount::Amount, bound, done, found, found_version, made,
            number, versioned,
        },
        openapi::GROUPS,
    },
};
use engine::{
    account::{Caller, required, typed},
    error::{AppError, Field, Inventory},
    group::{
        self, Cancel, Group, Listed, MAX_TITLE, Person, Plan, Publish, Seen, State as GroupState, Take,
        Taken, coming, find, people,
    },
    idempotency::{Key, KeyOwner},
    organisation,
    time::{self, Bound},
};

/// The most sessions in an answer.
const MOST: i64 = 200;
/// The most sessions that are named instead of one that is full.
const ALTERNATIVES: usize = 5;

/// A group session.
#[derive(Serialize, ToSchema)]
pub struct GroupData {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change of the session increments and names. Seats that are taken do not change it.
    #[schema(example = 3)]
    version: i32,
    /// `draft`, `published` or `cancelled`.
    #[schema(value_type = String, example = "published")]
    state: GroupState,
    #[schema(example = "Vaccination afternoon")]
    title: String,
    /// The first session of the weekly series that it belongs to.
    #[schema(example = 1)]
    series_id: Option<i64>,
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: String,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Sehat")]
    clinic_name: String,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The number of seats.
    #[schema(example = 12)]
    capacity: i32,
    /// The number of seats that are left.
    #[schema(example = 3)]
    free: i32,
    /// The price of a seat.
    price: Option<Amount>,
}

impl From<Listed> for GroupData {
    fn from(listed: Listed) -> Self {
        Self {
            free: listed.free(),
            price: listed.group.price_of(1).as_ref().map(Amount::from),
            id: listed.group.id,
            version: listed.group.version,
            state: listed.group.state,
            title: listed.group.title,
            series_id: listed.group.series_id,
            doctor_id: listed.group.doctor_id,
            doctor_name: listed.doctor_name,
            clinic_id: listed.group.clinic_id,
            clinic_name: listed.clinic_name,
            service: listed.service_key,
            starts_at: listed.group.starts_at,
            ends_at: listed.group.ends_at,
            time_zone: listed.zone_name,
            capacity: listed.group.capacity,
        }
    }
}

/// A group session after a change.
#[derive(Serialize, ToSchema)]
pub struct ChangedGroup {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    #[schema(value_type = String, example = "published")]
    state: GroupState,
    #[schema(example = "Vaccination afternoon")]
    title: String,
    /// The first session of the weekly series that it belongs to.
    #[schema(example = 1)]
    series_id: Option<i64>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    ends_at: Timestamp,
    #[schema(example = 12)]
    capacity: i32,
}

impl From<Group> for ChangedGroup {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            version: group.version,
            state: group.state,
            title: group.title,
            series_id: group.series_id,
            starts_at: group.starts_at,
            ends_at: group.ends_at,
            capacity: group.capacity,
        }
    }
}

/// A search for group sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GroupFilter {
    /// The key of a service.
    #[param(example = "in_person")]
    service: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>, example = 1)]
    clinic: Option<String>,
    /// The id of a doctor.
    #[param(value_type = Option<i64>, example = 1)]
    doctor: Option<String>,
    /// A date at the clinic, or a time: sessions that begin then or later.
    #[param(example = "2026-11-24")]
    from: Option<String>,
    /// A date at the clinic, or a time: sessions that begin on that date, or before that time.
    #[param(example = "2026-12-24")]
    to: Option<String>,
}

/// Lists the group sessions that are ahead and that seats can be taken in, earliest first.
///
/// At most 200 are listed: narrow the range to see others.
#[utoipa::path(
    get, path = "/v1/groups", tag = GROUPS, params(GroupFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "The sessions", body = Done<Vec<GroupData>>)),
)]
pub async fn groups(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<GroupFilter>,
) -> Answer {
    // public: patients choose among them.
    let from = bound("from", filter.from.as_deref())?.map(Bound::start);
    let to = bound("to", filter.to.as_deref())?.map(Bound::end);
    // By the clock of each clinic below: in whatever zone, it is within a day of this.
    let utc = |end: Option<time::GivenTime>| end.and_then(|end| end.in_zone(&TimeZone::UTC));
    let day = SignedDuration::from_hours(24);
    let seen = Seen {
        service: filter
            .service
            .filter(|service| !service.is_empty() && !service.contains('\0')),
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        from: utc(from).and_then(|at| at.saturating_sub(day).ok()),
        until: utc(to).and_then(|at| at.saturating_add(day).ok()),
        limit: MOST,
        ..Seen::default()
    };
    let mut listed = coming(&state.database, seen, state.now()).await?;
    listed.retain(|one| {
        let starts_at = one.group.starts_at;
        let at = |end: Option<time::GivenTime>| end.and_then(|end| end.in_zone(&one.zone));
        at(from).is_none_or(|from| starts_at >= from) && at(to).is_none_or(|to| starts_at < to)
    });
    let listed: Vec<GroupData> = listed.into_iter().map(GroupData::from).collect();
    Ok(found(texts, listed))
}

/// Returns a group session; a draft only to those who see who has seats in it.
#[utoipa::path(
    get, path = "/v1/groups/{id}", tag = GROUPS, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a group session")),
    responses((status = 200, description = "The session; its version is in the `ETag`", body = Done<GroupData>)),
)]
pub async fn group(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let listed = find(&state.database, caller, id).await?;
    let version = listed.group.version;
    Ok(found_version(texts, GroupData::from(listed), version))
}

/// A group session that is to be planned.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "doctor_id": 1, "clinic_id": 1, "type": "in_person", "title": "Birth class", "starts_at": "2026-11-24 17:00:00",
    "minutes": 90, "capacity": 12, "weeks": 6, "publish": true
}))]
pub struct NewGroup {
    /// The doctor. Doctors plan their own sessions.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: i64,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Birth class"
    )]
    title: String,
    starts_at: TimeInput,
    /// The length.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    minutes: i32,
    /// The number of seats.
    #[schema(minimum = 1, maximum = 500, example = 12)]
    capacity: i32,
    /// The price of a seat.
    price: Option<Amount>,
    /// The number of weeks: a series has a session in each at the same time of the clinic's clock. 1 if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 52, example = 6)]
    weeks: Option<i32>,
    /// Whether the sessions are published at once: all of them, or nothing is planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    publish: bool,
}

/// Plans a group session, or a weekly series of them: as drafts, or published at once.
///
/// For doctors, in their own calendar, and for admins of all clinics. While a session is published, its doctor is occupied.
#[utoipa::path(
    post, path = "/v1/groups", tag = GROUPS, request_body = NewGroup, security(("token" = ["plan"])),
    responses(
        (status = 201, description = "Planned: the sessions, earliest first", body = Done<Vec<ChangedGroup>>,
         headers(("Location" = String, description = "The path of the first session"))),
        (status = 409, description = "`BOOKING_FAILED`: the doctor has something else then, or is away; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn plan_group(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewGroup>,
) -> Answer {
    let key = match sent.of(&caller, "plan-group", &request)? {
        Some(key) => key,
        None => Key::derived(KeyOwner::Caller(&caller), "plan-group", &request)?,
    };
    let doctor_id = match (request.doctor_id, &caller) {
        (Some(id), _) => id,
        (None, Caller::Doctor { doctor_id, .. }) => *doctor_id,
        (None, _) => return Err(Fault::missing("doctor_id")),
    };
    group::must_plan(&caller, doctor_id)?;
    let clinic_id = request.clinic_id;
    let command = Plan {
        doctor_id,
        clinic_id,
        service_id: service_of(&state, &request.service).await?,
        details: details(
            &state,
            clinic_id,
            &request.title,
            &request.starts_at,
            (request.minutes, request.capacity),
            request.price.as_ref(),
        )
        .await?,
        weeks: request.weeks.unwrap_or(1),
        publish: request.publish,
        key: Some(key),
        caller: caller.clone(),
    };
    let planned = group::plan(&state.database, command, state.now())
        .await
        .map_err(|error| not_planned(error, &caller))?;
    let planned: Vec<ChangedGroup> = planned.into_iter().map(ChangedGroup::from).collect();
    let first = planned.first().map(|group| group.id).unwrap_or_default();
    Ok(made(
        texts,
        "api-group-planned",
        &format!("/api/v1/groups/{first}"),
        planned,
    ))
}

/// The id of a service that is offered.
async fn service_of(state: &AppState, key: &str) -> Result<i64, Fault> {
    let services = organisation::services(&state.database).await?;
    let service = services
        .into_iter()
        .find(|service| service.what.key == key && service.what.active);
    Ok(service.ok_or(AppError::NotFound)?.id)
}

async fn details(
    state: &AppState,
    clinic_id: i64,
    title: &str,
    starts_at: &TimeInput,
    (minutes, capacity): (i32, i32),
    price: Option<&Amount>,
) -> Result<group::Details, Fault> {
    let clinic = organisation::clinic(&state.database, clinic_id).await?;
    let zone = time::zone(&clinic.what.time_zone).ok_or(AppError::Internal)?;
    let at = starts_at.read("starts_at")?.in_zone(&zone);
    Ok(group::Details {
        title: required(Field::Title, title, MAX_TITLE)?,
        starts_at: at.ok_or_else(|| Fault::malformed("starts_at"))?,
        minutes,
        capacity,
        price: price.map(|price| price.read("price")).transpose()?,
    })
}

/// The fault of a session that this caller could not plan, with the names that the calls have for its inputs.
fn not_planned(error: AppError, caller: &Caller) -> Fault {
    not_booked(error, caller).under(&[(Field::Length, "minutes")])
}

/// The new description of a group session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Birth class", "starts_at": "2026-11-24 18:00:00", "minutes": 90, "capacity": 16, "version": 2
}))]
pub struct GroupChange {
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Birth class"
    )]
    title: String,
    starts_at: TimeInput,
    /// The length.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    minutes: i32,
    /// The number of seats: no fewer than are taken.
    #[schema(minimum = 1, maximum = 500, example = 16)]
    capacity: i32,
    /// The price of a seat, for those who take one from now on.
    price: Option<Amount>,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 2)]
    version: Option<i32>,
}

/// Changes a group session: its title, its time, its price, and how many seats it has.
///
/// Where its time changes, its seats move with it, and each patient is told once.
#[utoipa::path(
    put, path = "/v1/groups/{id}", tag = GROUPS, request_body = GroupChange, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<ChangedGroup>),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: more seats are taken, `requested`, than there would be, `available`; `BOOKING_FAILED`: the doctor, or somebody with a seat, has something else then; `STALE_VERSION`: somebody changed or cancelled it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<GroupChange>,
) -> Answer {
    let (key, version) = (edit.key("change-group")?, edit.version()?);
    let (id, caller, request) = (edit.id, edit.caller, edit.body);
    let listed = find(&state.database, Some(caller.clone()), id).await?;
    group::must_plan(&caller, listed.group.doctor_id)?;
    let command = group::Change {
        group_id: id,
        version,
        details: details(
            &state,
            listed.group.clinic_id,
            &request.title,
            &request.starts_at,
            (request.minutes, request.capacity),
            request.price.as_ref(),
        )
        .await?,
        key,
        caller: caller.clone(),
    };
    let changed = group::change(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(changed),
    ))
}

/// A draft that is to be published.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 1}))]
pub struct PublishedGroup {
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 1)]
    version: Option<i32>,
    /// Whether the drafts of its series that come after it are published with it: all of them, or none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_rest: bool,
}

/// Publishes a group session: from now on its doctor is occupied, and seats can be taken.
#[utoipa::path(
    post, path = "/v1/groups/{id}/publish", tag = GROUPS, request_body = PublishedGroup, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Published", body = Done<ChangedGroup>),
        (status = 409, description = "`BOOKING_FAILED`: the doctor has something else then, or is away; `STALE_VERSION`: somebody changed or cancelled it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn publish_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<PublishedGroup>,
) -> Answer {
    let (key, version) = (edit.key("publish-group")?, edit.version()?);
    let (id, caller) = (edit.id, edit.caller);
    let command = Publish {
        caller: caller.clone(),
        group_id: id,
        version: Some(version),
        with_rest: edit.body.with_rest,
        key,
    };
    let published = group::publish(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(published),
    ))
}

/// A session that does not take place.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The doctor is ill", "version": 2}))]
pub struct CancelledGroup {
    /// The reason, which those who have seats are told.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "The doctor is ill"
    )]
    reason: String,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 2)]
    version: Option<i32>,
    /// Whether the sessions of its series that come after it are cancelled with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_rest: bool,
}

versioned!(GroupChange, PublishedGroup, CancelledGroup);

/// Cancels a group session with all its seats, and gives its doctor's time back. Each patient is told once.
#[utoipa::path(
    post, path = "/v1/groups/{id}/cancel", tag = GROUPS, request_body = CancelledGroup, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Cancelled", body = Done<ChangedGroup>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, or it is over, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn cancel_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<CancelledGroup>,
) -> Answer {
    let (key, version) = (edit.key("cancel-group")?, edit.version()?);
    let (id, caller) = (edit.id, edit.caller);
    let command = Cancel {
        caller: caller.clone(),
        group_id: id,
        version: Some(version),
        with_rest: edit.body.with_rest,
        reason: required(Field::Reason, &edit.body.reason, MAX_REASON)?,
        key,
    };
    let cancelled = group::cancel(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(cancelled),
    ))
}

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
    let patient_id = match (&caller, request.patient_id) {
        (Caller::Patient { id, .. }, None) => *id,
        (Caller::Patient { .. }, named) if caller.acts_for(named) => named.ok_or(AppError::Forbidden)?,
        (Caller::Patient { .. }, _) => return Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id"))?,
    };
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
        .map_err(|error| match error {
            // Another time of the doctor is no seat.
            AppError::BookingFailed { .. } => Fault::from(error).with(NoAlternatives),
            error => error.into(),
        })?;
    Ok(done(
        StatusCode::CREATED,
        texts,
        "api-booked",
        TakenSeats::from(taken),
    ))
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

/// The details of a change that came too late: what the session is now.
#[derive(Debug)]
struct Newest(i64);

impl Details for Newest {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            match group::newest(&state.database, self.0).await {
                Ok((version, now)) => problem.detail("version", version).detail("state", now.as_str()),
                Err(_) => problem,
            }
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// The fault of a session that this caller could not change.
fn not_changed(error: AppError, caller: &Caller, id: i64) -> Fault {
    match error {
        AppError::StaleGroup => Fault::from(error).with(Newest(id)),
        error => not_planned(error, caller),
    }
}
