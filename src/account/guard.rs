//! The only way to know the caller (I4). What a session says is looked up again at every request: who
//! has been deactivated is nobody from the next request on.

use leptos::prelude::{expect_context, use_context};
use sqlx::PgConnection;

use super::{
    Caller, Role,
    session::{BrowserSession, SignedIn},
};
use crate::{
    database::{Database, Failure},
    error::AppError,
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

/// Where a request comes from, as the router found out.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// What the guard found out about a request, so that it asks once.
#[derive(Clone, Debug, Default)]
pub struct Known(std::sync::Arc<tokio::sync::OnceCell<Option<Caller>>>);

/// Whoever has signed in, if anybody.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn caller() -> Result<Option<Caller>, AppError> {
    let state = expect_context::<AppState>();
    let session = session();
    let look_up = async move { caller_of(&state.database, &session).await };
    match use_context::<Known>() {
        Some(known) => known.0.get_or_try_init(|| look_up).await.cloned(),
        None => look_up.await,
    }
}

/// Whoever has signed in with this session, for what is no page.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn caller_of(database: &Database, session: &BrowserSession) -> Result<Option<Caller>, AppError> {
    match session.signed_in().await? {
        Some(who) => find(database, who).await,
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
    anyone().await?.patient_id().ok_or(AppError::Forbidden)
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
        Caller::Patient { .. } | Caller::Admin { .. } => Err(AppError::NotFound),
    }
}

/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for others, who need not know what is there.
pub async fn admin() -> Result<Caller, AppError> {
    match anyone().await? {
        caller @ Caller::Admin { .. } => Ok(caller),
        Caller::Patient { .. } | Caller::Doctor { .. } => Err(AppError::NotFound),
    }
}

async fn find(database: &Database, who: SignedIn) -> Result<Option<Caller>, AppError> {
    database
        .read("guard.caller", move |mut connection| async move {
            match who {
                SignedIn::Patient(id) => find_patient(&mut connection, id).await,
                SignedIn::Staff(id) => find_staff(&mut connection, id).await,
            }
        })
        .await
}

async fn find_patient(connection: &mut PgConnection, id: i64) -> Result<Option<Caller>, Failure> {
    let row = sqlx::query!("select name from patients where id = $1 and active", id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Caller::Patient { id, name: row.name }))
}

async fn find_staff(connection: &mut PgConnection, id: i64) -> Result<Option<Caller>, Failure> {
    let row = sqlx::query!(
        r#"select staff.role, staff.name, doctors.id as "doctor_id?"
           from staff left join doctors on doctors.staff_id = staff.id
           where staff.id = $1 and staff.active"#,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| staff_caller(id, &row.role, row.name, row.doctor_id)))
}

/// The caller that a row of `staff` is, with the doctor of that row, where it has one.
pub(super) fn staff_caller(
    staff_id: i64,
    role: &str,
    name: String,
    doctor_id: Option<i64>,
) -> Option<Caller> {
    match (Role::parse(role), doctor_id) {
        (Some(Role::Doctor), Some(doctor_id)) => Some(Caller::Doctor {
            staff_id,
            doctor_id,
            name,
        }),
        (Some(Role::Admin), _) => Some(Caller::Admin { staff_id, name }),
        _ => None,
    }
}
