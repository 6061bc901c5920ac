//! Families for programs: who shares a phone, and the question for whom something is.

use axum::{extract::State, http::StatusCode};
use engine::{
    account::{
        Caller, Phone,
        family::{self, Newcomer, Relative, Whose},
        required, typed,
    },
    desk,
    error::{AppError, Field},
    idempotency::{self, Key},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    booking::forms::MAX_NAME,
    server::{
        AppState, Problem,
        api::{
            Adding, Answer, Authenticated, Body, Details, Done, Fault, RequestTexts, SentKey, done, found,
        },
        openapi::PATIENTS,
    },
};

/// The details of a phone that several people may have: who they are.
#[derive(Debug, Default)]
pub struct SharedPhone(Vec<Relative>);

impl SharedPhone {
    /// Finds the details of this error, if it has to be said for whom something is.
    pub fn of(error: AppError) -> Option<Self> {
        (error == AppError::PhoneShared).then(Self::default)
    }
}

impl Details for SharedPhone {
    fn add<'a>(&'a self, _: &'a AppState, problem: Problem) -> Adding<'a> {
        let people: Vec<Value> = self
            .0
            .iter()
            .map(|person| json!({ "id": person.id, "name": person.name }))
            .collect();
        Box::pin(async move { problem.detail("patients", people) })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        vec![("patients", json!([{ "id": 1, "name": "Sari Wijaya" }]))]
    }
}

/// The fault of a request of staff for somebody with this phone.
pub async fn of_phone(state: &AppState, caller: &Caller, error: AppError, phone: Phone) -> Fault {
    match error {
        AppError::PhoneShared => {
            let people = desk::sharing(&state.database, caller, phone, state.now())
                .await
                .unwrap_or_default();
            Fault::from(error).with(SharedPhone(people))
        }
        error => error.into(),
    }
}

/// Finds the patient for whom a patient's program books, or who is made one with the booking. A request that was answered
/// under its key is given that answer later, also where it would have to be said today for whom it is.
///
/// # Errors
/// `PHONE_SHARED` where it has to be said for whom; `NOT_FOUND` for somebody else's patient; `VALIDATION_FAILED`.
pub async fn patient_of(
    state: &AppState,
    caller: &Caller,
    name: &str,
    whose: Whose,
    key: Option<&Key>,
) -> Result<(i64, Option<Newcomer>), Fault> {
    let holder_id = caller.patient_id().ok_or(AppError::Forbidden)?;
    match meant(state, caller, name, whose, holder_id).await {
        Err(_) if idempotency::is_answered(&state.database, key, state.now()).await? => Ok((holder_id, None)),
        meant => meant,
    }
}

async fn meant(
    state: &AppState,
    caller: &Caller,
    name: &str,
    whose: Whose,
    holder_id: i64,
) -> Result<(i64, Option<Newcomer>), Fault> {
    let name = typed(Field::Name, name, MAX_NAME)?;
    let database = &state.database;
    if let (Whose::Known(id), false) = (whose, name.is_empty()) {
        let people = family::of_holder(database, holder_id).await?;
        let known = people.into_iter().find(|person| person.id == id);
        let known = known.and_then(|person| person.name);
        if known.is_some_and(|known| !family::is_same_name(&known, &name)) {
            return Err(Fault::malformed("name"));
        }
    }
    match family::meant_by(database, caller, name, whose).await {
        Ok(meant) => Ok(meant),
        Err(AppError::PhoneShared) => {
            let people = family::of_holder(database, holder_id).await.unwrap_or_default();
            Err(Fault::from(AppError::PhoneShared).with(SharedPhone(people)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads for whom a call is: a patient, somebody else with the same phone, or nobody said.
///
/// # Errors
/// `VALIDATION_FAILED` for both at once.
pub fn whose(patient_id: Option<i64>, somebody_else: Option<bool>) -> Result<Whose, Fault> {
    match (patient_id, somebody_else.unwrap_or_default()) {
        (Some(_), true) => Err(Fault::malformed("somebody_else")),
        (Some(id), false) => Ok(Whose::Known(id)),
        (None, true) => Ok(Whose::SomebodyElse),
        (None, false) => Ok(Whose::Unsaid),
    }
}

/// Somebody who shares the phone of the caller.
#[derive(Serialize, ToSchema)]
pub struct Member {
    #[schema(example = 2)]
    id: i64,
    /// The name; null only for the holder of the phone, until it is known.
    #[schema(example = "Dewi")]
    name: Option<String>,
    /// Whether this is the holder of the phone, who signs in with it.
    is_holder: bool,
}

impl From<Relative> for Member {
    fn from(person: Relative) -> Self {
        let Relative { id, name, is_holder } = person;
        Self { id, name, is_holder }
    }
}

/// Lists those for whom the caller books: the caller, then who shares the phone.
#[utoipa::path(
    get, path = "/v1/family", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "The caller and the family", body = Done<Vec<Member>>)),
)]
pub async fn members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let holder_id = caller.patient_id().ok_or(AppError::Forbidden)?;
    let people = family::of_holder(&state.database, holder_id).await?;
    Ok(found(
        texts,
        people.into_iter().map(Member::from).collect::<Vec<_>>(),
    ))
}

/// Somebody who shares the caller's phone.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    #[schema(min_length = 1, max_length = 120, example = "Dewi")]
    name: String,
}

/// Adds somebody who shares the caller's phone, such as a child.
///
/// For patients. The same name is the same person, however often it is sent.
#[utoipa::path(
    post, path = "/v1/family", tag = PATIENTS, request_body = NewMember, security(("token" = ["book"])),
    responses((status = 201, description = "Added, now or before", body = Done<Member>)),
)]
pub async fn add_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewMember>,
) -> Answer {
    let holder_id = caller.patient_id().ok_or(AppError::Forbidden)?;
    let key = sent.of(&caller, "add-member", &request)?;
    let name = required(Field::Name, &request.name, MAX_NAME)?;
    let (database, now) = (&state.database, state.now());
    let id = family::patient_of(database, &caller, name, Whose::SomebodyElse, key, now).await?;
    let people = family::of_holder(database, holder_id).await?;
    let person = people
        .into_iter()
        .find(|person| person.id == id)
        .ok_or(AppError::NotFound)?;
    Ok(done(
        StatusCode::CREATED,
        texts,
        "api-family-added",
        Member::from(person),
    ))
}
