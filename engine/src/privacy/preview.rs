//! What erasing a person would do: what goes, what stays until when and why, and what stands in the way.

use jiff::{Timestamp, ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{must_be_theirs, people::records_of};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
};

/// A reason why a person cannot be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The clinic has to keep everything for now.
    Held,
    /// Others share the phone of which the patient is the holder: so many.
    Shared(i64),
    /// It is under way already.
    UnderWay,
}

/// What erasing a person would do.
#[derive(Clone, Debug)]
pub struct Preview {
    pub obstacle: Option<Obstacle>,
    /// Appointments, stays and entries of the waitlist that are called off, and told so.
    pub ahead: i64,
    /// Of what is ahead, what its patient can no longer call off: it takes place first.
    pub too_late: i64,
    /// Appointments that led to no care, whose words go.
    pub appointments: i64,
    pub messages: i64,
    pub calls: i64,
    /// Records of care, which stay without a name.
    pub records: i64,
    /// The date until which the law keeps the last of them; `None` where there is none.
    pub until: Option<Date>,
    /// Years for which records are kept.
    pub years: i32,
    pub payments: i64,
    /// Amounts that go back first: the person is not erased before they are paid back.
    pub owed: i64,
}

/// Says what erasing this person would do.
///
/// # Errors
/// `NOT_FOUND` for somebody else's record, and one that is erased.
pub async fn preview(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<Preview, AppError> {
    must_be_theirs(caller, patient_id)?;
    let by_staff = caller.role().is_staff();
    database
        .read("privacy.preview", move |mut connection| async move {
            let records = records_of(&mut connection, patient_id).await?;
            let kept = kept_of(&mut connection, &records).await?;
            let row = sqlx::query!(
                r#"select erasing_since is not null as "is_closed!", erased_at is not null as "is_erased!",
                          exists (select from legal_holds where patient_id = any($1)) as "is_held!",
                          (select count(*) from patients as others
                           where others.holder_id = any($1) and others.active and others.id <> all($1)) as "sharing!",
                          (select count(*) from waitlist_entries
                           where patient_id = any($1) and state in ('waiting', 'offered')) as "waits!",
                          (select count(*) from stays
                           where patient_id = any($1) and status = 'booked'
                             and departure >= ($2::timestamptz at time zone 'UTC')::date) as "stays!",
                          (select count(*) from appointments
                           where patient_id = any($1) and status in ('pending', 'confirmed') and starts_at > $2)
                              as "appointments!",
                          (select count(*) from appointments
                           where patient_id = any($1) and status = 'confirmed' and ends_at > $2
                             and starts_at <= $2::timestamptz + make_interval(mins => cutoff_minutes)) as "late!",
                          (select count(*) from appointments
                           where patient_id = any($1)
                             and status in ('cancelled', 'rejected', 'expired', 'no_show')) as "ended!",
                          (select count(*) from messages where patient_id = any($1)) as "messages!",
                          (select count(*) from phone_call_names where patient_id = any($1)) as "calls!",
                          (select count(*) from payments
                           left join appointments on appointments.id = appointment_id
                           left join stays on stays.id = stay_id
                           where coalesce(appointments.patient_id, stays.patient_id) = any($1) and paid_at is not null)
                              as "payments!"
                   from patients where id = $3 and merged_into is null"#,
                &records,
                now.to_sqlx(),
                patient_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .filter(|row| !row.is_erased)
            .ok_or(AppError::NotFound)?;
            let obstacle = match (row.is_closed, row.is_held, row.sharing) {
                (true, ..) => Some(Obstacle::UnderWay),
                (_, true, _) => Some(Obstacle::Held),
                (.., 1..) => Some(Obstacle::Shared(row.sharing)),
                _ => None,
            };
            let owed = owed_of(&mut connection, &records).await?;
            let too_late = if by_staff { 0 } else { row.late };
            Ok(Preview {
                obstacle,
                ahead: row.waits + row.stays + row.appointments,
                too_late,
                appointments: row.ended,
                messages: row.messages,
                calls: row.calls,
                records: kept.records,
                until: kept.until,
                years: kept.years,
                payments: row.payments,
                owed,
            })
        })
        .await
}

/// Counts the amounts that are still to be paid back to a person.
///
/// # Errors
/// Those of the database.
pub(super) async fn owed_of(connection: &mut PgConnection, records: &[i64]) -> Result<i64, Failure> {
    let owed = sqlx::query_scalar!(
        r#"select count(*) as "owed!" from refunds
           join payments on payments.id = payment_id
           left join appointments on appointments.id = appointment_id
           left join stays on stays.id = stay_id
           where refunds.state in ('due', 'refunding', 'failed')
             and coalesce(appointments.patient_id, stays.patient_id) = any($1)"#,
        records,
    );
    Ok(owed.fetch_one(connection).await?)
}

/// Records of care, and until when the law keeps the last of them.
pub(super) struct Kept {
    pub records: i64,
    pub until: Option<Date>,
    pub years: i32,
}

/// Counts the records of care of a person.
///
/// # Errors
/// Those of the database.
pub(super) async fn kept_of(connection: &mut PgConnection, records: &[i64]) -> Result<Kept, Failure> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", (max(starts_at) at time zone 'UTC')::date as "last: jiff_sqlx::Date",
                  coalesce((select record_years from retention), 25) as "years!"
           from appointments where patient_id = any($1) and is_record(appointments)"#,
        records,
    )
    .fetch_one(connection)
    .await?;
    let years = row.years;
    Ok(Kept {
        records: row.count,
        until: row.last.map(|last| last.to_jiff().saturating_add(years.years())),
        years,
    })
}
