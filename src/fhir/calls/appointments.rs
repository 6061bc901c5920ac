//! Reading and searching appointments: everybody has their own, by role (I4).

use axum::{extract::State, http::StatusCode};
use engine::{
    account::{Caller, storable},
    appointment::{self, AppointmentName, Item, Listing, Order, Status},
    availability::{Rostered, SlotState, roster},
    booking::reference,
    error::AppError,
    i18n::Locale,
    nobody::is_nobody,
    organisation,
};
use jiff::Timestamp;

use super::{directory::is_of, hold::of_item, slots};
use crate::{
    fhir::{
        answer::answer,
        base::Base,
        kind,
        name::{SlotName, id, systems},
        refusal::too_costly,
        resource::Resource,
        search::{Dates, Page, Search, Sought},
        shown,
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Fault, InPath, RequestTexts, paged},
    },
};

/// The number of lists that a search is put together from: one for each status, doctor, clinic, service and patient.
const MAX_LISTS: usize = 24;

/// What is counted at most for `Bundle.total`.
const MAX_TOTAL: i64 = 10_000;

/// Returns an appointment of the caller, or one that is proposed at a free time.
pub async fn appointment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    base: Base,
    InPath(name): InPath<String>,
) -> Answer {
    if let Some(name) = SlotName::parse(&name) {
        let slots = slots::one(&state, name).await?.ok_or(AppError::NotFound)?;
        return match slots.times.first() {
            Some((starts_at, SlotState::Free)) => {
                let proposed = shown::proposed(&slots.offering, *starts_at, texts.locale());
                Ok(answer(StatusCode::OK, &proposed))
            }
            _ => Err(AppError::NotFound.into()),
        };
    }
    let id = id(&name).ok_or(AppError::NotFound)?;
    let item = appointment::find_by_id(&state.database, caller, id).await?;
    Ok(of_item(StatusCode::OK, &base, &item, texts.locale(), state.now()))
}

/// Searches the caller's appointments, in time order.
pub async fn appointments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Answer {
    let search = sought.of(&kind::APPOINTMENT)?;
    let found = items(&state, &caller, &search).await?;
    let included = included(&state, &caller, &search, &found.items).await?;
    let now = state.now();
    let shown = found
        .items
        .iter()
        .map(|item| shown::appointment(item, texts.locale(), now));
    Ok(search.answer(Page {
        total: found.total,
        matches: shown.collect(),
        included,
        next: found.next,
    }))
}

/// A page of appointments.
#[derive(Default)]
pub struct Found {
    pub items: Vec<Item>,
    pub total: Option<i64>,
    next: Option<String>,
}

/// What a search asks for: of each, any of several.
struct Wanted {
    ids: Option<Vec<i64>>,
    references: Option<Vec<String>>,
    patients: Option<Vec<i64>>,
    doctors: Option<Vec<i64>>,
    clinics: Option<Vec<i64>>,
    keys: Option<Vec<String>>,
    statuses: Option<Vec<Status>>,
    dates: Dates,
}

impl Wanted {
    async fn of(state: &AppState, search: &Search) -> Result<Self, Fault> {
        let codes = search.codes("status", "http://hl7.org/fhir/appointmentstatus")?;
        let statuses = match codes {
            None => None,
            Some(codes) => {
                let meant = codes.iter().map(|code| shown::statuses(code));
                let meant: Option<Vec<Vec<Status>>> = meant.collect();
                Some(meant.ok_or_else(|| Fault::malformed("status"))?.concat())
            }
        };
        let mut doctors = search.ids("practitioner", "Practitioner")?;
        if let Some(specialities) = search.codes("specialty", systems::SPECIALITY)? {
            let all = roster(&state.database).await?;
            let theirs = all.iter().filter(|doctor| is_of(doctor, Some(&specialities)));
            let theirs = theirs.map(|doctor| doctor.id);
            doctors = Some(match doctors {
                None => theirs.collect(),
                Some(named) => theirs.filter(|id| named.contains(id)).collect(),
            });
        }
        let references = search.codes("identifier", systems::REFERENCE)?;
        Ok(Self {
            ids: search.ids("_id", "Appointment")?,
            references: references.map(|said| said.iter().filter_map(|one| reference::read(one)).collect()),
            patients: search.ids("patient", "Patient")?,
            doctors,
            clinics: search.ids("location", "Location")?,
            keys: search.codes("service-type", systems::SERVICE)?,
            statuses,
            dates: search.dates("date")?,
        })
    }

    /// Whether this is one of them.
    fn fits(&self, item: &Item, now: Timestamp) -> bool {
        fn is_among<T: PartialEq>(wanted: Option<&Vec<T>>, one: &T) -> bool {
            wanted.is_none_or(|wanted| wanted.contains(one))
        }
        is_among(self.ids.as_ref(), &item.id)
            && is_among(self.references.as_ref(), &item.reference)
            && self
                .patients
                .as_ref()
                .is_none_or(|wanted| item.patient_id.is_some_and(|id| wanted.contains(&id)))
            && is_among(self.doctors.as_ref(), &item.doctor_id)
            && is_among(self.clinics.as_ref(), &item.clinic_id)
            && is_among(self.keys.as_ref(), &item.service_key)
            && is_among(self.statuses.as_ref(), &item.status_at(now))
            && self.dates.contains(item.starts_at, &item.zone)
    }

    /// The lists that have all of them, each once.
    ///
    /// # Errors
    /// `too-costly` where they are too many.
    fn lists(&self, after: Option<(Timestamp, i64)>, limit: i64) -> Result<Vec<Listing>, Fault> {
        fn each<T: Clone + PartialEq>(wanted: Option<&Vec<T>>) -> Vec<Option<T>> {
            match wanted {
                None => vec![None],
                Some(wanted) => {
                    let mut once: Vec<Option<T>> = Vec::new();
                    for one in wanted {
                        if !once.contains(&Some(one.clone())) {
                            once.push(Some(one.clone()));
                        }
                    }
                    once
                }
            }
        }
        let (statuses, doctors) = (each(self.statuses.as_ref()), each(self.doctors.as_ref()));
        let (clinics, patients) = (each(self.clinics.as_ref()), each(self.patients.as_ref()));
        let keys = each(self.keys.as_ref());
        let lists = [doctors.len(), clinics.len(), patients.len(), keys.len()];
        if lists.into_iter().fold(statuses.len(), usize::saturating_mul) > MAX_LISTS {
            return Err(too_costly("practitioner"));
        }
        let mut all = Vec::new();
        for status in &statuses {
            for doctor_id in &doctors {
                for clinic_id in &clinics {
                    for patient_id in &patients {
                        for key in &keys {
                            all.push(Listing {
                                status: *status,
                                doctor_id: *doctor_id,
                                patient_id: *patient_id,
                                clinic_id: *clinic_id,
                                service: key.as_deref().map(storable),
                                search: appointment::Search::default(),
                                order: Order::Soonest,
                                from: self.dates.from,
                                until: self.dates.until,
                                after,
                                limit,
                            });
                        }
                    }
                }
            }
        }
        Ok(all)
    }
}

/// The page of the caller's appointments that a search asks for.
///
/// # Errors
/// `VALIDATION_FAILED`, `INVALID_DATE_RANGE`, `too-costly`.
pub(super) async fn items(state: &AppState, caller: &Caller, search: &Search) -> Result<Found, Fault> {
    let wanted = Wanted::of(state, search).await?;
    let (count, now) = (i64::try_from(search.count()?).unwrap_or(i64::MAX), state.now());
    if wanted.ids.is_some() || wanted.references.is_some() {
        return named(state, caller, &wanted, now).await;
    }
    let after = match search.cursor() {
        None => None,
        Some(cursor) => Some(parse_cursor(cursor).ok_or_else(|| Fault::malformed("_cursor"))?),
    };
    // One more shows whether there is another page.
    let (mut items, mut total) = (Vec::new(), Some(0));
    for list in wanted.lists(after, count + 1)? {
        let more = appointment::count(&state.database, caller.clone(), list.clone(), MAX_TOTAL, now).await?;
        total = total.zip(more).map(|(total, more)| total + more);
        if count > 0 {
            items.extend(appointment::listing(&state.database, caller.clone(), list, now).await?);
        }
    }
    items.sort_by_key(|item| (item.starts_at, item.id));
    items.dedup_by_key(|item| item.id);
    let (items, next) = paged(items, count, |last| {
        format!("{}.{}", last.starts_at.as_microsecond(), last.id)
    });
    Ok(Found { items, total, next })
}

/// Those that are named by id or reference, as far as the caller may see them.
async fn named(state: &AppState, caller: &Caller, wanted: &Wanted, now: Timestamp) -> Result<Found, Fault> {
    let ids = wanted.ids.iter().flatten().map(|id| AppointmentName::Id(*id));
    let names: Vec<AppointmentName> = match &wanted.references {
        Some(references) => references
            .iter()
            .cloned()
            .map(AppointmentName::Reference)
            .collect(),
        None => ids.collect(),
    };
    let mut items: Vec<Item> = Vec::new();
    for name in names {
        let item = match name {
            AppointmentName::Id(id) => appointment::find_by_id(&state.database, caller.clone(), id).await,
            AppointmentName::Reference(said) => {
                appointment::find(&state.database, Some(caller.clone()), None, said).await
            }
        };
        match item {
            Ok(item) if wanted.fits(&item, now) => items.push(item),
            Ok(_) | Err(AppError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    items.sort_by_key(|item| (item.starts_at, item.id));
    items.dedup_by_key(|item| item.id);
    Ok(Found {
        total: i64::try_from(items.len()).ok(),
        items,
        next: None,
    })
}

fn parse_cursor(text: &str) -> Option<(Timestamp, i64)> {
    let (starts_at, id) = text.split_once('.')?;
    let starts_at = Timestamp::from_microsecond(starts_at.parse().ok()?).ok()?;
    (starts_at >= Timestamp::UNIX_EPOCH).then_some((starts_at, id.parse().ok()?))
}

/// The people and places of appointments, as far as they are asked for.
async fn included(
    state: &AppState,
    caller: &Caller,
    search: &Search,
    items: &[Item],
) -> Result<Vec<Resource>, Fault> {
    let mut included = Vec::new();
    if search.includes("patient") {
        included.extend(items.iter().filter_map(|item| {
            let (name, phone) = (item.patient_name.as_deref(), item.patient_phone.as_deref());
            // As it is read by itself: patients know their numbers.
            let phone = phone.filter(|_| caller.role().is_staff());
            Some(shown::patient(item.patient_id?, name, phone))
        }));
    }
    if search.includes("practitioner") {
        let doctors: Vec<Rostered> = roster(&state.database).await?;
        let with_doctor = items.iter().filter(|item| !is_nobody(item.doctor_id));
        included.extend(with_doctor.map(|item| {
            let known = doctors.iter().find(|doctor| doctor.id == item.doctor_id);
            match known {
                Some(doctor) => Resource::Practitioner(shown::practitioner(doctor)),
                None => shown::practitioner_of(item),
            }
        }));
    }
    if search.includes("location") {
        let clinics = organisation::clinics(&state.database).await?;
        let theirs = clinics
            .iter()
            .filter(|clinic| items.iter().any(|item| item.clinic_id == clinic.id));
        included.extend(theirs.map(|clinic| Resource::Location(shown::location(clinic))));
    }
    Ok(included)
}

/// Answers with an appointment that was just made or changed, as its caller sees it now.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn shown_now(
    state: &AppState,
    caller: &Caller,
    (status, base): (StatusCode, &Base),
    id: i64,
    locale: Locale,
) -> Answer {
    let item = appointment::find_by_id(&state.database, caller.clone(), id).await?;
    Ok(of_item(status, base, &item, locale, state.now()))
}
