//! Refusals as an `OperationOutcome`: whatever is refused below `/fhir`, by a handler or by a layer, is written as a problem
//! first, and put into the words of FHIR here.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{MEDIA_TYPE, name::systems};

/// The size of a problem, in bytes; none is longer.
const MAX_PROBLEM: usize = 1024 * 1024;

/// The media type of what is written anew.
const PROBLEM: &str = "application/problem+json";

/// The detail under which the resources are that are free instead.
pub const CONTAINED: &str = "contained";

/// Writes every problem below `/fhir` as an `OperationOutcome`.
pub async fn write_outcomes(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_fhir = path == "/fhir" || path.starts_with("/fhir/");
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type == PROBLEM);
    if !is_fhir || !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let problem = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let (status, outcome) = of(&problem);
    parts.status = status;
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Response::from_parts(parts, Body::from(outcome.to_string()))
}

/// The status and the `OperationOutcome` of a problem.
pub fn of(problem: &Value) -> (StatusCode, Value) {
    let code = problem["code"].as_str().unwrap_or("INTERNAL");
    let text = problem["error"].as_str().unwrap_or_default();
    let status = problem["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = match (code, status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)) {
        // What is not FHIR as it is understood here, and nothing that a rule of the clinic forbids.
        ("VALIDATION_FAILED", StatusCode::UNPROCESSABLE_ENTITY)
            if problem["details"]["business-rule"].is_null() =>
        {
            StatusCode::BAD_REQUEST
        }
        (_, status) => status,
    };
    let mut details = problem["details"].as_object().cloned().unwrap_or_default();
    let contained = details.remove(CONTAINED);
    let mut issues = issues(code, status, text, &details);
    if let (Some(Value::Array(contained)), Some(issue)) = (&contained, issues.last_mut()) {
        let references: Vec<Value> = contained
            .iter()
            .filter_map(|resource| resource["id"].as_str())
            .map(|id| {
                json!({
                    "url": systems::ALTERNATIVE,
                    "valueReference": { "reference": format!("#{id}") },
                })
            })
            .collect();
        if !references.is_empty() {
            issue["extension"] = references.into();
        }
    }
    let mut outcome = json!({ "resourceType": "OperationOutcome", "issue": issues });
    if let Some(Value::Array(contained)) = contained.filter(|list| list != &json!([])) {
        outcome["contained"] = contained.into();
    }
    (status, outcome)
}

fn issues(code: &str, status: StatusCode, text: &str, details: &Map<String, Value>) -> Vec<Value> {
    let issue = |severity: &str, kind: &str| {
        let mut issue = json!({
            "severity": severity,
            "code": kind,
            "details": { "coding": [{ "system": systems::ERROR, "code": code }], "text": text },
        });
        if !details.is_empty() {
            issue["diagnostics"] = Value::Object(details.clone()).to_string().into();
        }
        issue
    };
    match code {
        // As IHE ITI asks, and what it is as well.
        "BOOKING_FAILED" => vec![issue("fatal", "not-found"), issue("error", "conflict")],
        "VALIDATION_FAILED" => {
            let foreign = details.keys().find(|key| OF_FHIR.contains(&key.as_str()));
            if let Some(kind) = foreign {
                return vec![issue("error", kind)];
            }
            let kind = match status {
                StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => "too-long",
                StatusCode::UNSUPPORTED_MEDIA_TYPE => "not-supported",
                _ if details.values().any(|problem| problem == "missing") => "required",
                _ => "invalid",
            };
            let mut issue = issue("error", kind);
            let places: Vec<&String> = details.keys().filter(|name| is_path(name)).collect();
            if !places.is_empty() {
                issue["expression"] = json!(places);
            }
            vec![issue]
        }
        "NOT_FOUND" if status == StatusCode::METHOD_NOT_ALLOWED => vec![issue("error", "not-supported")],
        _ => vec![issue("error", kind_of(code))],
    }
}

/// The codes of issues that [`Fault::foreign`](crate::server::api::Fault::foreign) is given here.
const OF_FHIR: [&str; 6] = [
    "too-costly",
    "not-supported",
    "multiple-matches",
    "required",
    "suppressed",
    "business-rule",
];

fn kind_of(code: &str) -> &'static str {
    match code {
        "NOT_FOUND" => "not-found",
        "UNAUTHENTICATED" => "login",
        "FORBIDDEN" | "STEP_UP_REQUIRED" | "FACTOR_REQUIRED" | "SIGN_IN_GUARDED" => "forbidden",
        "RATE_LIMITED" => "throttled",
        "STALE_VERSION" | "IDEMPOTENCY_CONFLICT" => "conflict",
        "PHONE_SHARED" => "multiple-matches",
        "INVALID_DATE_RANGE" => "value",
        "DEADLOCK_DETECTED" | "CONCURRENCY_ABORT" | "INVENTORY_LOCKED" => "lock-error",
        "TRANSACTION_TIMEOUT" => "timeout",
        "UNAVAILABLE" => "transient",
        "INTERNAL" => "exception",
        _ => "business-rule",
    }
}

/// Whether a name of an input can stand in FHIRPath.
fn is_path(name: &str) -> bool {
    name != "body"
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_time_is_what_ihe_asks_for_and_names_what_is_free() {
        let (status, outcome) = of(&json!({
            "code": "BOOKING_FAILED", "status": 409, "error": "Taken.",
            "details": { "reason": "slot_taken", "contained": [{ "resourceType": "Appointment", "id": "1-1-1-0" }] },
        }));
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(outcome["issue"][0]["severity"], "fatal");
        assert_eq!(outcome["issue"][0]["code"], "not-found");
        assert_eq!(outcome["issue"][1]["code"], "conflict");
        let reference = &outcome["issue"][1]["extension"][0]["valueReference"]["reference"];
        assert_eq!(reference, "#1-1-1-0");
        assert_eq!(outcome["contained"][0]["id"], "1-1-1-0");
    }

    #[test]
    fn every_refusal_has_a_status_and_a_kind() {
        for (code, said, details, status, kind) in [
            (
                "VALIDATION_FAILED",
                422,
                json!({"start": "missing"}),
                400,
                "required",
            ),
            (
                "VALIDATION_FAILED",
                422,
                json!({"body": "malformed"}),
                400,
                "invalid",
            ),
            (
                "VALIDATION_FAILED",
                400,
                json!({"too-costly": "start"}),
                400,
                "too-costly",
            ),
            (
                "VALIDATION_FAILED",
                422,
                json!({"business-rule": "status"}),
                422,
                "business-rule",
            ),
            ("VALIDATION_FAILED", 413, json!({}), 413, "too-long"),
            ("VALIDATION_FAILED", 415, json!({}), 415, "not-supported"),
            ("INVALID_TRANSITION", 422, json!({}), 422, "business-rule"),
            ("NOT_FOUND", 404, json!({}), 404, "not-found"),
            ("NOT_FOUND", 405, json!({}), 405, "not-supported"),
            ("STALE_VERSION", 412, json!({}), 412, "conflict"),
            ("UNAVAILABLE", 503, json!({}), 503, "transient"),
        ] {
            let problem = json!({ "code": code, "status": said, "error": "No.", "details": details });
            let (answered, outcome) = of(&problem);
            assert_eq!(answered.as_u16(), status, "{problem}");
            assert_eq!(outcome["issue"][0]["code"], kind, "{problem}");
        }
        assert_eq!(of(&Value::Null).0, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
