//! Planning a session, or a weekly series of them: as drafts, or published at once.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    Details, Group, MAX_WEEKS, State,
    lock::zone_of,
    must_plan,
    occupy::{lock_doctor, lock_hours, occupy, tell_published},
};
use crate::{
    account::Caller,
    appointment::{Actor, lock_in_the_way},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
    nobody::{is_nobody, make_nobody},
    time::{Range, plus_minutes, readings, wall_time},
};

/// A session that is planned, and again in each of the following weeks.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The doctor, or an admin.
    pub caller: Caller,
    /// [`NOBODY`](crate::nobody::NOBODY) for a session without a doctor, which admins plan.
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub details: Details,
    /// The number of weeks, each with a session at the same time of the clinic's wall clock; 1 for a single one.
    pub weeks: i32,
    /// Whether they are open at once.
    pub publish: bool,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Plans a session or a weekly series: all of it, or nothing. Answers in the order of time.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's to plan; `VALIDATION_FAILED`; where it is published, `BOOKING_FAILED` about the
/// first session whose doctor has something else then, or is away; `IDEMPOTENCY_CONFLICT`.
pub async fn plan(database: &Database, command: Plan, now: Timestamp) -> Result<Vec<Group>, AppError> {
    database
        .write("group.plan", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Plan, now: Timestamp) -> Result<Vec<Group>, Failure> {
    must_plan(&command.caller, command.doctor_id)?;
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let groups = place(&mut tx, &command, now).await?;
    let made: Vec<_> = groups.iter().map(Group::made).collect();
    idempotency::answer(&mut tx, key, &groups, &made).await?;
    tx.commit().await?;
    Ok(groups)
}

/// Locks, checks and inserts. Does not authorise and does not commit.
///
/// # Errors
/// Those of [`plan`], without those of the key.
pub(crate) async fn place(tx: &mut Tx, command: &Plan, now: Timestamp) -> Result<Vec<Group>, Failure> {
    command.details.check()?;
    let zone = zone_of(tx, command.clinic_id).await?;
    let starts = starts(command.details.starts_at, command.weeks, &zone, now)?;
    if is_nobody(command.doctor_id) {
        make_nobody(tx).await?;
    }
    lock_doctor(tx, command.doctor_id, command.clinic_id, command.service_id).await?;
    let mut hours = Vec::new();
    if command.publish {
        let minutes = command.details.minutes.into();
        let time = |start: &Timestamp| Range::new(*start, plus_minutes(*start, minutes));
        let times = starts.iter().map(|start| (command.doctor_id, time(start)));
        hours = lock_hours(tx, times).await?;
    }
    let mut groups: Vec<Group> = Vec::with_capacity(starts.len());
    let is_series = starts.len() > 1;
    for starts_at in starts {
        let first = groups.first().map(|first| first.id);
        groups.push(insert(tx, command, starts_at, first, is_series, now).await?);
    }
    if command.publish {
        let actor = Actor::from(&command.caller);
        let lapsed = lock_in_the_way(tx, &hours, None, None, &[], now).await?;
        occupy(tx, &groups, &hours, lapsed, (&zone, actor), now).await?;
        tell_published(tx, &groups);
    }
    Ok(groups)
}

/// The starts of a weekly series, at the same time of the wall clock.
fn starts(first: Timestamp, weeks: i32, zone: &TimeZone, now: Timestamp) -> Result<Vec<Timestamp>, AppError> {
    let malformed = |field| AppError::invalid(field, FieldProblem::Malformed);
    if !(1..=MAX_WEEKS).contains(&weeks) {
        return Err(malformed(Field::Weeks));
    }
    if first <= now {
        return Err(malformed(Field::StartsAt));
    }
    let local = wall_time(first, zone);
    (0..weeks)
        .map(|week| match week {
            // Of a time that comes twice, the one that was said.
            0 => Ok(first),
            _ => local
                .checked_add(week.weeks())
                .ok()
                .and_then(|local| readings(local, zone).first().copied())
                .ok_or(malformed(Field::StartsAt)),
        })
        .collect()
}

async fn insert(
    tx: &mut Tx,
    command: &Plan,
    starts_at: Timestamp,
    first: Option<i64>,
    is_series: bool,
    now: Timestamp,
) -> Result<Group, Failure> {
    let details = &command.details;
    let state = match command.publish {
        true => State::Published,
        false => State::Draft,
    };
    let ends_at = plus_minutes(starts_at, details.minutes.into());
    let id = sqlx::query_scalar!(
        "insert into groups
             (series_id, doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, price_minor, currency, state,
              created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         returning id",
        first,
        command.doctor_id,
        command.clinic_id,
        command.service_id,
        details.title.trim(),
        starts_at.to_sqlx(),
        ends_at.to_sqlx(),
        details.capacity,
        details.price.as_ref().map(|price| price.minor),
        details.price.as_ref().map(|price| price.currency.as_str()),
        state.as_str(),
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    if is_series && first.is_none() {
        sqlx::query!("update groups set series_id = id where id = $1", id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(Group {
        id,
        series_id: is_series.then_some(first.unwrap_or(id)),
        doctor_id: command.doctor_id,
        clinic_id: command.clinic_id,
        service_id: command.service_id,
        title: details.title.trim().to_owned(),
        starts_at,
        ends_at,
        capacity: details.capacity,
        price: details.price.clone().map(|price| (price.minor, price.currency)),
        state,
        version: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekly_series_keeps_the_wall_clock_over_a_change_of_the_clock() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-03-01T00:00:00Z");
        let found = starts(at("2026-03-23T17:00:00Z"), 2, &zone, now);
        assert_eq!(
            found,
            Ok(vec![at("2026-03-23T17:00:00Z"), at("2026-03-30T16:00:00Z")])
        );
        // The clock jumps over 02:30 on the second date.
        let gap = starts(at("2026-03-22T01:30:00Z"), 2, &zone, now);
        assert_eq!(
            gap,
            Err(AppError::invalid(Field::StartsAt, FieldProblem::Malformed))
        );
        for weeks in [0, MAX_WEEKS + 1] {
            assert!(starts(at("2026-03-23T17:00:00Z"), weeks, &zone, now).is_err());
        }
        assert!(starts(now, 1, &zone, now).is_err());
    }
}
