//! Parameters of the URL, and times.

use axum::{
    extract::{FromRequestParts, Query as AxumQuery},
    http::request::Parts,
};
use engine::{
    text,
    time::{Bound, GivenTime},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::body::input_at_fault;
use crate::server::api::fault::Fault;

/// The parameters of the URL, without unknown ones.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        match AxumQuery::try_from_uri(&parts.uri) {
            Ok(AxumQuery(parameters)) => Ok(Self(parameters)),
            Err(refused) => {
                let text = refused.body_text();
                let at = ["unknown field `", "duplicate field `"]
                    .into_iter()
                    .find_map(|start| text.find(start));
                Err(at.map_or_else(
                    || Fault::malformed("query"),
                    |at| input_at_fault(".", &text[at..]),
                ))
            }
        }
    }
}

/// Parses the number in a parameter of the URL, if there is one.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn number(name: &str, value: Option<&str>) -> Result<Option<i64>, Fault> {
    value
        .filter(|value| !value.is_empty())
        .map(|value| value.parse().map_err(|_| Fault::malformed(name)))
        .transpose()
}

/// A point in time: RFC 3339, also with a zone (RFC 9557) that has the offset then, or a time on the wall clock of the
/// clinic.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    pattern = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?(\[[^\[\]]+\])?$",
    example = "2026-11-24 10:00:00"
)]
pub struct TimeInput(String);

impl TimeInput {
    /// Parses the input of this name.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn read(&self, name: &str) -> Result<GivenTime, Fault> {
        GivenTime::parse(&self.0).ok_or_else(|| Fault::malformed(name))
    }
}

/// The length of a search, in characters.
const MAX_WORDS: usize = 200;

/// Reads the words of a search from a parameter of the URL.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn words(name: &str, value: Option<&str>) -> Result<String, Fault> {
    let text = value.unwrap_or_default();
    // As it was sent: what is dropped from it counts, too.
    match text.chars().count().saturating_sub(MAX_WORDS) {
        0 => Ok(text::line(text)),
        over => Err(Fault::too_long_by(name, u32::try_from(over).unwrap_or(u32::MAX))),
    }
}

/// The size of a page of a list: at most, and by default.
const MAX_PER_PAGE: i64 = 200;

const PER_PAGE: i64 = 50;

/// Reads the size of a page from `limit`.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn page_of(limit: Option<&str>) -> Result<i64, Fault> {
    match number("limit", limit)? {
        None => Ok(PER_PAGE),
        Some(limit @ 1..=MAX_PER_PAGE) => Ok(limit),
        Some(_) => Err(Fault::malformed("limit")),
    }
}

/// Whether a parameter of the URL says yes, where it says anything.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn yes_or_no(name: &str, value: Option<&str>) -> Result<Option<bool>, Fault> {
    value
        .map(|value| value.parse().map_err(|_| Fault::malformed(name)))
        .transpose()
}

/// The end of a range of time in a parameter of the URL, where there is one.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn bound(name: &str, value: Option<&str>) -> Result<Option<Bound>, Fault> {
    value
        .filter(|value| !value.is_empty())
        .map(|value| Bound::parse(value).ok_or_else(|| Fault::malformed(name)))
        .transpose()
}
