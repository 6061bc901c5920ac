//! Calendars, for programs.

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::feed::of_event;
use crate::{
    account::guard::ClientAddress,
    audit::note_by,
    server::{
        AppState, Origin,
        api::{
            Answer, AppointmentInPath, Authenticated, Bearer, Body, Done, Fault, Nothing, Query,
            RequestTexts, SentKey, done, found, made,
        },
        openapi::CALENDARS,
    },
};
use engine::{
    account::{Caller, secret::Holder, token::PresentedToken},
    audit::{self, Kind},
    error::AppError,
    ical::{self, CreateFeed, Owner, ics::Telling, path_of},
};

/// The content of the file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wording {
    /// Whether the file names the service, the doctor and the patient; `false` by default.
    #[param(value_type = Option<bool>)]
    details: Option<String>,
}

/// Returns an appointment as an iCalendar file.
///
/// Its `UID` never changes, and its `SEQUENCE` grows with every change. Its texts are in the language of
/// `Accept-Language`.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/calendar.ics", tag = CALENDARS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment"), Wording),
    responses((status = 200, description = "The appointment (RFC 5545)", body = String,
               content_type = "text/calendar")),
)]
pub async fn appointment_calendar(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    Query(asked): Query<Wording>,
    Origin(origin): Origin,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let details = match asked.details.as_deref() {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => return Err(Fault::malformed("details")),
    };
    let role = caller.role();
    let (event, installation) =
        ical::event(&state.database, caller, which, origin.clone(), state.now()).await?;
    let telling = Telling {
        role,
        details,
        texts,
        origin,
        installation,
    };
    Ok(of_event(&event, &telling, state.now()))
}

/// A calendar feed, without its address, which only the answer to its creation has.
#[derive(Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Whether the calendar names the service, the doctor and the patient.
    details: bool,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    /// The last time at which it was fetched, to within some minutes; null if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

fn owner(caller: &Caller) -> Result<Owner, AppError> {
    Owner::of(caller).ok_or(AppError::Forbidden)
}

/// Returns the state of the caller's calendar feed.
///
/// A patient or a doctor has at most one.
#[utoipa::path(
    get, path = "/v1/calendar", tag = CALENDARS, security(("token" = ["read"])),
    responses((status = 200, description = "The state of the feed", body = Done<CalendarFeed>)),
)]
pub async fn calendar_feed(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let known = ical::known(&state.database, owner(&caller)?)
        .await?
        .ok_or(AppError::NotFound)?;
    let data = CalendarFeed {
        details: known.details,
        made_at: known.made_at,
        last_used_at: known.last_used_at,
    };
    Ok(found(texts, data))
}

/// The content of a new calendar feed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarFeed {
    /// Whether the calendar names the service, the doctor and the patient to everybody who has the address; `false` by
    /// default.
    details: Option<bool>,
}

/// A new address of a calendar feed. Only this answer has it.
#[derive(Serialize, ToSchema)]
pub struct CalendarAddress {
    /// Everybody who has the address can read the calendar.
    #[schema(example = "https://clinic.example/calendars/3f0c….ics")]
    url: String,
    details: bool,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
}

/// Creates an address from which calendar programs read the caller's appointments.
///
/// The new address replaces the previous one, which stops working. It outlives the token. A repeated request with the
/// same `Idempotency-Key` returns the same answer only to the same token.
#[utoipa::path(
    post, path = "/v1/calendar", tag = CALENDARS, request_body = NewCalendarFeed, security(("token" = ["sign-in"])),
    responses(
        (status = 201, description = "Made", body = Done<CalendarAddress>,
         headers(("Location" = String, description = "The call that returns the state of the feed"))),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn make_calendar_feed(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    (Extension(ClientAddress(from)), Bearer(token)): (Extension<ClientAddress>, Bearer),
    sent: SentKey,
    Origin(origin): Origin,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewCalendarFeed>,
) -> Answer {
    let owner = owner(&caller)?;
    shown.must_be_fresh(state.now())?;
    let details = request.details.unwrap_or_default();
    let holder = Holder::new(token);
    let command = CreateFeed {
        owner,
        details,
        language: texts.locale(),
        key: sent.of(&caller, "make-calendar", &(details, holder.digest()))?,
        holder: holder.clone(),
    };
    let address = ical::make(&state.database, command, state.now()).await?;
    let note = note_by(&caller, Kind::Export).about("calendar").from(&from);
    audit::note(&state.database, note).await;
    let path = path_of(&address.secret(&holder));
    let data = CalendarAddress {
        url: format!("{}{path}", origin.unwrap_or_default()),
        details: address.details,
        made_at: address.made_at,
    };
    Ok(made(texts, "api-calendar-made", "/api/v1/calendar", data))
}

/// Removes the address of the caller's calendar feed.
///
/// The address stops working at once.
#[utoipa::path(
    delete, path = "/v1/calendar", tag = CALENDARS, security(("token" = ["sign-in"])),
    responses((status = 200, description = "The address no longer works", body = Done<Nothing>)),
)]
pub async fn revoke_calendar_feed(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    match ical::revoke(&state.database, owner(&caller)?).await? {
        true => Ok(done(StatusCode::OK, texts, "api-calendar-revoked", Nothing)),
        false => Err(AppError::NotFound.into()),
    }
}
