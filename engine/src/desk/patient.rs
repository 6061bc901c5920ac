//! Patients, as the desk finds them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{
        Caller, Phone,
        acquaintance::{Sight, remember_typed},
        family::{Choice, Newcomer, Relative, Whose, choose, find_or_add, lock_of_phone, of_phone},
        limit::{self, Action},
        reads::{self, What},
    },
    appointment::Search,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A patient, as the desk sees one.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub name: Option<String>,
    pub phone: String,
}

/// Finds or creates the patient with this phone number and this name (I2). Several may share a phone. Whoever typed the number
/// has to do with the patient for a day.
///
/// # Errors
/// `PHONE_SHARED` where the number belongs to somebody with another name, or to several, and nobody said for whom it is;
/// `VALIDATION_FAILED` for the name of who is not known yet; `NOT_FOUND` where the clinic has deactivated the holder, for
/// somebody who does not have this phone.
pub async fn patient_by_phone(database: &Database, command: Typed, now: Timestamp) -> Result<i64, AppError> {
    let caller = command.caller.clone();
    let id = database
        .write("desk.patient_by_phone", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await?;
    tracing::info!(
        staff.id = caller.staff_id(),
        patient.id = id,
        "a member of staff typed the phone number of a patient"
    );
    reads::record(database, &caller, What::Phone, [id], now).await;
    Ok(id)
}

/// A phone number that somebody of staff typed, with the name of its patient.
#[derive(Clone, Debug)]
pub struct Typed {
    pub caller: Caller,
    pub phone: Phone,
    pub name: String,
    pub whose: Whose,
    pub key: Option<Key>,
}

impl Typed {
    /// The patient, to be found or made with a booking.
    pub fn newcomer(self) -> Newcomer {
        Newcomer::ByPhone {
            phone: self.phone,
            name: self.name,
            whose: self.whose,
        }
    }
}

/// Counts a phone number that somebody of staff typed: each of them is answered, and a thousand in a row are a search for who is
/// a patient here. To be called before anything else is done with the number. `most` may be typed in a quarter of an hour; 0 is no
/// limit.
///
/// # Errors
/// `RATE_LIMITED`; `NOT_FOUND` for who is no staff.
pub async fn count_typed(
    database: &Database,
    caller: &Caller,
    most: u32,
    now: Timestamp,
) -> Result<(), AppError> {
    let staff_id = caller.staff_id().ok_or(AppError::NotFound)?;
    let counted = database
        .write("desk.count_phone", move |mut tx| async move {
            let subject = staff_id.to_string();
            let counted = limit::count(&mut tx, Action::PhoneByStaff, &subject, most, now).await?;
            tx.commit().await?;
            Ok(counted)
        })
        .await?;
    let allowed = limit::check(counted);
    metrics::counter!("janji_phones_typed_total", "outcome" => if allowed.is_ok() { "answered" } else { "refused" })
        .increment(1);
    if allowed.is_err() {
        tracing::warn!(
            staff.id = staff_id,
            "a member of staff types more phone numbers than are allowed"
        );
    }
    allowed
}

async fn attempt(mut tx: Tx, command: Typed, now: Timestamp) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let caller = command.caller.clone();
    let id = find_or_add(&mut tx, &command.clone().newcomer()).await?;
    remember_typed(&mut tx, &caller, id, now).await?;
    idempotency::answer(&mut tx, key, &id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Finds a patient who is known by a phone number that somebody of staff typed; nobody is made one.
///
/// # Errors
/// Those of the database; `NOT_FOUND` where the clinic has deactivated the holder.
pub async fn known_by_phone(
    database: &Database,
    command: Typed,
    now: Timestamp,
) -> Result<Option<i64>, AppError> {
    let caller = command.caller.clone();
    let known = database
        .write("desk.known_by_phone", move |mut tx| {
            let command = command.clone();
            async move {
                let people = lock_of_phone(&mut tx, command.phone.as_str()).await?;
                let id = match choose(&people, &command.name, command.whose) {
                    Ok(Choice::Known(id) | Choice::Named(id)) => id,
                    Ok(Choice::New) | Err(_) => return Ok(None),
                };
                remember_typed(&mut tx, &command.caller, id, now).await?;
                tx.commit().await?;
                Ok(Some(id))
            }
        })
        .await?;
    reads::record(database, &caller, What::Phone, known, now).await;
    Ok(known)
}

/// Finds who has a phone number, of whom it has to be said for whom something is. Whoever is told is recorded.
///
/// # Errors
/// Those of the database.
pub async fn sharing(
    database: &Database,
    caller: &Caller,
    phone: Phone,
    now: Timestamp,
) -> Result<Vec<Relative>, AppError> {
    let people = of_phone(database, phone).await?;
    reads::record(
        database,
        caller,
        What::Phone,
        people.iter().map(|person| person.id),
        now,
    )
    .await;
    Ok(people)
}

/// Finds a patient for whom this caller may book: admins for all patients, doctors and reception for those whom they have to
/// do with (I4).
/// It is recorded.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn patient(
    database: &Database,
    caller: &Caller,
    id: i64,
    now: Timestamp,
) -> Result<Person, AppError> {
    let sight = Sight::of(caller)?;
    let person = database
        .read("desk.patient", move |mut connection| async move {
            let person = sqlx::query_as!(
                Person,
                "select id, name, phone from patients
                 where id = $1 and active
                   and ($2::bigint is null
                        or exists (select from patients_of_doctors
                                   where patient_id = $1 and doctor_id = $2 and until > $3))
                   and ($4::bigint[] is null
                        or exists (select from patients_of_clinics where patient_id = $1 and clinic_id = any($4))
                        or exists (select from acquaintances
                                   where patient_id = $1 and staff_id = $5 and until > $3))",
                id,
                sight.doctor_id,
                now.to_sqlx(),
                sight.clinics.as_deref(),
                sight.staff_id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(person.ok_or(AppError::NotFound)?)
        })
        .await?;
    reads::record(database, caller, What::Patient, [id], now).await;
    Ok(person)
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

/// Lists patients, the oldest first: all of them for admins, for others those whom they have to do with (I4). It is recorded.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn patients(
    database: &Database,
    caller: &Caller,
    listing: Listing,
    now: Timestamp,
) -> Result<Vec<Person>, AppError> {
    let sight = Sight::of(caller)?;
    let search = listing.search;
    let people = database
        .search("desk.patients", move |mut tx| async move {
            let people = sqlx::query_as!(
                Person,
                "select id, name, phone from patients
                 where active
                   and ($1::bigint is null
                        or (created_at, id) > (select created_at, id from patients where id = $1))
                   and ($2::bigint is null
                        or id in (select patient_id from patients_of_doctors where doctor_id = $2 and until > $6))
                   and ($3 = '' or folded_name like containing($3)
                         or phone like '%' || $4 || '%')
                   and ($7::bigint[] is null
                        or exists (select from patients_of_clinics
                                   where patient_id = patients.id and clinic_id = any($7))
                        or exists (select from acquaintances
                                   where patient_id = patients.id and staff_id = $8 and until > $6))
                 order by created_at, id limit $5",
                listing.after,
                sight.doctor_id,
                search.words,
                search.digits,
                listing.limit,
                now.to_sqlx(),
                sight.clinics.as_deref(),
                sight.staff_id,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(people)
        })
        .await?;
    reads::record(
        database,
        caller,
        What::List,
        people.iter().map(|person| person.id),
        now,
    )
    .await;
    Ok(people)
}

/// Counts those whom [`patients`] lists on all of its pages, where they are no more than `most`.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn count_patients(
    database: &Database,
    caller: &Caller,
    search: Search,
    most: i64,
    now: Timestamp,
) -> Result<Option<i64>, AppError> {
    let sight = Sight::of(caller)?;
    let count = database
        .search("desk.count_patients", move |mut tx| async move {
            let count = sqlx::query_scalar!(
                r#"select count(*) as "count!" from (
                       select from patients
                       where active
                         and ($1::bigint is null
                              or id in (select patient_id from patients_of_doctors
                                        where doctor_id = $1 and until > $4))
                         and ($2 = '' or folded_name like containing($2) or phone like '%' || $3 || '%')
                         and ($5::bigint[] is null
                              or exists (select from patients_of_clinics
                                         where patient_id = patients.id and clinic_id = any($5))
                              or exists (select from acquaintances
                                         where patient_id = patients.id and staff_id = $6 and until > $4))
                       limit $7) as found"#,
                sight.doctor_id,
                search.words,
                search.digits,
                now.to_sqlx(),
                sight.clinics.as_deref(),
                sight.staff_id,
                most + 1,
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok(count)
        })
        .await?;
    Ok((count <= most).then_some(count))
}
