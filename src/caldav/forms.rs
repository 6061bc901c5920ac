//! The forms of calendars elsewhere.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::client::Http;
use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::storable,
    caldav::{self, Access, Answer, AnswerQuestion, Choice, Kind, LinkAccount, Password, Trouble},
    error::{AppError, Field, FieldProblem},
    webhook::Target,
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "calendar";

/// What the form is about: a doctor has one.
pub(super) const OWN: &str = "own";

/// The page of all this.
pub(super) const PAGE: &str = "/doctor/calendars";

/// The form as it was filled in, without the password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub server: String,
    pub user: String,
}

/// What a doctor can do about what a server says to the first questions.
fn said(trouble: Trouble) -> AppError {
    match trouble {
        Trouble::Unauthorized => AppError::invalid(Field::CalendarPassword, FieldProblem::Malformed),
        Trouble::PrivateAddress => AppError::invalid(Field::CalendarServer, FieldProblem::Malformed),
        Trouble::Unreachable
        | Trouble::TimedOut
        | Trouble::Busy
        | Trouble::NotFound
        | Trouble::Refused
        | Trouble::Unreadable
        | Trouble::TooLong
        | Trouble::Sealed => AppError::invalid(Field::CalendarServer, FieldProblem::Unknown),
    }
}

/// Links the account of a doctor, or gives the one that there is another address or password. Its server is asked what calendars it
/// has before anything is written.
#[server(prefix = "/form", endpoint = "link-calendar")]
pub async fn link_calendar(
    #[server(default)] server: String,
    #[server(default)] user: String,
    #[server(default)] app_password: String,
) -> Result<(), AppError> {
    let (caller, doctor_id) = guard::doctor().await?;
    // Appointments leave for there.
    guard::fresh().await?;
    let (state, session) = (expect_context::<AppState>(), guard::session());
    let typed = Typed {
        server: storable(&server),
        user: storable(&user),
    };
    let attempt = async {
        let allows_private = state.config.operation.caldav_private;
        let target = Target::of_field(Field::CalendarServer, &typed.server, allows_private)?;
        if app_password.is_empty() {
            return Err(AppError::invalid(Field::CalendarPassword, FieldProblem::Missing));
        }
        let secret_key = state.config.accounts.secret_key.clone();
        if secret_key.is_none() {
            return Err(AppError::invalid(Field::CalendarPassword, FieldProblem::Unknown));
        }
        let access = Access {
            account_id: 0,
            kind: Kind::CalDav,
            url: target.as_str().to_owned(),
            username: typed.user.clone(),
            password: Password::new(app_password),
        };
        let http = Http::new(allows_private).map_err(|_| AppError::Internal)?;
        let offered = http
            .discover(&access)
            .await
            .map_err(|failed| said(failed.trouble))?;
        let command = LinkAccount {
            caller,
            kind: Kind::CalDav,
            target,
            username: access.username,
            password: access.password,
            offered,
            language: texts().locale(),
            secret_key,
        };
        caldav::link(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(FORM, OWN.to_owned(), &typed, &result)
        .await?;
    let id = result?;
    tracing::info!(
        calendar.account = id,
        doctor.id = doctor_id,
        "a doctor linked a calendar"
    );
    redirect(&format!("{PAGE}?done=link"));
    Ok(())
}

/// Chooses the calendars of an account that are meant.
#[server(prefix = "/form", endpoint = "choose-calendars")]
pub async fn choose_calendars(
    account: i64,
    #[server(default)] written: Option<i64>,
    #[server(default)] busy: Vec<i64>,
    #[server(default)] details: bool,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    let choice = Choice {
        caller,
        account_id: account,
        // Nobody's number: none.
        written: written.filter(|id| *id > 0),
        busy,
        details,
    };
    caldav::choose(&state.database, choice, state.now()).await?;
    redirect(&format!("{PAGE}?done=choose"));
    Ok(())
}

/// Has an account looked at now.
#[server(prefix = "/form", endpoint = "sync-calendar")]
pub async fn sync_calendar(account: i64) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    caldav::sync_now(&state.database, &caller, account, state.now()).await?;
    redirect(&format!("{PAGE}?done=sync"));
    Ok(())
}

/// Unlinks an account.
#[server(prefix = "/form", endpoint = "unlink-calendar")]
pub async fn unlink_calendar(account: i64) -> Result<(), AppError> {
    let (caller, doctor_id) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    caldav::unlink(&state.database, &caller, account, state.now()).await?;
    tracing::info!(
        calendar.account = account,
        doctor.id = doctor_id,
        "a doctor unlinked a calendar"
    );
    redirect(&format!("{PAGE}?done=unlink"));
    Ok(())
}

/// Answers what became of an appointment that was changed in a calendar elsewhere.
#[server(prefix = "/form", endpoint = "answer-calendar")]
pub async fn answer_calendar(
    question: i64,
    #[server(default)] answer: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    let malformed = AppError::invalid(Field::CalendarAnswer, FieldProblem::Malformed);
    let command = AnswerQuestion {
        caller,
        id: question,
        answer: Answer::parse(&answer).ok_or(malformed)?,
        reason: storable(&reason),
    };
    let result = caldav::answer(&state.database, command, state.now()).await;
    // What was typed stays with its question.
    if result != Err(AppError::NotFound) {
        let session = guard::session();
        session
            .settle_typed(FORM, question.to_string(), &reason, &result)
            .await?;
    }
    result?;
    redirect(&format!("{PAGE}?done={answer}"));
    Ok(())
}
