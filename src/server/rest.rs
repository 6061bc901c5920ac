//! What the handlers of `/api/v1` have in common: who calls, what they send, and how they are answered.
//!
//! A handler answers with a [`Fault`] where something went wrong. What a program is told about it, in its
//! language and with what helps it on, is put together in one place: [`tell`].

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{self, AUTHORIZATION, CONTENT_TYPE},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    AppState,
    problem::{MEDIA_TYPE, Problem},
};
use crate::{
    account::{Caller, Role, token},
    appointment::{Which, service::last_change},
    availability::service::{Alternative, Except, alternatives, visits_instead},
    booking::Wanted,
    error::{self, AppError, Field, Refusal},
    i18n::{Locale, Texts},
    idempotency::{Key, Whose},
    time::Bound,
};

/// What a handler answers with.
pub type Answer = Result<Response, Fault>;

/// What went wrong, with what the closed set of errors does not carry.
#[derive(Clone, Debug)]
pub struct Fault {
    error: AppError,
    about: About,
}

#[derive(Clone, Debug)]
enum About {
    Nothing,
    /// An input by its name, and what is wrong with it.
    Input(String, &'static str),
    /// The status that HTTP has for what is wrong with a request, and the key of the text that says it.
    Request(StatusCode, &'static str),
    /// The appointment that was to be moved: what is moved stays with its doctor.
    Moving(i64),
    /// The parts of the visit that was to be booked, all or none.
    Visit(Vec<Wanted>),
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self {
            error,
            about: About::Nothing,
        }
    }
}

const MISSING: &str = "missing";
const MALFORMED: &str = "malformed";

/// How much of a name is repeated to whoever sent it.
const MOST_NAME: usize = 60;

impl Fault {
    fn input(name: &str, problem: &'static str) -> Self {
        Self {
            error: AppError::invalid(Field::Body, error::Problem::Malformed),
            about: About::Input(name.chars().take(MOST_NAME).collect(), problem),
        }
    }

    /// There is no such input, and it is needed.
    pub fn missing(name: &str) -> Self {
        Self::input(name, MISSING)
    }

    /// An input is not what it should be.
    pub fn malformed(name: &str) -> Self {
        Self::input(name, MALFORMED)
    }

    /// That this appointment was to be moved.
    #[must_use]
    pub fn moving(self, appointment_id: i64) -> Self {
        Self {
            about: About::Moving(appointment_id),
            ..self
        }
    }

    /// That this was to be booked as a whole.
    #[must_use]
    pub fn of_visit(self, segments: Vec<Wanted>) -> Self {
        Self {
            about: About::Visit(segments),
            ..self
        }
    }

    fn request(status: StatusCode, text: &'static str) -> Self {
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => AppError::NotFound,
            _ => AppError::invalid(Field::Body, error::Problem::Malformed),
        };
        Self {
            error,
            about: About::Request(status, text),
        }
    }
}

/// [`tell`] finds it there.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Tells a program what went wrong. Also what axum and the layers refuse by themselves is told in this way: there
/// is no error of the API that is not problem+json.
pub async fn tell(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let locale = request.extensions().get::<Locale>().copied().unwrap_or_default();
    let mut response = next.run(request).await;
    let fault = match response.extensions_mut().remove::<Fault>() {
        Some(fault) => fault,
        None => match unsaid(&response) {
            Some(fault) => fault,
            None => return response,
        },
    };
    let allow = response.headers_mut().remove(header::ALLOW);
    let mut response = problem(&state, fault, locale).await.into_response();
    let headers = response.headers_mut();
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, allow);
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The fault of an answer that says none itself.
fn unsaid(response: &Response) -> Option<Fault> {
    let is_said = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type == MEDIA_TYPE);
    if is_said {
        return None;
    }
    match response.status() {
        status @ StatusCode::METHOD_NOT_ALLOWED => Some(Fault::request(status, "api-method")),
        status @ StatusCode::PAYLOAD_TOO_LARGE => Some(Fault::request(status, "api-too-large")),
        status if status.is_client_error() => Some(AppError::NotFound.into()),
        status if status.is_server_error() => Some(AppError::Internal.into()),
        _ => None,
    }
}

/// There is no such call.
pub async fn nothing() -> Fault {
    Fault::request(StatusCode::NOT_FOUND, "api-not-found")
}

async fn problem(state: &AppState, fault: Fault, locale: Locale) -> Problem {
    let texts = Texts::of(locale);
    let problem = Problem::new(fault.error, locale);
    match (fault.about, fault.error) {
        (About::Input(name, wrong), _) => problem
            .text(texts.with(&format!("api-{wrong}"), &[("field", name.clone().into())]))
            .only_detail(&name, wrong),
        (About::Request(status, key), _) => problem.status(status).text(texts.text(key)),
        (About::Visit(segments), AppError::BookingFailed { wanted, .. }) => {
            let place = segments.iter().position(|segment| *segment == wanted);
            let offers: Vec<Vec<Value>> = visits_instead(&state.database, segments, Timestamp::now())
                .await
                .unwrap_or_default()
                .iter()
                .map(|visit| visit.iter().map(offered).collect())
                .collect();
            problem
                .detail("segment", place.map_or(Value::Null, Value::from))
                .detail("alternatives", offers)
        }
        (about, AppError::BookingFailed { reason, wanted }) => {
            let moving = match about {
                About::Moving(id) => Some(id),
                _ => None,
            };
            let except = Except {
                appointment_id: moving,
                holds_of: None,
            };
            // What cannot be looked up is not offered: what the caller asked for is answered all the same.
            let offers: Vec<Value> =
                alternatives(&state.database, wanted, except, Role::Patient, Timestamp::now())
                    .await
                    .unwrap_or_default()
                    .iter()
                    .filter(|offer| moving.is_none() || offer.offering.doctor_id == wanted.doctor_id)
                    .filter(|offer| {
                        reason != Refusal::PatientOverlap || offer.starts_at != wanted.starts_at()
                    })
                    .map(offered)
                    .collect();
            problem.detail("alternatives", offers)
        }
        (
            _,
            AppError::StaleVersion { appointment_id, .. }
            | AppError::InvalidTransition { appointment_id, .. },
        ) => match last_change(&state.database, appointment_id).await {
            Ok(last) => problem
                .detail("status", last.status.as_str())
                .detail("version", last.version)
                .detail("changed_at", last.changed_at.to_string())
                .detail(
                    "changed_by",
                    last.changed_by.unwrap_or_else(|| last.role.as_str().to_owned()),
                )
                .detail("changed_by_role", last.role.as_str()),
            Err(_) => problem,
        },
        _ => problem,
    }
}

/// A time that can be had instead (B4).
fn offered(offer: &Alternative) -> Value {
    let visit = offer.offering.rules.visit(offer.starts_at);
    json!({
        "doctor_id": offer.offering.doctor_id,
        "doctor_name": offer.offering.doctor_name,
        "clinic_id": offer.offering.clinic_id,
        "type": offer.offering.service_key,
        "starts_at": visit.start,
        "ends_at": visit.end,
        "time_zone": offer.offering.zone_name,
    })
}

/// What went well: what was done, in words, and what came of it.
#[derive(Serialize, ToSchema)]
pub struct Done<T> {
    #[schema(example = true)]
    success: bool,
    /// For people, in their language.
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
    message: String,
    data: Vec<T>,
    /// Leads to the next page; null on the last one.
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

/// As [`done`], of what was made and can be found there.
pub fn made(texts: Texts, message: &str, location: &str, data: impl Serialize) -> Response {
    let mut response = done(StatusCode::CREATED, texts, message, data);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Texts {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let locale = parts.extensions.get::<Locale>().copied();
        Ok(Self::of(locale.unwrap_or_default()))
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

/// Whoever calls, by the token that they show: what `account::guard` is to pages (I4, I5).
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let Bearer(token) = Bearer::from_request_parts(parts, state).await?;
        Ok(Self(
            token::find(&state.database, &token, Timestamp::now()).await?,
        ))
    }
}

/// The number that the path names something by.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = in_path(parts, state).await?;
        id.parse().map(Self).map_err(|_| AppError::NotFound.into())
    }
}

/// The appointment that the path names, by its id or its reference.
impl<S: Send + Sync> FromRequestParts<S> for Which {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let which = in_path(parts, state).await?;
        Self::parse(&which).ok_or(AppError::NotFound.into())
    }
}

async fn in_path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Fault> {
    match Path::<String>::from_request_parts(parts, state).await {
        Ok(Path(text)) => Ok(text),
        Err(_) => Err(AppError::NotFound.into()),
    }
}

/// The body, which is JSON of exactly this form.
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
            blame(&path, &error.to_string())
        } else {
            Fault::malformed(BODY)
        }
    })?;
    json.end().map_err(|_| Fault::malformed(BODY))?;
    Ok(parsed)
}

/// The input that serde could not make sense of: it names those that are missing or too many, and for the
/// others its path does.
fn blame(path: &str, message: &str) -> Fault {
    let named = |start: &str| Some(message.strip_prefix(start)?.split('`').next()?.to_owned());
    let inside = match path.rsplit_once(']') {
        Some((list, _)) => format!("{list}]."),
        None => String::new(),
    };
    if let Some(name) = named("missing field `") {
        return Fault::missing(&format!("{inside}{name}"));
    }
    if let Some(name) = named("unknown field `") {
        return Fault::input(&format!("{inside}{name}"), "unknown");
    }
    if let Some(name) = named("duplicate field `") {
        return Fault::malformed(&format!("{inside}{name}"));
    }
    Fault::malformed(if path == "." { BODY } else { path })
}

/// What the URL asks for: nothing but this.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(refused) => {
                let text = refused.body_text();
                let at = ["unknown field `", "duplicate field `"]
                    .into_iter()
                    .find_map(|start| text.find(start));
                Err(at.map_or_else(|| Fault::malformed("query"), |at| blame(".", &text[at..])))
            }
        }
    }
}

/// The number in a parameter of the URL, where there is one.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn number(name: &str, value: Option<&str>) -> Result<Option<i64>, Fault> {
    value
        .filter(|value| !value.is_empty())
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

/// The name of the header that has the key.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key that a program sent with its request, if it did (B6).
pub struct SentKey(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for SentKey {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(&IDEMPOTENCY_KEY).cloned()))
    }
}

impl SentKey {
    /// The key of this request, where it has one.
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
            .map_err(|_| AppError::invalid(Field::IdempotencyKey, error::Problem::Malformed))?;
        Key::sent(Whose::Caller(caller), key, operation, request).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only its form matters")]
        id: i64,
        #[expect(dead_code, reason = "only its form matters")]
        lines: Vec<Line>,
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
    fn a_body_that_is_not_right_is_told_which_field_is_wrong() {
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
