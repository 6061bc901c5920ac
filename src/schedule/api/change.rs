//! Changing when a doctor can be booked, or seeing what would come of it.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{BAD_DATES, Date, HoursOfDay, WeekHours, dates};
use crate::organisation::api::stale::not_changed;
use crate::{
    appointment::api::ChangedAppointment,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Edit, Fault, IfMatch, InPath, Query, RequestTexts, SentKey,
            done, versioned, yes_or_no,
        },
        openapi::SCHEDULES,
    },
};
use engine::{
    account::Caller,
    appointment::Summary,
    availability::{Day, DayPlan, Hours, Offering, Weekly},
    error::{AppError, Field},
    i18n::Texts,
    idempotency::Key,
    organisation::Subject,
    schedule::{self, Act, AsDecided, must_be_theirs},
};

/// The effect of a change of a schedule, or of its dry run.
#[derive(Serialize, ToSchema)]
pub struct ScheduleChange {
    /// The version of the doctor after the change. A dry run does not change it.
    #[schema(example = 3)]
    version: i32,
    /// The id of an absence that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    id: Option<i64>,
    /// The appointments that stay booked although they are outside the new hours.
    no_longer_held: Vec<ChangedAppointment>,
    /// The list of whom to call, where an absence hits somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    call_list: Option<i64>,
    /// Of a dry run: stands for whom it would hit. Sent along with an absence, nobody else is hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: Option<String>,
    /// The times of the next two weeks, for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<Vec<OfferedTimes>>,
}

/// The times of a service of a doctor at a clinic.
#[derive(Serialize, ToSchema)]
pub struct OfferedTimes {
    #[schema(example = 1)]
    clinic_id: i64,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    key: String,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The days that have times.
    days: Vec<OfferedDay>,
}

#[derive(Serialize, ToSchema)]
pub struct OfferedDay {
    day: Date,
    /// The times that are free.
    #[schema(value_type = Vec<String>)]
    free: Vec<Timestamp>,
    /// The number of times that are taken.
    taken: usize,
}

fn offered((offering, days): (Offering, Vec<Day>)) -> OfferedTimes {
    OfferedTimes {
        clinic_id: offering.clinic_id,
        key: offering.service_key,
        time_zone: offering.zone_name,
        days: days
            .into_iter()
            .map(|day| OfferedDay {
                day: Date(day.date),
                taken: day.slots.len() - day.free(),
                free: day
                    .slots
                    .iter()
                    .filter(|slot| slot.free)
                    .map(|slot| slot.starts_at)
                    .collect(),
            })
            .collect(),
    }
}

/// A request to change a schedule.
pub(super) struct Wish {
    pub caller: Caller,
    pub doctor_id: i64,
    pub version: i32,
    pub key: Option<Key>,
    /// Whether this is a dry run.
    pub preview: bool,
    /// Whom somebody decided to hit.
    pub decided: AsDecided,
}

/// Makes the change or a dry run of it. `names` are the call's own names of its inputs.
pub(super) async fn make(
    state: &AppState,
    texts: Texts,
    wish: Wish,
    act: Act,
    names: &[(Field, &'static str)],
) -> Answer {
    let is_new = matches!(act, Act::Absence { .. });
    let Wish {
        caller,
        doctor_id,
        version,
        key,
        preview,
        decided,
    } = wish;
    must_be_theirs(&caller, doctor_id)?;
    let command = schedule::Edit {
        caller,
        doctor_id,
        version,
        act,
        key,
    };
    let fault = |error| {
        not_changed(error, Subject::Doctor(doctor_id))
            .under(names)
            .worded(AppError::InvalidDateRange, BAD_DATES)
    };
    let now = state.now();
    if preview {
        let preview = schedule::preview(&state.database, command, now)
            .await
            .map_err(fault)?;
        let held = preview.no_longer_held.iter().map(Summary::from);
        let data = ScheduleChange {
            version,
            id: None,
            no_longer_held: held
                .map(|summary| ChangedAppointment::new(&summary, None))
                .collect(),
            call_list: None,
            decided_on: Some(preview.decided_on),
            times: Some(preview.days.into_iter().map(offered).collect()),
        };
        return Ok(done(StatusCode::OK, texts, "api-plan-preview", data));
    }
    let edited = schedule::edit_as_decided(&state.database, command, decided, now)
        .await
        .map_err(fault)?;
    let held = edited.no_longer_held.iter();
    let data = ScheduleChange {
        version: edited.version,
        id: edited.id,
        no_longer_held: held
            .map(|summary| ChangedAppointment::new(summary, None))
            .collect(),
        call_list: edited.call_list,
        decided_on: None,
        times: None,
    };
    Ok(match is_new {
        true => done(StatusCode::CREATED, texts, "api-plan-added", data),
        false => done(StatusCode::OK, texts, "api-changed", data),
    })
}

/// The week of a doctor at a clinic.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWeek {
    #[schema(example = 1)]
    clinic_id: i64,
    /// The hours. Those of one weekday do not overlap, unless one of them is a break.
    #[schema(max_items = 100)]
    week: Vec<WeekHours>,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has the effect.
    #[serde(default)]
    preview: bool,
}

versioned!(NewWeek, NewAbsence);

/// Replaces the week of a doctor at a clinic.
///
/// Appointments that are booked stay booked.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/schedule/week", tag = SCHEDULES, request_body = NewWeek, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<ScheduleChange>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the last date of some hours is before their first date"),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_week(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<NewWeek>,
) -> Answer {
    let wish = Wish {
        key: edit.key("plan-week")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id: edit.id,
        preview: edit.body.preview,
        decided: AsDecided::unasked(),
    };
    let request = edit.body;
    let act = Act::Week {
        clinic_id: request.clinic_id,
        week: request.week.into_iter().map(Weekly::from).collect(),
    };
    make(&state, texts, wish, act, &[(Field::Hours, "week")]).await
}

/// The hours of a date that does not follow the week.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// The hours; a day off if there are none.
    #[schema(max_items = 100)]
    hours: Vec<HoursOfDay>,
    #[serde(default)]
    #[schema(max_items = 100)]
    breaks: Vec<HoursOfDay>,
    #[serde(default)]
    #[schema(max_length = 500, example = "After meals")]
    note: String,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has the effect.
    #[serde(default)]
    preview: bool,
}

fn plan_of(hours: Vec<HoursOfDay>) -> Vec<Hours> {
    hours.into_iter().map(Hours::from).collect()
}

/// Sets the hours of a date at a clinic that does not follow the week.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/schedule/exceptions/{clinic_id}/{day}", tag = SCHEDULES,
    request_body = NewException, security(("token" = ["plan"])),
    params(
        ("id" = i64, Path, description = "The id of a doctor"),
        ("clinic_id" = i64, Path, description = "The id of a clinic"),
        ("day" = Date, Path, description = "A date there"),
        IfMatch,
    ),
    responses(
        (status = 200, description = "Changed", body = Done<ScheduleChange>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_exception(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath((doctor_id, clinic_id, day)): InPath<(i64, i64, Date)>,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewException>,
) -> Answer {
    let version = seen.or_needed(request.version)?;
    let subject = (doctor_id, clinic_id, day, version, &request);
    let wish = Wish {
        key: sent.of(&caller, "plan-exception", &subject)?,
        caller,
        doctor_id,
        version,
        preview: request.preview,
        decided: AsDecided::unasked(),
    };
    let act = Act::Exception {
        clinic_id,
        day: day.0,
        plan: DayPlan {
            hours: plan_of(request.hours),
            breaks: plan_of(request.breaks),
        },
        note: request.note,
    };
    make(&state, texts, wish, act, &[]).await
}

/// Whether something is really to be removed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Removal {
    /// A dry run: nothing is changed, and the answer has the effect.
    #[param(value_type = Option<bool>)]
    preview: Option<String>,
}

impl Removal {
    fn is_preview(&self) -> Result<bool, Fault> {
        Ok(yes_or_no("preview", self.preview.as_deref())?.unwrap_or(false))
    }
}

/// Lets a date at a clinic follow the week again.
#[utoipa::path(
    delete, path = "/v1/doctors/{id}/schedule/exceptions/{clinic_id}/{day}", tag = SCHEDULES, security(("token" = ["plan"])),
    params(
        ("id" = i64, Path, description = "The id of a doctor"),
        ("clinic_id" = i64, Path, description = "The id of a clinic"),
        ("day" = Date, Path, description = "A date there"),
        IfMatch, Removal,
    ),
    responses((status = 200, description = "Removed", body = Done<ScheduleChange>)),
)]
pub async fn remove_exception(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath((doctor_id, clinic_id, day)): InPath<(i64, i64, Date)>,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Query(removal): Query<Removal>,
) -> Answer {
    let wish = Wish {
        caller,
        doctor_id,
        version: seen.needed()?,
        key: None,
        preview: removal.is_preview()?,
        decided: AsDecided::unasked(),
    };
    let act = Act::RemoveException {
        clinic_id,
        day: day.0,
    };
    make(&state, texts, wish, act, &[]).await
}

/// An absence of a doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"first_day": "2026-12-24", "last_day": "2027-01-02", "note": "Holidays", "version": 1}))]
pub struct NewAbsence {
    /// The clinic; all clinics if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    first_day: Date,
    /// The last date; the first date if it is missing.
    last_day: Option<Date>,
    /// The hours of each date; the whole date if they are missing.
    hours: Option<HoursOfDay>,
    /// Whether it repeats on the same days of every later year.
    #[serde(default)]
    yearly: bool,
    #[serde(default)]
    #[schema(max_length = 500, example = "After meals")]
    note: String,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has the effect.
    #[serde(default)]
    preview: bool,
    /// The `decided_on` of a dry run: it is done only if it still hits exactly those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: Option<String>,
}

/// Adds an absence of a doctor, for days or for hours.
#[utoipa::path(
    post, path = "/v1/doctors/{id}/schedule/absences", tag = SCHEDULES, request_body = NewAbsence,
    security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 201, description = "Added; the answer has its `id`", body = Done<ScheduleChange>),
        (status = 200, description = "The effect that the change would have", body = Done<ScheduleChange>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the last day is before the first, or it is yearly and lasts a year"),
        (status = 409, description = "`AFFECTED_CHANGED`: it would hit others than those in `decided_on`; `STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn add_absence(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<NewAbsence>,
) -> Answer {
    let wish = Wish {
        key: edit.key("plan-absence")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id: edit.id,
        preview: edit.body.preview,
        decided: AsDecided::of(edit.body.decided_on.as_deref().unwrap_or_default()),
    };
    let request = edit.body;
    let act = Act::Absence {
        clinic_id: request.clinic_id,
        dates: dates(
            (request.first_day, request.last_day),
            request.hours,
            request.yearly,
            request.note,
        ),
    };
    make(&state, texts, wish, act, &[]).await
}

/// Removes an absence of a doctor.
#[utoipa::path(
    delete, path = "/v1/doctors/{id}/schedule/absences/{absence_id}", tag = SCHEDULES, security(("token" = ["plan"])),
    params(
        ("id" = i64, Path, description = "The id of a doctor"),
        ("absence_id" = i64, Path, description = "The id of an absence"),
        IfMatch, Removal,
    ),
    responses((status = 200, description = "Removed", body = Done<ScheduleChange>)),
)]
pub async fn remove_absence(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath((doctor_id, id)): InPath<(i64, i64)>,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Query(removal): Query<Removal>,
) -> Answer {
    let wish = Wish {
        caller,
        doctor_id,
        version: seen.needed()?,
        key: None,
        preview: removal.is_preview()?,
        decided: AsDecided::unasked(),
    };
    make(&state, texts, wish, Act::RemoveAbsence { id }, &[]).await
}
