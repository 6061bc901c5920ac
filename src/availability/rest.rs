//! Doctors and their free times, for programs.

use axum::extract::State;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::service::{self, AnyDoctor, Doctor, Named, Offering, Search};
use crate::{
    account::typed,
    error::{AppError, Field},
    i18n::{Locale, Texts},
    server::{
        AppState,
        rest::{Answer, Asked, Fault, Id, bound, found, number},
    },
    time::{Bound, Said, bound_in_zone, plus_minutes},
};

/// How long a word that is searched for may be.
const MOST_WORDS: usize = 200;
/// How many days of free times are shown at most, and where nothing is said about the end.
const MOST_DAYS: i64 = 62;
const USUAL_DAYS: i64 = 14;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Part of a name or speciality.
    q: Option<String>,
    speciality: Option<String>,
    clinic: Option<String>,
    language: Option<String>,
}

/// The doctors that fit a search.
pub async fn doctors(State(state): State<AppState>, texts: Texts, Asked(wish): Asked<Wish>) -> Answer {
    // public: so is the page.
    let words = |text: Option<String>| typed(Field::Body, &text.unwrap_or_default(), MOST_WORDS);
    let search = Search {
        clinic_id: number("clinic", wish.clinic.as_deref())?,
        words: words(wish.q)?,
        speciality: words(wish.speciality)?,
        language: words(wish.language)?,
    };
    let doctors = service::directory(&state.database, search, Timestamp::now()).await?;
    let doctors: Vec<Value> = doctors
        .iter()
        .map(|(doctor, next)| {
            let mut value = of_doctor(doctor);
            value["next_free"] = next
                .as_ref()
                .map_or(Value::Null, |(offering, at)| slot(offering, *at));
            value
        })
        .collect();
    Ok(found(texts, doctors))
}

/// One doctor.
pub async fn doctor(State(state): State<AppState>, texts: Texts, Id(id): Id) -> Answer {
    // public: so is the page.
    let doctor = service::doctor(&state.database, id).await?;
    Ok(found(texts, of_doctor(&doctor)))
}

fn of_doctor(doctor: &Doctor) -> Value {
    let services: Vec<Value> = doctor
        .offerings
        .iter()
        .map(|offering| {
            json!({
                "type": offering.service_key,
                "name": offering.service_name,
                "mode": offering.mode,
                "duration_minutes": offering.rules.duration,
                "instant": offering.instant,
                "clinic_id": offering.clinic_id,
                "clinic_name": offering.clinic_name,
                "clinic_address": offering.clinic_address,
                "time_zone": offering.zone_name,
            })
        })
        .collect();
    let rating = doctor.rating.map(|rating| {
        let average = rating.text(Locale::En).parse::<f64>().ok();
        json!({ "average": average, "count": rating.count })
    });
    json!({
        "id": doctor.id,
        "name": doctor.name,
        "speciality": doctor.speciality,
        "about": doctor.about,
        "languages": doctor.languages,
        "rating": rating,
        "services": services,
    })
}

fn slot(offering: &Offering, starts_at: Timestamp) -> Value {
    let visit = offering.rules.visit(starts_at);
    json!({
        "starts_at": visit.start,
        "ends_at": visit.end,
        "type": offering.service_key,
        "clinic_id": offering.clinic_id,
        "time_zone": offering.zone_name,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    service: Option<String>,
    from: Option<String>,
    to: Option<String>,
    clinic: Option<String>,
}

/// The free times of a service of a doctor, in order.
pub async fn slots(
    State(state): State<AppState>,
    texts: Texts,
    Id(doctor_id): Id,
    Asked(window): Asked<Window>,
) -> Answer {
    // public: so is the page.
    let service_key = window.service.ok_or_else(|| Fault::missing("service"))?;
    let clinic_id = number("clinic", window.clinic.as_deref())?;
    let now = Timestamp::now();
    let range = range(
        bound("from", window.from.as_deref())?,
        bound("to", window.to.as_deref())?,
        now,
    )?;
    let free = service::free(&state.database, doctor_id, service_key, clinic_id, range, now).await?;
    let mut slots: Vec<(&Offering, Timestamp)> = free
        .iter()
        .flat_map(|free| free.times.iter().map(|&starts_at| (&free.offering, starts_at)))
        .collect();
    slots.sort_by_key(|(offering, starts_at)| (*starts_at, offering.clinic_id));
    let slots: Vec<Value> = slots
        .into_iter()
        .map(|(offering, starts_at)| slot(offering, starts_at))
        .collect();
    Ok(found(texts, slots))
}

/// How many times with any doctor are shown at most, and where nothing is said.
const MOST_TIMES: i64 = 500;
const USUAL_TIMES: i64 = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyWindow {
    service: Option<String>,
    from: Option<String>,
    to: Option<String>,
    clinic: Option<String>,
    limit: Option<String>,
}

/// The first times at which a service can be had of any doctor, in order.
pub async fn slots_of_any(
    State(state): State<AppState>,
    texts: Texts,
    Asked(window): Asked<AnyWindow>,
) -> Answer {
    // public: so is the page.
    let service = window.service.ok_or_else(|| Fault::missing("service"))?;
    let wanted = AnyDoctor {
        service: Named::Key(service),
        clinic_id: number("clinic", window.clinic.as_deref())?,
    };
    let limit = number("limit", window.limit.as_deref())?.unwrap_or(USUAL_TIMES);
    if !(1..=MOST_TIMES).contains(&limit) {
        return Err(Fault::malformed("limit"));
    }
    let now = Timestamp::now();
    let range = range(
        bound("from", window.from.as_deref())?,
        bound("to", window.to.as_deref())?,
        now,
    )?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let times = service::first_free(&state.database, wanted, range, limit, now).await?;
    let times: Vec<Value> = times
        .into_iter()
        .map(|time| {
            let mut value = slot(&time.offering, time.starts_at);
            value["doctors"] = json!(time.doctors);
            value
        })
        .collect();
    Ok(found(texts, times))
}

/// The range that is asked for: from now on, and two weeks, where nothing is said.
fn range(from: Option<Bound>, to: Option<Bound>, now: Timestamp) -> Result<(Bound, Bound), AppError> {
    const DAY: i64 = 24 * 60;
    let from = from.unwrap_or(Bound::Time(Said::At(now)));
    // How long it is differs from zone to zone by less than a day.
    let start = bound_in_zone(from.start(), &TimeZone::UTC);
    let to = to.unwrap_or(Bound::Time(Said::At(plus_minutes(start, USUAL_DAYS * DAY))));
    let end = bound_in_zone(to.end(), &TimeZone::UTC);
    if end <= start || end > plus_minutes(start, (MOST_DAYS + 1) * DAY) {
        return Err(AppError::InvalidDateRange);
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_days_begins_before_it_ends_and_is_not_too_long() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let ask = |from: &str, to: &str| range(Bound::parse(from), Bound::parse(to), now).is_ok();
        for (from, to, expected) in [
            ("", "", true),
            ("2026-11-24", "2026-11-24", true),
            ("2026-11-25", "2026-11-24", false),
            ("2026-12-01", "", true),
            ("", "2026-11-01", false),
            ("2026-11-24", "2027-01-24", true),
            ("2026-11-24", "2027-02-24", false),
            ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", false),
            ("9999-12-31", "", false),
        ] {
            assert_eq!(ask(from, to), expected, "{from} to {to}");
        }
    }
}
