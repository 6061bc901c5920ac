//! `Appointment/$find`: appointments that could be booked, each at a time that is free.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, State},
    response::Response,
};
use engine::{
    availability::{Offering, SlotState, roster},
    time::Bound,
};

use super::{
    directory::is_of,
    slots::{Time, in_order, page, times},
};
use crate::{
    fhir::{
        base::Base,
        input::{Input, Parameters},
        kind::{self, FIND},
        name::systems,
        resource::{Participant, Reference, Resource},
        search::{Dates, Page, Search, Sought, Timing},
        shown,
    },
    server::{
        AppState,
        api::{Answer, Body, Fault, RequestTexts},
    },
};

/// Finds what could be booked, asked by address.
pub async fn find_by_address(State(state): State<AppState>, texts: RequestTexts, sought: Sought) -> Answer {
    // public: so is the page with free times.
    proposals(&state, texts, sought).await
}

/// Finds what could be booked, asked by `Parameters`. It changes nothing.
pub async fn find(State(state): State<AppState>, texts: RequestTexts, asked: Asked) -> Answer {
    // public: so is the page with free times.
    proposals(&state, texts, asked.0).await
}

/// The inputs of the operation, wherever they stand.
pub struct Asked(Sought);

impl FromRequest<AppState> for Asked {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let Ok(base) = Base::from_request_parts(&mut parts, state).await;
        let request = Request::from_parts(parts.clone(), body);
        let Body(parameters) = Body::<Parameters>::from_request(request, state).await?;
        let known: Vec<&str> = kind::FIND
            .parameters
            .iter()
            .map(|parameter| parameter.name)
            .collect();
        let parameters = parameters.checked(&known)?;
        let mut inputs: Vec<(String, Vec<String>)> = Vec::new();
        for input in &parameters.parameter {
            let value = value_of(input).ok_or_else(|| Fault::malformed(&input.name))?;
            let value = value.replace('\\', "\\\\").replace(',', "\\,");
            match inputs.iter_mut().find(|(name, _)| *name == input.name) {
                Some((_, values)) => values.push(value),
                None => inputs.push((input.name.clone(), vec![value])),
            }
        }
        let inputs = inputs.into_iter().map(|(name, values)| (name, values.join(",")));
        Sought::of_operation(&parts, base, inputs.collect()).map(Self)
    }
}

/// The value of an input as a search writes it.
fn value_of(input: &Input) -> Option<String> {
    if let Some(reference) = &input.value_reference {
        return reference.reference.clone();
    }
    if let Some(concept) = &input.value_codeable_concept {
        let coded = concept.coding.iter().find_map(|coding| {
            let code = coding.code.as_deref()?;
            Some(match &coding.system {
                Some(system) => format!("{system}|{code}"),
                None => code.to_owned(),
            })
        });
        return coded.or_else(|| concept.text.clone());
    }
    if let Some(timing) = &input.value_timing {
        return Some(timing.to_string());
    }
    input.text().map(str::to_owned)
}

async fn proposals(
    state: &AppState,
    RequestTexts(texts): RequestTexts,
    sought: Sought,
) -> Result<Response, Fault> {
    let search = sought.of(&FIND)?;
    let bound = |name: &str| {
        let said = search.any_of(name)?.ok_or_else(|| Fault::missing(name))?;
        match said.as_slice() {
            [one] => Bound::parse(one).ok_or_else(|| Fault::malformed(name)),
            _ => Err(Fault::malformed(name)),
        }
    };
    let dates = Dates {
        from: Some(bound("start")?.start()),
        until: Some(bound("end")?.end()),
    };
    let patients = search.ids("patient-reference", "Patient")?;
    let timings = search.timings("timing")?;
    let found = times(state, offerings(state, &search).await?, dates, "end").await?;
    let mut all = in_order(&found);
    all.retain(|time| time.state == SlotState::Free && fits(time, timings.as_deref()));
    let (page, total, next) = page(&search, all)?;
    let proposed = |time: &Time<'_>| {
        let mut proposed = shown::proposed(time.offering, time.starts_at, texts.locale());
        if let (Some(patient_id), Resource::Appointment(appointment)) =
            (patients.iter().flatten().next(), &mut proposed)
        {
            appointment.participant.push(Participant {
                actor: Reference::to(format!("Patient/{patient_id}")),
                required: "required",
                status: "needs-action",
            });
        }
        proposed
    };
    Ok(search.answer(Page {
        total,
        matches: page.iter().map(proposed).collect(),
        included: Vec::new(),
        next,
    }))
}

/// What is offered by whom and where it is asked for.
///
/// # Errors
/// `VALIDATION_FAILED`; those of the database.
async fn offerings(state: &AppState, search: &Search) -> Result<Vec<Offering>, Fault> {
    let practitioners = search.ids("practitioner", "Practitioner")?;
    let locations = search.ids("location-reference", "Location")?;
    let specialities = search.codes("specialty", systems::SPECIALITY)?;
    let keys = search.codes("visit-type", systems::SERVICE)?;
    let doctors = roster(&state.database).await?;
    let theirs = doctors
        .iter()
        .filter(|doctor| is_of(doctor, specialities.as_ref()))
        .flat_map(|doctor| &doctor.offerings);
    let wanted = theirs.filter(|offering| {
        practitioners
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&offering.doctor_id))
            && locations
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&offering.clinic_id))
            && keys
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&offering.service_key))
    });
    Ok(wanted.cloned().collect())
}

/// Whether a time is on a day and at a time of day that somebody could come.
fn fits(time: &Time<'_>, timings: Option<&[Timing]>) -> bool {
    timings.is_none_or(|timings| {
        let mut timings = timings.iter();
        timings.any(|timing| timing.has(time.starts_at, &time.offering.zone))
    })
}
