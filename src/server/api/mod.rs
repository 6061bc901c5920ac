//! The ground of the handlers of `/api/v1`: their inputs, answers and errors.
//!
//! A handler returns a [`Fault`] for an error, and [`write_problems`] writes it.

pub mod amount;
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

pub use self::{
    fault::{Adding, Answer, Details, Fault, FindDetails, Problems, unknown_call, write_problems},
    input::{
        AppointmentInPath, Authenticated, Bearer, Body, IDEMPOTENCY_KEY, Id, IfMatch, InPath, Moment,
        OptionalCaller, Query, RequestTexts, SentKey, bound, number, page_of, unit, words, yes_or_no,
    },
};
use super::etag::Version;
use engine::i18n::Texts;

/// What went well: what was done, in words, and what came of it.
#[derive(Serialize, ToSchema)]
pub struct Done<T> {
    #[schema(example = true)]
    success: bool,
    /// For people, in their language.
    #[schema(example = "Here it is.")]
    message: String,
    data: T,
}

/// Where there is nothing more to say.
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
    /// Leads to the next page; null on the last one.
    #[schema(example = "starts_at.1795489200000000.17")]
    next_cursor: Option<String>,
}

/// The answer to what went well.
pub fn done(status: StatusCode, texts: Texts, message: &str, data: impl Serialize) -> Response {
    let done = Done {
        success: true,
        message: texts.text(message),
        data,
    };
    (status, Json(done)).into_response()
}

/// The answer to a question.
pub fn found(texts: Texts, data: impl Serialize) -> Response {
    done(StatusCode::OK, texts, "api-found", data)
}

/// A page of a list, and the cursor that leads to the next one.
pub fn listed<T: Serialize>(texts: Texts, data: Vec<T>, next_cursor: Option<String>) -> Response {
    Json(Listed {
        success: true,
        message: texts.text("api-found"),
        data,
        next_cursor,
    })
    .into_response()
}

/// The first page of what was read, one entry more than a page has where there are that many, and the cursor that leads
/// on.
pub fn paged<T>(mut entries: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let there_are_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| there_are_more).map(cursor);
    (entries, next)
}

/// As [`done`], of what was made and can be found there.
pub fn made(texts: Texts, message: &str, location: &str, data: impl Serialize) -> Response {
    let mut response = done(StatusCode::CREATED, texts, message, data);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// As [`found`], of what is changed only by who has seen this version of it (C7): it is in the `ETag`.
pub fn found_version(texts: Texts, data: impl Serialize, version: i32) -> Response {
    let mut response = found(texts, data);
    response.extensions_mut().insert(Version(version));
    response
}
