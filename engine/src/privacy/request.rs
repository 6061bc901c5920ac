//! Closing the record of a person who is to be erased.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    must_be_theirs,
    people::{must_still_be, records_of},
};
use crate::{
    account::{
        Caller,
        access::{end_addresses, end_sessions_and_tokens},
        note_by,
        session::SignedIn,
    },
    audit::{self, Kind},
    booking::reference,
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
};

/// Number of times that it is tried, where the records of the person become more at the same moment.
const MAX_TRIES: usize = 3;

/// The command to erase a person.
#[derive(Clone, Debug)]
pub struct RequestErasure {
    /// The patient, the holder of their phone, or an admin of all clinics. Who it is has been proved anew.
    pub caller: Caller,
    pub patient_id: i64,
}

/// An erasure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    pub certificate: String,
}

/// Closes the record of a person, to be erased: what it opened ends at once, and nothing is booked for it any more. Who asks a
/// second time is given the same certificate.
///
/// # Errors
/// `NOT_FOUND` for somebody else's record, or one that is erased or a part of another one; `FORBIDDEN` while the clinic has to
/// keep everything; `VALIDATION_FAILED` where others share the phone of its holder; `CONCURRENCY_ABORT` where other records become
/// a part of it faster than it can be closed.
pub async fn request(
    database: &Database,
    command: RequestErasure,
    now: Timestamp,
) -> Result<Requested, AppError> {
    must_be_theirs(&command.caller, command.patient_id)?;
    let note = note_by(&command.caller, Kind::PatientErased)
        .of_patient(command.patient_id)
        .about("requested");
    let told = note.clone();
    let mut requested = Err(AppError::ConcurrencyAbort);
    for _ in 0..MAX_TRIES {
        let (command, note) = (command.clone(), note.clone());
        requested = database
            .write("privacy.request", move |tx| {
                attempt(tx, command.clone(), note.clone(), now)
            })
            .await;
        if requested != Err(AppError::ConcurrencyAbort) {
            break;
        }
    }
    let requested = requested?;
    audit::tell(database, &told);
    Ok(requested)
}

async fn attempt(
    mut tx: Tx,
    command: RequestErasure,
    note: audit::Note,
    now: Timestamp,
) -> Result<Requested, Failure> {
    let id = command.patient_id;
    let records = records_of(&mut tx, id).await?;
    let locked = sqlx::query!(
        r#"select id, created_at as "made_at: jiff_sqlx::Timestamp", merged_into is not null as "is_merged!",
                  erasing_since is not null as "is_closed!"
           from patients where id = any($1) order by id for no key update"#,
        &records,
    );
    let locked = locking(Lock::Patient, locked.fetch_all(&mut *tx)).await?;
    must_still_be(&mut tx, &records, id).await?;
    let own = locked.iter().find(|one| one.id == id).ok_or(AppError::NotFound)?;
    if own.is_merged {
        return Err(AppError::RecordMerged.into());
    }
    let made_at = own.made_at.to_jiff();
    if own.is_closed {
        let certificate = sqlx::query_scalar!(
            "select certificate from erasures where patient_id = $1 and patient_made_at = $2 and erased_at is null",
            id,
            made_at.to_sqlx(),
        );
        let certificate = certificate.fetch_optional(&mut *tx).await?;
        return Ok(Requested {
            certificate: certificate.ok_or(AppError::NotFound)?,
        });
    }
    refuse_what_stands_in_the_way(&mut tx, &records).await?;
    let certificate = write(&mut tx, id, made_at, Some(&command.caller), now).await?;
    close(&mut tx, &records, now).await?;
    audit::write(&mut tx, &note).await?;
    tx.commit().await?;
    Ok(Requested { certificate })
}

async fn refuse_what_stands_in_the_way(tx: &mut Tx, records: &[i64]) -> Result<(), Failure> {
    let found = sqlx::query!(
        r#"select exists (select from legal_holds where patient_id = any($1)) as "is_held!",
                  exists (select from patients where holder_id = any($1) and active and id <> all($1)) as "is_shared!""#,
        records,
    )
    .fetch_one(&mut **tx)
    .await?;
    match (found.is_held, found.is_shared) {
        (true, _) => Err(AppError::Forbidden.into()),
        (_, true) => Err(AppError::invalid(Field::Sharing, FieldProblem::Taken).into()),
        _ => Ok(()),
    }
}

/// Writes the row of the ledger, and answers with its certificate.
///
/// # Errors
/// Those of the database.
pub(super) async fn write(
    tx: &mut Tx,
    patient_id: i64,
    made_at: Timestamp,
    caller: Option<&Caller>,
    now: Timestamp,
) -> Result<String, Failure> {
    let certificate = format!("{}-{}", reference::new(), reference::new());
    sqlx::query!(
        "insert into erasures (certificate, patient_id, patient_made_at, requested_at, by_patient_id, by_staff_id)
         values ($1, $2, $3, $4, $5, $6)",
        certificate,
        patient_id,
        made_at.to_sqlx(),
        now.to_sqlx(),
        caller.and_then(Caller::patient_id),
        caller.and_then(Caller::staff_id),
    )
    .execute(&mut **tx)
    .await?;
    Ok(certificate)
}

/// Closes the records, whose rows are locked, and ends all that they opened.
///
/// # Errors
/// Those of the database.
pub(super) async fn close(tx: &mut Tx, records: &[i64], now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set active = false, erasing_since = $2 where id = any($1)",
        records,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    for id in records {
        end_sessions_and_tokens(tx, SignedIn::Patient(*id), now).await?;
    }
    for id in records {
        end_addresses(tx, SignedIn::Patient(*id)).await?;
    }
    Ok(())
}
