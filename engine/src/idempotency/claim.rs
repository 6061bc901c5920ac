//! Claiming a key, and storing the answer under it, in the transaction of the work itself.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Serialize, de::DeserializeOwned};

use super::{Key, Made};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::plus_minutes,
};

/// Minutes for which a key is remembered.
const LIFETIME_MINUTES: i64 = 24 * 60;

/// Claims a key until the transaction ends, before anything else is locked. A twin waits here until the first
/// one has ended. Answers with the first answer where there is one: then there is nothing left to do.
///
/// # Errors
/// `IDEMPOTENCY_CONFLICT` where the key was used for something else.
pub async fn claim<T: DeserializeOwned>(
    tx: &mut Tx,
    key: Option<&Key>,
    now: Timestamp,
) -> Result<Option<T>, Failure> {
    let Some(key) = key else {
        return Ok(None);
    };
    let expires_at = plus_minutes(now, LIFETIME_MINUTES).to_sqlx();
    // An update that changes nothing, so that a key that is there is locked, and read as it is after the wait.
    let claimed = sqlx::query!(
        r#"insert into idempotency_keys as known (id, request, expires_at) values ($1, $2, $3)
           on conflict on constraint idempotency_keys_pkey do update set request = known.request
           returning request = $2 as "is_same!", answer, made, expires_at"#,
        &key.id,
        &key.request,
        expires_at,
    );
    let known = locking(Lock::IdempotencyKey, claimed.fetch_one(&mut **tx)).await?;
    let Some(first) = known.answer else {
        // Nobody has answered under it yet. A key that was there belongs to a request that was refused.
        return start_over(tx, key, known.is_same, expires_at).await;
    };
    if known.expires_at.to_jiff() <= now || key.while_it_stands && is_over(tx, known.made, now).await? {
        return start_over(tx, key, false, expires_at).await;
    }
    if !known.is_same {
        return Err(AppError::IdempotencyConflict.into());
    }
    let first = serde_json::from_value(first).map_err(|error| {
        tracing::error!(%error, "an answer that was stored cannot be read");
        AppError::Internal
    })?;
    Ok(Some(first))
}

/// Minutes before the end of a key from which on nobody relies on its answer.
const MARGIN_MINUTES: i64 = 10;

/// Whether this very request was answered under a key that a program sent: to claim the key gives the answer, whatever has
/// changed since.
///
/// # Errors
/// Those of the database.
pub async fn is_answered(database: &Database, key: Option<&Key>, now: Timestamp) -> Result<bool, AppError> {
    let Some(key) = key.filter(|key| !key.while_it_stands).cloned() else {
        return Ok(false);
    };
    database
        .read("idempotency.is_answered", move |mut connection| async move {
            let is_answered = sqlx::query_scalar!(
                r#"select exists (select from idempotency_keys
                                  where id = $1 and request = $2 and answer is not null and expires_at > $3)
                       as "is_answered!""#,
                &key.id,
                &key.request,
                plus_minutes(now, MARGIN_MINUTES).to_sqlx(),
            );
            Ok(is_answered.fetch_one(&mut *connection).await?)
        })
        .await
}

/// Lets the key count for this request from now on.
async fn start_over<T>(
    tx: &mut Tx,
    key: &Key,
    is_done: bool,
    expires_at: jiff_sqlx::Timestamp,
) -> Result<Option<T>, Failure> {
    if !is_done {
        sqlx::query!(
            "update idempotency_keys set request = $2, answer = null, made = null, expires_at = $3
             where id = $1",
            &key.id,
            &key.request,
            expires_at,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(None)
}

/// Whether any of what was made is no longer what was asked for. An appointment has lost its time, has another one, is
/// somebody else's, or has another status, where it is the status that was asked for; its patient came, or did not; somebody has changed something since;
/// a calendar has another address, a token was revoked, and a closure was removed; a stay has other nights or rooms, ended, or
/// is a hold that has run out.
async fn is_over(tx: &mut Tx, made: Option<serde_json::Value>, now: Timestamp) -> Result<bool, Failure> {
    let Some(made) = made else {
        return Ok(false);
    };
    // The appointments are not locked: one that changes at this moment is changed after the answer.
    let is_over = sqlx::query_scalar!(
        r#"select exists (
               select from jsonb_to_recordset($1) as made (
                   appointment_id bigint, doctor_id bigint, clinic_id bigint, service_id bigint, patient_id bigint,
                   starts_at timestamptz, status text, arrived boolean, until timestamptz,
                   changed text, id bigint, version integer, calendar text, token_id bigint, time_off_id bigint,
                   stay_id bigint, arrival date, departure date, rooms integer)
               left join appointments on appointments.id = made.appointment_id
               where case
                   when made.changed = 'service' then
                       made.version is distinct from (select version from services where services.id = made.id)
                   when made.changed = 'clinic' then
                       made.version is distinct from (select version from clinics where clinics.id = made.id)
                   when made.changed = 'doctor' then
                       made.version is distinct from (select version from doctors where doctors.id = made.id)
                   when made.changed = 'room_type' then
                       made.version is distinct from (select version from room_types where room_types.id = made.id)
                   when made.stay_id is not null then
                       not exists (select from stays
                                   where stays.id = made.stay_id and stays.rooms = made.rooms
                                     -- A hold that has run out keeps nothing.
                                     and (stays.held_until is null or stays.held_until > $2)
                                     and (stays.arrival, stays.departure) = (made.arrival, made.departure)
                                     -- Who was to come has come.
                                     and (stays.status = made.status
                                          or made.status = 'booked' and stays.status = 'arrived'
                                          or made.status = 'held' and stays.status in ('booked', 'arrived')))
                   when made.changed = 'group' then
                       made.version is distinct from (select version from groups where groups.id = made.id)
                   when made.changed = 'identity' then made.version is distinct from (select version from organisation)
                   when made.changed = 'logo' then made.version is distinct from (select version from organisation_logo)
                   when made.changed = 'message_text' then
                       made.version is distinct from (select version from message_texts where message_texts.id = made.id)
                   when made.changed = 'waitlist_entry' then
                       made.version is distinct from (select version from waitlist_entries
                                                      where waitlist_entries.id = made.id)
                   when made.calendar is not null then
                       not exists (select from calendar_feeds where hash = decode(made.calendar, 'hex'))
                   when made.token_id is not null then
                       not exists (select from tokens where tokens.id = made.token_id and revoked_at is null)
                   when made.time_off_id is not null then
                       not exists (select from time_off where time_off.id = made.time_off_id)
                   else
                       (appointments.doctor_id, appointments.clinic_id, appointments.service_id, appointments.starts_at)
                           is distinct from (made.doctor_id, made.clinic_id, made.service_id, made.starts_at)
                       or appointments.patient_id is distinct from coalesce(
                           (select merged_into from patients where patients.id = made.patient_id),
                           made.patient_id, appointments.patient_id)
                       or not coalesce(appointments.status = made.status, occupies(appointments, $2))
                       or coalesce(made.arrived <> (appointments.arrived_at is not null), false)
                       or coalesce(made.until <= $2, false)
               end
           ) as "is_over!""#,
        made,
        now.to_sqlx(),
    );
    Ok(is_over.fetch_one(&mut **tx).await?)
}

/// Stores the answer under a claimed key, with what was made or changed.
///
/// # Errors
/// Those of the database.
pub async fn answer<T: Serialize>(
    tx: &mut Tx,
    key: Option<&Key>,
    answer: &T,
    made: &[Made],
) -> Result<(), Failure> {
    let Some(key) = key else {
        return Ok(());
    };
    let json = |value: serde_json::Result<serde_json::Value>| value.map_err(|_| AppError::Internal);
    let answer = json(serde_json::to_value(answer))?;
    let made = match made {
        [] => None,
        made => Some(json(serde_json::to_value(made))?),
    };
    sqlx::query!(
        "update idempotency_keys set answer = $2, made = $3 where id = $1",
        &key.id,
        answer,
        made,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets the keys that have expired.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from idempotency_keys where expires_at <= $1",
        now.to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
