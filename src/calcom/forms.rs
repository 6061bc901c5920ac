//! The form that links an account at Cal.com.

use engine::{
    account::{Caller, storable},
    calcom::{self, HookSecret},
    caldav::{Access, Kind, Password, Trouble},
    error::{AppError, Field, FieldProblem},
    webhook::Target,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::remote::CalCom;
use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "cal-com";

/// The page of all calendars elsewhere, which says of this one how it is.
pub(super) const CALENDARS: &str = "/doctor/calendars";

/// Where the account is unless somebody says something else.
pub(super) const CAL_COM: &str = "https://api.cal.com";

/// The form as it was filled in, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub server: String,
    pub email: String,
    pub event_type: String,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            server: CAL_COM.to_owned(),
            email: String::new(),
            event_type: String::new(),
        }
    }
}

/// Links the account of a doctor at Cal.com.
#[server(prefix = "/form", endpoint = "link-cal-com")]
pub async fn link_cal_com(
    #[server(default)] server: String,
    #[server(default)] email: String,
    #[server(default)] app_password: String,
    #[server(default)] event_type: String,
    #[server(default)] hook_secret: String,
) -> Result<(), AppError> {
    let (caller, doctor_id) = guard::doctor().await?;
    // Appointments leave for there.
    guard::fresh().await?;
    let (state, session) = (expect_context::<AppState>(), guard::session());
    let typed = Typed {
        server: storable(&server),
        email: storable(&email),
        event_type: storable(&event_type),
    };
    let result = asked(&state, caller, &typed, (&app_password, &hook_secret)).await;
    session.settle_typed(FORM, String::new(), &typed, &result).await?;
    let account_id = result?;
    tracing::info!(
        calendar.account = account_id,
        doctor.id = doctor_id,
        "a doctor linked an account at Cal.com"
    );
    redirect(&format!("{CALENDARS}?done=choose"));
    Ok(())
}

/// Asks the account for its kind of bookings, and links it.
async fn asked(
    state: &AppState,
    caller: Caller,
    typed: &Typed,
    (api_key, hook_secret): (&str, &str),
) -> Result<i64, AppError> {
    let allows_private = state.config.operation.caldav_private;
    let target = Target::of_field(Field::CalendarServer, &typed.server, allows_private)?;
    let hook_secret = HookSecret::parse(hook_secret)?;
    let wrong = |problem| AppError::invalid(Field::CalendarEventType, problem);
    let event_type = match typed.event_type.trim() {
        "" => return Err(wrong(FieldProblem::Missing)),
        id => id.parse::<i64>().map_err(|_| wrong(FieldProblem::Malformed))?,
    };
    let api_key = Password::new(api_key.trim());
    if api_key.expose().is_empty() {
        return Err(AppError::invalid(Field::CalendarPassword, FieldProblem::Missing));
    }
    let access = Access {
        account_id: 0,
        kind: Kind::CalCom,
        url: target.as_str().to_owned(),
        username: typed.email.clone(),
        password: api_key.clone(),
    };
    let database = state.database.clone();
    let remote = CalCom::new(allows_private, Box::new(move || database.now()));
    let remote = remote.map_err(|_| AppError::Internal)?;
    let event_type = remote.event_type(&access, event_type).await;
    let command = calcom::LinkCalCom {
        caller,
        target,
        email: typed.email.clone(),
        api_key,
        event_type: event_type.map_err(|failed| meaning(failed.trouble))?,
        hook_secret,
        language: texts().locale(),
        secret_key: state.config.accounts.secret_key.clone(),
    };
    calcom::link(&state.database, command, state.now()).await
}

/// Which field a refusal is about.
fn meaning(trouble: Trouble) -> AppError {
    match trouble {
        Trouble::Unauthorized => AppError::invalid(Field::CalendarPassword, FieldProblem::Malformed),
        Trouble::PrivateAddress => AppError::invalid(Field::CalendarServer, FieldProblem::Malformed),
        Trouble::NotFound => AppError::invalid(Field::CalendarEventType, FieldProblem::Unknown),
        _ => AppError::invalid(Field::CalendarServer, FieldProblem::Unknown),
    }
}
