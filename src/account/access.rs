//! The calls that close accounts and open them again.

use axum::{Extension, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Id, Nothing, RequestTexts, SentKey, done, found, only_admins},
    openapi::{ORGANISATION, PATIENTS},
};
use engine::{
    account::{
        Caller,
        access::{self, Account, SetAccess},
        number,
        session::SignedIn,
        token::PresentedToken,
    },
    error::AppError,
    idempotency::Key,
    organisation::must_be_admin,
};

/// Whether somebody can sign in.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub struct AccessChange {
    /// `false` ends all sessions, tokens and calendar addresses of the account; `true` revives none of them.
    active: bool,
}

/// Refuses who is no admin of all clinics, and a token that is not from signing in of late.
pub(super) fn may_change(caller: &Caller, shown: &PresentedToken, state: &AppState) -> Result<(), AppError> {
    only_admins(caller)?;
    shown.must_be_fresh(state.now())
}

pub(super) async fn set(
    state: &AppState,
    caller: Caller,
    who: SignedIn,
    change: &AccessChange,
    key: Option<Key>,
) -> Result<(), AppError> {
    let command = SetAccess {
        caller: Some(caller),
        who,
        active: change.active,
        key,
    };
    access::set_access(&state.database, command, state.now()).await
}

/// Closes the account of a doctor, or opens it again.
///
/// A doctor without access cannot sign in. Appointments stay as they are, and patients go on booking: see
/// `/v1/doctors/{id}/activity`.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/access", tag = ORGANISATION, request_body = AccessChange,
    security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of a doctor")),
    responses(
        (status = 200, description = "Changed", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn change_doctor_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<AccessChange>,
) -> Answer {
    must_be_admin(&caller)?;
    shown.must_be_fresh(state.now())?;
    let key = sent.of(&caller, "doctor-access", &(id, &request))?;
    let who = access::find_account(&state.database, Account::Doctor(id)).await?;
    set(&state, caller, who, &request, key).await?;
    tracing::info!(
        doctor.id = id,
        active = request.active,
        "an admin changed whether a doctor can sign in"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// For how long the clinic's word counts that a number is a patient's.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberDays {
    /// 0 where a code opens everything, whenever the number was confirmed.
    #[schema(minimum = 0, maximum = 366, example = 90)]
    days: i32,
}

/// Returns for how many days it counts that the clinic confirmed a phone number.
///
/// Where that was longer ago, or never, a code opens only what was booked within so many days. See `POST
/// patients/{id}/confirm-number`.
#[utoipa::path(
    get, path = "/v1/organisation/numbers", tag = ORGANISATION, security(("token" = ["read"])),
    responses((status = 200, description = "The days", body = Done<NumberDays>)),
)]
pub async fn number_days(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let days = number::number_days(&state.database).await?;
    Ok(found(texts, NumberDays { days }))
}

/// Changes for how many days it counts that the clinic confirmed a phone number. It can be repeated.
#[utoipa::path(
    put, path = "/v1/organisation/numbers", tag = ORGANISATION, request_body = NumberDays,
    security(("token" = ["sign-in"])), extensions(("x-no-key" = json!(true))),
    responses(
        (status = 200, description = "Changed", body = Done<NumberDays>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn change_number_days(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NumberDays>,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    number::set_number_days(&state.database, &caller, request.days).await?;
    tracing::info!(
        staff.id = caller.staff_id(),
        days = request.days,
        "an admin changed for how long a confirmed number counts"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", request))
}

/// Closes the account of a patient, or opens it again.
#[utoipa::path(
    put, path = "/v1/patients/{id}/access", tag = PATIENTS, request_body = AccessChange,
    security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses(
        (status = 200, description = "Changed", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn change_patient_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<AccessChange>,
) -> Answer {
    must_be_admin(&caller)?;
    shown.must_be_fresh(state.now())?;
    let key = sent.of(&caller, "patient-access", &(id, &request))?;
    set(&state, caller, SignedIn::Patient(id), &request, key).await?;
    tracing::info!(
        patient.id = id,
        active = request.active,
        "an admin changed whether a patient can sign in"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}
