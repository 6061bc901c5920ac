//! Who is next: the longest waiting among those whom a time fits, who have no other offer and are nowhere else then.

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::rules::{DayParts, Weekdays};
use crate::{
    availability::{Calendar, MARGIN_MINUTES, Offering},
    database::{Failure, Tx},
    time::{self, Range, plus_minutes},
};

/// A time of a doctor that came free, for one of the services that it fits.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'a> {
    pub offering: &'a Offering,
    pub time: Range,
    pub blocked: Range,
}

impl<'a> Candidate<'a> {
    pub fn of(offering: &'a Offering, starts_at: Timestamp) -> Self {
        Self {
            offering,
            time: offering.rules.time(starts_at),
            blocked: offering.rules.blocked(starts_at),
        }
    }

    /// The first free time of an offering that lies within a range that came free.
    pub fn within(offering: &'a Offering, calendar: &Calendar, freed: Range) -> Option<Self> {
        let (first, last) = (
            time::local_date(freed.start, &offering.zone),
            time::local_date(freed.end, &offering.zone),
        );
        let days = first
            .series(jiff::ToSpan::days(1))
            .take_while(|date| *date <= last);
        days.flat_map(|date| calendar.day(date).slots)
            .filter(|slot| slot.free)
            .map(|slot| Self::of(offering, slot.starts_at))
            .find(|one| freed.start <= one.blocked.start && one.blocked.end <= freed.end)
    }

    pub fn day(&self) -> civil::Date {
        time::local_date(self.time.start, &self.offering.zone)
    }

    pub fn weekday_bit(&self) -> i16 {
        Weekdays::bit(self.day().weekday())
    }

    pub fn day_part_bit(&self) -> i16 {
        DayParts::bit(time::wall_time(self.time.start, &self.offering.zone))
    }
}

/// Somebody who waits, locked.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    pub entry_id: i64,
    pub patient_id: i64,
    /// Which of the candidates it is.
    pub place: usize,
}

/// Who is passed over.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed<'a> {
    /// Who gave the time up.
    pub patient_id: Option<i64>,
    /// The entries that were looked at already.
    tried: &'a [i64],
}

impl<'a> Passed<'a> {
    pub fn of(patient_id: Option<i64>, tried: &'a [i64]) -> Self {
        Self { patient_id, tried }
    }
}

/// Finds and locks the next one for one of these times, which are of one doctor at one clinic. Whoever is being changed at
/// this moment by somebody else is passed over: nothing is waited for, so that this can stand at the end of any transaction
/// without closing a circle of waiting.
///
/// The patient is locked, too, so that nobody is picked for two times by two transactions; what decides about the person is
/// read again under that lock, by [`is_still_fit`].
pub(super) async fn pick(
    tx: &mut Tx,
    candidates: &[Candidate<'_>],
    passed: Passed<'_>,
    only: Option<i64>,
    now: Timestamp,
) -> Result<Option<Picked>, Failure> {
    let Some(first) = candidates.first() else {
        return Ok(None);
    };
    let services: Vec<i64> = candidates.iter().map(|one| one.offering.service_id).collect();
    let starts: Vec<_> = candidates.iter().map(|one| one.time.start.to_sqlx()).collect();
    let ends: Vec<_> = candidates.iter().map(|one| one.time.end.to_sqlx()).collect();
    let days: Vec<_> = candidates.iter().map(|one| one.day().to_sqlx()).collect();
    let weekdays: Vec<i16> = candidates.iter().map(Candidate::weekday_bit).collect();
    let parts: Vec<i16> = candidates.iter().map(Candidate::day_part_bit).collect();
    let row = sqlx::query!(
        r#"select entries.id, entries.patient_id, times.place as "place!"
           from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::date[], $5::smallint[], $6::smallint[])
                    with ordinality as times (service_id, starts_at, ends_at, day, weekday, part, place)
           join waitlist_entries as entries on entries.service_id = times.service_id and entries.state = 'waiting'
               and entries.group_id is null
           join patients on patients.id = entries.patient_id and patients.active
                and consents_to(patients.id, 'waitlist')
           where (entries.doctor_id is null or entries.doctor_id = $7)
             and (entries.clinic_id is null or entries.clinic_id = $8)
             and times.day between entries.first_day and entries.last_day
             and entries.weekdays & times.weekday <> 0 and entries.day_parts & times.part <> 0
             and times.starts_at >= $9::timestamptz + make_interval(mins => entries.notice_minutes)
             and entries.id <> all($10) and ($11::bigint is null or entries.id = $11)
             and (entries.instead_of is null
                  or exists (select from appointments as own
                             where own.id = entries.instead_of and own.status in ('pending', 'confirmed')
                               and own.doctor_id = $7 and own.clinic_id = $8 and own.service_id = entries.service_id
                               and own.starts_at > times.starts_at and occupies(own, $9) and own.group_id is null
                               and (own.status = 'pending'
                                    or $9 <= own.starts_at - make_interval(mins => own.cutoff_minutes))))
             and entries.patient_id is distinct from $13
             and not exists (select from waitlist_offers as had
                             where had.patient_id = entries.patient_id and had.doctor_id = $7
                               and had.starts_at = times.starts_at and had.state <> 'skipped'
                               and had.group_id is null)
             and not exists (select from waitlist_offers as other
                             where other.patient_id = entries.patient_id and other.state = 'offered')
             and not exists (select from appointments as elsewhere
                             where elsewhere.patient_id = entries.patient_id
                               and elsewhere.id is distinct from entries.instead_of
                               and elsewhere.status in ('pending', 'confirmed', 'in_progress')
                               and occupies(elsewhere, $9)
                               and elsewhere.starts_at > $12 and elsewhere.starts_at < times.ends_at
                               and elsewhere.ends_at > times.starts_at)
             -- Whoever cannot open the entry could not accept. Most clinics never ask for that.
             and (not exists (select from organisation where number_days > 0)
                  or opened_since(patients.id) is null or entries.joined_at >= opened_since(patients.id))
           order by entries.joined_at, entries.id
           limit 1
           for no key update of entries, patients skip locked"#,
        &services,
        &starts as _,
        &ends as _,
        &days as _,
        &weekdays,
        &parts,
        first.offering.doctor_id,
        first.offering.clinic_id,
        now.to_sqlx(),
        passed.tried,
        only,
        plus_minutes(first.time.start, -MARGIN_MINUTES).to_sqlx(),
        passed.patient_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Picked {
        entry_id: row.id,
        patient_id: row.patient_id,
        place: usize::try_from(row.place - 1).unwrap_or(0),
    }))
}

/// Whether somebody who is locked has no other offer and is nowhere else then: another transaction may have committed an
/// offer or a booking between the search and the lock.
pub(super) async fn is_still_fit(
    tx: &mut Tx,
    picked: &Picked,
    time: Range,
    now: Timestamp,
) -> Result<bool, Failure> {
    let fits = sqlx::query_scalar!(
        r#"select exists (
               select from waitlist_entries as entries
               where entries.id = $1 and entries.state = 'waiting'
                 and not exists (select from waitlist_offers as other
                                 where other.patient_id = $2 and other.state = 'offered')
                 and not exists (select from appointments as elsewhere
                                 where elsewhere.patient_id = $2 and elsewhere.id is distinct from entries.instead_of
                                   and elsewhere.status in ('pending', 'confirmed', 'in_progress')
                                   and occupies(elsewhere, $3)
                                   and elsewhere.starts_at > $4 and elsewhere.starts_at < $6
                                   and elsewhere.ends_at > $5)) as "fits!""#,
        picked.entry_id,
        picked.patient_id,
        now.to_sqlx(),
        plus_minutes(time.start, -MARGIN_MINUTES).to_sqlx(),
        time.start.to_sqlx(),
        time.end.to_sqlx(),
    );
    Ok(fits.fetch_one(&mut **tx).await?)
}
