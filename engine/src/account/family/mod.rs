//! Families: people who share a phone. Its holder signs in with it and acts for the others, each of whom has records of
//! their own (I2).

mod choice;

use jiff::Timestamp;
use sqlx::PgConnection;

pub use self::choice::{Choice, Whose, choose, is_same_name};
use super::{Caller, Phone, name_patient, otp::find_or_create_patient};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// Number of people who can share a phone with its holder.
pub const MAX_SHARING: usize = 50;

/// Somebody who is reached by a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relative {
    pub id: i64,
    /// The holder's is unknown until the first booking asks for it.
    pub name: Option<String>,
    pub is_holder: bool,
}

/// Returns who signs in as this patient acts for: first the patient, then who shares the phone.
///
/// # Errors
/// Those of the database.
pub async fn of_holder(database: &Database, holder_id: i64) -> Result<Vec<Relative>, AppError> {
    database
        .read("family.of_holder", move |mut connection| async move {
            read_of_holder(&mut connection, holder_id).await
        })
        .await
}

async fn read_of_holder(connection: &mut PgConnection, holder_id: i64) -> Result<Vec<Relative>, Failure> {
    let people = sqlx::query_as!(
        Relative,
        r#"select id, name, holder_id is null as "is_holder!" from patients
           where active and (id = $1 or holder_id = $1)
           order by id <> $1, created_at, id"#,
        holder_id,
    );
    Ok(people.fetch_all(connection).await?)
}

/// Returns who has a phone: its holder first.
///
/// # Errors
/// Those of the database.
pub async fn of_phone(database: &Database, phone: Phone) -> Result<Vec<Relative>, AppError> {
    database
        .read("family.of_phone", move |mut connection| async move {
            let people = sqlx::query_as!(
                Relative,
                r#"select id, name, holder_id is null as "is_holder!" from patients
                   where active and phone = $1
                   order by holder_id is not null, created_at, id"#,
                phone.as_str(),
            );
            Ok(people.fetch_all(&mut *connection).await?)
        })
        .await
}

/// Locks the holder of a phone, and then reads who has it, the holder first: whoever is added is added under this lock, and
/// a statement that waits for a lock does not see what was added meanwhile.
///
/// # Errors
/// Those of the database; `NOT_FOUND` where the clinic has deactivated the holder.
pub(crate) async fn lock_of_phone(tx: &mut Tx, phone: &str) -> Result<Vec<Relative>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where phone = $1 and holder_id is null for no key update",
        phone,
    );
    if locking(Lock::Patient, locked.fetch_optional(&mut **tx))
        .await?
        .is_none()
    {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        "select id, name, holder_id, active from patients where phone = $1 order by id",
        phone,
    )
    .fetch_all(&mut **tx)
    .await?;
    if rows.iter().any(|row| row.holder_id.is_none() && !row.active) {
        return Err(AppError::NotFound.into());
    }
    let mut people: Vec<Relative> = rows
        .into_iter()
        .filter(|row| row.active)
        .map(|row| Relative {
            id: row.id,
            name: row.name,
            is_holder: row.holder_id.is_none(),
        })
        .collect();
    people.sort_by_key(|person| (!person.is_holder, person.id));
    Ok(people)
}

/// Does what [`choose`] said under the lock of [`lock_of_phone`], and answers with the patient.
///
/// # Errors
/// `VALIDATION_FAILED` where too many share the phone already.
pub(crate) async fn act(
    tx: &mut Tx,
    people: &[Relative],
    choice: Choice,
    name: &str,
) -> Result<i64, Failure> {
    match choice {
        Choice::Known(id) => Ok(id),
        Choice::Named(id) => {
            name_patient(tx, id, name).await?;
            Ok(id)
        }
        Choice::New => {
            let holder = people
                .iter()
                .find(|person| person.is_holder)
                .ok_or(AppError::NotFound)?;
            if people.len() > MAX_SHARING {
                return Err(AppError::invalid(Field::Name, FieldProblem::TooMany).into());
            }
            let added = sqlx::query_scalar!(
                "insert into patients (phone, name, holder_id) select phone, $2, id from patients where id = $1
                 returning id",
                holder.id,
                name,
            );
            Ok(added.fetch_one(&mut **tx).await?)
        }
    }
}

/// A patient who is not known before the booking, and is made in its transaction: a booking that is refused leaves nobody
/// behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newcomer {
    /// The patient with a phone number that somebody of staff typed.
    ByPhone {
        phone: Phone,
        name: String,
        whose: Whose,
    },
    /// Somebody who shares the phone of a holder.
    Relative { holder_id: i64, name: String },
}

/// Locks who has the phone of a newcomer, and finds the patient or makes one.
///
/// # Errors
/// Those of [`choose`]; `VALIDATION_FAILED` for a patient without a name, and where too many share the phone;
/// `UNAUTHENTICATED` for a holder who is not there any more.
pub(crate) async fn find_or_add(tx: &mut Tx, newcomer: &Newcomer) -> Result<i64, Failure> {
    match newcomer {
        Newcomer::ByPhone { phone, name, whose } => by_phone(tx, phone, name, *whose).await,
        Newcomer::Relative { holder_id, name } => {
            let people = lock_of_holder(tx, *holder_id).await?;
            let choice = choose(&people, name, Whose::SomebodyElse)?;
            act(tx, &people, choice, name).await
        }
    }
}

async fn by_phone(tx: &mut Tx, phone: &Phone, name: &str, whose: Whose) -> Result<i64, Failure> {
    let mut people = lock_of_phone(tx, phone.as_str()).await?;
    let mut whose = whose;
    if people.is_empty() {
        // Whoever was chosen has another number: nobody is guessed.
        if matches!(whose, Whose::Known(_)) {
            return Err(AppError::NotFound.into());
        }
        if name.is_empty() {
            return Err(AppError::invalid(Field::Name, FieldProblem::Missing).into());
        }
        // Somebody else may do the same at this moment: whoever is second finds the first.
        find_or_create_patient(tx, phone.as_str()).await?;
        people = lock_of_phone(tx, phone.as_str()).await?;
        // Nobody had the phone whom this one could be somebody else than.
        whose = Whose::Unsaid;
    }
    let choice = choose(&people, name, whose)?;
    act(tx, &people, choice, name).await
}

/// Locks a holder and who shares the phone, by id.
async fn lock_of_holder(tx: &mut Tx, holder_id: i64) -> Result<Vec<Relative>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where active and (id = $1 or holder_id = $1) order by id for no key update",
        holder_id,
    );
    let locked = locking(Lock::Patient, locked.fetch_all(&mut **tx)).await?;
    match locked.contains(&holder_id) {
        true => read_of_holder(tx, holder_id).await,
        false => Err(AppError::Unauthenticated.into()),
    }
}

/// Finds the patient whom a holder means, or tells who is to be added with the booking.
///
/// # Errors
/// Those of [`choose`]; `FORBIDDEN` for who is no patient.
pub async fn meant_by(
    database: &Database,
    caller: &Caller,
    name: String,
    whose: Whose,
) -> Result<(i64, Option<Newcomer>), AppError> {
    let Caller::Patient {
        id: holder_id,
        name: holder_name,
        family,
        ..
    } = caller
    else {
        return Err(AppError::Forbidden);
    };
    let holder_id = *holder_id;
    let is_own = |own: &str| name.is_empty() || is_same_name(own, &name);
    if whose == Whose::Unsaid && family.is_empty() && holder_name.as_deref().is_none_or(is_own) {
        // Nearly everybody has a phone of their own.
        return Ok((holder_id, None));
    }
    let people = of_holder(database, holder_id).await?;
    Ok(match choose(&people, &name, whose)? {
        // The booking names its patient, if it is made.
        Choice::Known(id) | Choice::Named(id) => (id, None),
        Choice::New => (holder_id, Some(Newcomer::Relative { holder_id, name })),
    })
}

/// Finds the patient whom a holder means, or adds somebody who shares the phone. The same name is the same person, however
/// often it is sent.
///
/// # Errors
/// Those of [`choose`]; `IDEMPOTENCY_CONFLICT`; `FORBIDDEN` for who is no patient.
pub async fn patient_of(
    database: &Database,
    caller: &Caller,
    name: String,
    whose: Whose,
    key: Option<Key>,
    now: Timestamp,
) -> Result<i64, AppError> {
    let Caller::Patient {
        id: holder_id,
        name: holder_name,
        family,
        ..
    } = caller
    else {
        return Err(AppError::Forbidden);
    };
    let holder_id = *holder_id;
    let is_own = |own: &str| name.is_empty() || is_same_name(own, &name);
    if whose == Whose::Unsaid && family.is_empty() && holder_name.as_deref().is_none_or(is_own) {
        // Nearly everybody has a phone of their own.
        return Ok(holder_id);
    }
    database
        .write("family.patient_of", move |tx| {
            attempt(tx, holder_id, name.clone(), whose, key.clone(), now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    holder_id: i64,
    name: String,
    whose: Whose,
    key: Option<Key>,
    now: Timestamp,
) -> Result<i64, Failure> {
    let key = key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let people = lock_of_holder(&mut tx, holder_id).await?;
    let id = match choose(&people, &name, whose)? {
        // The booking names its patient, if it is made.
        Choice::Named(id) => id,
        choice => act(&mut tx, &people, choice, &name).await?,
    };
    idempotency::answer(&mut tx, key, &id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}
