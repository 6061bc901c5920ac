//! Calendars, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::feed::of_event;
use crate::server::{
    AppState, Origin,
    api::{
        Answer, AppointmentInPath, Authenticated, Bearer, Body, Done, Fault, Nothing, Query, RequestTexts,
        SentKey, done, found, made,
    },
    openapi::CALENDARS,
};
use engine::{
    account::{Caller, secret::Holder},
    error::AppError,
    ical::{self, Make, Owner, ics::Telling, path_of},
};

/// How much of an appointment is told.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wording {
    /// Whether the service is named, and who meets whom; `false` where nothing is said.
    #[param(value_type = Option<bool>)]
    details: Option<String>,
}

/// An appointment as a file for a calendar.
///
/// Its `UID` stays the same whatever becomes of it, and its `SEQUENCE` grows with every change. In the language of
/// `Accept-Language`.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/calendar.ics", tag = CALENDARS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment"), Wording),
    responses((status = 200, description = "The appointment, as RFC 5545 has it", body = String,
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
    let (event, installation) = ical::event(&state.database, caller, which).await?;
    let telling = Telling {
        role,
        details,
        texts,
        origin,
        installation,
    };
    Ok(of_event(&event, &telling))
}

/// The address of a calendar, without the address: only whoever made it was told.
#[derive(Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Whether the service is named, and who meets whom.
    details: bool,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    /// When it was fetched last, within some minutes; null before the first time.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

fn owner(caller: &Caller) -> Result<Owner, AppError> {
    Owner::of(caller).ok_or(AppError::Forbidden)
}

/// The address of the caller's calendar.
///
/// Patients and doctors have one at most.
#[utoipa::path(
    get, path = "/v1/calendar", tag = CALENDARS, security(("token" = ["read"])),
    responses((status = 200, description = "What is known of it", body = Done<CalendarFeed>)),
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

/// How an address shall be.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarFeed {
    /// Whether the service is named, and who meets whom, to whoever has the address; `false` where nothing is said.
    details: Option<bool>,
}

/// An address that was just made. It is told this once.
#[derive(Serialize, ToSchema)]
pub struct CalendarAddress {
    /// Whoever has it reads the calendar.
    #[schema(example = "https://clinic.example/calendars/3f0c….ics")]
    url: String,
    details: bool,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
}

/// Makes an address at which calendars read the caller's appointments.
///
/// It takes the place of the one before, which leads nowhere from then on. It goes on when the token has ended. The same
/// `Idempotency-Key` is answered the same only to the same token.
#[utoipa::path(
    post, path = "/v1/calendar", tag = CALENDARS, request_body = NewCalendarFeed, security(("token" = ["sign-in"])),
    responses((status = 201, description = "Made", body = Done<CalendarAddress>,
               headers(("Location" = String, description = "Where its use can be read about")))),
)]
pub async fn make_calendar_feed(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Bearer(token): Bearer,
    sent: SentKey,
    Origin(origin): Origin,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewCalendarFeed>,
) -> Answer {
    let owner = owner(&caller)?;
    let details = request.details.unwrap_or_default();
    let holder = Holder::new(token);
    let command = Make {
        owner,
        details,
        language: texts.locale(),
        key: sent.of(&caller, "make-calendar", &(details, holder.digest()))?,
        holder: holder.clone(),
    };
    let address = ical::make(&state.database, command, Timestamp::now()).await?;
    let path = path_of(&address.secret(&holder));
    let data = CalendarAddress {
        url: format!("{}{path}", origin.unwrap_or_default()),
        details: address.details,
        made_at: address.made_at,
    };
    Ok(made(texts, "api-calendar-made", "/api/v1/calendar", data))
}

/// Ends the address of the caller's calendar.
///
/// Nobody reads the calendar there from then on.
#[utoipa::path(
    delete, path = "/v1/calendar", tag = CALENDARS, security(("token" = ["sign-in"])),
    responses((status = 200, description = "It leads nowhere any more", body = Done<Nothing>)),
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
