//! The calls of the API, each with its description (X1), slice by slice.

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{AppState, openapi::Description, rest};

/// Every call that there is.
pub fn calls() -> OpenApiRouter<AppState> {
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
        .fallback(rest::nothing);
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api", calls)
}

/// How a program says for whom it acts.
fn signing_in() -> OpenApiRouter<AppState> {
    use crate::account::rest;

    OpenApiRouter::new()
        .routes(routes!(rest::request_code))
        .routes(routes!(rest::verify_code))
        .routes(routes!(rest::login))
        .routes(routes!(rest::logout))
        .routes(routes!(rest::me))
        .routes(routes!(rest::tokens, rest::make_token))
        .routes(routes!(rest::revoke_token))
}

/// Who can be booked, and when.
fn doctors() -> OpenApiRouter<AppState> {
    use crate::{availability::rest, organisation};

    OpenApiRouter::new()
        // What is one path is one entry, whichever slices it is of.
        .routes(routes!(rest::doctors, organisation::rest::doctors::add_doctor))
        .routes(routes!(rest::doctor))
        .routes(routes!(rest::slots))
        .routes(routes!(rest::slots_of_any))
}

/// Appointments, from their booking to what comes of them.
fn appointments() -> OpenApiRouter<AppState> {
    use crate::{appointment, booking, desk, prescription, rating};

    OpenApiRouter::new()
        .routes(routes!(appointment::rest::appointments, booking::rest::book))
        .routes(routes!(appointment::rest::appointment))
        .routes(routes!(appointment::rest::appointment_history))
        .routes(routes!(appointment::rest::change_status))
        .routes(routes!(appointment::rest::move_to))
        .routes(routes!(booking::rest::cancel_visit))
        .routes(routes!(desk::rest::walk_in))
        .routes(routes!(
            prescription::rest::prescribe,
            prescription::rest::prescriptions
        ))
        .routes(routes!(prescription::rest::prescription))
        .routes(routes!(rating::rest::rate))
        .routes(routes!(rating::rest::rating))
}

/// Times that are kept for who has not decided yet.
fn holds() -> OpenApiRouter<AppState> {
    use crate::booking::rest::holds;

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
        .routes(routes!(desk::rest::find_patient, desk::rest::patients))
        .routes(routes!(desk::rest::patient))
        .routes(routes!(prescription::rest::patient_visits))
}

/// For the calendars that people have elsewhere.
fn calendars() -> OpenApiRouter<AppState> {
    use crate::calendar::rest;

    OpenApiRouter::new()
        .routes(routes!(rest::appointment_calendar))
        .routes(routes!(
            rest::calendar_feed,
            rest::make_calendar_feed,
            rest::revoke_calendar_feed
        ))
}

/// When doctors can be booked.
fn schedules() -> OpenApiRouter<AppState> {
    use crate::schedule::rest::{change, closures, day, read};

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
    use crate::organisation::rest::{accounts, clinics, doctors, import, offers, services};

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
    use crate::monitoring::rest::{changes, integrity, locks};

    OpenApiRouter::new()
        .routes(routes!(locks::admin_locks))
        .routes(routes!(integrity::integrity, integrity::check_integrity))
        .routes(routes!(changes::changes))
}
