//! The JSON of a body.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use serde::de::DeserializeOwned;

use crate::server::{AppState, api::fault::Fault};

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

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
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
pub(super) fn input_at_fault(path: &str, message: &str) -> Fault {
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
