//! The clinics of which somebody at the desk is (I4).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Caller, Role, access::lock_staff, must_be_admin, note_by};
use crate::{
    audit::{self, Kind},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// The clinics that somebody at the desk has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clinics {
    /// Those that there are, and those to come.
    All,
    /// These alone; none of them is nothing at all.
    Named(Vec<i64>),
}

impl Clinics {
    /// The clinics of an admin who is given these: all of them where none is given.
    pub fn of_admin(given: Vec<i64>) -> Self {
        match given.is_empty() {
            true => Self::All,
            false => Self::Named(given),
        }
    }

    /// The clinics, where they are not all.
    pub fn named(&self) -> Option<&[i64]> {
        match self {
            Self::All => None,
            Self::Named(ids) => Some(ids),
        }
    }
}

/// The command to say of which clinics somebody is.
#[derive(Clone, Debug)]
pub struct SetClinics {
    pub caller: Caller,
    pub staff_id: i64,
    /// For an admin, none are all.
    pub clinics: BTreeSet<i64>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Gives somebody at the desk these clinics, in place of those before. What they see follows from the next request on.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for an account that is not there; `FORBIDDEN` for a doctor, who has
/// patients and no clinics, and where no admin of all clinics would be left; `VALIDATION_FAILED` where a reception is given
/// none, or a clinic is not there; `IDEMPOTENCY_CONFLICT`.
pub async fn set_clinics(database: &Database, command: SetClinics, now: Timestamp) -> Result<(), AppError> {
    must_be_admin(&command.caller)?;
    let note = note_by(&command.caller, Kind::RoleChanged)
        .of_staff(command.staff_id)
        .about("clinics");
    let told = note.clone();
    let is_changed = database
        .write("staff.set_clinics", move |mut tx| {
            let (command, note) = (command.clone(), note.clone());
            async move {
                let key = command.key.as_ref();
                if idempotency::claim::<bool>(&mut tx, key, now).await?.is_some() {
                    return Ok(false);
                }
                change(&mut tx, command.staff_id, &command.clinics).await?;
                audit::write(&mut tx, &note).await?;
                idempotency::answer(&mut tx, key, &true, &[]).await?;
                tx.commit().await?;
                Ok(true)
            }
        })
        .await?;
    if is_changed {
        audit::tell(database, &told);
    }
    Ok(())
}

async fn change(tx: &mut Tx, staff_id: i64, clinics: &BTreeSet<i64>) -> Result<(), Failure> {
    let staff = lock_staff(tx, staff_id).await?;
    match Role::parse(&staff.account.role) {
        Some(Role::Reception) => {}
        // Nobody could give them back.
        Some(Role::Admin) if clinics.is_empty() || staff.has_other_admins => {}
        _ => return Err(AppError::Forbidden.into()),
    }
    must_have_one(&staff.account.role, clinics)?;
    put(tx, staff_id, clinics).await
}

/// Refuses a reception of no clinic.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub(super) fn must_have_one(role: &str, clinics: &BTreeSet<i64>) -> Result<(), AppError> {
    match role == Role::Reception.as_str() && clinics.is_empty() {
        true => Err(AppError::invalid(Field::Clinic, FieldProblem::Missing)),
        false => Ok(()),
    }
}

/// Writes the clinics of an account in place of those before.
///
/// # Errors
/// `VALIDATION_FAILED` for a clinic that is not there.
pub(super) async fn put(tx: &mut Tx, staff_id: i64, clinics: &BTreeSet<i64>) -> Result<(), Failure> {
    let ids: Vec<i64> = clinics.iter().copied().collect();
    sqlx::query!(
        "with gone as (delete from staff_clinics where staff_id = $1 and clinic_id <> all($2))
         insert into staff_clinics (staff_id, clinic_id) select $1, id from unnest($2::bigint[]) as id
         on conflict on constraint staff_clinics_pkey do nothing",
        staff_id,
        &ids,
    )
    .execute(&mut **tx)
    .await
    .on_constraint(
        "staff_clinics_clinic_id_fkey",
        AppError::invalid(Field::Clinic, FieldProblem::Malformed),
    )?;
    Ok(())
}
