//! The rule that no patient is in two places at once.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Wanted;
use crate::{
    availability::MARGIN_MINUTES,
    database::{Failure, Tx},
    error::Refusal,
    time::{Range, plus_minutes},
};

/// Refuses a time when the patient, who is locked, is somewhere else. `except_id` is an appointment that does not count.
///
/// # Errors
/// `BOOKING_FAILED`.
pub(crate) async fn refuse_overlap(
    tx: &mut Tx,
    patient_id: i64,
    time: Range,
    except_id: Option<i64>,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(), Failure> {
    let overlaps = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where patient_id = $1 and starts_at > $6 and starts_at < $3 and ends_at > $2
                 and status <> 'held' and occupies(appointments, $4)
                 and id is distinct from $5
           ) as "exists!""#,
        patient_id,
        time.start.to_sqlx(),
        time.end.to_sqlx(),
        now.to_sqlx(),
        except_id,
        plus_minutes(time.start, -MARGIN_MINUTES).to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    match overlaps {
        true => Err(Refusal::PatientOverlap.of(wanted).into()),
        false => Ok(()),
    }
}
