//! Times of schedules, which everybody may read as on the pages: what is free, and what is not.

use axum::{extract::State, http::StatusCode};
use engine::{
    availability::{self, Offering, SlotState, Slots, roster},
    error::AppError,
    time::{Range, plus_minutes},
};
use jiff::Timestamp;

use crate::{
    fhir::{
        answer::answer,
        kind,
        name::{ScheduleName, SlotName, referred, systems},
        refusal::too_costly,
        resource::Resource,
        search::{Dates, Page, Search, Sought},
        shown,
    },
    server::{
        AppState,
        api::{Answer, Fault, InPath, RequestTexts},
    },
};

/// The days that a search may be about, with the hours by which clocks are put back at most.
const MAX_MINUTES: i64 = (31 * 24 + 2) * 60;

/// The number of offerings whose times are looked at together.
const MAX_OFFERINGS: usize = 300;

/// A time that was found.
#[derive(Clone, Copy)]
pub struct Time<'a> {
    pub name: SlotName,
    pub offering: &'a Offering,
    pub starts_at: Timestamp,
    pub state: SlotState,
}

/// The times of these offerings between two dates or moments, which the parameter of this name has said.
///
/// # Errors
/// `too-costly` for more than 31 days, or without both ends; `INVALID_DATE_RANGE`.
pub(super) async fn times(
    state: &AppState,
    offerings: Vec<Offering>,
    dates: Dates,
    parameter: &str,
) -> Result<Vec<Slots>, Fault> {
    if offerings.len() > MAX_OFFERINGS {
        return Err(too_costly("schedule"));
    }
    let mut wanted = Vec::new();
    for offering in offerings {
        let (from, until) = dates
            .in_zone(&offering.zone)
            .ok_or_else(|| too_costly(parameter))?;
        if until <= from {
            return Err(AppError::InvalidDateRange.into());
        }
        if until > plus_minutes(from, MAX_MINUTES) {
            return Err(too_costly(parameter));
        }
        wanted.push((offering, Range::new(from, until)));
    }
    Ok(availability::slots(&state.database, wanted, state.now()).await?)
}

/// The times of all offerings in one order.
pub(super) fn in_order(found: &[Slots]) -> Vec<Time<'_>> {
    let each = found.iter().flat_map(|slots| {
        slots.times.iter().map(|&(starts_at, state)| Time {
            name: SlotName::from(slots.offering.at(starts_at)),
            offering: &slots.offering,
            starts_at,
            state,
        })
    });
    let mut all: Vec<Time<'_>> = each.collect();
    all.sort_by_key(|time| time.name);
    all
}

/// The times of a page, how many there are on all of them, and where the next one begins.
type Paged<'a> = (Vec<Time<'a>>, Option<i64>, Option<String>);

/// The page of times after the one that the caller has seen last, how many there are on all pages, and where the next begins.
///
/// # Errors
/// `VALIDATION_FAILED` for a cursor that was not given.
pub(super) fn page<'a>(search: &Search, all: Vec<Time<'a>>) -> Result<Paged<'a>, Fault> {
    let after = match search.cursor() {
        None => None,
        Some(cursor) => Some(SlotName::parse(cursor).ok_or_else(|| Fault::malformed("_cursor"))?),
    };
    let (count, total) = (search.count()?, i64::try_from(all.len()).ok());
    let mut page: Vec<Time<'_>> = all
        .into_iter()
        .filter(|time| after.is_none_or(|after| time.name > after))
        .take(count.saturating_add(1))
        .collect();
    let there_are_more = page.len() > count;
    page.truncate(count);
    let next = page
        .last()
        .filter(|_| there_are_more)
        .map(|last| last.name.to_string());
    Ok((page, total, next))
}

/// What a search for slots asks for: of each, any of several.
struct Wanted {
    schedules: Option<Vec<ScheduleName>>,
    keys: Option<Vec<String>>,
    statuses: Option<Vec<String>>,
    dates: Dates,
}

impl Wanted {
    /// # Errors
    /// `VALIDATION_FAILED`; `too-costly` where neither a schedule nor a service is named, or not both ends of the time.
    fn of(search: &Search) -> Result<Self, Fault> {
        let schedules = match search.any_of("schedule")? {
            None => None,
            Some(said) => {
                let named = said.iter().map(|one| referred(one, "Schedule"));
                let named: Option<Vec<&str>> = named.collect();
                let named = named.ok_or_else(|| Fault::malformed("schedule"))?;
                Some(named.into_iter().filter_map(ScheduleName::parse).collect())
            }
        };
        let keys = search.codes("service-type", systems::SERVICE)?;
        if schedules.is_none() && keys.is_none() {
            return Err(too_costly("schedule"));
        }
        let statuses = search.codes("status", "http://hl7.org/fhir/slotstatus")?;
        if statuses
            .iter()
            .flatten()
            .any(|code| !STATUSES.contains(&code.as_str()))
        {
            return Err(Fault::malformed("status"));
        }
        let dates = search.dates("start")?;
        if dates.from.is_none() || dates.until.is_none() {
            return Err(too_costly("start"));
        }
        Ok(Self {
            schedules,
            keys,
            statuses,
            dates,
        })
    }

    fn has(&self, offering: &Offering) -> bool {
        let schedule = ScheduleName {
            doctor_id: offering.doctor_id,
            clinic_id: offering.clinic_id,
        };
        self.schedules
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&schedule))
            && self
                .keys
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&offering.service_key))
    }

    fn has_status(&self, state: SlotState) -> bool {
        let code = shown::slot_status(state);
        self.statuses
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|one| one == code))
    }
}

/// The codes of what a slot can be.
const STATUSES: [&str; 5] = [
    "free",
    "busy",
    "busy-tentative",
    "busy-unavailable",
    "entered-in-error",
];

/// Lists the times of schedules: free, busy, or kept for somebody.
pub async fn slots(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::SLOT)?;
    let wanted = Wanted::of(&search)?;
    let doctors = roster(&state.database).await?;
    let offerings = doctors.iter().flat_map(|doctor| &doctor.offerings);
    let offerings = offerings.filter(|offering| wanted.has(offering)).cloned();
    let found = times(&state, offerings.collect(), wanted.dates, "start").await?;
    let mut all = in_order(&found);
    all.retain(|time| wanted.has_status(time.state));
    let (page, total, next) = page(&search, all)?;
    let mut included = Vec::new();
    if search.includes("schedule") {
        for doctor in &doctors {
            for (name, offerings) in shown::schedules_of(doctor) {
                if page.iter().any(|time| time.name.schedule == name) {
                    let schedule = shown::schedule(doctor, name, &offerings, texts.locale(), state.now());
                    included.extend(schedule.map(Resource::Schedule));
                }
            }
        }
    }
    let slot = |time: &Time<'_>| shown::slot(time.offering, time.starts_at, time.state, texts.locale());
    Ok(search.answer(Page {
        total,
        matches: page.iter().map(slot).map(Resource::Slot).collect(),
        included,
        next,
    }))
}

/// The times of which this is one, if there is one: with its offering, and what it is at this moment.
///
/// # Errors
/// Those of the database.
pub(super) async fn one(state: &AppState, name: SlotName) -> Result<Option<Slots>, AppError> {
    let Ok(starts_at) = Timestamp::from_second(name.starts_at) else {
        return Ok(None);
    };
    let offerings = availability::offered(&state.database, Some(name.schedule.doctor_id)).await?;
    let offering = offerings
        .into_iter()
        .find(|offering| SlotName::from(offering.at(starts_at)) == name);
    let Some(offering) = offering else {
        return Ok(None);
    };
    let moment = Range::new(starts_at, plus_minutes(starts_at, 1));
    let found = availability::slots(&state.database, vec![(offering, moment)], state.now()).await?;
    Ok(found
        .into_iter()
        .next()
        .filter(|slots| slots.times.first().is_some_and(|(at, _)| *at == starts_at)))
}

/// Returns a time of a schedule that can be booked, or could be if nobody had it.
pub async fn slot(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    InPath(name): InPath<String>,
) -> Answer {
    // public: so is the page.
    let name = SlotName::parse(&name).ok_or(AppError::NotFound)?;
    let slots = one(&state, name).await?.ok_or(AppError::NotFound)?;
    let (starts_at, is) = slots.times.first().copied().ok_or(AppError::NotFound)?;
    let slot = shown::slot(&slots.offering, starts_at, is, texts.locale());
    Ok(answer(StatusCode::OK, &Resource::Slot(slot)))
}
