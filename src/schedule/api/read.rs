//! A schedule, as who plans it reads it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ChangeData, Date, HoursOfDay, WeekHours};
use crate::{
    appointment::api::ChangedAppointment,
    server::{
        AppState,
        api::{Answer, Authenticated, Done, Fault, Id, Query, RequestTexts, found, found_version, number},
        openapi::SCHEDULES,
    },
};
use engine::{
    appointment::Summary,
    error::AppError,
    schedule::{self, Off, Place, Schedule},
    time::GivenTime,
};

/// The schedule of a doctor.
#[derive(Serialize, ToSchema)]
pub struct ScheduleData {
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: String,
    /// Whether patients can book the doctor.
    active: bool,
    /// The version, which every change increments, also of the profile and the offers; a change names it.
    #[schema(example = 3)]
    version: i32,
    /// The clinics where the doctor offers a service or has hours.
    clinics: Vec<PlaceData>,
    absences: Vec<OffData>,
    /// The closures of the doctor's clinics.
    closures: Vec<OffData>,
    /// The appointments outside the schedule, which need somebody's attention.
    not_held: Vec<ChangedAppointment>,
    last_change: Option<ChangeData>,
}

/// The hours of a doctor at a clinic.
#[derive(Serialize, ToSchema)]
pub struct PlaceData {
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Harapan")]
    clinic_name: String,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    week: Vec<WeekHours>,
    /// The dates from today on that do not follow the week.
    exceptions: Vec<ExceptionData>,
}

/// The hours of a date that does not follow the week. A date without hours is a day off.
#[derive(Serialize, ToSchema)]
pub struct ExceptionData {
    day: Date,
    hours: Vec<HoursOfDay>,
    breaks: Vec<HoursOfDay>,
    #[schema(example = "After meals")]
    note: String,
}

/// Dates that are taken out of the schedule.
#[derive(Serialize, ToSchema)]
pub struct OffData {
    #[schema(example = 1)]
    id: i64,
    /// The clinic; all clinics if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    #[schema(example = "Klinik Harapan")]
    clinic_name: Option<String>,
    first_day: Date,
    last_day: Date,
    /// The hours of each date; the whole date if they are missing.
    hours: Option<HoursOfDay>,
    /// Whether it repeats on the same days of every later year.
    yearly: bool,
    #[schema(example = "After meals")]
    note: String,
}

impl From<Off> for OffData {
    fn from(off: Off) -> Self {
        Self {
            id: off.id,
            clinic_id: off.clinic_id,
            clinic_name: off.clinic,
            first_day: Date(off.dates.first_day),
            last_day: Date(off.dates.last_day),
            hours: off.dates.hours.map(HoursOfDay::from),
            yearly: off.dates.yearly,
            note: off.dates.note,
        }
    }
}

impl From<Place> for PlaceData {
    fn from(mut place: Place) -> Self {
        let of_day = |hours: Vec<_>| hours.into_iter().map(HoursOfDay::from).collect();
        Self {
            clinic_id: place.clinic_id,
            clinic_name: place.clinic,
            time_zone: place.zone_name,
            week: place.plan.weekly.iter().map(WeekHours::from).collect(),
            exceptions: place
                .plan
                .exceptions
                .into_iter()
                .map(|(day, plan)| ExceptionData {
                    day: Date(day),
                    hours: of_day(plan.hours),
                    breaks: of_day(plan.breaks),
                    note: place.notes.remove(&day).unwrap_or_default(),
                })
                .collect(),
        }
    }
}

impl From<Schedule> for ScheduleData {
    fn from(schedule: Schedule) -> Self {
        let (absences, closures): (Vec<Off>, Vec<Off>) = schedule
            .time_off
            .into_iter()
            .partition(|off| off.doctor_id.is_some());
        Self {
            doctor_id: schedule.doctor_id,
            doctor_name: schedule.doctor,
            active: schedule.active,
            version: schedule.version,
            clinics: schedule.places.into_iter().map(PlaceData::from).collect(),
            absences: absences.into_iter().map(OffData::from).collect(),
            closures: closures.into_iter().map(OffData::from).collect(),
            not_held: schedule
                .outside
                .iter()
                .map(|appointment| ChangedAppointment::new(&Summary::from(appointment), None))
                .collect(),
            last_change: schedule.last_change.map(ChangeData::from),
        }
    }
}

/// Returns the schedule of a doctor, and the appointments that it no longer covers.
///
/// For the doctor and for admins. Those of named clinics get what is of these, and what is of all clinics.
#[utoipa::path(
    get, path = "/v1/doctors/{id}/schedule", tag = SCHEDULES, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a doctor")),
    responses((status = 200, description = "The schedule; its version is in the `ETag`", body = Done<ScheduleData>)),
)]
pub async fn schedule(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let schedule = schedule::schedule(&state.database, caller, id, state.now()).await?;
    let version = schedule.version;
    Ok(found_version(texts, ScheduleData::from(schedule), version))
}

/// The time in question.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhyNotAsked {
    /// The key of a service.
    #[param(required = true, nullable = false, example = "video_consultation")]
    service: Option<String>,
    /// The id of a clinic.
    #[param(value_type = i64, required = true, nullable = false)]
    clinic: Option<String>,
    /// RFC 3339, or a time on the wall clock of the clinic.
    #[param(required = true, nullable = false, example = "2026-11-24 10:00:00")]
    at: Option<String>,
}

/// Whether a time is offered.
#[derive(Serialize, ToSchema)]
pub struct WhyNotData {
    offered: bool,
    /// The first rule that keeps the time from being offered.
    #[schema(example = "before_notice")]
    reason: Option<String>,
    /// The calendars elsewhere that have something then, by name, where the reason is `busy_elsewhere`. What it is is not known.
    calendars: Vec<String>,
    /// The reason as a text for people.
    text: String,
}

/// Explains why a time of a doctor is not offered.
#[utoipa::path(
    get, path = "/v1/doctors/{id}/schedule/why-not", tag = SCHEDULES, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a doctor"), WhyNotAsked),
    responses((status = 200, description = "Whether the time is offered, and if not, why", body = Done<WhyNotData>)),
)]
pub async fn why_not(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Query(asked): Query<WhyNotAsked>,
) -> Answer {
    let now = state.now();
    let schedule = schedule::schedule(&state.database, caller.clone(), id, now).await?;
    let key = asked.service.ok_or_else(|| Fault::missing("service"))?;
    let clinic_id = number("clinic", asked.clinic.as_deref())?.ok_or_else(|| Fault::missing("clinic"))?;
    let at = asked.at.ok_or_else(|| Fault::missing("at"))?;
    let at = GivenTime::parse(&at).ok_or_else(|| Fault::malformed("at"))?;
    let service_id = schedule
        .offerings
        .iter()
        .find(|offering| offering.service_key == key)
        .ok_or(AppError::NotFound)?
        .service_id;
    let why = schedule::why_not(&state.database, caller, id, (clinic_id, service_id), at, now).await?;
    let data = WhyNotData {
        offered: why.is_none(),
        reason: why.as_ref().map(|reason| reason.why.name().replace('-', "_")),
        text: match &why {
            None => texts.text("why-offered"),
            Some(reason) => reason.sentence(texts),
        },
        calendars: why.map_or_else(Vec::new, |reason| reason.calendars),
    };
    Ok(found(texts, data))
}
