//! The transaction that erases a person.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;

use super::{
    ERASED,
    people::{records_of, traits_of},
    preview::kept_of,
    words,
};
use crate::{
    account::{
        access::{end_addresses, end_sessions_and_tokens},
        session::SignedIn,
    },
    appointment::{Appointment, Locked, lock_of_patients},
    caldav,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    stay,
};

/// Erases a person whose record was closed, and answers whether it did: not where something is ahead of them all the same.
///
/// # Errors
/// Those of the database.
pub(super) async fn erase(
    database: &Database,
    (erasure_id, patient_id): (i64, i64),
    now: Timestamp,
) -> Result<bool, AppError> {
    database
        .write("privacy.erase", move |tx| {
            attempt(tx, erasure_id, patient_id, now)
        })
        .await
}

async fn attempt(mut tx: Tx, erasure_id: i64, patient_id: i64, now: Timestamp) -> Result<bool, Failure> {
    let records = records_of(&mut tx, patient_id).await?;
    // They are closed: what they are found by does not change any more.
    let traits = traits_of(&mut tx, &records).await?;
    let calls = words::lock_calls(&mut tx, &records, &traits).await?;
    stay::lock_of_patients(&mut tx, &records).await?;
    // Not only against whoever books: whatever else names these records waits as well, and comes before or after.
    let locked = sqlx::query!(
        r#"select id, erasing_since is not null and erased_at is null as "is_closed!"
           from patients where id = any($1) order by id for update"#,
        &records,
    );
    let locked = locking(Lock::Patient, locked.fetch_all(&mut *tx)).await?;
    let is_held = sqlx::query_scalar!(
        r#"select exists (select from legal_holds where patient_id = any($1)) as "is!""#,
        &records
    );
    if is_held.fetch_one(&mut *tx).await? || !locked.iter().all(|record| record.is_closed) {
        return Ok(false);
    }
    let appointments = lock_of_patients(&mut tx, &records).await?;
    if appointments.iter().any(|one| is_ahead(one, now)) {
        return Ok(false);
    }
    let kept = kept_of(&mut tx, &records).await?;
    // The number first: who signs in with it from here on is somebody new.
    forget_person(&mut tx, &records, now).await?;
    for id in &records {
        end_sessions_and_tokens(&mut tx, SignedIn::Patient(*id), now).await?;
    }
    let tokens = sqlx::query!("delete from tokens where patient_id = any($1)", &records);
    let tokens = locking(Lock::Token, tokens.execute(&mut *tx))
        .await?
        .rows_affected();
    for id in &records {
        end_addresses(&mut tx, SignedIn::Patient(*id)).await?;
    }
    let waits = words::of_waitlist(&mut tx, &records, now).await?;
    let gone = json!({
        "appointments": words::of_appointments(&mut tx, &records).await?,
        "waitlist": waits,
        "tokens": tokens,
        "messages": words::of_messages(&mut tx, &records, &traits, now).await?,
        "calls": words::of_calls(&mut tx, &records, &calls, now).await?,
        "answers": words::of_answers(&mut tx, &records, &traits).await?,
    });
    words::of_person(&mut tx, &records, &traits).await?;
    caldav::write_without_names(&mut tx, &records, now).await?;
    words::of_merges(&mut tx, &records).await?;
    sqlx::query!(
        "update erasures set erased_at = $2, gone = $3, kept = $4, kept_until = $5 where id = $1",
        erasure_id,
        now.to_sqlx(),
        gone,
        i32::try_from(kept.records).unwrap_or(i32::MAX),
        kept.until.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether it takes its time and is not over. What nobody has ended although it is long over does not keep anybody.
fn is_ahead(one: &Locked<Appointment>, now: Timestamp) -> bool {
    one.status.is_open() && !one.has_run_out(now) && one.time.end > now
}

/// Takes what says who somebody is out of their records. The phone becomes a number that no country has.
async fn forget_person(tx: &mut Tx, records: &[i64], now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update patients
         set name = $2, phone = '+999' || lpad(id::text, 12, '0'), holder_id = null, phone_is_read = true,
             email = null, email_confirmed_at = null, locale = null, wants_reminders = false,
             active = false, erased_at = $3
         where id = any($1)",
        records,
        ERASED,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
