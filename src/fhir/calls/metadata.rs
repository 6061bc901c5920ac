//! The `CapabilityStatement`: what there is, and nothing else.

use axum::{extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    fhir::{
        answer::answer,
        base::Base,
        kind::{self, Kind},
    },
    server::{
        AppState,
        api::{Answer, Fault},
    },
};

/// Says what there is.
pub async fn metadata(State(state): State<AppState>, base: Base) -> Answer {
    // public: it says nothing of anybody.
    let resources: Vec<Value> = kind::ALL.iter().map(|kind| resource(kind)).collect();
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "id": "janji",
        "status": "active",
        "date": "2026-11-29",
        "publisher": "Janji",
        "kind": "instance",
        "software": { "name": "Janji", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Appointments of a clinic", "url": base.as_str() },
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [{
            "mode": "server",
            "documentation": "Refusals are OperationOutcomes. Prefer: handling=strict refuses parameters that are not known. Idempotency-Key is honoured by every call that changes something.",
            "security": {
                "cors": !state.config.cors_origins.is_empty(),
                "description": "Bearer tokens with scopes: read, book. What is public on the pages needs none.",
            },
            "resource": resources,
        }],
    });
    if state.config.fhir_publish {
        statement["rest"][0]["operation"] = json!([{
            "name": "bulk-publish",
            "definition": "https://hl7.org/fhir/uv/smart-scheduling-links/OperationDefinition/bulk-publish",
        }]);
    }
    Ok::<_, Fault>(answer(StatusCode::OK, &statement))
}

fn resource(kind: &Kind) -> Value {
    let is_appointment = kind.name == kind::APPOINTMENT.name;
    let interactions: Vec<Value> = kind
        .interactions
        .iter()
        .map(|code| json!({ "code": code }))
        .collect();
    let parameters: Vec<Value> = kind
        .parameters
        .iter()
        .map(|parameter| match parameter.is_of_person {
            true => json!({
                "name": parameter.name, "type": parameter.kind,
                "documentation": "In the body of POST _search alone: names do not belong into addresses.",
            }),
            false => json!({ "name": parameter.name, "type": parameter.kind }),
        })
        .collect();
    let includes: Vec<String> = kind
        .includes
        .iter()
        .map(|name| format!("{}:{name}", kind.name))
        .collect();
    let operations: Vec<Value> = kind
        .operations
        .iter()
        .map(|(name, definition)| json!({ "name": name, "definition": definition }))
        .collect();
    json!({
        "type": kind.name,
        "interaction": interactions,
        "versioning": if is_appointment { "versioned-update" } else { "no-version" },
        "conditionalCreate": is_appointment,
        "updateCreate": false,
        "searchInclude": includes,
        "searchParam": parameters,
        "operation": operations,
    })
}
