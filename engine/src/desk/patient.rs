//! Patients, as the desk finds them.

use jiff::Timestamp;

use crate::{
    account::{
        Caller, Phone,
        family::{Whose, act, choose, lock_of_phone},
        otp::find_or_create_patient,
    },
    appointment::Search,
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// A patient, as the desk sees one.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub name: Option<String>,
    pub phone: String,
}

/// Finds or creates the patient with this phone number and this name (I2). Several may share a phone.
///
/// # Errors
/// `PHONE_SHARED` where the number belongs to somebody with another name, or to several, and nobody said for whom it is;
/// `VALIDATION_FAILED` for the name of who is not known yet; `NOT_FOUND` where the clinic has deactivated the holder, and
/// for somebody who does not have this phone.
pub async fn patient_by_phone(
    database: &Database,
    phone: Phone,
    name: String,
    whose: Whose,
    key: Option<Key>,
    now: Timestamp,
) -> Result<i64, AppError> {
    database
        .write("desk.patient_by_phone", move |tx| {
            attempt(tx, phone.clone(), name.clone(), whose, key.clone(), now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    phone: Phone,
    name: String,
    whose: Whose,
    key: Option<Key>,
    now: Timestamp,
) -> Result<i64, Failure> {
    let key = key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let mut people = lock_of_phone(&mut tx, phone.as_str()).await?;
    let mut whose = whose;
    if people.is_empty() {
        if name.is_empty() {
            return Err(AppError::invalid(Field::Name, FieldProblem::Missing).into());
        }
        // Somebody else may do the same at this moment: whoever is second finds the first.
        find_or_create_patient(&mut tx, phone.as_str()).await?;
        people = lock_of_phone(&mut tx, phone.as_str()).await?;
        // Nobody had the phone whom this one could be somebody else than.
        whose = Whose::Unsaid;
    }
    let choice = choose(&people, &name, whose)?;
    let id = act(&mut tx, &people, choice, &name).await?;
    idempotency::answer(&mut tx, key, &id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Finds a patient for whom this caller may book: admins for all patients, doctors for those whose phone number they
/// know or who have had an appointment with them (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub async fn patient(
    database: &Database,
    caller: &Caller,
    id: i64,
    found_by_phone: bool,
) -> Result<Person, AppError> {
    let doctor_id = match caller {
        Caller::Admin { .. } => None,
        Caller::Doctor { .. } if found_by_phone => None,
        Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
        Caller::Patient { .. } => return Err(AppError::NotFound),
    };
    database
        .read("desk.patient", move |mut connection| async move {
            let person = sqlx::query_as!(
                Person,
                "select id, name, phone from patients
                 where id = $1 and active
                   and ($2::bigint is null
                        or exists (select from appointments
                                   where patient_id = patients.id and doctor_id = $2 and status <> 'held'))",
                id,
                doctor_id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(person.ok_or(AppError::NotFound)?)
        })
        .await
}

/// A search for patients.
#[derive(Clone, Debug)]
pub struct Listing {
    /// A part of a name or of a phone number.
    pub search: Search,
    /// The id of the last one that the caller has.
    pub after: Option<i64>,
    pub limit: i64,
}

/// Lists patients in the order of their ids: all of them for admins, for doctors those who have had an appointment
/// with them (I4).
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn patients(
    database: &Database,
    caller: &Caller,
    listing: Listing,
) -> Result<Vec<Person>, AppError> {
    let doctor_id = match caller {
        Caller::Admin { .. } => None,
        Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
        Caller::Patient { .. } => return Err(AppError::NotFound),
    };
    let search = listing.search;
    database
        .search("desk.patients", move |mut tx| async move {
            let people = sqlx::query_as!(
                Person,
                "select id, name, phone from patients
                 where active and ($1::bigint is null or id > $1)
                   and ($2::bigint is null
                        or exists (select from appointments
                                   where patient_id = patients.id and doctor_id = $2 and status <> 'held'))
                   and ($3 = '' or folded_name like containing($3)
                        or phone like '%' || $4 || '%')
                 order by id limit $5",
                listing.after,
                doctor_id,
                search.words,
                search.digits,
                listing.limit,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(people)
        })
        .await
}
