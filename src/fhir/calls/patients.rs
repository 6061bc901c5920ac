//! Patients: their own records for themselves and their families, and for staff those of whom they have to do with (I4). Names
//! and numbers are searched for in the body of a request alone.

use axum::{extract::State, http::StatusCode};
use engine::{
    account::{Caller, family},
    appointment, desk,
    error::AppError,
};

use crate::{
    fhir::{
        answer::answer,
        kind,
        name::id,
        refusal::not_supported,
        resource::Resource,
        search::{Page, Search, Sought},
        shown,
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Fault, InPath, paged, words},
    },
};

/// What is counted at most for `Bundle.total`.
const MAX_TOTAL: i64 = 10_000;

/// Returns a patient.
pub async fn patient(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath(name): InPath<String>,
) -> Answer {
    let id = id(&name).ok_or(AppError::NotFound)?;
    let patient = one(&state, &caller, id).await?.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, &patient))
}

/// A patient, where the caller may see one.
async fn one(state: &AppState, caller: &Caller, id: i64) -> Result<Option<Resource>, AppError> {
    if caller.role().is_staff() {
        return match desk::patient(&state.database, caller, id, state.now()).await {
            Ok(person) => Ok(Some(shown::patient(
                person.id,
                person.name.as_deref(),
                Some(&person.phone),
            ))),
            Err(AppError::NotFound) => Ok(None),
            Err(error) => Err(error),
        };
    }
    let own = own(state, caller).await?;
    Ok(own
        .into_iter()
        .find(|(own_id, _)| *own_id == id)
        .map(|(_, patient)| patient))
}

/// The caller, who is a patient, and the family.
async fn own(state: &AppState, caller: &Caller) -> Result<Vec<(i64, Resource)>, AppError> {
    let holder_id = caller.patient_id().ok_or(AppError::Forbidden)?;
    let people = family::of_holder(&state.database, holder_id).await?;
    let shown = people.into_iter().map(|person| {
        let patient = shown::patient(person.id, person.name.as_deref(), None);
        (person.id, patient)
    });
    Ok(shown.collect())
}

/// Searches patients: by name or phone number in the body of a request, and otherwise all whom the caller may see.
pub async fn patients(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sought: Sought,
) -> Answer {
    let search = sought.of(&kind::PATIENT)?;
    if let Some(ids) = search.ids("_id", "Patient")? {
        let mut found = Vec::new();
        for id in ids {
            found.extend(one(&state, &caller, id).await?);
        }
        if search.said("name").next().is_some() || search.said("phone").next().is_some() {
            return Err(not_supported("_id"));
        }
        return listed(&search, found);
    }
    match caller.role().is_staff() {
        true => of_staff(&state, &caller, &search).await,
        false if search.said("phone").next().is_some() => Err(not_supported("phone")),
        false => {
            let own = own(&state, &caller)
                .await?
                .into_iter()
                .map(|(_, patient)| patient);
            let names = search.any_of("name")?;
            let fits = |patient: &Resource| match patient {
                Resource::Patient(patient) => names.as_ref().is_none_or(|names| {
                    let texts = patient.name.iter().filter_map(|name| name.text.as_deref());
                    let texts: Vec<String> = texts.map(str::to_lowercase).collect();
                    names
                        .iter()
                        .any(|name| texts.iter().any(|text| text.contains(&name.to_lowercase())))
                }),
                _ => false,
            };
            listed(&search, own.filter(fits).collect())
        }
    }
}

fn listed(search: &Search, all: Vec<Resource>) -> Answer {
    let (matches, total, next) = search.page_of(all)?;
    Ok(search.answer(Page {
        total: Some(total),
        matches,
        included: Vec::new(),
        next,
    }))
}

async fn of_staff(state: &AppState, caller: &Caller, search: &Search) -> Answer {
    let sought = match (search.any_of("name")?, search.any_of("phone")?) {
        (None, None) => None,
        (Some(_), Some(_)) => return Err(not_supported("phone")),
        (name, phone) => name.or(phone),
    };
    let sought = match sought.as_deref() {
        None => None,
        Some([one]) => Some(one.as_str()),
        Some(_) => return Err(not_supported("name")),
    };
    let sought = appointment::Search::new(&words("name", sought)?, state.config.rules.country);
    let after = match search.cursor() {
        None => None,
        Some(cursor) => Some(id(cursor).ok_or_else(|| Fault::malformed("_cursor"))?),
    };
    let (count, now) = (i64::try_from(search.count()?).unwrap_or(i64::MAX), state.now());
    let total = desk::count_patients(&state.database, caller, sought.clone(), MAX_TOTAL, now).await?;
    let listing = desk::Listing {
        search: sought,
        after,
        // One more shows whether there is another page.
        limit: count + 1,
    };
    let people = match count {
        0 => Vec::new(),
        _ => desk::patients(&state.database, caller, listing, now).await?,
    };
    let (people, next) = paged(people, count, |last| last.id.to_string());
    let shown = people
        .iter()
        .map(|person| shown::patient(person.id, person.name.as_deref(), Some(&person.phone)));
    Ok(search.answer(Page {
        total,
        matches: shown.collect(),
        included: Vec::new(),
        next,
    }))
}
