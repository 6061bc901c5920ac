//! The locked hours of a doctor's calendar: the proof that a booking may look and write (B1, B2).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Lock, Tx, locking},
    time::{Range, plus_minutes},
};

/// These hours of this doctor's calendar are locked in the current transaction: until it ends, nobody
/// else can book anything that touches them. Only [`lock`] makes them.
#[derive(Debug)]
pub struct LockedHours {
    doctor_id: i64,
    range: Range,
}

impl LockedHours {
    pub fn doctor_id(&self) -> i64 {
        self.doctor_id
    }

    /// The range whose hours are locked.
    pub fn range(&self) -> Range {
        self.range
    }

    /// The proof for a range that lies within what an appointment blocked, which the current transaction has locked and
    /// ended or moved away. Until it commits, everybody else still sees that appointment in the range: they refuse the time
    /// as taken, or, where it had run out, wait for its lock before they write. So nobody can book in the range, and no hour
    /// has to be waited for, which would be out of the lock order by now.
    pub(crate) fn of_freed(doctor_id: i64, range: Range, freed: Range) -> Option<Self> {
        let lies_within = freed.start <= range.start && range.end <= freed.end;
        lies_within.then_some(Self { doctor_id, range })
    }
}

/// The full hours of UTC that a range touches, in order, as seconds since 1970.
fn hours(range: Range) -> Vec<i64> {
    let first = range.start.as_second().div_euclid(3600) * 3600;
    let end = if range.end.subsec_nanosecond() > 0 {
        range.end.as_second() + 1
    } else {
        range.end.as_second()
    };
    (first..end.max(first + 1)).step_by(3600).collect()
}

/// Locks the hours that these ranges of doctors touch, by doctor and hour, and waits for whoever has them. Answers in the
/// order of the ranges.
///
/// Everything that decides a booking is read after this, in statements of their own: under read committed each
/// sees what the previous holder of the lock committed.
///
/// # Errors
/// Those of the database; 55P03 when the wait takes too long.
pub async fn lock(tx: &mut Tx, ranges: &[(i64, Range)]) -> Result<Vec<LockedHours>, Failure> {
    let wanted: BTreeSet<(i64, i64)> = ranges
        .iter()
        .flat_map(|(doctor_id, range)| hours(*range).into_iter().map(|hour| (*doctor_id, hour)))
        .collect();
    let (mut doctors, mut starts) = (Vec::new(), Vec::new());
    for (doctor_id, second) in wanted {
        if let Ok(hour) = Timestamp::from_second(second) {
            doctors.push(doctor_id);
            starts.push(hour.to_sqlx());
        }
    }
    match ranges {
        // One range, as nearly every booking has, needs fewer statements.
        &[(doctor_id, _)] => locking(Lock::CalendarHours, lock_rows(tx, doctor_id, &starts)).await?,
        _ => locking(Lock::CalendarHours, lock_all_rows(tx, &doctors, &starts)).await?,
    }
    let locked = |&(doctor_id, range): &(i64, Range)| LockedHours { doctor_id, range };
    Ok(ranges.iter().map(locked).collect())
}

/// Locks hours of several doctors, as one: where some have no row yet, all of those are made before any is waited for. An
/// attempt that waits to insert an hour has inserted earlier ones alone; an attempt that waits to lock an hour that was
/// there has locked earlier ones, and waits for nobody who inserts. So no two attempts wait for each other.
async fn lock_all_rows(
    tx: &mut Tx,
    doctors: &[i64],
    starts: &[jiff_sqlx::Timestamp],
) -> Result<(), sqlx::Error> {
    let there = sqlx::query_scalar!(
        r#"select count(*) as "count!" from calendar_hours
           where (doctor_id, starts_at) in (select * from unnest($1::bigint[], $2::timestamptz[]))"#,
        doctors,
        starts as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    if usize::try_from(there) != Ok(starts.len()) {
        sqlx::query!(
            "insert into calendar_hours (doctor_id, starts_at)
             select doctor_id, hour from unnest($1::bigint[], $2::timestamptz[]) as hours (doctor_id, hour)
             order by doctor_id, hour
             on conflict on constraint calendar_hours_pkey do nothing",
            doctors,
            starts as _,
        )
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query_scalar!(
        "select starts_at from calendar_hours
         where (doctor_id, starts_at) in (select * from unnest($1::bigint[], $2::timestamptz[]))
         order by doctor_id, starts_at
         for no key update of calendar_hours",
        doctors,
        starts as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// Locks hours of one doctor that follow each other without a gap.
async fn lock_rows(tx: &mut Tx, doctor_id: i64, hours: &[jiff_sqlx::Timestamp]) -> Result<(), sqlx::Error> {
    if lock_if_all_there(tx, doctor_id, hours).await? {
        return Ok(());
    }
    // An hour that nobody has booked in yet has no row. Of two that insert it, the second waits here.
    sqlx::query!(
        r#"insert into calendar_hours (doctor_id, starts_at)
           select $1, hour from unnest($2::timestamptz[]) as hour order by hour
           on conflict on constraint calendar_hours_pkey do nothing"#,
        doctor_id,
        hours as _,
    )
    .execute(&mut **tx)
    .await?;
    // The rows are there now, whoever inserted them; and no hour counts as locked that is not.
    match lock_if_all_there(tx, doctor_id, hours).await? {
        true => Ok(()),
        false => Err(sqlx::Error::RowNotFound),
    }
}

/// Locks these hours of a doctor, in order, where all of them have a row, and none of them otherwise: locking those that
/// are there before inserting an earlier one would take them out of order.
async fn lock_if_all_there(
    tx: &mut Tx,
    doctor_id: i64,
    hours: &[jiff_sqlx::Timestamp],
) -> Result<bool, sqlx::Error> {
    let (Some(&first), Some(&last)) = (hours.first(), hours.last()) else {
        return Ok(true);
    };
    // They follow each other without a gap.
    let locked = sqlx::query_scalar!(
        "with there as (select count(*) as hours from calendar_hours
                        where doctor_id = $1 and starts_at between $2 and $3)
         select starts_at from calendar_hours
         where doctor_id = $1 and starts_at between $2 and $3 and (select hours from there) = $4
         order by starts_at
         for no key update of calendar_hours",
        doctor_id,
        first as _,
        last as _,
        i64::try_from(hours.len()).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(locked.len() == hours.len())
}

/// Minutes for which the lock rows of past hours are kept.
const KEEP_MINUTES: i64 = 7 * 24 * 60;

/// Deletes the lock rows of hours that are long past.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    let old = plus_minutes(now, -KEEP_MINUTES);
    sqlx::query!("delete from calendar_hours where starts_at <= $1", old.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_touches_the_hours_it_shares_a_moment_with() {
        for (start, end, expected) in [
            ("2026-01-01T09:00:00Z", "2026-01-01T09:30:00Z", 1),
            ("2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", 1),
            ("2026-01-01T09:45:00Z", "2026-01-01T10:00:00.5Z", 2),
            ("2026-01-01T09:59:59Z", "2026-01-01T11:00:01Z", 3),
            ("1969-12-31T23:30:00Z", "1970-01-01T00:30:00Z", 2),
        ] {
            let hours = hours(Range::new(at(start), at(end)));
            assert_eq!(hours.len(), expected, "{start}");
            assert!(hours.iter().all(|hour| hour % 3600 == 0));
        }
    }
}
