//! The extractors of a call: caller, path, query, body, idempotency key and version.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, MatchedPath, Path, Query as AxumQuery, Request},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::{
    fault::{Fault, KnownCaller},
    scope::Scopes,
};
use crate::server::{AppState, etag};
use engine::{
    account::{Caller, limit, scope::Needs, token},
    appointment::AppointmentName,
    error::{self, AppError, Field},
    i18n::{Locale, Texts},
    idempotency::{Key, KeyOwner},
    text,
    time::{Bound, GivenTime},
};

/// The texts in the caller's language.
pub struct RequestTexts(pub Texts);

impl<S: Sync> FromRequestParts<S> for RequestTexts {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let locale = parts.extensions.get::<Locale>().copied();
        Ok(Self(Texts::of(locale.unwrap_or_default())))
    }
}

/// The token that a program shows.
pub struct Bearer(pub String);

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        bearer(&parts.headers)
            .map(|token| Self(token.to_owned()))
            .ok_or(AppError::Unauthenticated.into())
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The caller, by the token of the request (I4, I5). Refuses too many requests, and a token without the scope that the
/// handler states. The token itself is in the extensions, as [`token::Shown`].
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let Bearer(token) = Bearer::from_request_parts(parts, state).await?;
        let shown = token::find(&state.database, &token, state.now()).await?;
        limit::check(state.requests.count(shown.id))?;
        let caller = shown.caller.clone();
        if let Some(known) = parts.extensions.get::<KnownCaller>() {
            // Asked twice, it is the same one.
            let _ = known.0.set(caller.clone());
        }
        let needed = needs(parts);
        if !shown.reach.meets(needed) {
            return Err(Fault::out_of_reach(needed));
        }
        parts.extensions.insert(shown);
        Ok(Self(caller))
    }
}

/// The scope that this call states. A call without one, or outside of the API, needs everything.
fn needs(parts: &Parts) -> Needs {
    let route = parts.extensions.get::<MatchedPath>();
    let scopes = parts.extensions.get::<Arc<Scopes>>();
    match (scopes, route) {
        (Some(scopes), Some(route)) => scopes.needs(&parts.method, route.as_str()),
        _ => Needs::Everything,
    }
}

/// The caller, if the request has a token: for calls that are public and show more to some.
pub struct OptionalCaller(pub Option<Caller>);

impl FromRequestParts<AppState> for OptionalCaller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self(None));
        }
        let Authenticated(caller) = Authenticated::from_request_parts(parts, state).await?;
        Ok(Self(Some(caller)))
    }
}

/// Several path parameters at once. Parameters that cannot be read are `NOT_FOUND`.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(AppError::NotFound.into()),
        }
    }
}

/// The id in the path.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = in_path(parts, state).await?;
        id.parse().map(Self).map_err(|_| AppError::NotFound.into())
    }
}

/// The id or the reference of an appointment in the path.
pub struct AppointmentInPath(pub AppointmentName);

impl<S: Send + Sync> FromRequestParts<S> for AppointmentInPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let which = in_path(parts, state).await?;
        AppointmentName::parse(&which)
            .map(Self)
            .ok_or(AppError::NotFound.into())
    }
}

async fn in_path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Fault> {
    match Path::<String>::from_request_parts(parts, state).await {
        Ok(Path(text)) => Ok(text),
        Err(_) => Err(AppError::NotFound.into()),
    }
}

/// The body: JSON of exactly this form.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            return Err(Fault::request(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "api-media-type",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| {
            if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Fault::request(StatusCode::PAYLOAD_TOO_LARGE, "api-too-large")
            } else {
                Fault::malformed(BODY)
            }
        })?;
        parse(&bytes).map(Self)
    }
}

/// The name of the body as a whole.
const BODY: &str = "body";

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    media_type.is_some_and(|media_type| {
        media_type == "application/json"
            || media_type.starts_with("application/") && media_type.ends_with("+json")
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    match bytes.trim_ascii().first() {
        None => return Err(Fault::missing(BODY)),
        Some(b'{') => {}
        // serde would take a list for the fields of an object, in their order.
        Some(_) => return Err(Fault::malformed(BODY)),
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            input_at_fault(&path, &error.to_string())
        } else {
            Fault::malformed(BODY)
        }
    })?;
    json.end().map_err(|_| Fault::malformed(BODY))?;
    Ok(parsed)
}

/// Finds the input at fault in an error of serde: its message names missing and unknown fields, and its path the
/// others.
fn input_at_fault(path: &str, message: &str) -> Fault {
    let named = |start: &str| Some(message.strip_prefix(start)?.split('`').next()?.to_owned());
    // Of a field that is there, the path ends with it; of one that is not, with what it is missing in.
    let inside = |is_there: bool, name: &str| {
        let parent = match is_there {
            true => path.strip_suffix(name).unwrap_or(path).trim_end_matches('.'),
            false => path,
        };
        match parent {
            "" | "." => name.to_owned(),
            parent => format!("{parent}.{name}"),
        }
    };
    if let Some(name) = named("missing field `") {
        return Fault::missing(&inside(false, &name));
    }
    if let Some(name) = named("unknown field `") {
        return Fault::input(&inside(true, &name), "unknown");
    }
    if let Some(name) = named("duplicate field `") {
        return Fault::malformed(&inside(true, &name));
    }
    Fault::malformed(if path == "." { BODY } else { path })
}

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

/// The version in `If-Match` (C7, RFC 9110, 13.1.1): the `ETag` that was read, or just the version. It can be in the
/// body as `version` instead.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` that was read. The change is made only if nobody else has made one since.
    #[param(rename = "If-Match", value_type = Option<String>, example = "\"3\"")]
    version: Option<i32>,
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let mut tags = parts.headers.get_all(IF_MATCH).iter();
        let version = match (tags.next(), tags.next()) {
            (None, _) => None,
            (Some(tag), None) if tag == "*" => None,
            (Some(tag), None) => {
                Some(etag::version_in(tag).ok_or_else(|| Fault::malformed(IF_MATCH.as_str()))?)
            }
            // Nobody has read two versions at once.
            (Some(_), Some(_)) => return Err(Fault::malformed(IF_MATCH.as_str())),
        };
        Ok(Self { version })
    }
}

impl IfMatch {
    /// The version from `If-Match` or the body, if there is one.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where they do not say the same.
    pub fn or(&self, in_body: Option<i32>) -> Result<Option<i32>, Fault> {
        match (self.version, in_body) {
            (Some(one), Some(other)) if one != other => Err(Fault::malformed("version")),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// The version from `If-Match` or the body, where one is required.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, also where neither says it.
    pub fn or_needed(&self, in_body: Option<i32>) -> Result<i32, Fault> {
        self.or(in_body)?.ok_or_else(|| Fault::missing("version"))
    }

    /// The version from `If-Match`, where one is required and there is no body.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn needed(&self) -> Result<i32, Fault> {
        self.version.ok_or_else(|| Fault::missing(IF_MATCH.as_str()))
    }
}

/// The header of the idempotency key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The idempotency key of the request, if it has one (B6). A request with several is refused: nobody could say which of them
/// it is known by.
pub struct SentKey(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for SentKey {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let mut lines = parts.headers.get_all(&IDEMPOTENCY_KEY).iter();
        let key = lines.next().cloned();
        match lines.next() {
            None => Ok(Self(key)),
            Some(_) => Err(AppError::invalid(Field::IdempotencyKey, error::FieldProblem::Malformed).into()),
        }
    }
}

impl SentKey {
    /// Binds the key to the caller, the operation and the request.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of(
        &self,
        caller: &Caller,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<Option<Key>, AppError> {
        let Some(key) = &self.0 else {
            return Ok(None);
        };
        let key = key
            .to_str()
            .map_err(|_| AppError::invalid(Field::IdempotencyKey, error::FieldProblem::Malformed))?;
        Key::sent(KeyOwner::Caller(caller), key, operation, request).map(Some)
    }

    /// Binds the key to a request with a password, which `request` leaves out. Another password is another request,
    /// and the stored digest cannot be used to guess passwords without the key.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of_secret(
        &self,
        caller: &Caller,
        operation: &'static str,
        request: &impl Serialize,
        password: &str,
    ) -> Result<Option<Key>, AppError> {
        let salt = self.0.as_ref().map_or(&[][..], HeaderValue::as_bytes);
        let password = Sha256::new()
            .chain_update(salt.len().to_be_bytes())
            .chain_update(salt)
            .chain_update(password)
            .finalize()
            .to_vec();
        self.of(caller, operation, &(request, password))
    }
}

/// Serialises a secret as nothing, for the digest of a request; see [`SentKey::of_secret`].
///
/// # Errors
/// Those of the serializer.
pub fn unit<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{super::fault::About, *};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only its form matters")]
        id: i64,
        #[expect(dead_code, reason = "only its form matters")]
        lines: Vec<Line>,
        #[expect(dead_code, reason = "only its form matters")]
        first: Option<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[expect(dead_code, reason = "only its form matters")]
        name: String,
    }

    fn blamed(body: &str) -> Option<(String, &'static str)> {
        match parse::<Order>(body.as_bytes()).err()?.about {
            About::Input(name, problem) => Some((name, problem)),
            _ => None,
        }
    }

    #[test]
    fn the_error_of_a_body_names_the_field() {
        for (body, name, problem) in [
            ("", "body", "missing"),
            ("{", "body", "malformed"),
            ("[]", "body", "malformed"),
            ("null", "body", "malformed"),
            ("[1, []]", "body", "malformed"),
            (r#"{"id":1,"lines":[]} {}"#, "body", "malformed"),
            (r#"{"lines":[]}"#, "id", "missing"),
            (r#"{"id":"1","lines":[]}"#, "id", "malformed"),
            (r#"{"id":1.5,"lines":[]}"#, "id", "malformed"),
            (r#"{"id":9223372036854775808,"lines":[]}"#, "id", "malformed"),
            (r#"{"id":1,"id":2,"lines":[]}"#, "id", "malformed"),
            (r#"{"id":1,"lines":[],"more":1}"#, "more", "unknown"),
            (
                r#"{"id":1,"lines":[{"name":"a"},{}]}"#,
                "lines[1].name",
                "missing",
            ),
            (r#"{"id":1,"lines":[{"name":1}]}"#, "lines[0].name", "malformed"),
            (r#"{"id":1,"lines":[],"first":{}}"#, "first.name", "missing"),
            (
                r#"{"id":1,"lines":[],"first":{"name":"a","id":1}}"#,
                "first.id",
                "unknown",
            ),
            (
                r#"{"id":1,"lines":[],"first":{"name":"a","name":"b"}}"#,
                "first.name",
                "malformed",
            ),
            (
                r#"{"id":1,"lines":[{"name":"a","b":1}]}"#,
                "lines[0].b",
                "unknown",
            ),
        ] {
            assert_eq!(blamed(body), Some((name.to_owned(), problem)), "{body}");
        }
        assert!(parse::<Order>(br#"{"id":1,"lines":[{"name":"a"}]}"#).is_ok());
    }
}
