//! Looks up the person behind a session or a token (I4).

use sqlx::PgConnection;

use super::{Caller, Clinics, Role, session::SignedIn};
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
        r#"select staff.role, staff.name, doctors.id as "doctor_id?",
                  array(select clinic_id from staff_clinics where staff_id = $1 order by clinic_id) as "clinics!"
           from staff left join doctors on doctors.staff_id = staff.id
           where staff.id = $1 and staff.active"#,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| staff_caller(id, &row.role, row.name, row.doctor_id, row.clinics)))
}

/// The caller that a row of `staff` is, with the doctor of that row, where it has one, and the clinics that it is given.
pub(crate) fn staff_caller(
    staff_id: i64,
    role: &str,
    name: String,
    doctor_id: Option<i64>,
    clinics: Vec<i64>,
) -> Option<Caller> {
    match (Role::parse(role), doctor_id) {
        (Some(Role::Doctor), Some(doctor_id)) => Some(Caller::Doctor {
            staff_id,
            doctor_id,
            name,
        }),
        (Some(Role::Admin), _) => Some(Caller::Admin {
            staff_id,
            name,
            clinics: Clinics::of_admin(clinics),
        }),
        (Some(Role::Reception), _) => Some(Caller::Reception {
            staff_id,
            name,
            clinics: Clinics::Named(clinics),
        }),
        _ => None,
    }
}

/// Refuses everybody but admins of all clinics. Those of named clinics have the desk, the plans and the closures of these:
/// accounts, services, texts and the records of all patients are of no single clinic.
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_admin(caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::Admin { .. } if caller.clinics().is_none() => Ok(()),
        Caller::Admin { .. } | Caller::Doctor { .. } | Caller::Patient { .. } | Caller::Reception { .. } => {
            Err(AppError::NotFound)
        }
    }
}

/// Refuses everybody but admins, of all clinics or of named ones. Of which clinics they are is asked beside it.
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_plan(caller: &Caller) -> Result<(), AppError> {
    match caller.role() {
        Role::Admin => Ok(()),
        _ => Err(AppError::NotFound),
    }
}

/// Refuses everybody but those at the desk: admins and reception. Of which clinics they are is asked beside it.
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_at_desk(caller: &Caller) -> Result<(), AppError> {
    match caller.role().is_at_desk() {
        true => Ok(()),
        false => Err(AppError::NotFound),
    }
}
