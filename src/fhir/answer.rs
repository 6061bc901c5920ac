//! Answers: a resource, or a bundle of them.

use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use super::MEDIA_TYPE;

/// A resource as JSON, without what is empty: FHIR has no empty members.
pub fn json(resource: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(resource).unwrap_or(Value::Null);
    prune(&mut value);
    value
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, member| !is_empty(member));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(prune);
            items.retain(|item| !is_empty(item));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Answers with a resource.
pub fn answer(status: StatusCode, resource: &impl Serialize) -> Response {
    let mut response = (status, Body::from(json(resource).to_string())).into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// Adds the `ETag` of this version of a resource, which a change names by `If-Match`.
#[must_use]
pub fn of_version(mut response: Response, version: i32) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_empty_is_not_there() {
        let pruned = json(&json!({
            "a": null, "b": [], "c": {"d": []}, "e": " ", "f": false, "g": 0, "h": [{"i": null}, {"j": "k"}],
        }));
        assert_eq!(pruned, json!({"f": false, "g": 0, "h": [{"j": "k"}]}));
    }
}
