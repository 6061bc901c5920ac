//! What patients can book.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::stale::not_changed;
use super::{Described, described, is_admin, order};
use crate::{
    schedule::api::ChangeData,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, IfMatch, OptionalCaller, Query, RequestTexts,
            SentKey, amount::Amount, done, found, found_version, made, yes_or_no,
        },
        openapi::ORGANISATION,
    },
};
use engine::{
    account::Caller,
    error::{AppError, Field},
    organisation::{
        self, MODES, PutService, Seen as Read, Service, Subject,
        form::{ACTIVE, Filled, HORIZON_UNIT, INSTANT, MODE},
        must_be_admin,
    },
};

/// How a visit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    InPerson,
    Video,
    Text,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Video => "video",
            Self::Text => "text",
        }
    }
}

/// What the days of a horizon are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HorizonUnit {
    CalendarDays,
    /// Mondays to Fridays.
    WorkingDays,
}

impl HorizonUnit {
    fn as_str(self) -> &'static str {
        match self {
            Self::CalendarDays => "calendar_days",
            Self::WorkingDays => "working_days",
        }
    }
}

described! {
    /// Something that patients can book.
    #[schema(example = json!({
        "key": "flu_vaccination", "name": "Flu vaccination", "mode": "in_person", "duration_minutes": 10,
        "interval_minutes": 15, "buffer_before_minutes": 0, "buffer_after_minutes": 5, "notice_minutes": 60,
        "horizon_days": 60, "horizon_unit": "calendar_days", "cutoff_minutes": 240, "instant": true,
        "price": {"amount": "150000", "currency": "IDR"}, "active": true
    }))]
    NewService,
    /// What a service shall be from now on. What was booked stays as it was booked.
    #[schema(example = json!({
        "key": "flu_vaccination", "name": "Flu vaccination", "mode": "in_person", "duration_minutes": 10,
        "interval_minutes": 15, "buffer_before_minutes": 0, "buffer_after_minutes": 5, "notice_minutes": 60,
        "horizon_days": 60, "horizon_unit": "calendar_days", "cutoff_minutes": 240, "instant": true,
        "price": {"amount": "150000", "currency": "IDR"}, "active": true, "version": 1
    }))]
    ServiceChange,
    {
        /// What programs call it: the `type` of an appointment. One service has it.
        #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]{1,60}$")]
        key: String,
        #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
        name: String,
        mode: Mode,
        #[schema(minimum = 1, maximum = 1440)]
        duration_minutes: i32,
        /// How far apart the times begin.
        #[schema(minimum = 1, maximum = 1440)]
        interval_minutes: i32,
        /// Kept free before the visit.
        #[schema(minimum = 0, maximum = 1440)]
        buffer_before_minutes: i32,
        /// Kept free after it.
        #[schema(minimum = 0, maximum = 1440)]
        buffer_after_minutes: i32,
        /// How long before the time it can be booked at the latest.
        #[schema(minimum = 0, maximum = 527_040)]
        notice_minutes: i32,
        /// How far ahead it can be booked.
        #[schema(minimum = 0, maximum = 730)]
        horizon_days: i32,
        horizon_unit: HorizonUnit,
        /// Until how long before the time its patient may cancel or move it.
        #[schema(minimum = 0, maximum = 527_040)]
        cutoff_minutes: i32,
        /// Booked at once, without waiting for the doctor's answer.
        instant: bool,
        /// Without one, the price is not said.
        price: Option<Amount>,
        /// Whether it can be booked.
        active: bool,
    }
}

/// What the inputs are called here that the form calls otherwise.
const NAMES: [(Field, &str); 8] = [
    (Field::ServiceKey, "key"),
    (Field::Title, "name"),
    (Field::Length, "duration_minutes"),
    (Field::Interval, "interval_minutes"),
    (Field::BufferBefore, "buffer_before_minutes"),
    (Field::BufferAfter, "buffer_after_minutes"),
    (Field::Horizon, "horizon_days"),
    (Field::Cutoff, "cutoff_minutes"),
];

impl NewService {
    /// By the rules of the form.
    fn read(&self) -> Result<Service, Fault> {
        let yes = |is: bool| if is { "true" } else { "" };
        let number = |number: i32| number.to_string();
        let service = Filled::default()
            .with(Field::ServiceKey.name(), &*self.key)
            .with(Field::Title.name(), &*self.name)
            .with(MODE, self.mode.as_str())
            .with(Field::Length.name(), number(self.duration_minutes))
            .with(Field::Interval.name(), number(self.interval_minutes))
            .with(Field::BufferBefore.name(), number(self.buffer_before_minutes))
            .with(Field::BufferAfter.name(), number(self.buffer_after_minutes))
            .with(Field::Notice.name(), number(self.notice_minutes))
            .with(Field::Horizon.name(), number(self.horizon_days))
            .with(HORIZON_UNIT, self.horizon_unit.as_str())
            .with(Field::Cutoff.name(), number(self.cutoff_minutes))
            .with(INSTANT, yes(self.instant))
            .with(ACTIVE, yes(self.active))
            .service()
            .map_err(|errors| Fault::of_inputs(&errors, &NAMES))?;
        if service.key != self.key {
            // The form makes one of the name, and forgives spaces.
            return Err(Fault::malformed("key"));
        }
        let price = self.price.as_ref().map(|price| price.read("price")).transpose()?;
        Ok(Service { price, ..service })
    }
}

/// Something that patients can book, and how.
#[derive(Serialize, ToSchema)]
pub struct ServiceDescription {
    #[schema(example = 1)]
    id: i64,
    /// Counts changes; the next one names it.
    #[schema(example = 3)]
    version: i32,
    /// What programs call it: the `type` of an appointment.
    #[schema(example = "video_consultation")]
    key: String,
    name: String,
    /// `text`, `video` or `in_person`.
    #[schema(example = "video")]
    mode: String,
    duration_minutes: i64,
    /// How far apart the times begin.
    interval_minutes: i32,
    buffer_before_minutes: i64,
    buffer_after_minutes: i64,
    /// How long before the time it can be booked at the latest.
    notice_minutes: i64,
    /// How far ahead it can be booked.
    horizon_days: i32,
    /// `calendar_days` or `working_days`.
    #[schema(example = "calendar_days")]
    horizon_unit: &'static str,
    /// Until how long before the time its patient may cancel or move it.
    cutoff_minutes: i32,
    /// Booked at once, without waiting for the doctor's answer.
    instant: bool,
    /// Where it is said.
    price: Option<Amount>,
    /// Whether it can be booked.
    active: bool,
    /// How many doctors offer it; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    doctors: Option<i64>,
    /// For admins, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change: Option<ChangeData>,
}

fn of_service(read: Read<Service>, for_admin: bool) -> ServiceDescription {
    let service = read.what;
    let (horizon_unit, horizon_days) = service.horizon();
    ServiceDescription {
        id: read.id,
        version: read.version,
        mode: service.mode,
        duration_minutes: service.rules.duration,
        interval_minutes: service.rules.interval,
        buffer_before_minutes: service.rules.buffer_before,
        buffer_after_minutes: service.rules.buffer_after,
        notice_minutes: service.rules.notice,
        horizon_days,
        horizon_unit,
        cutoff_minutes: service.cutoff_minutes,
        instant: service.instant,
        price: service.price.as_ref().map(Amount::from),
        active: service.active,
        key: service.key,
        name: service.name,
        doctors: for_admin.then_some(read.doctors),
        last_change: read.last_change.filter(|_| for_admin).map(ChangeData::from),
    }
}

/// Which services are looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ServiceFilter {
    /// Whether it can be booked; only admins are shown others.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// How a visit goes.
    #[param(value_type = Option<Mode>)]
    mode: Option<String>,
    /// `name` where nothing is said; a minus sign turns it around.
    #[param(pattern = "^-?(name|key|duration_minutes)$", example = "-duration_minutes")]
    sort: Option<String>,
}

/// What patients can book. Admins are shown the rest, too.
#[utoipa::path(
    get, path = "/v1/services", tag = ORGANISATION, params(ServiceFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "Services", body = Done<Vec<ServiceDescription>>)),
)]
pub async fn services(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<ServiceFilter>,
) -> Answer {
    // public: patients choose among them.
    let for_admin = is_admin(caller.as_ref());
    let (place, is_backwards) = order(filter.sort.as_deref(), &["name", "key", "duration_minutes"])?;
    let active = yes_or_no("active", filter.active.as_deref())?;
    let mode = filter.mode.as_deref();
    if mode.is_some_and(|mode| !MODES.contains(&mode)) {
        return Err(Fault::malformed("mode"));
    }
    let mut services = organisation::services(&state.database).await?;
    services.retain(|service| {
        (for_admin || service.what.active)
            && active.is_none_or(|active| active == service.what.active)
            && mode.is_none_or(|mode| mode == service.what.mode)
    });
    services.sort_by(|one, other| {
        let (this, that) = (&one.what, &other.what);
        let order = match place {
            1 => this.key.cmp(&that.key),
            2 => this.rules.duration.cmp(&that.rules.duration),
            _ => this.name.cmp(&that.name),
        };
        let order = if is_backwards { order.reverse() } else { order };
        order.then(one.id.cmp(&other.id))
    });
    let services: Vec<ServiceDescription> = services
        .into_iter()
        .map(|service| of_service(service, for_admin))
        .collect();
    Ok(found(texts, services))
}

/// One service.
#[utoipa::path(
    get, path = "/v1/services/{id}", tag = ORGANISATION, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a service")),
    responses((status = 200, description = "The service; its version is in the `ETag`", body = Done<ServiceDescription>)),
)]
pub async fn service(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let for_admin = is_admin(caller.as_ref());
    let service = organisation::service(&state.database, id).await?;
    if !service.what.active && !for_admin {
        return Err(AppError::NotFound.into());
    }
    let version = service.version;
    Ok(found_version(texts, of_service(service, for_admin), version))
}

/// Adds something that patients can book.
#[utoipa::path(
    post, path = "/v1/services", tag = ORGANISATION, request_body = NewService, security(("token" = ["organise"])),
    responses(
        (status = 201, description = "Added", body = Done<Described>,
         headers(("Location" = String, description = "Where the service can be read"))),
    ),
)]
pub async fn add_service(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewService>,
) -> Answer {
    let saved = put(&state, caller, &sent, None, &request).await?;
    let location = format!("/api/v1/services/{}", saved.id);
    Ok(made(texts, "api-organisation-added", &location, saved))
}

/// Describes a service anew.
///
/// All of it: what is not said is no longer so.
#[utoipa::path(
    put, path = "/v1/services/{id}", tag = ORGANISATION, request_body = ServiceChange, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a service"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, as `details` tell; \
                                      `IDEMPOTENCY_CONFLICT`; or one to send again"),
    ),
)]
pub async fn change_service(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ServiceChange>,
) -> Answer {
    let (request, version) = request.split();
    let which = (id, seen.or_needed(version)?);
    let saved = put(&state, caller, &sent, Some(which), &request).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}

async fn put(
    state: &AppState,
    caller: Caller,
    sent: &SentKey,
    which: Option<(i64, i32)>,
    request: &NewService,
) -> Result<Described, Fault> {
    must_be_admin(&caller)?;
    let command = PutService {
        key: sent.of(&caller, "put-service", &(which, request))?,
        caller,
        which,
        service: request.read()?,
    };
    organisation::put_service(&state.database, command, Timestamp::now())
        .await
        .map(Described::from)
        .map_err(|error| match which {
            Some((id, _)) => not_changed(error, Subject::Service(id)).under(&NAMES),
            None => Fault::from(error).under(&NAMES),
        })
}
