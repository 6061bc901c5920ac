//! The only way to know the caller (I4). The account behind a session is looked up at every request, so a deactivated
//! one is refused from the next request on.

use engine::{
    account::{Caller, factor::FRESH_MINUTES, find_caller, must_be_admin, must_plan, session::SignedIn},
    audit::{self, Kind, Note},
    database::Database,
    error::AppError,
    time::plus_minutes,
};
use http::{header, request::Parts};
use jiff::Timestamp;
use leptos::prelude::{expect_context, use_context};

use super::session::{BrowserSession, SignedInFrom};
use crate::{
    audit::{note_by, place},
    server::AppState,
};

/// The session of the request that is being answered.
pub fn session() -> BrowserSession {
    expect_context()
}

/// The caller's address, for rate limits.
pub fn address() -> String {
    use_context::<ClientAddress>().map_or_else(String::new, |address| address.0)
}

/// The length of what a browser says that it is, as far as it is kept.
const MAX_AGENT: usize = 200;

/// Signs the browser of the present request in, as of when somebody began to sign in.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn sign_in(who: SignedIn, since: Timestamp) -> Result<(), AppError> {
    let agent = use_context::<Parts>()
        .and_then(|parts| {
            let agent = parts.headers.get(header::USER_AGENT)?.to_str().ok()?;
            Some(agent.chars().take(MAX_AGENT).collect())
        })
        .unwrap_or_default();
    let address = address();
    session()
        .sign_in(who, since, SignedInFrom { agent, address })
        .await
}

/// The network address of the caller.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// The caller of the present request, so that it is looked up once.
#[derive(Clone, Debug, Default)]
pub struct CachedCaller(std::sync::Arc<tokio::sync::OnceCell<Option<Caller>>>);

/// Returns the person who has signed in, if anybody has.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn caller() -> Result<Option<Caller>, AppError> {
    let state = expect_context::<AppState>();
    let session = session();
    let look_up = async move { caller_of(&state.database, &session).await };
    match use_context::<CachedCaller>() {
        Some(known) => known.0.get_or_try_init(|| look_up).await.cloned(),
        None => look_up.await,
    }
}

/// Returns the person who has signed in with this session, for handlers that are no pages.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn caller_of(database: &Database, session: &BrowserSession) -> Result<Option<Caller>, AppError> {
    match session.signed_in().await? {
        Some(who) => find_caller(database, who).await,
        None => Ok(None),
    }
}

/// # Errors
/// `UNAUTHENTICATED`.
pub async fn anyone() -> Result<Caller, AppError> {
    caller().await?.ok_or(AppError::Unauthenticated)
}

/// The id of the patient who has signed in.
///
/// # Errors
/// `UNAUTHENTICATED` where nobody has, `FORBIDDEN` for staff.
pub async fn patient() -> Result<i64, AppError> {
    let caller = anyone().await?;
    match caller.patient_id() {
        Some(id) => Ok(id),
        None => Err(denied(&caller, AppError::Forbidden).await),
    }
}

/// A doctor who has signed in, with the doctor's id.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn doctor() -> Result<(Caller, i64), AppError> {
    match anyone().await? {
        Caller::Doctor {
            staff_id,
            doctor_id,
            name,
        } => Ok((
            Caller::Doctor {
                staff_id,
                doctor_id,
                name,
            },
            doctor_id,
        )),
        caller @ (Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. }) => {
            Err(denied(&caller, AppError::NotFound).await)
        }
    }
}

/// An admin of all clinics. Those of named clinics have the desk and the plans of these.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn admin() -> Result<Caller, AppError> {
    let caller = anyone().await?;
    match must_be_admin(&caller) {
        Ok(()) => Ok(caller),
        Err(error) => Err(denied(&caller, error).await),
    }
}

/// An admin, of all clinics or of named ones, for what each clinic has of its own: plans and closures.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn planner() -> Result<Caller, AppError> {
    let caller = anyone().await?;
    match must_plan(&caller) {
        Ok(()) => Ok(caller),
        Err(error) => Err(denied(&caller, error).await),
    }
}

/// Somebody at the desk: an admin or reception, each of their clinics.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn desk() -> Result<Caller, AppError> {
    let caller = anyone().await?;
    match caller.role().is_at_desk() {
        true => Ok(caller),
        false => Err(denied(&caller, AppError::NotFound).await),
    }
}

/// Somebody of staff, whatever they do here.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn staff() -> Result<Caller, AppError> {
    let caller = anyone().await?;
    match caller.role().is_staff() {
        true => Ok(caller),
        false => Err(denied(&caller, AppError::NotFound).await),
    }
}

/// A member of staff who has signed in or proved again who they are within the last minutes, as is needed before what opens
/// doors: tokens, factors, other people's accounts. Patients, who sign in by a code, are let through.
///
/// # Errors
/// `UNAUTHENTICATED`, `STEP_UP_REQUIRED`.
pub async fn fresh() -> Result<Caller, AppError> {
    let caller = anyone().await?;
    if caller.staff_id().is_none() || is_fresh().await? {
        return Ok(caller);
    }
    Err(AppError::StepUpRequired)
}

/// Whether somebody has proved within the last minutes who they are.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn is_fresh() -> Result<bool, AppError> {
    let session = session();
    let oldest = plus_minutes(session.now(), -FRESH_MINUTES);
    Ok(session.proved_at().await?.is_some_and(|at| at >= oldest))
}

/// Notes that somebody asked for what is not for them, and answers with this error.
async fn denied(caller: &Caller, error: AppError) -> AppError {
    let path = use_context::<Parts>().map_or_else(String::new, |parts| place(parts.uri.path()));
    note(note_by(caller, Kind::Denied).about(&path)).await;
    error
}

/// Writes a note of the security log about the present request.
pub async fn note(note: Note) {
    let state = expect_context::<AppState>();
    audit::note(&state.database, note.from(&address())).await;
}
