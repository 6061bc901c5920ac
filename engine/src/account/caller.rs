//! Looks up the person behind a session or a token (I4).

use sqlx::PgConnection;

use super::{Caller, Role, session::SignedIn};
use crate::{
    database::{Database, Failure},
    error::AppError,
};

/// Looks up whoever signed in. Nobody, when they have been deactivated since.
///
/// # Errors
/// Those of the database.
pub async fn find_caller(database: &Database, who: SignedIn) -> Result<Option<Caller>, AppError> {
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
    let row = sqlx::query!(
        r#"select name, array(select id from patients as others where others.holder_id = $1 and active
                            order by created_at, id)
                      as "family!",
                  opened_since(id)
           from patients where id = $1 and active"#,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Caller::Patient {
        id,
        name: row.name,
        family: row.family,
        opened_since: row.opened_since.map(jiff_sqlx::Timestamp::to_jiff),
    }))
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
pub(crate) fn staff_caller(
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

/// Refuses everybody but admins (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_admin(caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::Admin { .. } => Ok(()),
        Caller::Doctor { .. } | Caller::Patient { .. } => Err(AppError::NotFound),
    }
}
