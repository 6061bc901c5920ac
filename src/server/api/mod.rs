//! The ground of the handlers of `/api/v1`: their inputs, answers and errors.
//!
//! A handler returns a [`Fault`] for an error, and [`write_problems`] writes it.

pub mod amount;
mod edit;
mod fault;
mod input;
pub mod scope;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::edit::versioned;
pub use self::{
    edit::{Edit, Versioned},
    fault::{Adding, Answer, Details, Fault, FindDetails, Problems, unknown_call, write_problems},
    input::{
        AppointmentInPath, Authenticated, Bearer, Body, IDEMPOTENCY_KEY, Id, IfMatch, InPath, OptionalCaller,
        Query, RequestTexts, SentKey, TimeInput, bound, number, page_of, unit, words, yes_or_no,
    },
};
use super::etag::Version;
use engine::{
    account::{Caller, must_be_admin},
    error::AppError,
    i18n::Texts,
};

/// Refuses everybody but admins of all clinics a call that all may know of.
///
/// # Errors
/// `FORBIDDEN`.
pub fn only_admins(caller: &Caller) -> Result<(), AppError> {
    must_be_admin(caller).map_err(|_| AppError::Forbidden)
}

/// A successful answer: a message and the data.
#[derive(Serialize, ToSchema)]
pub struct Done<T> {
    #[schema(example = true)]
    success: bool,
    /// A text for people, in the language of the request.
    #[schema(example = "Here it is.")]
    message: String,
    data: T,
}

/// An empty answer.
#[derive(Serialize, ToSchema)]
pub struct Nothing;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct Listed<T> {
    #[schema(example = true)]
    success: bool,
    #[schema(example = "Here it is.")]
    message: String,
    data: Vec<T>,
    /// The cursor of the next page; null on the last one.
    #[schema(example = "starts_at.1795489200000000.17")]
    next_cursor: Option<String>,
}

/// Answers success.
pub fn done(status: StatusCode, texts: Texts, message: &str, data: impl Serialize) -> Response {
    let done = Done {
        success: true,
        message: texts.text(message),
        data,
    };
    (status, Json(done)).into_response()
}

/// Answers a read.
pub fn found(texts: Texts, data: impl Serialize) -> Response {
    done(StatusCode::OK, texts, "api-found", data)
}

/// Answers a page of a list, with the cursor of the next page.
pub fn listed<T: Serialize>(texts: Texts, data: Vec<T>, next_cursor: Option<String>) -> Response {
    Json(Listed {
        success: true,
        message: texts.text("api-found"),
        data,
        next_cursor,
    })
    .into_response()
}

/// Splits entries, of which one more than a page was read, into a page and the cursor of the next one.
pub fn paged<T>(mut entries: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let there_are_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| there_are_more).map(cursor);
    (entries, next)
}

/// Answers 201 with the location of something new.
pub fn made(texts: Texts, message: &str, location: &str, data: impl Serialize) -> Response {
    let mut response = done(StatusCode::CREATED, texts, message, data);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Answers a read of something whose changes must name this version (C7), which begins the `ETag`.
pub fn found_version(texts: Texts, data: impl Serialize, version: i32) -> Response {
    let mut response = found(texts, data);
    response.extensions_mut().insert(Version(version));
    response
}
