//! The calls of the API, each with its description (X1), slice by slice.

mod description;

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::description::{description, json, page, text};
use crate::server::{self, AppState, api::scope::Scopes, openapi::Description};

/// Every call that there is.
pub fn routes() -> OpenApiRouter<AppState> {
    let calls = OpenApiRouter::new()
        .merge(signing_in())
        .merge(doctors())
        .merge(appointments())
        .merge(holds())
        .merge(patients())
        .merge(calendars())
        .merge(schedules())
        .merge(organisation())
        .merge(watching())
        .fallback(server::api::nothing);
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api", calls)
}

/// The scope that each call states.
pub fn scopes() -> Scopes {
    Scopes::of(&routes().into_openapi())
}

/// How a program says for whom it acts.
fn signing_in() -> OpenApiRouter<AppState> {
    use crate::account::api;

    OpenApiRouter::new()
        .routes(routes!(api::request_code))
        .routes(routes!(api::verify_code))
        .routes(routes!(api::login))
        .routes(routes!(api::logout))
        .routes(routes!(api::me))
        .routes(routes!(api::tokens, api::make_token))
        .routes(routes!(api::revoke_token))
}

/// Who can be booked, and when.
fn doctors() -> OpenApiRouter<AppState> {
    use crate::{availability::api, organisation};

    OpenApiRouter::new()
        // What is one path is one entry, whichever slices it is of.
        .routes(routes!(api::doctors, organisation::api::doctors::add_doctor))
        .routes(routes!(api::doctor))
        .routes(routes!(api::slots))
        .routes(routes!(api::slots_of_any))
}

/// Appointments, from their booking to what comes of them.
fn appointments() -> OpenApiRouter<AppState> {
    use crate::{appointment, booking, desk, prescription, rating};

    OpenApiRouter::new()
        .routes(routes!(appointment::api::appointments, booking::api::book))
        .routes(routes!(appointment::api::appointment))
        .routes(routes!(appointment::api::appointment_history))
        .routes(routes!(appointment::api::change_status))
        .routes(routes!(appointment::api::move_to))
        .routes(routes!(booking::api::cancel_visit))
        .routes(routes!(desk::api::walk_in))
        .routes(routes!(
            prescription::api::prescribe,
            prescription::api::prescriptions
        ))
        .routes(routes!(prescription::api::prescription))
        .routes(routes!(rating::api::rate))
        .routes(routes!(rating::api::rating))
}

/// Times that are kept for who has not decided yet.
fn holds() -> OpenApiRouter<AppState> {
    use crate::booking::api::holds;

    OpenApiRouter::new()
        .routes(routes!(holds::hold_time))
        .routes(routes!(holds::held_time, holds::release_hold))
        .routes(routes!(holds::extend_hold))
        .routes(routes!(holds::confirm_hold))
        .routes(routes!(holds::confirm_holds))
}

/// Patients, for staff.
fn patients() -> OpenApiRouter<AppState> {
    use crate::{desk, prescription};

    OpenApiRouter::new()
        .routes(routes!(desk::api::find_patient, desk::api::patients))
        .routes(routes!(desk::api::patient))
        .routes(routes!(prescription::api::patient_visits))
}

/// For the calendars that people have elsewhere.
fn calendars() -> OpenApiRouter<AppState> {
    use crate::ical::api;

    OpenApiRouter::new()
        .routes(routes!(api::appointment_calendar))
        .routes(routes!(
            api::calendar_feed,
            api::make_calendar_feed,
            api::revoke_calendar_feed
        ))
}

/// When doctors can be booked.
fn schedules() -> OpenApiRouter<AppState> {
    use crate::schedule::api::{change, closures, day, read};

    OpenApiRouter::new()
        .routes(routes!(read::schedule))
        .routes(routes!(read::why_not))
        .routes(routes!(change::change_week))
        .routes(routes!(change::change_exception, change::remove_exception))
        .routes(routes!(change::add_absence))
        .routes(routes!(change::remove_absence))
        .routes(routes!(day::stop_day))
        .routes(routes!(day::cancel_day))
        .routes(routes!(closures::closures, closures::add_closure))
        .routes(routes!(closures::remove_closure))
}

/// Who can be booked for what, and where.
fn organisation() -> OpenApiRouter<AppState> {
    use crate::organisation::api::{accounts, clinics, doctors, import, offers, services};

    OpenApiRouter::new()
        .routes(routes!(services::services, services::add_service))
        .routes(routes!(services::service, services::change_service))
        .routes(routes!(clinics::clinics, clinics::add_clinic))
        .routes(routes!(clinics::clinic, clinics::change_clinic))
        .routes(routes!(accounts::all_doctors))
        .routes(routes!(doctors::profile, doctors::change_profile))
        .routes(routes!(offers::change_offers))
        .routes(routes!(accounts::change_activity))
        .routes(routes!(import::import_doctors))
}

/// Is it well, and who changed what?
fn watching() -> OpenApiRouter<AppState> {
    use crate::monitoring::api::{changes, integrity, locks};

    OpenApiRouter::new()
        .routes(routes!(locks::admin_locks))
        .routes(routes!(integrity::integrity, integrity::check_integrity))
        .routes(routes!(changes::changes))
}
