//! The errors of the API: problem+json (RFC 9457) with the members that Janji adds.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ui;
use engine::{
    error::AppError,
    i18n::{Locale, Texts},
};

/// The media type of an error.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The name of the schema of errors.
pub const NAME: &str = "Problem";

/// An error (RFC 9457). `code` is for programs, `error` for people, and `details` say more.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemData {
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "about:blank")]
    kind: &'static str,
    #[schema(value_type = String, example = "Conflict")]
    title: &'static str,
    #[schema(example = 409)]
    status: u16,
    #[schema(example = false)]
    success: bool,
    #[schema(example = "This time has just been taken.")]
    error: String,
    #[schema(value_type = String, example = "BOOKING_FAILED")]
    code: &'static str,
    details: Map<String, Value>,
}

/// Answers an error as problem+json.
pub fn problem(error: AppError, locale: Locale) -> Response {
    Problem::new(error, locale).into_response()
}

/// An error on its way to a program.
#[derive(Debug)]
pub struct Problem {
    error: AppError,
    status: StatusCode,
    text: String,
    details: Map<String, Value>,
}

impl Problem {
    pub fn new(error: AppError, locale: Locale) -> Self {
        let mut details = Map::new();
        match error {
            AppError::BookingFailed { reason, .. } => {
                details.insert("reason".into(), reason.code().into());
            }
            AppError::InvalidTransition { from, to, .. } => {
                details.insert("from".into(), from.as_str().into());
                details.insert("to".into(), to.as_str().into());
            }
            AppError::ValidationFailed { field, problem } => {
                details.insert(field.name().into(), problem.code().into());
            }
            _ => {}
        }
        Self {
            error,
            status: StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            text: ui::message(error, Texts::of(locale)),
            details,
        }
    }

    /// The same error under the status that HTTP has for it.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same error in other words.
    #[must_use]
    pub fn text(self, text: String) -> Self {
        Self { text, ..self }
    }

    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn without_details(mut self) -> Self {
        self.details.clear();
        self
    }

    /// Nothing but this is known about it.
    #[must_use]
    pub fn only_detail(self, name: &str, value: impl Into<Value>) -> Self {
        self.without_details().detail(name, value)
    }
}

impl Problem {
    /// The body of the answer, as the description of the API shows it.
    pub fn into_example(self) -> Option<Value> {
        serde_json::to_value(self.into_data()).ok()
    }

    fn into_data(self) -> ProblemData {
        ProblemData {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            success: false,
            error: self.text,
            code: self.error.code(),
            details: self.details,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, error) = (self.status, self.error);
        let mut response = (status, Json(self.into_data())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        // Where something comes too often, whoever has counted knows how long to wait.
        if error.is_transient() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
