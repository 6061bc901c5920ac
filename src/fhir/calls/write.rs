//! `Appointment/$book` and `POST Appointment`: book a time or what is held of it, and change or cancel what is booked.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
    response::Response,
};
use engine::{
    account::{Caller, family::Whose, typed},
    appointment::{self, Item, Status},
    availability::choose,
    booking::{self, Wanted},
    error::{AppError, Field},
    idempotency::{Key, KeyOwner},
    time::GivenTime,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    act::Act,
    appointments::{items, shown_now},
    change::{Change, change},
    hold::of_item,
};
use crate::{
    account::family,
    appointment::forms::MAX_REASON,
    booking::api::{
        OPERATION,
        holds::{self, Holder},
    },
    fhir::{
        base::Base,
        input::{AppointmentInput, Input, Parameters, PatientInput, slot_of},
        kind,
        name::{id, referred},
        refusal::not_had,
        search::{Search, Sought},
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Fault, RequestTexts, SentKey},
    },
};

const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// Books a time, or what is held, by an appointment that is proposed.
pub async fn create(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    base: Base,
    headers: HeaderMap,
    Body(input): Body<AppointmentInput>,
) -> Answer {
    let criteria = criteria(&headers)?;
    let sent = sent.of(&caller, "fhir-create", &input)?;
    let conditional = match (&sent, &criteria) {
        (None, Some(criteria)) => Some(key_of(&caller, criteria, &input)?),
        _ => None,
    };
    let is_by_criteria = conditional.is_some();
    let input = input.checked()?;
    let search = criteria
        .map(|criteria| Sought::of_criteria(&criteria, base.clone())?.of(&kind::APPOINTMENT))
        .transpose()?;
    let act = Act {
        state: &state,
        caller: &caller,
        base: &base,
        locale: texts.locale(),
        key: sent.or(conditional),
    };
    if let Some(found) = existing(&act, search.as_ref()).await? {
        return Ok(found);
    }
    // The server gives ids; what is proposed has that of its time.
    let wanted = wanted(&act, &input).await?;
    let patient_id = input.participant("Patient")?;
    match book_time(&act, wanted, patient_id, input.reason()).await {
        // Something else was booked under the criteria: at this moment, or earlier, and by now it meets them no more.
        Err(fault) if is_by_criteria && fault.is(&AppError::IdempotencyConflict) => {
            match existing(&act, search.as_ref()).await? {
                Some(found) => Ok(found),
                None => book_time(&Act { key: None, ..act }, wanted, patient_id, input.reason()).await,
            }
        }
        answer => answer,
    }
}

/// What meets the criteria of a conditional create already, as the answer to it.
///
/// # Errors
/// `multiple-matches`; those of the search.
async fn existing(act: &Act<'_>, criteria: Option<&Search>) -> Result<Option<Response>, Fault> {
    let Some(criteria) = criteria else {
        return Ok(None);
    };
    match items(act.state, act.caller, criteria).await?.items.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(of_item(
            StatusCode::OK,
            act.base,
            one,
            act.locale,
            act.state.now(),
        ))),
        _ => Err(Fault::foreign(
            StatusCode::PRECONDITION_FAILED,
            "multiple-matches",
            "fhir-several",
            "If-None-Exist",
        )),
    }
}

/// The criteria of a conditional create.
fn criteria(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    headers
        .get(IF_NONE_EXIST)
        .map(|value| {
            let text = value.to_str().map(str::to_owned);
            text.map_err(|_| Fault::malformed("If-None-Exist"))
        })
        .transpose()
}

/// The key of a conditional create without one: two at once are one booking. It counts while that booking stands, so that
/// whoever books again after a cancellation does.
fn key_of(caller: &Caller, criteria: &str, request: &impl Serialize) -> Result<Key, AppError> {
    let digest = Sha256::digest(criteria.as_bytes());
    let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Key::of_form(
        KeyOwner::Caller(caller),
        &format!("if-none-exist-{key}"),
        "fhir-create",
        "",
        request,
    )
}

/// Books, changes or cancels.
pub async fn book(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    base: Base,
    Body(parameters): Body<Parameters>,
) -> Answer {
    let act = Act {
        state: &state,
        caller: &caller,
        base: &base,
        locale: texts.locale(),
        key: sent.of(&caller, "fhir-book", &parameters)?,
    };
    let parameters = parameters.checked(&[
        "appointment-reference",
        "appointment-resource",
        "patient-reference",
        "patient-resource",
        "comment",
    ])?;
    let patient = patient_of(&parameters)?;
    let patient_id = patient
        .id
        .as_deref()
        .map(|said| id(said).ok_or(AppError::NotFound))
        .transpose()?;
    let comment = parameters.one("comment")?.and_then(|input| input.text());
    let reference = parameters.one("appointment-reference")?;
    let resource = parameters.one("appointment-resource")?;
    match (reference, resource) {
        (Some(_), Some(_)) => Err(Fault::malformed("appointment-resource")),
        (None, None) => Err(Fault::missing("appointment-reference")),
        (Some(input), None) => by_reference(&act, input, &patient, patient_id, comment).await,
        (None, Some(input)) => by_resource(&act, input, &patient, patient_id, comment).await,
    }
}

/// Books the time that a reference names, or what is held under it.
async fn by_reference(
    act: &Act<'_>,
    input: &Input,
    patient: &PatientInput,
    patient_id: Option<i64>,
    comment: Option<&str>,
) -> Answer {
    let named = input.value_reference.as_ref();
    let named = named.ok_or_else(|| Fault::malformed("appointment-reference"))?;
    let reason = comment.unwrap_or_default();
    if let Some(name) = slot_of(named, "Appointment") {
        return book_time(act, name.into(), patient_id, reason).await;
    }
    let held = named
        .reference
        .as_deref()
        .and_then(|reference| referred(reference, "Appointment"))
        .and_then(id)
        .ok_or(AppError::NotFound)?;
    book_hold(act, held, patient, reason).await
}

/// Books what a resource proposes or what is held as it, or changes the appointment that it is.
async fn by_resource(
    act: &Act<'_>,
    input: &Input,
    patient: &PatientInput,
    patient_id: Option<i64>,
    comment: Option<&str>,
) -> Answer {
    let malformed = || Fault::malformed("appointment-resource");
    let resource = input.resource.clone().ok_or_else(malformed)?;
    let input: AppointmentInput = serde_json::from_value(resource).map_err(|_| malformed())?;
    let input = input.checked()?;
    let patient_id = match patient_id {
        Some(id) => Some(id),
        None => input.participant("Patient")?,
    };
    let reason = comment.unwrap_or(input.reason());
    let Some(id) = input.id.as_deref().and_then(id) else {
        // What has the id of a time is proposed, and what has none is new.
        return book_time(act, wanted(act, &input).await?, patient_id, reason).await;
    };
    let item = appointment::find_by_id(&act.state.database, act.caller.clone(), id).await?;
    let is_held = item.status_at(act.state.now()) == Status::Held;
    if is_held && input.status.as_deref() != Some("cancelled") {
        return book_hold(act, id, patient, reason).await;
    }
    let version = input.version()?;
    change(act, Change { item, input, version }).await
}

/// The patient for whom something is booked, by reference or as a resource; nobody said, where there is neither.
fn patient_of(parameters: &Parameters) -> Result<PatientInput, Fault> {
    let reference = parameters.one("patient-reference")?;
    let resource = parameters.one("patient-resource")?;
    match (reference, resource) {
        (Some(_), Some(_)) => Err(Fault::malformed("patient-resource")),
        (None, None) => Ok(PatientInput::default()),
        (Some(input), None) => {
            let reference = input.value_reference.as_ref();
            let named = reference
                .and_then(|reference| referred(reference.reference.as_deref()?, "Patient"))
                .ok_or_else(|| Fault::malformed("patient-reference"))?;
            Ok(PatientInput {
                id: Some(named.to_owned()),
                ..PatientInput::default()
            })
        }
        (None, Some(input)) => {
            let resource = input
                .resource
                .clone()
                .ok_or_else(|| Fault::malformed("patient-resource"))?;
            let patient: PatientInput =
                serde_json::from_value(resource).map_err(|_| Fault::malformed("patient-resource"))?;
            match patient.resource_type.as_str() {
                "Patient" => Ok(patient),
                _ => Err(Fault::malformed("patient-resource")),
            }
        }
    }
}

/// The time that an appointment is to have: of its slot, or of its start with a doctor and a service. Where it says both, they
/// have to agree.
///
/// # Errors
/// `VALIDATION_FAILED`; `NOT_FOUND` where the doctor does not offer that.
async fn wanted(act: &Act<'_>, input: &AppointmentInput) -> Result<Wanted, Fault> {
    let said = input
        .start
        .as_deref()
        .map(|start| GivenTime::parse(start).ok_or_else(|| Fault::malformed("start")))
        .transpose()?;
    let (doctor_id, clinic_id) = (input.participant("Practitioner")?, input.participant("Location")?);
    if let Some(slot) = input.slot()? {
        let wanted = Wanted::from(slot);
        let agrees = said.is_none_or(|said| said == GivenTime::At(wanted.starts_at()))
            && doctor_id.is_none_or(|id| id == wanted.doctor_id)
            && clinic_id.is_none_or(|id| id == wanted.clinic_id);
        return agrees.then_some(wanted).ok_or_else(|| Fault::malformed("slot"));
    }
    let (at, now) = (said.ok_or_else(|| Fault::missing("slot"))?, act.state.now());
    let doctor_id = doctor_id.ok_or_else(|| Fault::missing("participant"))?;
    let service = input.service().ok_or_else(|| Fault::missing("serviceType"))?;
    let (offering, starts_at) = choose(
        &act.state.database,
        doctor_id,
        service.to_owned(),
        clinic_id,
        at,
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("start"))?;
    Ok(offering.at(starts_at))
}

/// Books a time at once.
async fn book_time(act: &Act<'_>, wanted: Wanted, patient_id: Option<i64>, reason: &str) -> Answer {
    let (state, caller) = (act.state, act.caller);
    let patient_id = match (caller, patient_id) {
        (Caller::Patient { .. }, None) => {
            family::patient_of(state, caller, "", Whose::Unsaid, act.key.as_ref())
                .await?
                .0
        }
        (Caller::Patient { .. }, named) if caller.acts_for(named) => named.ok_or(AppError::Forbidden)?,
        (Caller::Patient { .. }, _) => return Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("participant"))?,
    };
    let reason = typed(Field::Reason, reason, MAX_REASON)?;
    let key = match act.key.clone() {
        Some(key) => key,
        // The key of the same request by the JSON API, so that it is the same booking.
        None => Key::derived(
            KeyOwner::Caller(caller),
            OPERATION,
            &(&wanted, patient_id, &reason),
        )?,
    };
    let command = booking::Book {
        caller: caller.clone(),
        wanted,
        patient_id,
        reason,
        overbook: None,
        rules: state.config.rules.booking,
        key: Some(key),
    };
    let booked = booking::book(&state.database, command, state.now())
        .await
        .map_err(|error| not_had(error, caller, None, act.locale))?;
    shown_now(
        state,
        caller,
        (StatusCode::CREATED, act.base),
        booked.id,
        act.locale,
    )
    .await
}

/// Books what the patient's programs hold.
async fn book_hold(act: &Act<'_>, held: i64, patient: &PatientInput, reason: &str) -> Answer {
    let (state, caller) = (act.state, act.caller);
    let holder = Holder::of(caller)?;
    let item: Item = holds::find(
        state,
        caller.clone(),
        &holder,
        appointment::AppointmentName::Id(held),
    )
    .await?;
    let reason = typed(Field::Reason, reason, MAX_REASON)?;
    let whose = match patient.id.as_deref() {
        None => Whose::Unsaid,
        Some(said) => Whose::Known(id(said).ok_or(AppError::NotFound)?),
    };
    let said = patient.name();
    let name = holder.name(Some(said.as_str()), whose)?;
    let (patient_id, newcomer) = family::patient_of(state, caller, &name, whose, act.key.as_ref()).await?;
    let command = booking::Submit {
        reference: item.reference,
        name,
        reason,
        visitor: holder.visitor,
        patient_id,
        newcomer,
        booked_by: holder.patient_id,
        rules: state.config.rules.booking,
        instead_of: None,
        key: act.key.clone(),
    };
    let booked = booking::submit(&state.database, command, state.now())
        .await
        .map_err(|error| not_had(error, caller, None, act.locale))?;
    shown_now(
        state,
        caller,
        (StatusCode::CREATED, act.base),
        booked.id,
        act.locale,
    )
    .await
}
