//! The FHIR R4 face (X6): `/fhir/r4`, for programs of hospitals. It has nothing of its own: the same tokens and scopes as the
//! JSON API, and the same engine with its locks and keys. A time without an appointment is a slot with an id that says which
//! time it is, and a proposed appointment of the same id.

mod answer;
mod base;
mod calls;
mod input;
mod kind;
mod name;
pub mod outcome;
mod patch;
mod refusal;
mod resource;
mod search;
mod shown;

use axum::{
    Router,
    http::Method,
    middleware,
    routing::{any, get, post, put},
};
use engine::account::scope::{Needs, Scope};

use self::calls::{appointments, bulk, change, directory, find, hold, metadata, patients, slots, write};
use crate::server::{
    AppState,
    api::{scope::Scopes, unknown_call},
};

/// The path below which all calls are.
pub const ROOT: &str = "/fhir/r4";

/// The media type of every answer but those of the bulk publication.
pub const MEDIA_TYPE: &str = "application/fhir+json; charset=utf-8";

/// Returns the routes of every call.
pub fn routes() -> Router<AppState> {
    Router::new()
        .merge(public())
        .merge(of_appointments())
        .merge(of_patients())
        .route("/fhir", any(unknown_call))
        // No path of the next one is empty.
        .route("/fhir/", any(unknown_call))
        .route("/fhir/{*rest}", any(unknown_call))
        .layer(middleware::from_fn(base::negotiate))
}

/// What everybody may read, as on the pages.
fn public() -> Router<AppState> {
    Router::new()
        .route("/fhir/r4/metadata", get(metadata::metadata))
        .route("/fhir/r4/Location", get(directory::locations))
        .route("/fhir/r4/Location/_search", post(directory::locations))
        .route("/fhir/r4/Location/{id}", get(directory::location))
        .route("/fhir/r4/Practitioner", get(directory::practitioners))
        .route("/fhir/r4/Practitioner/_search", post(directory::practitioners))
        .route("/fhir/r4/Practitioner/{id}", get(directory::practitioner))
        .route("/fhir/r4/PractitionerRole", get(directory::roles))
        .route("/fhir/r4/PractitionerRole/_search", post(directory::roles))
        .route("/fhir/r4/PractitionerRole/{id}", get(directory::role))
        .route("/fhir/r4/HealthcareService", get(directory::services))
        .route("/fhir/r4/HealthcareService/_search", post(directory::services))
        .route("/fhir/r4/HealthcareService/{id}", get(directory::service))
        .route("/fhir/r4/Schedule", get(directory::schedules))
        .route("/fhir/r4/Schedule/_search", post(directory::schedules))
        .route("/fhir/r4/Schedule/{id}", get(directory::schedule))
        .route("/fhir/r4/Slot", get(slots::slots))
        .route("/fhir/r4/Slot/_search", post(slots::slots))
        .route("/fhir/r4/Slot/{id}", get(slots::slot))
        .route(
            "/fhir/r4/Appointment/$find",
            get(find::find_by_address).post(find::find),
        )
        .route("/fhir/r4/$bulk-publish", get(bulk::manifest))
        .route("/fhir/r4/$bulk-publish/{file}", get(bulk::file))
}

fn of_appointments() -> Router<AppState> {
    Router::new()
        .route(
            "/fhir/r4/Appointment",
            get(appointments::appointments).post(write::create),
        )
        .route("/fhir/r4/Appointment/_search", post(appointments::appointments))
        .route("/fhir/r4/Appointment/$hold", post(hold::hold))
        .route("/fhir/r4/Appointment/$book", post(write::book))
        .route(
            "/fhir/r4/Appointment/{id}",
            put(change::put)
                .patch(change::patch)
                .get(appointments::appointment),
        )
}

fn of_patients() -> Router<AppState> {
    Router::new()
        .route("/fhir/r4/Patient", get(patients::patients))
        .route("/fhir/r4/Patient/_search", post(patients::patients))
        .route("/fhir/r4/Patient/{id}", get(patients::patient))
}

/// The scope that each call needs of a token; those that are not here ask for none.
pub fn scopes() -> Scopes {
    let (read, book) = (Needs::Scope(Scope::Read), Needs::Scope(Scope::Book));
    let calls = [
        (Method::GET, "Appointment", read),
        (Method::POST, "Appointment", book),
        (Method::POST, "Appointment/_search", read),
        (Method::POST, "Appointment/$hold", book),
        (Method::POST, "Appointment/$book", book),
        (Method::GET, "Appointment/{id}", read),
        (Method::PUT, "Appointment/{id}", book),
        (Method::PATCH, "Appointment/{id}", book),
        (Method::GET, "Patient", read),
        (Method::POST, "Patient/_search", read),
        (Method::GET, "Patient/{id}", read),
    ];
    Scopes::stated_by(
        calls
            .into_iter()
            .map(|(method, path, needs)| (method, format!("{ROOT}/{path}"), needs)),
    )
}
