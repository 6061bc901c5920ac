//! All times of the grid with what each of them is, for programs that show a calendar and not only what is free.

use jiff::{Span, Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Calendar, Except, MARGIN_MINUTES, Offering, Plan, calendars};
use crate::{
    database::{Database, Failure},
    error::AppError,
    time::{self, Range, plus_minutes},
};

/// What a time of the grid is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotState {
    Free,
    /// Somebody has it.
    Busy,
    /// Somebody holds it, or has asked for it and waits for the answer.
    Tentative,
    /// Nobody has it, and nobody can: it lies in the buffer of a neighbour, or the doctor or the clinic is away.
    Unavailable,
}

/// An offering with its times, in order.
#[derive(Clone, Debug)]
pub struct Slots {
    pub offering: Offering,
    pub times: Vec<(Timestamp, SlotState)>,
}

/// An appointment that has its time.
struct Taken {
    doctor_id: i64,
    time: Range,
    is_tentative: bool,
}

/// The times of offerings that begin in these ranges, one for each offering: those that are neither too soon nor too far
/// ahead. A time is [`SlotState::Free`] if and only if the list of times has it (C6).
///
/// # Errors
/// Those of the database.
pub async fn slots(
    database: &Database,
    offerings: Vec<(Offering, Range)>,
    now: Timestamp,
) -> Result<Vec<Slots>, AppError> {
    database
        .read("availability.slots", move |mut connection| async move {
            let dates: Vec<(civil::Date, civil::Date)> = offerings
                .iter()
                .map(|(offering, range)| dates(offering, *range, now))
                .collect();
            let (Some(first), Some(last)) = (
                dates.iter().map(|(first, _)| *first).min(),
                dates.iter().map(|(_, last)| *last).max(),
            ) else {
                return Ok(Vec::new());
            };
            let (offerings, ranges): (Vec<Offering>, Vec<Range>) = offerings.into_iter().unzip();
            let calendars =
                calendars(&mut connection, &offerings, first, last, &Except::default(), now).await?;
            let taken = taken(&mut connection, &offerings, &ranges, now).await?;
            let times: Vec<_> = calendars
                .iter()
                .zip(&offerings)
                .zip(ranges.iter().zip(dates))
                .map(|((calendar, offering), (range, dates))| {
                    let theirs = taken.iter().filter(|one| one.doctor_id == offering.doctor_id);
                    times(calendar, &theirs.collect::<Vec<_>>(), *range, dates)
                })
                .collect();
            let found = offerings.into_iter().zip(times);
            Ok(found.map(|(offering, times)| Slots { offering, times }).collect())
        })
        .await
}

/// The dates at the clinic on which times of the range can begin.
fn dates(offering: &Offering, range: Range, now: Timestamp) -> (civil::Date, civil::Date) {
    let today = time::local_date(now, &offering.zone);
    let horizon = offering.rules.horizon.last_day(today);
    let first = time::local_date(range.start, &offering.zone).max(today);
    let last = time::local_date(range.end, &offering.zone).min(horizon);
    (first, last)
}

async fn taken(
    connection: &mut PgConnection,
    offerings: &[Offering],
    ranges: &[Range],
    now: Timestamp,
) -> Result<Vec<Taken>, Failure> {
    let doctors: Vec<i64> = offerings.iter().map(|offering| offering.doctor_id).collect();
    let (Some(start), Some(end)) = (
        ranges.iter().map(|range| range.start).min(),
        ranges.iter().map(|range| range.end).max(),
    ) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query!(
        r#"select doctor_id, starts_at, ends_at,
                  status in ('held', 'pending') and group_id is null as "is_tentative!"
           from appointments
           where doctor_id = any(array(select unnest($1::bigint[])))
             and starts_at >= $2 and starts_at < $3 and occupies(appointments, $4)
           order by doctor_id, starts_at"#,
        &doctors,
        plus_minutes(start.max(now), -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(end, MARGIN_MINUTES).to_sqlx(),
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Taken {
            doctor_id: row.doctor_id,
            time: Range::new(row.starts_at.to_jiff(), row.ends_at.to_jiff()),
            is_tentative: row.is_tentative,
        })
        .collect())
}

/// The times of a calendar that begin in a range.
fn times(
    calendar: &Calendar,
    taken: &[&Taken],
    range: Range,
    (first, last): (civil::Date, civil::Date),
) -> Vec<(Timestamp, SlotState)> {
    // What would be offered if nobody were away.
    let present = Calendar {
        plan: Plan {
            time_off: Vec::new(),
            ..calendar.plan.clone()
        },
        ..calendar.clone()
    };
    let dates = first.series(Span::new().days(1)).take_while(|date| *date <= last);
    let days = dates.flat_map(|date| {
        let offered = calendar.day(date).slots;
        let is_somebody_away = calendar.plan.time_off.iter().any(|off| off.covers(date));
        let grid = match is_somebody_away {
            true => present.day(date).slots,
            false => offered.clone(),
        };
        grid.into_iter().map(move |slot| {
            let known = offered.binary_search_by_key(&slot.starts_at, |offered| offered.starts_at);
            (slot.starts_at, known.ok().map(|place| offered[place].free))
        })
    });
    let inside = days.filter(|(starts_at, _)| range.start <= *starts_at && *starts_at < range.end);
    inside
        .map(|(starts_at, offered)| {
            let state = match offered {
                Some(true) => SlotState::Free,
                Some(false) => state(calendar.rules.time(starts_at), taken),
                None => SlotState::Unavailable,
            };
            (starts_at, state)
        })
        .collect()
}

/// What a time is that is not free.
fn state(time: Range, taken: &[&Taken]) -> SlotState {
    let over = || taken.iter().filter(|one| one.time.overlaps(time));
    if over().any(|one| !one.is_tentative) {
        SlotState::Busy
    } else if over().next().is_some() {
        SlotState::Tentative
    } else {
        SlotState::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, until: i64) -> Range {
        Range::new(
            plus_minutes(Timestamp::UNIX_EPOCH, from),
            plus_minutes(Timestamp::UNIX_EPOCH, until),
        )
    }

    #[test]
    fn a_time_that_is_not_free_is_what_lies_in_it() {
        let taken = |from: i64, until: i64, is_tentative: bool| Taken {
            doctor_id: 1,
            time: range(from, until),
            is_tentative,
        };
        let (booked, asked) = (taken(0, 30, false), taken(30, 60, true));
        let all = [&booked, &asked];
        for (time, expected) in [
            (range(0, 30), SlotState::Busy),
            (range(30, 60), SlotState::Tentative),
            // What is certain goes before what is not.
            (range(15, 45), SlotState::Busy),
            (range(60, 90), SlotState::Unavailable),
        ] {
            assert_eq!(state(time, &all), expected, "{time:?}");
        }
    }
}
