//! Offering times that there are since a plan was widened or a closed day opened, in the transaction of that change.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil};
use jiff_sqlx::ToSqlx;

use super::{
    offer::{NewOffer, awaited, lapses_of, tell},
    pick::{Candidate, Passed, is_still_fit, pick},
    rules::{DayParts, Standing, Weekdays, Why, standing},
};
use crate::{
    availability::{Except, Offering, calendars, hours},
    database::{Failure, Tx},
    time::{self, plus_minutes},
};

/// Number of people who are offered a time of one doctor at once.
const MOST: usize = 20;
/// Number of people who are looked at for that.
const MOST_LOOKED_AT: i64 = 500;
/// The number of days from today on in which times are looked for.
const DAYS: i32 = 62;

/// Somebody who waits, as far as a doctor's times are concerned.
struct Waiting {
    id: i64,
    service_id: i64,
    clinic_id: Option<i64>,
    first_day: civil::Date,
    last_day: civil::Date,
    weekdays: Weekdays,
    day_parts: DayParts,
    notice_minutes: i32,
    /// The start of the appointment that is to move, which has to move to a sooner time.
    before: Option<Timestamp>,
    /// The starts of times of the doctor that they were offered before, in seconds.
    had: Vec<i64>,
    /// When they are somewhere else, from and until, in seconds.
    busy: Vec<(i64, i64)>,
}

impl Waiting {
    fn fits(&self, candidate: &Candidate<'_>, now: Timestamp) -> bool {
        let (day, start) = (candidate.day(), candidate.time.start);
        let (from, until) = (start.as_second(), candidate.time.end.as_second());
        self.service_id == candidate.offering.service_id
            && self.clinic_id.is_none_or(|id| id == candidate.offering.clinic_id)
            && (self.first_day..=self.last_day).contains(&day)
            && self.weekdays.0 & candidate.weekday_bit() != 0
            && self.day_parts.has(DayParts(candidate.day_part_bit()))
            && start >= plus_minutes(now, self.notice_minutes.into())
            && self.before.is_none_or(|before| start < before)
            && !self.had.contains(&from)
            && !self.busy.iter().any(|(busy, free)| *busy < until && from < *free)
    }
}

/// Offers free times of these doctors to those who wait, in their order, each the first one that fits.
///
/// The hours are locked before the entries, as a booking would do it. Transactions that open a plan lock no patient and no
/// appointment before.
///
/// # Errors
/// Those of the database.
pub(super) async fn offer_opened(tx: &mut Tx, doctors: Vec<i64>, now: Timestamp) -> Result<(), Failure> {
    let doctors: BTreeSet<i64> = doctors.into_iter().collect();
    let mut all: Vec<Offering> = Vec::new();
    for doctor_id in doctors {
        all.extend(awaited(tx, doctor_id, None).await?);
    }
    let mut wanted: Vec<(i64, Candidate<'_>)> = Vec::new();
    for of_one in all.chunk_by(|one, other| one.doctor_id == other.doctor_id) {
        wanted.extend(match_up(tx, of_one, now).await?);
    }
    let ranges: Vec<_> = wanted
        .iter()
        .map(|(_, one)| (one.offering.doctor_id, one.blocked))
        .collect();
    if ranges.is_empty() {
        return Ok(());
    }
    let locked = hours::lock(tx, &ranges).await?;
    for ((entry_id, candidate), hours) in wanted.iter().zip(&locked) {
        let one = std::slice::from_ref(candidate.offering);
        let day = candidate.day();
        let calendars = calendars(tx, one, day, day, &Except::default(), now).await?;
        let is_free = calendars
            .first()
            .is_some_and(|calendar| calendar.check(candidate.time.start).is_ok());
        if !is_free {
            continue;
        }
        let Some(picked) = pick(
            tx,
            std::slice::from_ref(candidate),
            Passed::default(),
            Some(*entry_id),
            now,
        )
        .await?
        else {
            continue;
        };
        if !is_still_fit(tx, &picked, candidate.time, now).await? {
            continue;
        }
        let lapses = lapses_of(tx, candidate).await?;
        match standing(candidate.time.start, lapses, &candidate.offering.zone, now) {
            Standing::Everybodys { .. } => tell(tx, candidate, picked, Why::Opened, now).await?,
            Standing::Kept(until) => {
                let offer = NewOffer {
                    candidate,
                    hours,
                    picked: &picked,
                    until,
                    why: Why::Opened,
                    offered_by: None,
                };
                offer.try_write(tx, now).await?;
            }
        }
    }
    Ok(())
}

/// Matches those who wait for a doctor with the doctor's free times, without a lock.
async fn match_up<'a>(
    tx: &mut Tx,
    offerings: &'a [Offering],
    now: Timestamp,
) -> Result<Vec<(i64, Candidate<'a>)>, Failure> {
    let waiting = waiting(tx, offerings, now).await?;
    let (Some(one), Some(first), Some(last)) = (
        offerings.first(),
        waiting.iter().map(|one| one.first_day).min(),
        waiting.iter().map(|one| one.last_day).max(),
    ) else {
        return Ok(Vec::new());
    };
    let today = time::local_date(now, &one.zone);
    let first = first.max(today);
    let last = last.min(today.saturating_add(DAYS.days()));
    if last < first {
        return Ok(Vec::new());
    }
    let calendars = calendars(tx, offerings, first, last, &Except::default(), now).await?;
    let mut free: Vec<Candidate<'a>> = Vec::new();
    for (offering, calendar) in offerings.iter().zip(&calendars) {
        let days = first.series(1.day()).take_while(|date| *date <= last);
        let slots = days
            .flat_map(|date| calendar.day(date).slots)
            .filter(|slot| slot.free);
        free.extend(slots.map(|slot| Candidate::of(offering, slot.starts_at)));
    }
    free.sort_by_key(|one| one.time.start);
    let mut matched: Vec<(i64, Candidate<'a>)> = Vec::new();
    for entry in waiting {
        if matched.len() >= MOST {
            break;
        }
        let is_apart = |one: &Candidate<'_>| {
            matched
                .iter()
                .all(|(_, other)| !other.blocked.overlaps(one.blocked))
        };
        let first = free
            .iter()
            .find(|one| entry.fits(one, now) && is_apart(one))
            .cloned();
        matched.extend(first.map(|candidate| (entry.id, candidate)));
    }
    Ok(matched)
}

/// Those who wait for one of these services of a doctor, in their order.
async fn waiting(tx: &mut Tx, offerings: &[Offering], now: Timestamp) -> Result<Vec<Waiting>, Failure> {
    let Some(one) = offerings.first() else {
        return Ok(Vec::new());
    };
    let services: Vec<i64> = offerings.iter().map(|one| one.service_id).collect();
    let rows = sqlx::query!(
        r#"select entries.id, entries.service_id, entries.clinic_id,
                  first_day as "first_day: jiff_sqlx::Date", last_day as "last_day: jiff_sqlx::Date",
                  weekdays, day_parts, notice_minutes, own.starts_at as "before?: jiff_sqlx::Timestamp",
                  array(select extract(epoch from had.starts_at)::bigint from waitlist_offers as had
                        where had.patient_id = entries.patient_id and had.doctor_id = $2
                          and had.state <> 'skipped' and had.group_id is null) as "had!",
                  busy.starts as "starts!", busy.ends as "ends!"
           from waitlist_entries as entries
           left join appointments as own on own.id = entries.instead_of
           cross join lateral (
               select coalesce(array_agg(extract(epoch from elsewhere.starts_at)::bigint order by elsewhere.id), '{}') as starts,
                      coalesce(array_agg(extract(epoch from elsewhere.ends_at)::bigint order by elsewhere.id), '{}') as ends
               from appointments as elsewhere
               where elsewhere.patient_id = entries.patient_id and elsewhere.id is distinct from entries.instead_of
                 and elsewhere.status in ('pending', 'confirmed', 'in_progress') and occupies(elsewhere, $4)
                 and elsewhere.ends_at > $4
           ) as busy
           where entries.state = 'waiting' and entries.service_id = any($1) and entries.group_id is null
             and (entries.doctor_id is null or entries.doctor_id = $2)
             and last_day >= ($4::timestamptz at time zone 'UTC')::date - 1
             and not exists (select from waitlist_offers as other
                             where other.patient_id = entries.patient_id and other.state = 'offered')
           order by joined_at, entries.id
           limit $3"#,
        &services,
        one.doctor_id,
        MOST_LOOKED_AT,
        now.to_sqlx(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let waiting = rows.into_iter().map(|row| Waiting {
        id: row.id,
        service_id: row.service_id,
        clinic_id: row.clinic_id,
        first_day: row.first_day.to_jiff(),
        last_day: row.last_day.to_jiff(),
        weekdays: Weekdays(row.weekdays),
        day_parts: DayParts(row.day_parts),
        notice_minutes: row.notice_minutes,
        before: row.before.map(jiff_sqlx::Timestamp::to_jiff),
        had: row.had,
        busy: row.starts.into_iter().zip(row.ends).collect(),
    });
    Ok(waiting.collect())
}
