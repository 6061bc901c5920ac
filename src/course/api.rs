//! Courses, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    appointment::forms::MAX_REASON,
    booking::api::{Booked, VisitData, alternatives::visit_not_booked, said_of_all},
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, RequestTexts, SentKey, TimeInput, done, found},
        openapi::APPOINTMENTS,
    },
    ui::message,
};
use engine::{
    account::{Caller, typed},
    availability::{Asker, Offering, offered},
    booking::Wanted,
    course::{self, Asks, Dated, End, MAX_COURSE, Pattern, Unit},
    error::{AppError, Field},
    idempotency::{Key, KeyOwner},
    schedule::clock,
    visit,
};

/// A course that is to be looked at: a pattern of dates with one doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "doctor_id": 1, "type": "in_person", "every": 1, "unit": "weeks", "weekdays": ["tuesday"], "time": "09:00",
    "from": "2026-11-24", "count": 10
}))]
pub struct CourseWish {
    /// The doctor. Doctors ask about their own calendar.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    /// The clinic; the first one where the doctor offers the service if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// The id of a patient. For staff, and for patients who book for somebody who shares their phone.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Every so many days or weeks.
    #[schema(minimum = 1, maximum = 52, example = 1)]
    every: i32,
    unit: PatternUnit,
    /// The days of a week; needed with `weeks`.
    #[serde(default)]
    #[schema(example = json!(["tuesday"]))]
    weekdays: Vec<Day>,
    /// The time of the clinic's wall clock.
    #[schema(example = "09:00")]
    time: String,
    /// The first date that may be one of them.
    #[schema(value_type = String, format = Date, example = "2026-11-24")]
    from: civil::Date,
    /// The number of dates, at most 20; or else `until`.
    #[schema(minimum = 1, maximum = 20, example = 10)]
    count: Option<usize>,
    /// The last date that may be one of them.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<civil::Date>,
}

/// What a pattern counts.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CourseUnit)]
pub enum PatternUnit {
    Days,
    Weeks,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CourseDay)]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Day> for civil::Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
            Day::Sunday => Self::Sunday,
        }
    }
}

impl CourseWish {
    fn pattern(&self) -> Result<Pattern, Fault> {
        let end = match (self.count, self.until) {
            (Some(_), Some(_)) => return Err(Fault::malformed("until")),
            (Some(count), None) => End::Count(count),
            (None, Some(until)) => End::Until(until),
            (None, None) => return Err(Fault::missing("count")),
        };
        Ok(Pattern {
            every: self.every,
            unit: match self.unit {
                PatternUnit::Days => Unit::Days,
                PatternUnit::Weeks => Unit::Weeks,
            },
            weekdays: self.weekdays.iter().map(|day| (*day).into()).collect(),
            minute: clock(&self.time).map_err(|_| Fault::malformed("time"))?,
            from: self.from,
            end,
        })
    }
}

/// The dates of a course, as they are now.
#[derive(Serialize, ToSchema)]
pub struct CourseDates {
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    dates: Vec<CourseDate>,
    /// The limit that the free dates reach, all together.
    limit: Option<CourseLimit>,
}

/// A date of a course.
#[derive(Serialize, ToSchema)]
pub struct CourseDate {
    #[schema(value_type = String, format = Date, example = "2026-11-24")]
    date: civil::Date,
    /// Null if the clock jumps over the time that day.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T02:00:00Z")]
    starts_at: Option<Timestamp>,
    free: bool,
    /// Why it is not free: `slot_taken`, `slot_closed`, `patient_overlap` or `no_such_time`.
    reason: Option<&'static str>,
    /// The nearest free times instead.
    #[schema(value_type = Vec<String>)]
    alternatives: Vec<Timestamp>,
}

/// A limit that a course reaches.
#[derive(Serialize, ToSchema)]
pub struct CourseLimit {
    /// As in `details.reason` of `BOOKING_FAILED`.
    #[schema(example = "too_many_in_week")]
    reason: &'static str,
    /// The first date that is too many.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// The moment from which there is room again.
    #[schema(value_type = Option<String>, format = DateTime)]
    again_at: Option<Timestamp>,
    /// The refusal in a sentence, in the language of the request.
    error: String,
}

impl From<Dated> for CourseDate {
    fn from(dated: Dated) -> Self {
        Self {
            date: dated.date,
            starts_at: dated.starts_at,
            free: dated.why.is_none(),
            reason: dated.why.map(course::Why::name),
            alternatives: dated.alternatives,
        }
    }
}

/// The patient for whom a course is: the caller, where nobody is named.
fn patient_of(caller: &Caller, named: Option<i64>) -> Result<i64, Fault> {
    match (caller, named) {
        (Caller::Patient { id, .. }, None) => Ok(*id),
        (Caller::Patient { .. }, named) if caller.acts_for(named) => Ok(named.ok_or(AppError::Forbidden)?),
        (Caller::Patient { .. }, _) => Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id")),
    }
}

/// Finds what is offered, by the names that a program uses.
async fn offering_of(
    state: &AppState,
    caller: &Caller,
    doctor_id: Option<i64>,
    service: &str,
    clinic_id: Option<i64>,
) -> Result<Offering, Fault> {
    let doctor_id = match (doctor_id, caller) {
        (Some(id), _) => id,
        (None, Caller::Doctor { doctor_id, .. }) => *doctor_id,
        (None, _) => return Err(Fault::missing("doctor_id")),
    };
    let offering = offered(&state.database, Some(doctor_id))
        .await?
        .into_iter()
        .find(|offering| {
            offering.service_key == service && clinic_id.is_none_or(|id| id == offering.clinic_id)
        })
        .ok_or(AppError::NotFound)?;
    Ok(offering)
}

/// Looks at the dates of a course: which of them are free, and what could be had instead of the others.
///
/// Nothing is held. Book those that you choose with `POST courses`.
#[utoipa::path(
    post, path = "/v1/courses/preview", tag = APPOINTMENTS, request_body = CourseWish, security(("token" = ["read"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "The dates, earliest first", body = Done<CourseDates>)),
)]
pub async fn preview_course(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<CourseWish>,
) -> Answer {
    let patient_id = patient_of(&caller, request.patient_id)?;
    let pattern = request.pattern()?;
    let offering = offering_of(
        &state,
        &caller,
        request.doctor_id,
        &request.service,
        request.clinic_id,
    )
    .await?;
    let asks = Asks {
        caller,
        doctor_id: offering.doctor_id,
        clinic_id: offering.clinic_id,
        service_id: offering.service_id,
        patient_id,
        pattern,
        rules: state.config.rules.booking,
    };
    let preview = course::preview(&state.database, asks, state.now()).await?;
    let limit = preview.limit.and_then(|error| match error {
        AppError::BookingFailed { reason, wanted } => Some(CourseLimit {
            reason: reason.code(),
            starts_at: wanted.starts_at(),
            again_at: reason.again(),
            error: message(error, texts),
        }),
        _ => None,
    });
    let data = CourseDates {
        doctor_id: preview.offering.doctor_id,
        clinic_id: preview.offering.clinic_id,
        time_zone: preview.offering.zone_name,
        dates: preview.dates.into_iter().map(Into::into).collect(),
        limit,
    };
    Ok(found(texts, data))
}

/// A course that is to be booked: times with one doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "doctor_id": 1, "type": "in_person", "times": ["2026-11-24T02:00:00Z", "2026-12-01T02:00:00Z"]
}))]
pub struct NewCourse {
    /// The doctor. Doctors book in their own calendar.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    /// The clinic; the first one where the doctor offers the service if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// The id of a patient. For staff, and for patients who book for somebody who shares their phone.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The starts of the appointments, as `POST courses/preview` found them free.
    #[schema(min_items = 2, max_items = 20)]
    times: Vec<TimeInput>,
    /// The reason for the appointments.
    #[schema(max_length = 500, example = "Physiotherapy")]
    reason: Option<String>,
    /// Whether the patient may have more of the service than its limits allow. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
}

/// Books the times of a course as one visit: all of them, or none.
///
/// A repeated request returns the same booking, also without a key.
#[utoipa::path(
    post, path = "/v1/courses", tag = APPOINTMENTS, request_body = NewCourse, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Booked", body = Done<Booked>),
        (status = 409, description = "`BOOKING_FAILED`: one of the times is not free, or a limit is reached; `details` have `reason`, the `segment` and `again_at`. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn book_course(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewCourse>,
) -> Answer {
    let sent = sent.of(&caller, "book-course", &request)?;
    let patient_id = patient_of(&caller, request.patient_id)?;
    let exceed_limit = request.exceed_limit == Some(true);
    if exceed_limit && !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    if request.times.len() > MAX_COURSE {
        return Err(Fault::too_long("times"));
    }
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let offering = offering_of(
        &state,
        &caller,
        request.doctor_id,
        &request.service,
        request.clinic_id,
    )
    .await?;
    let mut segments: Vec<Wanted> = Vec::with_capacity(request.times.len());
    for (place, time) in request.times.into_iter().enumerate() {
        let name = format!("times[{place}]");
        let at = time.read(&name)?.in_zone(&offering.zone);
        segments.push(offering.at(at.ok_or_else(|| Fault::malformed(&name))?));
    }
    let key = match sent {
        Some(key) => key,
        None => Key::derived(
            KeyOwner::Caller(&caller),
            "book-course",
            &(&segments, patient_id, reason.as_str()),
        )?,
    };
    let asker = Asker::from(&caller);
    let command = visit::BookVisit {
        caller,
        segments: segments.clone(),
        patient_id,
        reason: reason.clone(),
        rules: state.config.rules.booking.with_limit_exceeded(exceed_limit),
        key: Some(key),
    };
    let booked = visit::book_course(&state.database, command, state.now())
        .await
        .map_err(|error| visit_not_booked(error, asker, segments).under(&[(Field::Segments, "times")]))?;
    let names = (offering.service_key.as_str(), offering.zone_name.as_str());
    let said = said_of_all(&booked.appointments);
    let data = VisitData::new(&booked, names, &reason);
    Ok(done(StatusCode::CREATED, texts, said, Booked::Visit(data)))
}
