//! Dates that do not follow the week, and those among them on which bookings are stopped.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{LockedDoctor, must_have_the_day};
use crate::{
    account::Caller,
    availability::DayPlan,
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
    time,
};

/// A day of a doctor at a clinic on which bookings are stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub day: civil::Date,
    pub note: String,
    pub stopped_at: Timestamp,
    /// The number of appointments of that day that were cancelled or declined since.
    pub cancelled: i64,
}

/// Lists the days from today on for which bookings of a doctor at a clinic are stopped, in their order.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's.
pub async fn stopped(
    database: &Database,
    caller: &Caller,
    (doctor_id, clinic_id): (i64, i64),
    now: Timestamp,
) -> Result<Vec<Stopped>, AppError> {
    must_have_the_day(caller, doctor_id, clinic_id)?;
    // A day ago it was no later date than today anywhere.
    let yesterday = time::local_date(now, &TimeZone::UTC).saturating_sub(1.day());
    database
        .read("schedule.stopped", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select day, note, stopped_at as "stopped_at!: jiff_sqlx::Timestamp",
                          (select count(*) from appointments
                           where appointments.doctor_id = $1 and appointments.clinic_id = $2
                             and status in ('cancelled', 'rejected')
                             and starts_at >= day::timestamp at time zone time_zone
                             and starts_at < (day + 1)::timestamp at time zone time_zone
                             and exists (select from appointment_changes as changes
                                         where changes.appointment_id = appointments.id
                                           and to_status in ('cancelled', 'rejected')
                                           and changed_at >= stopped_at)) as "cancelled!"
                   from plan_exceptions join clinics on clinics.id = clinic_id
                   where doctor_id = $1 and clinic_id = $2 and stopped_at is not null and day >= $3
                   order by day"#,
                doctor_id,
                clinic_id,
                yesterday.to_sqlx() as _,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Stopped {
                    day: row.day.to_jiff(),
                    note: row.note,
                    stopped_at: row.stopped_at.to_jiff(),
                    cancelled: row.cancelled,
                })
                .collect())
        })
        .await
}

/// Writes the exception of a date, in place of an earlier one, and answers with its id.
pub(super) async fn put_exception(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    clinic_id: i64,
    day: civil::Date,
    plan: &DayPlan,
    note: &str,
) -> Result<i64, Failure> {
    sqlx::query!(
        "delete from plan_exceptions where doctor_id = $1 and clinic_id = $2 and day = $3",
        doctor.id,
        clinic_id,
        day.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    let exception_id = sqlx::query_scalar!(
        "insert into plan_exceptions (doctor_id, clinic_id, day, note) values ($1, $2, $3, $4) returning id",
        doctor.id,
        clinic_id,
        day.to_sqlx() as _,
        note,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("plan_exceptions_clinic_id_fkey", AppError::NotFound)?;
    let ranges = || {
        let breaks = plan.breaks.iter().map(|hours| (hours, true));
        plan.hours.iter().map(|hours| (hours, false)).chain(breaks)
    };
    let from: Vec<i32> = ranges().map(|(hours, _)| hours.from_minute).collect();
    let until: Vec<i32> = ranges().map(|(hours, _)| hours.until_minute).collect();
    let breaks: Vec<bool> = ranges().map(|(_, is_break)| is_break).collect();
    sqlx::query!(
        "insert into plan_exception_hours (exception_id, from_minute, until_minute, is_break)
         select $1, hours.* from unnest($2::integer[], $3::integer[], $4::boolean[]) as hours",
        exception_id,
        &from,
        &until,
        &breaks,
    )
    .execute(&mut **tx)
    .await?;
    Ok(exception_id)
}

/// Takes all hours out of a date, and remembers the exception that it had: of several stops, the one before the first.
pub(super) async fn stop(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    (clinic_id, day): (i64, civil::Date),
    note: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let before = sqlx::query_scalar!(
        r#"select case when stopped_at is null
                       then jsonb_build_object('note', note, 'hours', (
                                select coalesce(jsonb_agg(jsonb_build_object(
                                           'from', from_minute, 'until', until_minute, 'break', is_break)), '[]')
                                from plan_exception_hours where exception_id = plan_exceptions.id))
                       else replaced end as "replaced: serde_json::Value"
           from plan_exceptions where doctor_id = $1 and clinic_id = $2 and day = $3"#,
        doctor.id,
        clinic_id,
        day.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?
    .flatten();
    let id = put_exception(tx, doctor, clinic_id, day, &DayPlan::default(), note).await?;
    sqlx::query!(
        "update plan_exceptions set stopped_at = $2, replaced = $3 where id = $1",
        id,
        now.to_sqlx(),
        before,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives a date on which bookings are stopped what it had before: its own hours, or those of the week.
///
/// # Errors
/// `NOT_FOUND` where bookings are not stopped.
pub(super) async fn open(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    clinic_id: i64,
    day: civil::Date,
) -> Result<(), Failure> {
    let id = sqlx::query_scalar!(
        "select id from plan_exceptions
         where doctor_id = $1 and clinic_id = $2 and day = $3 and stopped_at is not null",
        doctor.id,
        clinic_id,
        day.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::NotFound)?;
    let followed_the_week = sqlx::query!(
        "delete from plan_exceptions where id = $1 and replaced is null",
        id
    )
    .execute(&mut **tx)
    .await?;
    if followed_the_week.rows_affected() > 0 {
        return Ok(());
    }
    sqlx::query!(
        r#"insert into plan_exception_hours (exception_id, from_minute, until_minute, is_break)
           select id, hours."from", hours."until", hours."break"
           from plan_exceptions,
                jsonb_to_recordset(replaced -> 'hours') as hours("from" integer, "until" integer, "break" boolean)
           where id = $1"#,
        id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update plan_exceptions set note = replaced ->> 'note', stopped_at = null, replaced = null where id = $1",
        id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
