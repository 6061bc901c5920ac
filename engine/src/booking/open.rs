//! The number of requests and appointments that a patient may have open at once. Staff are not limited.
//!
//! It is counted under the lock of the patient and of the holder of the phone, so that requests that come at once are counted
//! one after the other. Who share a phone have together twice as many as one of them: another name is no way around.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Rules, Wanted};
use crate::{
    database::{Failure, Tx},
    error::Refusal,
};

/// Factor by which those who share a phone may have more than one patient.
const FAMILY: i64 = 2;

/// Bookings that are about to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opened {
    /// Those that wait for an answer.
    pub requests: i64,
    /// All of them.
    pub appointments: i64,
}

impl Opened {
    /// Bookings of services, each of which is booked at once or has to be answered.
    pub fn of(instant: impl IntoIterator<Item = bool>) -> Self {
        instant.into_iter().fold(Self::default(), |opened, instant| Self {
            requests: opened.requests + i64::from(!instant),
            appointments: opened.appointments + 1,
        })
    }
}

/// Refuses bookings by which a patient, or those who share the phone, would have too many open. The patient is locked.
///
/// # Errors
/// `BOOKING_FAILED` with `too_many_open`.
pub(crate) async fn refuse_too_many(
    connection: &mut PgConnection,
    patient_id: i64,
    opened: Opened,
    rules: Rules,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(), Failure> {
    let (most_requests, most) = (i64::from(rules.open_requests), i64::from(rules.open_appointments));
    if most_requests == 0 && most == 0 {
        return Ok(());
    }
    let open = sqlx::query!(
        r#"with holder as (select coalesce(holder_id, id) as id from patients where id = $1)
           select count(*) as "all!",
                  count(*) filter (where status = 'pending') as "requests!",
                  count(*) filter (where patient_id = $1) as "own!",
                  count(*) filter (where status = 'pending' and patient_id = $1) as "own_requests!"
           from appointments
           where patient_id in (
                   select id from holder
                   union all
                   select patients.id from patients join holder on holder_id = holder.id)
             and starts_at > $2 and status in ('pending', 'confirmed') and occupies(appointments, $2)"#,
        patient_id,
        now.to_sqlx(),
    )
    .fetch_one(connection)
    .await?;
    let is_over = |open: i64, more: i64, most: i64| most > 0 && more > 0 && open + more > most;
    let is_refused = is_over(open.own_requests, opened.requests, most_requests)
        || is_over(open.own, opened.appointments, most)
        || is_over(open.requests, opened.requests, FAMILY * most_requests)
        || is_over(open.all, opened.appointments, FAMILY * most);
    match is_refused {
        true => Err(Refusal::TooManyOpen.of(wanted).into()),
        false => Ok(()),
    }
}

/// Refuses another hold of a patient who holds as many times as they may have appointments, in however many browsers.
///
/// # Errors
/// `BOOKING_FAILED` with `too_many_open`.
pub(crate) async fn refuse_too_many_holds(
    tx: &mut Tx,
    patient_id: i64,
    rules: Rules,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(), Failure> {
    if rules.open_appointments == 0 {
        return Ok(());
    }
    let held = sqlx::query_scalar!(
        r#"select count(*) as "held!" from appointments
           where patient_id = $1 and status = 'held' and held_until > $2"#,
        patient_id,
        now.to_sqlx(),
    );
    match held.fetch_one(&mut **tx).await? < i64::from(rules.open_appointments) {
        true => Ok(()),
        false => Err(Refusal::TooManyOpen.of(wanted).into()),
    }
}
