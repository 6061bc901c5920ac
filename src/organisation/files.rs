//! The logo of the organisation as a file, which every page shows.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::server::{AppState, problem};
use engine::{error::AppError, i18n::Locale, organisation::logo_file};

/// `GET /logo/{digest}.png`: the logo. Another one has another name, so browsers keep it.
pub async fn logo(State(state): State<AppState>, file: Result<Path<String>, PathRejection>) -> Response {
    // public: every page shows it.
    let digest = match &file {
        Ok(Path(file)) => file.strip_suffix(".png"),
        Err(_) => None,
    };
    let found = match digest {
        Some(digest) => logo_file(&state.database, digest.to_owned()).await,
        None => Err(AppError::NotFound),
    };
    match found {
        Ok(png) => {
            let mut response = png.into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
            headers.insert(
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            );
            response
        }
        Err(error) => problem(error, Locale::default()),
    }
}
