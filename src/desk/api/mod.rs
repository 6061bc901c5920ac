//! The calls of the desk: finding patients, and booking walk-ins.

pub mod find;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    account::family,
    appointment::{
        api::{ChangedAppointment, with_names},
        forms::MAX_REASON,
    },
    booking::{api::alternatives::not_booked, forms::MAX_NAME},
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, Listed, Query, RequestTexts, SentKey, found,
            listed, made, number, page_of, paged, words,
        },
        openapi::{APPOINTMENTS, PATIENTS},
    },
};
use engine::{
    account::{Caller, Phone, family::Newcomer, typed},
    appointment::Search,
    availability::offered,
    booking::{self, WalkIn, WalksIn},
    desk::{self, Person, Typed},
    error::{AppError, Field},
    i18n::Texts,
    idempotency::{Key, KeyOwner},
};

/// A patient.
#[derive(Serialize, ToSchema)]
pub struct PatientData {
    #[schema(example = 1)]
    id: i64,
    /// The name; null until it is known.
    #[schema(example = "Dewi Lestari")]
    name: Option<String>,
    #[schema(example = "+6281255500101")]
    phone: String,
}

impl From<Person> for PatientData {
    fn from(person: Person) -> Self {
        let Person { id, name, phone } = person;
        Self { id, name, phone }
    }
}

/// The phone number of a patient.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientOfPhone {
    /// The phone number, with the country code unless it is that of the clinic.
    #[schema(min_length = 1, max_length = 40, example = "+62 812 5550 0101")]
    phone: String,
    /// The name of the patient. Several patients may share a phone, and are told apart by it.
    #[schema(max_length = 120, example = "Dewi")]
    name: Option<String>,
    /// Whether it is somebody else with the same phone as the patients in `details` of `PHONE_SHARED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebody_else: Option<bool>,
}

/// Finds a patient by phone number, or adds one.
///
/// For staff, who have to do with the patient for a day from then on. Who asks for many numbers is refused with `RATE_LIMITED`, and
/// each of them is recorded. A number and a name belong to one patient, however often they are sent and by whom. A number that is known
/// under another name is refused, until the request says that it is for `somebody_else` with the same phone; who it is
/// otherwise is in `details.patients`.
#[utoipa::path(
    post, path = "/v1/patients", tag = PATIENTS, request_body = PatientOfPhone, security(("token" = ["book"])),
    responses(
        (status = 200, description = "The patient with this number", body = Done<PatientData>),
        (status = 409, description = "`PHONE_SHARED`: the number belongs to somebody with another name, or to several, who are in `details.patients`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn find_patient(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<PatientOfPhone>,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let key = sent.of(&caller, "find-patient", &request)?;
    let typed = Typed {
        key,
        ..typed_phone(
            &state,
            &caller,
            &request.phone,
            request.name.as_deref(),
            request.somebody_else,
        )
        .await?
    };
    let phone = typed.phone.clone();
    let (database, now) = (&state.database, state.now());
    let id = match desk::patient_by_phone(database, typed, now).await {
        Ok(id) => id,
        Err(error) => return Err(family::of_phone(&state, &caller, error, phone).await),
    };
    let person = desk::patient(database, &caller, id, now).await?;
    Ok(found(texts, PatientData::from(person)))
}

/// Reads a phone number with the name of its patient, and counts it.
///
/// # Errors
/// `RATE_LIMITED`, `VALIDATION_FAILED`.
async fn typed_phone(
    state: &AppState,
    caller: &Caller,
    phone: &str,
    name: Option<&str>,
    somebody_else: Option<bool>,
) -> Result<Typed, Fault> {
    let most = state.config.limits.phones_per_staff;
    desk::count_typed(&state.database, caller, most, state.now()).await?;
    Ok(Typed {
        caller: caller.clone(),
        name: typed(Field::Name, name.unwrap_or_default(), MAX_NAME)?,
        phone: Phone::parse(phone, state.config.rules.country)?,
        whose: family::whose(None, somebody_else)?,
        key: None,
    })
}

/// A search for patients.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Deprecated: a part of a name, or of a phone number. It stands in the URL, which proxies and logs keep; use
    /// `POST patients/search`.
    #[param(max_length = 200, example = "Dewi")]
    q: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists patients, oldest first.
///
/// Admins see all patients; doctors those who booked them, whose phone they typed, or whom an admin gave them; reception those
/// who were booked at its clinics, or whose phone it typed. An admin who is given clinics is limited to them likewise.
#[utoipa::path(
    get, path = "/v1/patients", tag = PATIENTS, params(Filter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of patients", body = Listed<PatientData>)),
)]
pub async fn patients(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let limit = page_of(filter.limit.as_deref())?;
    found_patients(
        &state,
        &caller,
        texts,
        filter.q.as_deref(),
        limit,
        filter.cursor.as_deref(),
    )
    .await
}

/// A search for patients by person.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"q": "Dewi"}))]
pub struct PatientSearch {
    /// A part of a name, or of a phone number.
    #[schema(max_length = 200)]
    q: Option<String>,
    /// The size of a page; 50 by default.
    #[schema(minimum = 1, maximum = 200, example = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Searches patients by name or phone number, oldest first.
///
/// The same as `GET patients`, without a name or a number in the URL. It changes nothing.
#[utoipa::path(
    post, path = "/v1/patients/search", tag = PATIENTS, request_body = PatientSearch, security(("token" = ["read"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "A page of patients", body = Listed<PatientData>)),
)]
pub async fn search_patients(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<PatientSearch>,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let limit = page_of(request.limit.map(|limit| limit.to_string()).as_deref())?;
    found_patients(
        &state,
        &caller,
        texts,
        request.q.as_deref(),
        limit,
        request.cursor.as_deref(),
    )
    .await
}

/// A page of the patients whom a search finds.
async fn found_patients(
    state: &AppState,
    caller: &Caller,
    texts: Texts,
    q: Option<&str>,
    limit: i64,
    cursor: Option<&str>,
) -> Answer {
    let wanted = desk::Listing {
        search: Search::new(&words("q", q)?, state.config.rules.country),
        after: number("cursor", cursor)?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let people = desk::patients(&state.database, caller, wanted, state.now()).await?;
    let (people, next) = paged(people, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        people.into_iter().map(PatientData::from).collect(),
        next,
    ))
}

/// Returns a patient.
///
/// For admins, and for doctors and reception who have to do with the patient: whom the patient booked or at whose clinics, who
/// typed the phone in the last 24 hours, or to whom an admin gave the patient. It is recorded who reads it.
#[utoipa::path(
    get, path = "/v1/patients/{id}", tag = PATIENTS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "The patient", body = Done<PatientData>)),
)]
pub async fn patient(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Id(id): Id,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let person = desk::patient(&state.database, &caller, id, state.now()).await?;
    Ok(found(texts, PatientData::from(person)))
}

/// A walk-in patient, and the service they need.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"doctor_id": 1, "type": "in_person", "patient_id": 1, "reason": "A cough"}))]
pub struct NewWalkIn {
    /// The doctor. Doctors book in their own calendar.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    /// The clinic; the first one where the doctor offers the service if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// The id of a known patient. If it is missing, the phone number is needed.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(max_length = 40, example = "+6281255500101")]
    phone: Option<String>,
    /// The name of the patient with this phone number.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// Whether it is somebody else with the same phone as the patients in `details` of `PHONE_SHARED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebody_else: Option<bool>,
    /// The reason for the appointment.
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// Whether the patient may have more of the service than its limits allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
}

/// Books the first free time of today for a walk-in.
///
/// For staff, when a patient stands at the desk. Nothing is booked while it is not said for whom it is: a number that is
/// known under another name is refused with `PHONE_SHARED`. Send the `patient_id` of one of `details.patients` in place of
/// the number, or the number with `somebody_else`.
#[utoipa::path(
    post, path = "/v1/walk-ins", tag = APPOINTMENTS, request_body = NewWalkIn, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Booked", body = Done<ChangedAppointment>,
         headers(("Location" = String, description = "The path of the appointment"))),
        (status = 409, description = "`BOOKING_FAILED`: nothing is free today, or the patient has another appointment then; `PHONE_SHARED`: the number belongs to somebody with another name, or to several, who are in `details.patients`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn walk_in(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewWalkIn>,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let key = sent.of(&caller, "walk-in", &request)?;
    let exceed_limit = request.exceed_limit == Some(true);
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let doctor_id = match (request.doctor_id, &caller) {
        (Some(id), _) => id,
        (None, Caller::Doctor { doctor_id, .. }) => *doctor_id,
        (None, _) => return Err(Fault::missing("doctor_id")),
    };
    // Nobody's number is looked up for what is refused anyway.
    if matches!(&caller, Caller::Doctor { doctor_id: own, .. } if *own != doctor_id) {
        return Err(AppError::NotFound.into());
    }
    let offering = offered(&state.database, Some(doctor_id))
        .await?
        .into_iter()
        .find(|offering| {
            offering.service_key == request.service
                && !caller.is_kept_from(offering.clinic_id)
                && request.clinic_id.is_none_or(|id| id == offering.clinic_id)
        })
        .ok_or(AppError::NotFound)?;
    let patient = match (request.patient_id, &request.phone) {
        (Some(_), None) if request.somebody_else == Some(true) => {
            return Err(Fault::malformed("somebody_else"));
        }
        // A name beside a known patient is of no use, and dropping it might be of harm.
        (Some(_), None)
            if request
                .name
                .as_deref()
                .is_some_and(|name| !name.trim().is_empty()) =>
        {
            return Err(Fault::malformed("name"));
        }
        (Some(id), None) => WalksIn::Known(id),
        (None, Some(phone)) => {
            let typed = typed_phone(
                &state,
                &caller,
                phone,
                request.name.as_deref(),
                request.somebody_else,
            )
            .await?;
            WalksIn::Newcomer(typed.newcomer())
        }
        (Some(_), Some(_)) => return Err(Fault::malformed("phone")),
        (None, None) => return Err(Fault::missing("patient_id")),
    };
    let key = match key {
        Some(key) => key,
        None => Key::derived(
            KeyOwner::Caller(&caller),
            "walk-in",
            &(
                offering.at(jiff::Timestamp::UNIX_EPOCH),
                patient.subject(),
                reason.as_str(),
            ),
        )?,
    };
    let command = WalkIn {
        caller: caller.clone(),
        doctor_id,
        clinic_id: offering.clinic_id,
        service_id: offering.service_id,
        patient: patient.clone(),
        reason: reason.clone(),
        rules: state.config.rules.booking.with_limit_exceeded(exceed_limit),
        key: Some(key),
    };
    let booked = match (
        booking::walk_in(&state.database, command, state.now()).await,
        patient,
    ) {
        (Ok(booked), _) => booked,
        (Err(error @ AppError::PhoneShared), WalksIn::Newcomer(Newcomer::ByPhone { phone, .. })) => {
            return Err(family::of_phone(&state, &caller, error, phone).await);
        }
        (Err(error), _) => return Err(not_booked(error, &caller)),
    };
    let data = with_names(&state, &booked).await.because(&reason);
    let location = format!("/api/v1/appointments/{}", booked.id);
    Ok(made(texts, "api-booked", &location, data))
}
