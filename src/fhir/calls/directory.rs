//! Clinics, doctors, services and calendars, which everybody may read as on the pages.

use axum::{extract::State, http::StatusCode, response::Response};
use engine::{
    account::storable,
    availability::{Offering, Rostered, roster},
    error::AppError,
    i18n::Locale,
    organisation,
};
use serde::Serialize;

use crate::{
    fhir::{
        answer::answer,
        kind,
        name::{ScheduleName, id, systems},
        resource::Resource,
        search::{Page, Search, Sought},
        shown,
    },
    server::{
        AppState,
        api::{Answer, Fault, InPath, RequestTexts},
    },
};

/// Answers with what was found, or with the refusal of what is not there.
fn found<T: Serialize>(resource: Option<T>) -> Answer {
    let resource = resource.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, &resource))
}

/// Answers with a page of resources and what they refer to.
fn listed(search: &Search, all: Vec<(Resource, Vec<Resource>)>) -> Result<Response, Fault> {
    let (page, total, next) = search.page_of(all)?;
    let (matches, included): (Vec<Resource>, Vec<Vec<Resource>>) = page.into_iter().unzip();
    Ok(search.answer(Page {
        total: Some(total),
        matches,
        included: included.into_iter().flatten().collect(),
        next,
    }))
}

/// Whether nothing is asked for, or this is among it.
fn is_among<T: PartialEq>(wanted: Option<&Vec<T>>, one: &T) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(one))
}

/// Whether a name begins with one of these, or a word of it does.
fn is_named(wanted: Option<&Vec<String>>, name: &str) -> bool {
    let name = storable(name).to_lowercase();
    wanted.is_none_or(|wanted| {
        wanted.iter().any(|part| {
            let part = part.to_lowercase();
            name.starts_with(&part) || name.split([' ', '.', '-']).any(|word| word.starts_with(&part))
        })
    })
}

/// Lists clinics.
pub async fn locations(State(state): State<AppState>, sought: Sought) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::LOCATION)?;
    let ids = search.ids("_id", "Location")?;
    let identifiers = search.codes("identifier", systems::CLINIC)?;
    let names = search.any_of("name")?;
    let clinics = organisation::clinics(&state.database).await?;
    let fits = clinics.iter().filter(|clinic| {
        is_among(ids.as_ref(), &clinic.id)
            && is_among(identifiers.as_ref(), &clinic.id.to_string())
            && is_named(names.as_ref(), &clinic.what.name)
    });
    let all = fits.map(|clinic| (Resource::Location(shown::location(clinic)), Vec::new()));
    listed(&search, all.collect())
}

/// Returns a clinic.
pub async fn location(State(state): State<AppState>, InPath(name): InPath<String>) -> Answer {
    // public: so is the page.
    let id = id(&name).ok_or(AppError::NotFound)?;
    let clinic = organisation::clinic(&state.database, id).await?;
    found(Some(Resource::Location(shown::location(&clinic))))
}

/// Lists doctors.
pub async fn practitioners(State(state): State<AppState>, sought: Sought) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::PRACTITIONER)?;
    let ids = search.ids("_id", "Practitioner")?;
    let names = search.any_of("name")?;
    let languages = search.codes("communication", "urn:ietf:bcp:47")?;
    let doctors = roster(&state.database).await?;
    let fits = doctors.iter().filter(|doctor| {
        let speaks = |languages: &Vec<String>| languages.iter().any(|tag| doctor.languages.contains(tag));
        is_among(ids.as_ref(), &doctor.id)
            && is_named(names.as_ref(), &doctor.name)
            && languages.as_ref().is_none_or(speaks)
    });
    let all = fits.map(|doctor| (Resource::Practitioner(shown::practitioner(doctor)), Vec::new()));
    listed(&search, all.collect())
}

/// Returns a doctor.
pub async fn practitioner(State(state): State<AppState>, InPath(name): InPath<String>) -> Answer {
    // public: so is the page.
    let id = id(&name).ok_or(AppError::NotFound)?;
    let doctors = roster(&state.database).await?;
    let doctor = doctors.iter().find(|doctor| doctor.id == id);
    found(doctor.map(|doctor| Resource::Practitioner(shown::practitioner(doctor))))
}

/// The names of schedules that `_id` asks for.
fn names_of(search: &Search) -> Result<Option<Vec<ScheduleName>>, Fault> {
    let said = search.any_of("_id")?;
    Ok(said.map(|said| said.iter().filter_map(|name| ScheduleName::parse(name)).collect()))
}

/// Lists who works where.
pub async fn roles(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::ROLE)?;
    let names = names_of(&search)?;
    let practitioners = search.ids("practitioner", "Practitioner")?;
    let locations = search.ids("location", "Location")?;
    let services = search.ids("service", "HealthcareService")?;
    let specialities = search.codes("specialty", systems::SPECIALITY)?;
    let doctors = roster(&state.database).await?;
    let clinics = match search.includes("location") {
        true => organisation::clinics(&state.database).await?,
        false => Vec::new(),
    };
    let all_services = shown::services_of(&doctors);
    let mut all = Vec::new();
    for doctor in &doctors {
        for (name, offerings) in shown::schedules_of(doctor) {
            let offers = |wanted: &Vec<i64>| {
                offerings
                    .iter()
                    .any(|offering| wanted.contains(&offering.service_id))
            };
            let fits = is_among(names.as_ref(), &name)
                && is_among(practitioners.as_ref(), &doctor.id)
                && is_among(locations.as_ref(), &name.clinic_id)
                && services.as_ref().is_none_or(offers)
                && is_of(doctor, specialities.as_ref());
            if !fits {
                continue;
            }
            let mut included = Vec::new();
            if search.includes("practitioner") {
                included.push(Resource::Practitioner(shown::practitioner(doctor)));
            }
            let place = clinics.iter().find(|clinic| clinic.id == name.clinic_id);
            included.extend(place.map(|clinic| Resource::Location(shown::location(clinic))));
            if search.includes("service") {
                let theirs = offerings.iter().filter_map(|offering| {
                    let id = offering.service_id;
                    shown::service(id, all_services.get(&id)?, texts.locale())
                });
                included.extend(theirs.map(Resource::HealthcareService));
            }
            let role = shown::role(doctor, name, &offerings, texts.locale());
            all.push((Resource::PractitionerRole(role), included));
        }
    }
    listed(&search, all)
}

/// Whether a doctor has one of these specialities.
pub fn is_of(doctor: &Rostered, specialities: Option<&Vec<String>>) -> bool {
    specialities.is_none_or(|wanted| {
        wanted.iter().any(|one| {
            one.eq_ignore_ascii_case(&doctor.speciality)
                || Locale::ALL
                    .iter()
                    .any(|locale| one.eq_ignore_ascii_case(doctor.speciality(*locale)))
        })
    })
}

/// Returns who works where.
pub async fn role(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    InPath(name): InPath<String>,
) -> Answer {
    // public: so is the page.
    let name = ScheduleName::parse(&name).ok_or(AppError::NotFound)?;
    let doctors = roster(&state.database).await?;
    let role = doctors.iter().find_map(|doctor| {
        let schedules = shown::schedules_of(doctor);
        let offerings = schedules.get(&name)?;
        Some(shown::role(doctor, name, offerings, texts.locale()))
    });
    found(role.map(Resource::PractitionerRole))
}

/// Lists services.
pub async fn services(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::SERVICE)?;
    let ids = search.ids("_id", "HealthcareService")?;
    let names = search.any_of("name")?;
    let locations = search.ids("location", "Location")?;
    let keys = search.codes("service-type", systems::SERVICE)?;
    let doctors = roster(&state.database).await?;
    let clinics = match search.includes("location") {
        true => organisation::clinics(&state.database).await?,
        false => Vec::new(),
    };
    let mut all = Vec::new();
    for (id, offerings) in shown::services_of(&doctors) {
        let is_there = |clinic_id: i64| offerings.iter().any(|offering| offering.clinic_id == clinic_id);
        let fits = |first: &&Offering| {
            is_among(ids.as_ref(), &id)
                && is_among(keys.as_ref(), &first.service_key)
                && is_named(names.as_ref(), first.service(texts.locale()))
                && locations
                    .as_ref()
                    .is_none_or(|wanted| wanted.iter().any(|id| is_there(*id)))
        };
        if !offerings.first().is_some_and(fits) {
            continue;
        }
        let places = clinics.iter().filter(|clinic| is_there(clinic.id));
        let places = places
            .map(|clinic| Resource::Location(shown::location(clinic)))
            .collect();
        let service = shown::service(id, &offerings, texts.locale());
        all.extend(service.map(|service| (Resource::HealthcareService(service), places)));
    }
    listed(&search, all)
}

/// Returns a service.
pub async fn service(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    InPath(name): InPath<String>,
) -> Answer {
    // public: so is the page.
    let id = id(&name).ok_or(AppError::NotFound)?;
    let doctors = roster(&state.database).await?;
    let services = shown::services_of(&doctors);
    let service = services
        .get(&id)
        .and_then(|offerings| shown::service(id, offerings, texts.locale()));
    found(service.map(Resource::HealthcareService))
}

/// Lists calendars.
pub async fn schedules(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Answer {
    // public: so is the page.
    let search = sought.of(&kind::SCHEDULE)?;
    let names = names_of(&search)?;
    let actors = search.any_of("actor")?;
    let keys = search.codes("service-type", systems::SERVICE)?;
    let specialities = search.codes("specialty", systems::SPECIALITY)?;
    let doctors = roster(&state.database).await?;
    let clinics = match search.includes("actor") {
        true => organisation::clinics(&state.database).await?,
        false => Vec::new(),
    };
    let mut all = Vec::new();
    for doctor in &doctors {
        for (name, offerings) in shown::schedules_of(doctor) {
            let own = [
                format!("Practitioner/{}", doctor.id),
                format!("PractitionerRole/{name}"),
                format!("Location/{}", name.clinic_id),
            ];
            let is_of_actor = |wanted: &Vec<String>| {
                wanted
                    .iter()
                    .any(|one| own.iter().any(|own| one.ends_with(own.as_str())))
            };
            let offers = |wanted: &Vec<String>| {
                offerings
                    .iter()
                    .any(|offering| wanted.contains(&offering.service_key))
            };
            let fits = is_among(names.as_ref(), &name)
                && actors.as_ref().is_none_or(is_of_actor)
                && keys.as_ref().is_none_or(offers)
                && is_of(doctor, specialities.as_ref());
            let schedule = shown::schedule(doctor, name, &offerings, texts.locale(), state.now());
            let (true, Some(schedule)) = (fits, schedule) else {
                continue;
            };
            let mut included = Vec::new();
            if search.includes("actor") {
                included.push(Resource::Practitioner(shown::practitioner(doctor)));
                let role = shown::role(doctor, name, &offerings, texts.locale());
                included.push(Resource::PractitionerRole(role));
                let place = clinics.iter().find(|clinic| clinic.id == name.clinic_id);
                included.extend(place.map(|clinic| Resource::Location(shown::location(clinic))));
            }
            all.push((Resource::Schedule(schedule), included));
        }
    }
    listed(&search, all)
}

/// Returns a calendar.
pub async fn schedule(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    InPath(name): InPath<String>,
) -> Answer {
    // public: so is the page.
    let name = ScheduleName::parse(&name).ok_or(AppError::NotFound)?;
    let doctors = roster(&state.database).await?;
    let schedule = doctors.iter().find_map(|doctor| {
        let schedules = shown::schedules_of(doctor);
        shown::schedule(doctor, name, schedules.get(&name)?, texts.locale(), state.now())
    });
    found(schedule.map(Resource::Schedule))
}
