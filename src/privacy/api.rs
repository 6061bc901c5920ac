//! The calls for one's own data: a copy, being forgotten, who has read it, and consent.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::files::zip;
use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Fault, Nothing, RequestTexts, done, found},
    openapi::PATIENTS,
};
use engine::{
    account::{Caller, reads},
    error::AppError,
    privacy::{
        self, Obstacle, RequestErasure,
        consent::{self, Purpose, Said, SetConsent},
        export::{self, AskExport},
    },
};

/// The most reads that are listed.
const MOST_READS: i64 = 200;

/// A fresh code, which was sent to the phone of the caller just now.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "Wm5rT2x0b3JlbSBpcHN1bQ", "code": "271828"}))]
pub struct FreshCode {
    /// As `POST auth/otp` answers it.
    #[schema(min_length = 1)]
    challenge: String,
    #[schema(min_length = 1)]
    code: String,
}

/// The id of a caller who is a patient.
fn own(caller: &Caller) -> Result<i64, AppError> {
    caller.must_be_confirmed()?;
    caller.patient_id().ok_or(AppError::Forbidden)
}

/// Takes the code, and answers with the id of the caller.
async fn proved(state: &AppState, caller: &Caller, fresh: &FreshCode) -> Result<i64, AppError> {
    let id = own(caller)?;
    let code = engine::phone::code(&fresh.code)?;
    privacy::prove(&state.database, id, (&fresh.challenge, &code), state.now()).await?;
    Ok(id)
}

/// A copy of the caller's data.
#[derive(Serialize, ToSchema)]
pub struct CopyData {
    /// `none`, `waiting`, `ready` or `failed`.
    #[schema(example = "ready")]
    state: &'static str,
    /// Until when it is there.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    #[schema(example = 18_211)]
    bytes: Option<i32>,
}

impl From<export::State> for CopyData {
    fn from(state: export::State) -> Self {
        let (state, until, bytes) = match state {
            export::State::None => ("none", None, None),
            export::State::Waiting { .. } => ("waiting", None, None),
            export::State::Failed => ("failed", None, None),
            export::State::Ready { until, bytes, .. } => ("ready", Some(until), Some(bytes)),
        };
        Self { state, until, bytes }
    }
}

/// Asks for a copy of all that the clinic has of the caller.
///
/// For patients, with a fresh code: `POST auth/otp` sends one. The copy is made within a minute, is there for a day, and takes the
/// place of the one before.
#[utoipa::path(
    post, path = "/v1/me/export", tag = PATIENTS, request_body = FreshCode, security(("token" = ["sign-in"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 202, description = "It is being made", body = Done<CopyData>)),
)]
pub async fn ask_copy(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<FreshCode>,
) -> Answer {
    let id = proved(&state, &caller, &request).await?;
    let command = AskExport {
        caller: caller.clone(),
        patient_id: id,
        locale: texts.locale(),
    };
    export::ask(&state.database, command, state.now()).await?;
    let made = export::state(&state.database, &caller, id, state.now()).await?;
    Ok(done(
        StatusCode::ACCEPTED,
        texts,
        "api-copy-asked",
        CopyData::from(made),
    ))
}

/// Says what became of the copy.
#[utoipa::path(
    get, path = "/v1/me/export", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "What became of it", body = Done<CopyData>)),
)]
pub async fn copy(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let id = own(&caller)?;
    let made = export::state(&state.database, &caller, id, state.now()).await?;
    Ok(found(texts, CopyData::from(made)))
}

/// Returns the copy: a ZIP with JSON, CSV, a page to read, and a calendar.
#[utoipa::path(
    get, path = "/v1/me/export/file", tag = PATIENTS, security(("token" = ["sign-in"])),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/zip"),
        (status = 404, description = "`NOT_FOUND`: none was asked for, it is not made yet, or it is older than a day"),
    ),
)]
pub async fn copy_file(State(state): State<AppState>, Authenticated(caller): Authenticated) -> Answer {
    let id = own(&caller)?;
    Ok(zip(&state, &caller, id).await?)
}

/// What erasing the caller would do.
#[derive(Serialize, ToSchema)]
pub struct ErasurePreview {
    /// Why it cannot be done now: `held`, `phone_shared` or `under_way`; null where it can.
    #[schema(example = "held")]
    obstacle: Option<&'static str>,
    /// What is ahead and is called off.
    #[schema(example = 1)]
    called_off: i64,
    /// What is ahead and can no longer be called off: it takes place first.
    #[schema(example = 0)]
    too_late: i64,
    /// Records of care, which stay without a name.
    #[schema(example = 3)]
    records: i64,
    /// Until when the law keeps the last of them.
    #[schema(value_type = Option<String>, format = Date, example = "2051-11-30")]
    records_until: Option<String>,
    #[schema(example = 12)]
    messages: i64,
}

/// Says what erasing the caller would do: what goes, and what stays until when.
#[utoipa::path(
    get, path = "/v1/me/erasure", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "What it would do", body = Done<ErasurePreview>)),
)]
pub async fn erasure_preview(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let id = own(&caller)?;
    let preview = privacy::preview(&state.database, &caller, id, state.now()).await?;
    let data = ErasurePreview {
        obstacle: preview.obstacle.map(|obstacle| match obstacle {
            Obstacle::Held => "held",
            Obstacle::Shared(_) => "phone_shared",
            Obstacle::UnderWay => "under_way",
        }),
        called_off: preview.ahead,
        too_late: preview.too_late,
        records: preview.records,
        records_until: preview.until.map(|until| until.to_string()),
        messages: preview.messages,
    };
    Ok(found(texts, data))
}

/// An erasure that is under way.
#[derive(Serialize, ToSchema)]
pub struct ErasureData {
    /// By it, `/erased/{certificate}` says what became of it.
    #[schema(example = "K7QM-4D2P-9HXT-R3WB")]
    certificate: String,
}

/// Erases the caller.
///
/// For patients, with a fresh code. Their record is closed at once, and this token ends with it. What is ahead is called off; when
/// that has been told, the record is erased. Records of care stay without a name for as long as the law says.
#[utoipa::path(
    post, path = "/v1/me/erasure", tag = PATIENTS, request_body = FreshCode, security(("token" = ["sign-in"])),
    extensions(("x-no-key" = json!(true))),
    responses(
        (status = 202, description = "It is under way", body = Done<ErasureData>),
        (status = 403, description = "`FORBIDDEN`: the clinic has to keep everything for now"),
        (status = 422, description = "`VALIDATION_FAILED`: others share the phone, who are erased before"),
    ),
)]
pub async fn erase(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<FreshCode>,
) -> Answer {
    let patient_id = proved(&state, &caller, &request).await?;
    let command = RequestErasure { caller, patient_id };
    let requested = privacy::request(&state.database, command, state.now()).await?;
    let data = ErasureData {
        certificate: requested.certificate,
    };
    Ok(done(StatusCode::ACCEPTED, texts, "api-erasure-requested", data))
}

/// That somebody of staff read data of the caller.
#[derive(Serialize, ToSchema)]
pub struct OwnRead {
    #[schema(value_type = String, format = DateTime)]
    read_at: Timestamp,
    #[schema(example = "Dr Sari Wijaya")]
    name: String,
    /// `patient`, `phone`, `appointment`, `history` or `list`.
    #[schema(example = "history")]
    what: String,
}

/// Lists who of the staff has read data of the caller, the latest first, at most 200.
#[utoipa::path(
    get, path = "/v1/me/reads", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "Who has read what", body = Done<Vec<OwnRead>>)),
)]
pub async fn own_reads(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let id = own(&caller)?;
    let read = reads::of_patient(&state.database, id, None, MOST_READS).await?;
    let read: Vec<OwnRead> = read
        .into_iter()
        .map(|read| OwnRead {
            read_at: read.read_at,
            name: read.staff_name,
            what: read.what,
        })
        .collect();
    Ok(found(texts, read))
}

/// What holds of a purpose.
#[derive(Serialize, ToSchema)]
pub struct ConsentData {
    /// `reminders_sms`, `reminders_whatsapp`, `reminders_email` or `waitlist`.
    #[schema(example = "reminders_email")]
    purpose: &'static str,
    given: bool,
    /// When that was said; null where nobody has said anything.
    #[schema(value_type = Option<String>, format = DateTime)]
    said_at: Option<Timestamp>,
    /// The version of the text that was agreed to.
    #[schema(example = 1)]
    version: Option<i32>,
}

/// Says what the caller has agreed to.
#[utoipa::path(
    get, path = "/v1/me/consents", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "Each purpose", body = Done<Vec<ConsentData>>)),
)]
pub async fn consents(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let id = own(&caller)?;
    let known = consent::consents(&state.database, &caller, id).await?;
    let data: Vec<ConsentData> = known
        .into_iter()
        .map(|consent| ConsentData {
            purpose: consent.purpose.as_str(),
            given: consent.is_given,
            said_at: consent.said.map(|(at, _)| at),
            version: consent.said.map(|(_, version)| version),
        })
        .collect();
    Ok(found(texts, data))
}

/// Something that the caller agrees to, or takes back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "reminders_email", "given": false}))]
pub struct ConsentWish {
    purpose: String,
    given: bool,
}

/// Says that the caller agrees to something, or takes it back.
///
/// For patients. It can be repeated.
#[utoipa::path(
    put, path = "/v1/me/consents", tag = PATIENTS, request_body = ConsentWish, security(("token" = ["sign-in"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "Written down", body = Done<Nothing>)),
)]
pub async fn set_consent(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ConsentWish>,
) -> Answer {
    let patient_id = own(&caller)?;
    let command = SetConsent {
        caller,
        patient_id,
        purpose: Purpose::parse(&request.purpose).ok_or_else(|| Fault::malformed("purpose"))?,
        is_given: request.given,
        said: Said::ByProgram,
    };
    consent::set_consent(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}
