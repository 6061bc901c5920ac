//! Any doctor: whose turn it is to be booked by who does not mind.

use std::collections::HashMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    AnyDoctor, Except, MARGIN_MINUTES, NotOffered, Offering, any::plus_days, calendars, offerings_of_any,
};
use crate::{
    booking::Wanted,
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Refusal},
    time::{self, GivenTime},
};

/// The doctors who can be booked at a time, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Turns {
    /// The time that is refused when nobody is left.
    pub wanted: Wanted,
    /// The reason where nobody is free to begin with.
    pub reason: Refusal,
    pub doctors: Vec<(Offering, Timestamp)>,
}

/// Whoever wants a time with any doctor, and may hold it with one of them already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanting<'a> {
    /// SHA-256 of the token of the browser.
    pub visitor: Option<&'a [u8]>,
    pub patient_id: Option<i64>,
}

/// The doctors who have this time free, in turn: those with the fewest appointments on that day first; of those, those
/// who have been without one for the longest; of those, the one with the lowest id. The one with whom the patient holds the
/// time comes before all of them. `None` where there is no such time on the wall clock of any clinic.
///
/// It is computed from committed data, and promises nothing: the booking itself looks again, under its
/// locks.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that.
pub async fn in_turn(
    database: &Database,
    wanted: AnyDoctor,
    at: GivenTime,
    except: Except,
    without_notice: bool,
    patient_id: Option<i64>,
    now: Timestamp,
) -> Result<Option<Turns>, AppError> {
    database
        .read("availability.in_turn", move |mut connection| async move {
            let mut offerings = offerings_of_any(&mut connection, &wanted).await?;
            let service_id = offerings.first().ok_or(AppError::NotFound)?.service_id;
            offerings.retain(|offering| at.in_zone(&offering.zone).is_some());
            let starts: Vec<Timestamp> = offerings
                .iter()
                .filter_map(|offering| at.in_zone(&offering.zone))
                .collect();
            let Some(&starts_at) = starts.first() else {
                return Ok(None);
            };
            let dates = offerings.iter().zip(&starts);
            let dates = dates.map(|(offering, starts_at)| time::local_date(*starts_at, &offering.zone));
            let (first, last) = dates.fold((civil::Date::MAX, civil::Date::MIN), |(first, last), date| {
                (first.min(date), last.max(date))
            });
            let mut calendars = calendars(&mut connection, &offerings, first, last, &except, now).await?;
            let mut reason = Refusal::SlotClosed;
            let mut doctors: Vec<(Offering, Timestamp)> = Vec::new();
            let mut taken: Vec<(Offering, Timestamp)> = Vec::new();
            for ((offering, starts_at), calendar) in offerings.into_iter().zip(starts).zip(&mut calendars) {
                if without_notice {
                    calendar.rules.notice = 0;
                }
                match calendar.check(starts_at) {
                    Ok(()) => doctors.push((offering, starts_at)),
                    Err(NotOffered::Taken) => {
                        reason = Refusal::SlotTaken;
                        taken.push((offering, starts_at));
                    }
                    Err(NotOffered::Closed) => {}
                }
            }
            let wanting = Wanting {
                visitor: None,
                patient_id,
            };
            if patient_id.is_some() && !taken.is_empty() {
                let loads = loads(&mut connection, &taken, wanting, now).await?;
                let is_theirs = |offering: &Offering| {
                    let load = loads.get(&offering.doctor_id);
                    load.is_some_and(|load| load.is_theirs && !load.is_taken)
                };
                doctors.extend(taken.into_iter().filter(|(offering, _)| is_theirs(offering)));
            }
            // A doctor who works at several clinics then counts at the first.
            doctors.sort_by_key(|(offering, _)| (offering.doctor_id, offering.clinic_id));
            doctors.dedup_by_key(|(offering, _)| offering.doctor_id);
            let loads = loads(&mut connection, &doctors, wanting, now).await?;
            doctors.sort_by_key(|(offering, _)| turn(&loads, offering));
            Ok(Some(Turns {
                wanted: Wanted {
                    doctor_id: Wanted::ANY,
                    clinic_id: wanted.clinic_id.unwrap_or(Wanted::ANY),
                    service_id,
                    starts_at: starts_at.as_second(),
                },
                reason,
                doctors,
            }))
        })
        .await
}

/// The doctor whose turn it is now, of those who were free and have not refused; `None` where nobody is left. Whoever asks
/// for the same service waits until this transaction ends: so each of them counts the one before, and many at once are
/// spread as evenly as many one after the other.
///
/// # Errors
/// Those of the database.
pub async fn whose_turn(
    tx: &mut Tx,
    turns: &Turns,
    refused: &[i64],
    wanting: Wanting<'_>,
    now: Timestamp,
) -> Result<Option<Wanted>, Failure> {
    let locked = sqlx::query!(
        r#"select 1 as "locked!" from (select pg_advisory_xact_lock(hashtextextended('turns', $1))) as turns"#,
        turns.wanted.service_id,
    );
    locking(Lock::Turns, locked.fetch_one(&mut **tx)).await?;
    let has_refused = |offering: &Offering| refused.contains(&offering.doctor_id);
    let left: Vec<(Offering, Timestamp)> = turns
        .doctors
        .iter()
        .filter(|(offering, _)| !has_refused(offering))
        .cloned()
        .collect();
    // A statement of its own, which begins after the wait.
    let loads = loads(tx, &left, wanting, now).await?;
    let is_free = |offering: &Offering| {
        let load = loads.get(&offering.doctor_id);
        load.is_some_and(|load| !load.is_taken)
    };
    Ok(left
        .iter()
        .filter(|(offering, _)| is_free(offering))
        .min_by_key(|(offering, _)| turn(&loads, offering))
        .map(|(offering, starts_at)| offering.at(*starts_at)))
}

/// What decides whose turn it is.
#[derive(Clone, Copy, Debug)]
struct Load {
    /// The number of appointments on the day of the time.
    count: i64,
    /// The start of the last one before it.
    last: Option<Timestamp>,
    /// Whoever wants the time holds it.
    is_theirs: bool,
    /// Somebody else has the time, or a part of it.
    is_taken: bool,
}

/// The place of a doctor among the others: the lowest is asked first.
fn turn(loads: &HashMap<i64, Load>, offering: &Offering) -> (bool, i64, Option<Timestamp>, i64) {
    match loads.get(&offering.doctor_id) {
        Some(load) => (!load.is_theirs, load.count, load.last, offering.doctor_id),
        None => (true, 0, None, offering.doctor_id),
    }
}

async fn loads(
    connection: &mut PgConnection,
    doctors: &[(Offering, Timestamp)],
    wanting: Wanting<'_>,
    now: Timestamp,
) -> Result<HashMap<i64, Load>, Failure> {
    let midnight = |offering: &Offering, starts_at: Timestamp, days: i32| {
        let date = plus_days(time::local_date(starts_at, &offering.zone), days);
        time::first_instant(date, 0, &offering.zone)
            .unwrap_or(starts_at)
            .to_sqlx()
    };
    let blocked = |(offering, starts_at): &(Offering, Timestamp)| offering.rules.blocked(*starts_at);
    let ids: Vec<i64> = doctors.iter().map(|(offering, _)| offering.doctor_id).collect();
    let times: Vec<_> = doctors.iter().map(|(_, starts_at)| starts_at.to_sqlx()).collect();
    let days: Vec<_> = doctors.iter().map(|(one, at)| midnight(one, *at, 0)).collect();
    let ends: Vec<_> = doctors.iter().map(|(one, at)| midnight(one, *at, 1)).collect();
    let from: Vec<_> = doctors.iter().map(|one| blocked(one).start.to_sqlx()).collect();
    let until: Vec<_> = doctors.iter().map(|one| blocked(one).end.to_sqlx()).collect();
    let rows = sqlx::query!(
        r#"select wanted.doctor_id as "doctor_id!",
                  (select count(*) from appointments
                   where appointments.doctor_id = wanted.doctor_id
                     and starts_at >= wanted.day and starts_at < wanted.next_day
                     -- The seats of a session block nothing: it counts once.
                     and blocks_from < blocks_until and occupies(appointments, $5)) as "count!",
                  (select max(starts_at) from appointments
                   where appointments.doctor_id = wanted.doctor_id and starts_at < wanted.at
                     and blocks_from < blocks_until and occupies(appointments, $5)) as "last?",
                  exists (select from appointments
                          where appointments.doctor_id = wanted.doctor_id and starts_at = wanted.at
                            and status = 'held' and occupies(appointments, $5)
                            and (held_by = $8 or patient_id = $9)) as "is_theirs!",
                  exists (select from appointments
                          where appointments.doctor_id = wanted.doctor_id
                            and starts_at > wanted.from_at - make_interval(mins => $10)
                            and starts_at < wanted.until_at + make_interval(mins => $10)
                            and blocks_from < wanted.until_at and blocks_until > wanted.from_at
                            and occupies(appointments, $5)
                            and not (status = 'held' and coalesce(held_by = $8 or patient_id = $9, false))
                         ) as "is_taken!"
           from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
                       $6::timestamptz[], $7::timestamptz[])
                as wanted (doctor_id, at, day, next_day, from_at, until_at)"#,
        &ids,
        &times as _,
        &days as _,
        &ends as _,
        now.to_sqlx(),
        &from as _,
        &until as _,
        wanting.visitor,
        wanting.patient_id,
        i32::try_from(MARGIN_MINUTES).unwrap_or(i32::MAX),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let load = Load {
                count: row.count,
                last: row.last.map(jiff_sqlx::Timestamp::to_jiff),
                is_theirs: row.is_theirs,
                is_taken: row.is_taken,
            };
            (row.doctor_id, load)
        })
        .collect())
}
