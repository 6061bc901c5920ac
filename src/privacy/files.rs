//! Copies of the data of a patient, as files.

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use engine::{account::Caller, error::AppError, i18n::Locale, privacy::export};
use tower_sessions::Session;

use crate::{
    account::{guard, session::BrowserSession},
    server::{AppState, problem},
};

/// `GET /account/data/{patient}/janji.zip` and `GET /admin/patients/{patient}/data/janji.zip`: the copy that was made, for whoever
/// may have it. There is nothing in the address that opens it.
pub async fn copy(
    State(state): State<AppState>,
    session: Session,
    Extension(locale): Extension<Locale>,
    patient: Result<Path<i64>, PathRejection>,
) -> Response {
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let read = async {
        let Path(patient_id) = patient.map_err(|_| AppError::NotFound)?;
        let caller = guard::caller_of(&state.database, &session)
            .await?
            .ok_or(AppError::NotFound)?;
        zip(&state, &caller, patient_id).await
    };
    read.await.unwrap_or_else(|error| problem(error, locale))
}

/// The copy of a patient's data, as an answer.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn zip(state: &AppState, caller: &Caller, patient_id: i64) -> Result<Response, AppError> {
    let content = export::content(&state.database, caller, patient_id, state.now()).await?;
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"janji.zip\""),
    );
    Ok(response)
}
