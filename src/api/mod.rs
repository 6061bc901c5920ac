//! The routes of the API, slice by slice, and its description.

mod description;

use std::sync::Arc;

use engine::error::AppError;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::description::{description, json, page, text};
use crate::{
    account, appointment, booking, group,
    server::{
        self, AppState,
        api::{Details, scope::Scopes},
        openapi::Description,
    },
    stay,
};

/// Returns the routes of every call.
pub fn routes() -> OpenApiRouter<AppState> {
    let calls = OpenApiRouter::new()
        .merge(signing_in())
        .merge(doctors())
        .merge(appointments())
        .merge(holds())
        .merge(stays())
        .merge(waitlist())
        .merge(phone_calls())
        .merge(groups())
        .merge(patients())
        .merge(own_data())
        .merge(calendars())
        .merge(schedules())
        .merge(organisation())
        .merge(webhooks())
        .merge(payments())
        .merge(watching())
        .fallback(server::api::unknown_call);
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api", calls)
}

/// Finds the slice that knows the details of an error.
pub fn details(error: AppError) -> Option<Arc<dyn Details>> {
    let alternatives = booking::api::alternatives::Alternatives::of(error).map(wrap);
    alternatives
        .or_else(|| appointment::api::last_change::LastChange::of(error).map(wrap))
        .or_else(|| account::family::SharedPhone::of(error).map(wrap))
        .or_else(|| stay::api::details::StayDetails::of(error).map(wrap))
        .or_else(|| group::api::seats::SeatsLeft::of(error).map(wrap))
}

fn wrap(details: impl Details + 'static) -> Arc<dyn Details> {
    Arc::new(details)
}

/// The scope that each call states.
pub fn scopes() -> Scopes {
    Scopes::of(&routes().into_openapi())
}

/// Signing in, and tokens.
fn signing_in() -> OpenApiRouter<AppState> {
    use crate::account::{access, api, factor};

    OpenApiRouter::new()
        .routes(routes!(api::request_code))
        .routes(routes!(api::verify_code))
        .routes(routes!(api::login))
        .routes(routes!(factor::api::answer_login))
        .routes(routes!(api::logout))
        .routes(routes!(api::tokens::me))
        .routes(routes!(api::tokens::tokens, api::tokens::make_token))
        .routes(routes!(api::tokens::revoke_token))
        .routes(routes!(access::change_doctor_access))
        .routes(routes!(access::change_patient_access))
        .routes(routes!(access::number_days, access::change_number_days))
}

/// Doctors and their free times.
fn doctors() -> OpenApiRouter<AppState> {
    use crate::{availability::api, organisation};

    OpenApiRouter::new()
        // The calls of one path are one entry, even if two slices have them.
        .routes(routes!(api::doctors, organisation::api::doctors::add_doctor))
        .routes(routes!(api::doctor))
        .routes(routes!(api::slots))
        .routes(routes!(api::slots_of_any))
}

/// Appointments, and the prescriptions and ratings that belong to them.
fn appointments() -> OpenApiRouter<AppState> {
    use crate::{clinical_note, consultation, course, desk, payment, prescription, rating};

    OpenApiRouter::new()
        .routes(routes!(
            appointment::api::listing::appointments,
            booking::api::book
        ))
        .routes(routes!(appointment::api::search::search_appointments))
        .routes(routes!(appointment::api::several::confirm_several))
        .routes(routes!(appointment::api::appointment))
        .routes(routes!(appointment::api::history::appointment_history))
        .routes(routes!(appointment::api::arrival::arrive))
        .routes(routes!(appointment::api::arrival::take_back_arrival))
        .routes(routes!(appointment::api::change::change_status))
        .routes(routes!(appointment::api::change::move_to))
        .routes(routes!(booking::api::cancel_visit))
        .routes(routes!(course::api::preview_course))
        .routes(routes!(course::api::book_course))
        .routes(routes!(desk::api::walk_in))
        .routes(routes!(
            prescription::api::prescribe,
            prescription::api::prescriptions
        ))
        .routes(routes!(prescription::api::prescription))
        .routes(routes!(prescription::api::withdraw_prescription))
        .routes(routes!(
            prescription::api::templates::templates,
            prescription::api::templates::add_template
        ))
        .routes(routes!(
            prescription::api::templates::template,
            prescription::api::templates::change_template,
            prescription::api::templates::delete_template
        ))
        .routes(routes!(
            clinical_note::api::clinical_note,
            clinical_note::api::write_clinical_note
        ))
        .routes(routes!(
            payment::api::appointment_payments,
            payment::api::take_desk_payment
        ))
        .routes(routes!(rating::api::rate))
        .routes(routes!(rating::api::rating))
        .routes(routes!(consultation::api::consultation))
        .routes(routes!(consultation::api::send_message))
        .routes(routes!(consultation::api::see_messages))
        .routes(routes!(consultation::api::video))
}

/// Rooms and stays.
fn stays() -> OpenApiRouter<AppState> {
    use crate::stay::api::{self, book, change, pay, put_room_type, room_types};

    OpenApiRouter::new()
        .routes(routes!(room_types::room_types, put_room_type::add_room_type))
        .routes(routes!(room_types::room_type, put_room_type::change_room_type))
        .routes(routes!(room_types::room_nights, room_types::set_room_nights))
        .routes(routes!(api::stays, book::book_stay))
        .routes(routes!(api::one_stay))
        .routes(routes!(book::book_held_stay))
        .routes(routes!(pay::pay_for_stay))
        .routes(routes!(pay::stay_payments, pay::take_stay_payment))
        .routes(routes!(change::cancel_stay))
        .routes(routes!(change::change_stay))
        .routes(routes!(change::set_stay_status))
}

/// Holds.
#[expect(deprecated, reason = "programs that know the old name go on")]
fn holds() -> OpenApiRouter<AppState> {
    use crate::booking::api::{holds, pay, submit};

    OpenApiRouter::new()
        .routes(routes!(holds::hold_time))
        .routes(routes!(holds::held_time, holds::release_hold))
        .routes(routes!(holds::extend_hold))
        .routes(routes!(submit::submit_hold))
        .routes(routes!(pay::pay_hold))
        .routes(routes!(pay::pay_visit))
        .routes(routes!(submit::confirm_hold))
        .routes(routes!(submit::confirm_holds))
}

/// One's own data.
fn own_data() -> OpenApiRouter<AppState> {
    use crate::privacy::api;

    OpenApiRouter::new()
        .routes(routes!(api::copy, api::ask_copy))
        .routes(routes!(api::copy_file))
        .routes(routes!(api::erasure_preview, api::erase))
        .routes(routes!(api::own_reads))
        .routes(routes!(api::consents, api::set_consent))
}

/// The waitlist.
fn waitlist() -> OpenApiRouter<AppState> {
    use crate::waitlist::api;

    OpenApiRouter::new()
        .routes(routes!(api::waitlist_entries, api::join_waitlist))
        .routes(routes!(api::waitlist_entry, api::leave_waitlist))
        .routes(routes!(api::accept_offer))
        .routes(routes!(api::decline_offer))
        .routes(routes!(api::offer_time))
}

/// Calls that a phone agent has answered.
fn phone_calls() -> OpenApiRouter<AppState> {
    use crate::phone_call::api::{self, lines};

    OpenApiRouter::new()
        .routes(routes!(api::phone_calls))
        .routes(routes!(api::heard_names))
        .routes(routes!(api::phone_call))
        .routes(routes!(api::call_back))
        .routes(routes!(api::name_checked))
        .routes(routes!(lines::phone_lines, lines::set_phone_line))
        .routes(routes!(lines::remove_phone_line))
}

/// Group sessions and their seats.
fn groups() -> OpenApiRouter<AppState> {
    use crate::group::api::{self, plan, seats};

    OpenApiRouter::new()
        .routes(routes!(api::groups, plan::plan_group))
        .routes(routes!(api::group, plan::change_group))
        .routes(routes!(plan::publish_group))
        .routes(routes!(plan::cancel_group))
        .routes(routes!(seats::seats, seats::take_seats))
        .routes(routes!(seats::pay_for_seats))
}

/// Patients, for staff, and families, for their holders.
fn patients() -> OpenApiRouter<AppState> {
    use crate::{account::family, clinical_note, desk, notification::api::contact, prescription};

    OpenApiRouter::new()
        .routes(routes!(family::members, family::add_member))
        .routes(routes!(contact::my_contact, contact::change_my_contact))
        .routes(routes!(desk::api::find_patient, desk::api::patients))
        .routes(routes!(desk::api::search_patients))
        .routes(routes!(desk::api::find::find))
        .routes(routes!(desk::api::patient))
        .routes(routes!(desk::access::give))
        .routes(routes!(desk::access::take_back))
        .routes(routes!(desk::access::confirm_number))
        .routes(routes!(desk::access::reads))
        .routes(routes!(desk::card::api::card, desk::card::api::change_card))
        .routes(routes!(desk::merge::api::merge_patients))
        .routes(routes!(desk::merge::api::undo_merge))
        .routes(routes!(prescription::api::patient_visits))
        .routes(routes!(clinical_note::api::clinical_notes))
}

/// Appointments as iCalendar files.
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

/// Schedules and closures.
fn schedules() -> OpenApiRouter<AppState> {
    use crate::schedule::api::{calls, change, closures, day, read};

    OpenApiRouter::new()
        .routes(routes!(read::schedule))
        .routes(routes!(read::why_not))
        .routes(routes!(change::change_week))
        .routes(routes!(change::change_exception, change::remove_exception))
        .routes(routes!(change::add_absence))
        .routes(routes!(change::remove_absence))
        .routes(routes!(day::version))
        .routes(routes!(day::stop_day))
        .routes(routes!(day::open_day))
        .routes(routes!(day::cancel_day))
        .routes(routes!(closures::closures, closures::add_closure))
        .routes(routes!(closures::remove_closure))
        .routes(routes!(calls::call_lists))
        .routes(routes!(calls::call_list))
        .routes(routes!(calls::tick_call))
}

/// The organisation itself, services, clinics and the accounts of doctors and of staff.
fn organisation() -> OpenApiRouter<AppState> {
    use crate::account::staff::api as staff;
    use crate::organisation::api::{
        accounts, clinics, doctors, identity, import, offers, services, specialities,
    };

    OpenApiRouter::new()
        .routes(routes!(services::services, services::add_service))
        .routes(routes!(services::service, services::change_service))
        .routes(routes!(specialities::specialities, specialities::name_speciality))
        .routes(routes!(clinics::clinics, clinics::add_clinic))
        .routes(routes!(clinics::clinic, clinics::change_clinic))
        .routes(routes!(accounts::all_doctors))
        .routes(routes!(staff::staff_members, staff::invite_member))
        .routes(routes!(staff::send_invitation))
        .routes(routes!(staff::change_staff_access))
        .routes(routes!(staff::change_role))
        .routes(routes!(staff::change_clinics))
        .routes(routes!(doctors::profile, doctors::change_profile))
        .routes(routes!(offers::change_offers))
        .routes(routes!(accounts::change_activity))
        .routes(routes!(import::import_doctors))
        .routes(routes!(identity::organisation, identity::change_organisation))
        .routes(routes!(identity::change_logo, identity::remove_logo))
}

/// Webhooks, and what they were told.
fn webhooks() -> OpenApiRouter<AppState> {
    use crate::webhook::api;

    OpenApiRouter::new()
        .routes(routes!(api::webhooks, api::make_webhook))
        .routes(routes!(
            api::one_webhook,
            api::change_webhook,
            api::delete_webhook
        ))
        .routes(routes!(api::pause_webhook))
        .routes(routes!(api::resume_webhook))
        .routes(routes!(api::rotate_webhook_secret))
        .routes(routes!(api::test_webhook))
        .routes(routes!(api::webhook_deliveries))
        .routes(routes!(api::replay_delivery))
        .routes(routes!(api::replay_failed))
}

/// Payments, as the desk oversees them.
fn payments() -> OpenApiRouter<AppState> {
    use crate::payment::admin::api;

    OpenApiRouter::new()
        .routes(routes!(api::overseen_payments))
        .routes(routes!(api::payment_worklist))
        .routes(routes!(api::payment_trouble_seen))
        .routes(routes!(api::refund_by_hand))
        .routes(routes!(api::payment_revenue))
}

/// Locks, integrity, the log of changes, and requests that are held back.
fn watching() -> OpenApiRouter<AppState> {
    use crate::{
        appointment::api::overdue,
        audit,
        monitoring::api::{changes, integrity, locks},
        notification,
    };

    OpenApiRouter::new()
        .routes(routes!(locks::admin_locks))
        .routes(routes!(integrity::integrity, integrity::check_integrity))
        .routes(routes!(changes::changes))
        .routes(routes!(audit::api::security_notes))
        .routes(routes!(overdue::overdue, overdue::decide_overdue))
        .routes(routes!(notification::api::list_messages))
        .routes(routes!(notification::api::send_again))
        .routes(routes!(notification::api::send_test))
        .routes(routes!(notification::api::appointment_messages))
        .routes(routes!(notification::api::wording::message_texts))
        .routes(routes!(
            notification::api::wording::message_text,
            notification::api::wording::change_message_text,
            notification::api::wording::restore_message_text
        ))
}
