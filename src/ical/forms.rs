//! The forms of the page of calendars.

use crate::{
    account::guard,
    audit::note_by,
    idempotency::forms::of_form,
    server::AppState,
    ui::{redirect, texts},
};
use http::{Method, request::Parts};
use leptos::prelude::*;

use engine::{
    account::{Caller, secret::Holder},
    audit::Kind,
    error::AppError,
    ical::{self, CreateFeed, Made, Owner},
    idempotency::KeyOwner,
};

/// Under which name a session keeps what was made, until the next page shows it.
const MADE: &str = "calendar-made";

/// The owner of the calendar on the caller's page.
///
/// # Errors
/// `NOT_FOUND` for admins.
pub(super) fn owner(caller: &Caller) -> Result<Owner, AppError> {
    Owner::of(caller).ok_or(AppError::NotFound)
}

/// The half of a secret that is this browser's.
///
/// # Errors
/// `UNAUTHENTICATED` without a session.
fn holder() -> Result<Holder, AppError> {
    guard::session().holder().ok_or(AppError::Unauthenticated)
}

/// Makes an address, in place of the one that there was.
#[server(prefix = "/form", endpoint = "make-calendar")]
pub async fn make_calendar(details: bool, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::fresh().await?;
    let state = expect_context::<AppState>();
    let holder = holder()?;
    // Who goes back to an old page and chooses otherwise means another one.
    let subject = format!("{details} {}", holder.digest());
    let whose = KeyOwner::Caller(&caller);
    let command = CreateFeed {
        owner: owner(&caller)?,
        details,
        language: texts().locale(),
        key: of_form(whose, &key, None, "make-calendar", &subject, &())?,
        holder,
    };
    let made = ical::make(&state.database, command, state.now()).await?;
    guard::note(note_by(&caller, Kind::Export).about("calendar")).await;
    guard::session()
        .keep_typed(MADE, String::new(), Some(made))
        .await?;
    redirect("/calendar");
    Ok(())
}

/// The secret that was made in this browser just now. It is told once: what the session keeps is half of it, and is
/// forgotten here.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) async fn just_made() -> Result<Option<String>, AppError> {
    // Who asks for the headers alone sees nothing.
    if use_context::<Parts>().is_none_or(|parts| parts.method != Method::GET) {
        return Ok(None);
    }
    let session = guard::session();
    let made: Option<Made> = session.typed(MADE, "").await?;
    let Some(made) = made else {
        return Ok(None);
    };
    session.forget_typed(MADE).await?;
    Ok(Some(made.secret(&holder()?)))
}

/// Ends the address of the caller's calendar.
#[server(prefix = "/form", endpoint = "revoke-calendar")]
pub async fn revoke_calendar() -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    ical::revoke(&state.database, owner(&caller)?).await?;
    redirect("/calendar?revoked=1");
    Ok(())
}
