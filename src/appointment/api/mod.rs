//! The calls for appointments: everybody has their own, by role (I4).

pub mod arrival;
pub mod change;
mod data;
pub mod history;
pub mod last_change;
pub mod listing;
pub mod overdue;
pub mod search;
pub mod several;

use axum::extract::State;

pub(crate) use self::data::with_names;
pub use self::data::{AppointmentData, ChangedAppointment};
use crate::server::{
    AppState,
    api::{Answer, AppointmentInPath, Authenticated, Done, RequestTexts, found_version},
    openapi::APPOINTMENTS,
};
use engine::{
    appointment::{self, AppointmentName, Status},
    error::{AppError, Field, FieldProblem},
};

fn status(text: &str) -> Result<Status, AppError> {
    Status::parse(text).ok_or(AppError::invalid(Field::Status, FieldProblem::Malformed))
}

/// Returns an appointment.
#[utoipa::path(
    get, path = "/v1/appointments/{id}", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The appointment", body = Done<AppointmentData>)),
)]
pub async fn appointment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let role = caller.role();
    let item = match which {
        AppointmentName::Id(id) => appointment::find_by_id(&state.database, caller, id).await?,
        AppointmentName::Reference(reference) => {
            appointment::find(&state.database, Some(caller), None, reference).await?
        }
    };
    let version = item.version;
    Ok(found_version(
        texts,
        AppointmentData::new(item, role, state.now(), texts.locale()),
        version,
    ))
}

/// Returns the part of the path that an idempotency key stores.
fn named(which: &AppointmentName) -> String {
    match which {
        AppointmentName::Id(id) => id.to_string(),
        AppointmentName::Reference(reference) => reference.clone(),
    }
}
