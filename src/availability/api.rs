//! Doctors and their free times, for programs.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Done, Fault, Id, Listed, Query, RequestTexts, amount::Amount, bound, found, listed, number,
        paged, words,
    },
    openapi::DOCTORS,
};
use engine::{
    availability::{self, AnyDoctor, Doctor, MAX_DOCTORS, Named, Offering, Order, Paging, Search},
    i18n::Locale,
};

/// A search for doctors.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// Part of a name or speciality.
    q: Option<String>,
    speciality: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// A language tag (RFC 5646): `en`, `id`, `de`.
    language: Option<String>,
    /// `name` by default; a minus sign reverses the order. By `rating`, doctors without ratings come last.
    #[param(pattern = "^-?(name|rating)$", example = "-rating")]
    sort: Option<String>,
    /// The size of a page; 60 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 60)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page, with the same search and order.
    #[param(pattern = r"^-?(name|rating)\.[0-9]{1,18}$")]
    cursor: Option<String>,
}

/// The public profile of a doctor.
#[derive(Serialize, ToSchema)]
pub struct DoctorData {
    #[schema(example = 1)]
    id: i64,
    name: String,
    speciality: String,
    about: String,
    languages: Vec<String>,
    rating: Option<RatingData>,
    services: Vec<ServiceData>,
}

/// The ratings of patients.
#[derive(Serialize, ToSchema)]
pub struct RatingData {
    #[schema(example = 4.6)]
    average: Option<f64>,
    count: i64,
}

/// A service that a doctor offers at a clinic.
#[derive(Serialize, ToSchema)]
pub struct ServiceData {
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    key: String,
    name: String,
    /// `text`, `video` or `in_person`.
    #[schema(example = "video")]
    mode: String,
    duration_minutes: i64,
    /// Whether a booking is confirmed at once.
    instant: bool,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Harapan")]
    clinic_name: String,
    clinic_address: String,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The price, if it is published.
    price: Option<Amount>,
}

/// A doctor, with the next free times.
#[derive(Serialize, ToSchema)]
pub struct FoundDoctor {
    #[serde(flatten)]
    doctor: DoctorData,
    next_free: Option<Slot>,
}

/// A free time.
#[derive(Serialize, ToSchema)]
pub struct Slot {
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    key: String,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
}

/// Lists the doctors that match a search.
#[utoipa::path(
    get, path = "/v1/doctors", tag = DOCTORS, params(Wish),
    responses((status = 200, description = "A page of doctors", body = Listed<FoundDoctor>)),
)]
pub async fn doctors(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Query(wish): Query<Wish>,
) -> Answer {
    // public: so is the page.
    let order = match &wish.sort {
        Some(sort) => Order::parse(sort).ok_or_else(|| Fault::malformed("sort"))?,
        None => Order::default(),
    };
    let limit = number("limit", wish.limit.as_deref())?.unwrap_or(MAX_DOCTORS);
    if !(1..=MAX_DOCTORS).contains(&limit) {
        return Err(Fault::malformed("limit"));
    }
    let search = Search {
        clinic_id: number("clinic", wish.clinic.as_deref())?,
        words: words("q", wish.q.as_deref())?,
        speciality: words("speciality", wish.speciality.as_deref())?,
        language: words("language", wish.language.as_deref())?,
        paging: Paging {
            order,
            after: match &wish.cursor {
                Some(cursor) => Some(parse_cursor(cursor, order).ok_or_else(|| Fault::malformed("cursor"))?),
                None => None,
            },
            // One more shows whether there is another page.
            limit: limit + 1,
        },
    };
    let doctors = availability::directory(&state.database, search, state.now()).await?;
    let (doctors, next) = paged(doctors, limit, |(doctor, _)| {
        format!("{}.{}", order.as_str(), doctor.id)
    });
    let doctors: Vec<FoundDoctor> = doctors
        .iter()
        .map(|(doctor, next)| FoundDoctor {
            doctor: of_doctor(doctor, texts.locale()),
            next_free: next.as_ref().map(|(offering, at)| slot(offering, *at)),
        })
        .collect();
    Ok(listed(texts, doctors, next))
}

/// The doctor that a page begins after, where the cursor was made in the same order.
fn parse_cursor(text: &str, order: Order) -> Option<i64> {
    let (made_in, id) = text.split_once('.')?;
    id.parse().ok().filter(|_| made_in == order.as_str())
}

/// Returns a doctor.
#[utoipa::path(
    get, path = "/v1/doctors/{id}", tag = DOCTORS, params(("id" = i64, Path, description = "The id of a doctor")),
    responses((status = 200, description = "The doctor", body = Done<DoctorData>)),
)]
pub async fn doctor(State(state): State<AppState>, RequestTexts(texts): RequestTexts, Id(id): Id) -> Answer {
    // public: so is the page.
    let doctor = availability::doctor(&state.database, id).await?;
    Ok(found(texts, of_doctor(&doctor, texts.locale())))
}

fn of_doctor(doctor: &Doctor, locale: Locale) -> DoctorData {
    let services = doctor.offerings.iter().map(|offering| ServiceData {
        key: offering.service_key.clone(),
        name: offering.service(locale).to_owned(),
        mode: offering.mode.clone(),
        duration_minutes: offering.rules.duration,
        instant: offering.instant,
        clinic_id: offering.clinic_id,
        clinic_name: offering.clinic_name.clone(),
        clinic_address: offering.clinic_address.clone(),
        time_zone: offering.zone_name.clone(),
        price: offering.price.as_ref().map(Amount::from),
    });
    DoctorData {
        id: doctor.id,
        name: doctor.name.clone(),
        speciality: doctor.speciality(locale).to_owned(),
        about: doctor.about.clone(),
        languages: doctor.languages.clone(),
        rating: doctor.rating.map(|rating| RatingData {
            average: rating.text(Locale::En).parse::<f64>().ok(),
            count: rating.count,
        }),
        services: services.collect(),
    }
}

fn slot(offering: &Offering, starts_at: Timestamp) -> Slot {
    let visit = offering.rules.time(starts_at);
    Slot {
        starts_at: visit.start,
        ends_at: visit.end,
        key: offering.service_key.clone(),
        clinic_id: offering.clinic_id,
        time_zone: offering.zone_name.clone(),
    }
}

/// A search for the times of a service.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Window {
    /// The key of a service.
    #[param(required = true, nullable = false, example = "video_consultation")]
    service: Option<String>,
    /// A date, or a time: RFC 3339, also with a zone (RFC 9557), or `2026-11-24 10:00:00` on the wall clock of the clinic.
    /// From now on by default.
    from: Option<String>,
    /// A date, which is included as a whole, or a time; at most 62 days later. Two weeks later by default.
    to: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
}

/// Lists the free times of a doctor for a service, in order.
#[utoipa::path(
    get, path = "/v1/doctors/{id}/slots", tag = DOCTORS,
    params(("id" = i64, Path, description = "The id of a doctor"), Window),
    responses(
        (status = 200, description = "Free times", body = Done<Vec<Slot>>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins, or is too long"),
    ),
)]
pub async fn slots(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Id(doctor_id): Id,
    Query(window): Query<Window>,
) -> Answer {
    // public: so is the page.
    let service_key = window.service.ok_or_else(|| Fault::missing("service"))?;
    let clinic_id = number("clinic", window.clinic.as_deref())?;
    let now = state.now();
    let range = availability::Window {
        from: bound("from", window.from.as_deref())?,
        to: bound("to", window.to.as_deref())?,
    };
    let free = availability::free(&state.database, doctor_id, service_key, clinic_id, range, now).await?;
    let mut slots: Vec<(&Offering, Timestamp)> = free
        .iter()
        .flat_map(|free| free.times.iter().map(|&starts_at| (&free.offering, starts_at)))
        .collect();
    slots.sort_by_key(|(offering, starts_at)| (*starts_at, offering.clinic_id));
    let slots: Vec<Slot> = slots
        .into_iter()
        .map(|(offering, starts_at)| slot(offering, starts_at))
        .collect();
    Ok(found(texts, slots))
}

/// The number of times with any doctor: at most, and by default.
const MAX_TIMES: i64 = 500;
const USUAL_TIMES: i64 = 50;

/// A search for the times of a service with any doctor.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnyWindow {
    /// The key of a service.
    #[param(required = true, nullable = false, example = "video_consultation")]
    service: Option<String>,
    /// A date, or a time: RFC 3339, also with a zone (RFC 9557), or `2026-11-24 10:00:00` on the wall clock of the clinic.
    /// From now on by default.
    from: Option<String>,
    /// A date, which is included as a whole, or a time; at most 62 days later. Two weeks later by default.
    to: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// The number of times; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// A free time, with a doctor who is free then.
#[derive(Serialize, ToSchema)]
pub struct AnySlot {
    #[serde(flatten)]
    slot: Slot,
    /// The ids of the doctors.
    doctors: Vec<i64>,
}

/// Lists the first free times for a service with any doctor, in order.
#[utoipa::path(
    get, path = "/v1/slots", tag = DOCTORS, params(AnyWindow),
    responses(
        (status = 200, description = "Free times", body = Done<Vec<AnySlot>>),
        (status = 404, description = "`NOT_FOUND`: nobody offers the service there"),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins, or is too long"),
    ),
)]
pub async fn slots_of_any(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Query(window): Query<AnyWindow>,
) -> Answer {
    // public: so is the page.
    let service = window.service.ok_or_else(|| Fault::missing("service"))?;
    let wanted = AnyDoctor {
        service: Named::Key(service),
        clinic_id: number("clinic", window.clinic.as_deref())?,
    };
    let limit = number("limit", window.limit.as_deref())?.unwrap_or(USUAL_TIMES);
    if !(1..=MAX_TIMES).contains(&limit) {
        return Err(Fault::malformed("limit"));
    }
    let now = state.now();
    let range = availability::Window {
        from: bound("from", window.from.as_deref())?,
        to: bound("to", window.to.as_deref())?,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let times = availability::first_free(&state.database, wanted, range, limit, now).await?;
    let times: Vec<AnySlot> = times
        .into_iter()
        .map(|time| AnySlot {
            slot: slot(&time.offering, time.starts_at),
            doctors: time.doctors,
        })
        .collect();
    Ok(found(texts, times))
}
