//! The limits of a service for each patient: how many appointments may be ahead, and how many there may be in a week.
//!
//! They are counted under the lock of the patient, so that bookings that come at once are counted one after the other. Staff
//! may go beyond them by saying so, which leaves a row. Where a service has no limits, nothing is asked of the database.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Rules, Wanted, locks::LockedTime};
use crate::{
    account::Caller,
    appointment::Summary,
    availability::{Offering, ServiceLimits},
    database::{Failure, Tx},
    error::Refusal,
    time,
};

/// Bookings of a patient that are about to be made.
pub(crate) struct Asked<'a> {
    pub patient_id: i64,
    /// Whoever books; none for a patient who sends what they hold.
    pub caller: Option<&'a Caller>,
    pub rules: Rules,
    /// In the order in which they are counted.
    pub times: Vec<&'a LockedTime>,
    /// The start of an appointment that moves to the only one of the times, with its id. It is not counted, and one that
    /// moves within its week, or stays ahead, is no new one.
    pub moved: Option<(i64, Timestamp)>,
}

/// Whether a limit is exceeded, as staff said it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) struct Exceeds(bool);

/// The appointments of a service that a patient has.
#[derive(Default)]
struct Had {
    /// The starts of all that count in their weeks.
    starts: Vec<Timestamp>,
    /// The starts of those that are ahead.
    open: Vec<Timestamp>,
    /// Whether some of them are not for the eyes of whoever books.
    has_unseen: bool,
}

impl Asked<'_> {
    /// Refuses what goes beyond the limits of a service, unless staff said that it may. The patient is locked.
    ///
    /// # Errors
    /// `BOOKING_FAILED` with `too_many_of_service` or `too_many_in_week`, about the first time that is too many.
    pub async fn check(&self, tx: &mut Tx, now: Timestamp) -> Result<Exceeds, Failure> {
        let mut services: Vec<i64> = self.times.iter().map(|time| time.wanted.service_id).collect();
        services.sort_unstable();
        services.dedup();
        for service_id in services {
            let times = self.times.iter().copied();
            let of_service: Vec<&LockedTime> = times
                .filter(|time| time.wanted.service_id == service_id)
                .collect();
            let Some(first) = of_service.first().filter(|time| time.offering.limits.is_set()) else {
                continue;
            };
            let limits = first.offering.limits;
            let starts: Vec<Timestamp> = of_service.iter().map(|time| time.wanted.starts_at()).collect();
            let zones: Vec<&TimeZone> = of_service.iter().map(|time| &time.offering.zone).collect();
            let since = first_week(&starts, &zones, now);
            let moved = self.moved.map(|(id, _)| id);
            let had = had(tx, self.patient_id, service_id, since, (moved, self.caller), now).await?;
            let limits = self.that_count(limits, &starts, &zones);
            let refused = refused(limits, &had, &starts, &zones);
            let refused = refused.and_then(|(place, refusal)| Some((refusal, of_service.get(place)?.wanted)));
            if let Some((refusal, wanted)) = refused {
                let is_staff = self.caller.is_some_and(|caller| caller.role().is_staff());
                return match is_staff && self.rules.over_limit {
                    true => Ok(Exceeds(true)),
                    false => Err(refusal.of(wanted).into()),
                };
            }
        }
        Ok(Exceeds(false))
    }

    /// The limits that these times can break: what moves was ahead before, and may stay in its week.
    fn that_count(&self, limits: ServiceLimits, starts: &[Timestamp], zones: &[&TimeZone]) -> ServiceLimits {
        let Some((_, from)) = self.moved else {
            return limits;
        };
        let stays = |(to, zone): (&Timestamp, &&TimeZone)| week_of(from, zone) == week_of(*to, zone);
        let stays = starts.iter().zip(zones).all(stays);
        ServiceLimits {
            open: None,
            per_week: limits.per_week.filter(|_| !stays),
        }
    }
}

/// The first of these times of an offering that a limit of its service would refuse to this caller, and why. Nothing is locked:
/// the booking asks again.
///
/// # Errors
/// Those of the database.
pub(crate) async fn foreseen(
    connection: &mut PgConnection,
    (caller, patient_id): (&Caller, i64),
    offering: &Offering,
    starts: &[Timestamp],
    now: Timestamp,
) -> Result<Option<(usize, Refusal)>, Failure> {
    if !offering.limits.is_set() {
        return Ok(None);
    }
    let zones = vec![&offering.zone; starts.len()];
    let since = first_week(starts, &zones, now);
    let eyes = (None, Some(caller));
    let had = had(connection, patient_id, offering.service_id, since, eyes, now).await?;
    Ok(refused(offering.limits, &had, starts, &zones))
}

/// An appointment at the time of a group session that is about to be made.
pub(crate) struct AskedOne<'a> {
    pub patient_id: i64,
    pub wanted: Wanted,
    pub limits: ServiceLimits,
    pub zone: &'a TimeZone,
    /// Whoever books.
    pub caller: &'a Caller,
    pub rules: Rules,
}

impl AskedOne<'_> {
    /// As [`Asked::check`].
    ///
    /// # Errors
    /// `BOOKING_FAILED` with `too_many_of_service` or `too_many_in_week`.
    pub async fn check(&self, tx: &mut Tx, now: Timestamp) -> Result<Exceeds, Failure> {
        if !self.limits.is_set() {
            return Ok(Exceeds(false));
        }
        let (starts, zones) = ([self.wanted.starts_at()], [self.zone]);
        let since = first_week(&starts, &zones, now);
        let had = had(
            tx,
            self.patient_id,
            self.wanted.service_id,
            since,
            (None, Some(self.caller)),
            now,
        )
        .await?;
        match refused(self.limits, &had, &starts, &zones) {
            None => Ok(Exceeds(false)),
            Some(_) if self.caller.role().is_staff() && self.rules.over_limit => Ok(Exceeds(true)),
            Some((_, refusal)) => Err(refusal.of(self.wanted).into()),
        }
    }
}

/// The moment since which appointments count: now, or the beginning of the first week that one of these is in.
fn first_week(starts: &[Timestamp], zones: &[&TimeZone], now: Timestamp) -> Timestamp {
    let weeks = starts.iter().zip(zones);
    let begin = weeks.map(|(start, zone)| beginning(week_of(*start, zone), zone).unwrap_or(now));
    begin.fold(now, Timestamp::min)
}

/// Whether whoever books may see an appointment of the patient with this doctor at this clinic: then they are told when a limit
/// has room again, which says when such appointments are.
fn is_seen_by(caller: Option<&Caller>, doctor_id: i64, clinic_id: i64) -> bool {
    match caller {
        Some(Caller::Doctor { doctor_id: own, .. }) => *own == doctor_id,
        Some(staff @ (Caller::Admin { .. } | Caller::Reception { .. })) => !staff.is_kept_from(clinic_id),
        Some(Caller::Patient { .. }) | None => true,
    }
}

/// Reads what a patient has of a service since then, but for one that moves, and whether the caller may see all of it.
async fn had(
    connection: &mut PgConnection,
    patient_id: i64,
    service_id: i64,
    since: Timestamp,
    (moved, caller): (Option<i64>, Option<&Caller>),
    now: Timestamp,
) -> Result<Had, Failure> {
    let rows = sqlx::query!(
        r#"select starts_at, starts_at > $4 and status in ('pending', 'confirmed') as "open!", doctor_id, clinic_id
           from appointments
           where patient_id = $1 and service_id = $2 and starts_at >= $3 and id is distinct from $5
             and status <> 'held' and occupies(appointments, $4)
           order by starts_at"#,
        patient_id,
        service_id,
        since.to_sqlx(),
        now.to_sqlx(),
        moved,
    )
    .fetch_all(connection)
    .await?;
    let mut had = Had::default();
    for row in rows {
        let starts_at = row.starts_at.to_jiff();
        had.starts.push(starts_at);
        had.has_unseen |= !is_seen_by(caller, row.doctor_id, row.clinic_id);
        if row.open {
            had.open.push(starts_at);
        }
    }
    Ok(had)
}

/// The place of the first of these starts that is too many, and why; when there is room again only where that says nothing of
/// appointments that are not for the caller's eyes.
fn refused(
    limits: ServiceLimits,
    had: &Had,
    starts: &[Timestamp],
    zones: &[&TimeZone],
) -> Option<(usize, Refusal)> {
    let open = limits
        .open
        .and_then(|most| too_many_open(most, &had.open, starts.len()));
    let week = || {
        let most = limits.per_week?;
        too_many_in_week(most, &had.starts, starts, zones)
    };
    let (place, refusal) = open.or_else(week)?;
    Some(match had.has_unseen {
        true => (place, refusal.without_again()),
        false => (place, refusal),
    })
}

impl Exceeds {
    /// Writes of these changes that they exceed a limit.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn record(self, tx: &mut Tx, changes: &[Summary]) -> Result<(), Failure> {
        if !self.0 {
            return Ok(());
        }
        let ids: Vec<i64> = changes.iter().map(|one| one.id).collect();
        let versions: Vec<i32> = changes.iter().map(|one| one.version).collect();
        sqlx::query!(
            "insert into limits_exceeded (appointment_id, version) select * from unnest($1::bigint[], $2::integer[])",
            &ids,
            &versions,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// The place of the first of so many bookings by which too many are ahead. There is room when enough of those that are ahead,
/// in the order of their starts, have begun.
fn too_many_open(most: i32, open: &[Timestamp], more: usize) -> Option<(usize, Refusal)> {
    let most = usize::try_from(most).unwrap_or(0);
    if open.len() + more <= most {
        return None;
    }
    let over = open.len() + more - most;
    // Who has more ahead than there may be has to wait until one more can be booked.
    let again = open.get(over - 1).map(|start| start.as_second());
    let place = most.saturating_sub(open.len()).min(more.saturating_sub(1));
    Some((place, Refusal::TooManyOfService { again }))
}

/// The place of the first of these starts by which a week has too many.
fn too_many_in_week(
    most: i32,
    had: &[Timestamp],
    starts: &[Timestamp],
    zones: &[&TimeZone],
) -> Option<(usize, Refusal)> {
    for (place, (start, zone)) in starts.iter().zip(zones).enumerate() {
        let counted = had.iter().chain(&starts[..place]);
        let mut weeks: BTreeMap<civil::Date, i32> = BTreeMap::new();
        for other in counted {
            *weeks.entry(week_of(*other, zone)).or_default() += 1;
        }
        let is_full = |week: &civil::Date| weeks.get(week).is_some_and(|count| *count >= most);
        let mut week = week_of(*start, zone);
        if !is_full(&week) {
            continue;
        }
        while is_full(&week) {
            week = week.saturating_add(1.week());
        }
        let again = beginning(week, zone).map(Timestamp::as_second);
        return Some((place, Refusal::TooManyInWeek { again }));
    }
    None
}

/// The Monday of the week of a moment, on the clock of this zone.
fn week_of(at: Timestamp, zone: &TimeZone) -> civil::Date {
    time::monday(time::local_date(at, zone))
}

/// The first moment of a week.
fn beginning(monday: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    time::first_instant(monday, 0, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn there_is_room_again_when_enough_have_begun() {
        let open = [
            "2026-03-02T03:00:00Z",
            "2026-03-03T03:00:00Z",
            "2026-03-04T03:00:00Z",
        ]
        .map(at);
        let refused =
            |most, more| too_many_open(most, &open, more).map(|(place, refusal)| (place, refusal.again()));
        assert_eq!(refused(4, 1), None);
        assert_eq!(refused(3, 1), Some((0, Some(open[0]))));
        assert_eq!(refused(4, 2), Some((1, Some(open[0]))));
        assert_eq!(refused(4, 3), Some((1, Some(open[1]))));
        // More than there may ever be.
        assert_eq!(refused(2, 3), Some((0, None)));
        // The limit was lowered since.
        assert_eq!(refused(1, 1), Some((0, Some(open[2]))));
    }

    #[test]
    fn a_week_is_that_of_the_clinic_and_the_next_one_with_room_is_named() {
        let jakarta = time::stored_zone("Asia/Jakarta").unwrap();
        // Sunday evening in UTC is Monday morning in Jakarta.
        let had = ["2026-03-01T18:00:00Z", "2026-03-10T03:00:00Z"].map(at);
        let refused = |most, starts: &[Timestamp]| {
            let zones = vec![&jakarta; starts.len()];
            too_many_in_week(most, &had, starts, &zones).map(|(place, refusal)| (place, refusal.again()))
        };
        let monday = at("2026-03-02T03:00:00Z");
        assert_eq!(refused(1, &[at("2026-03-01T16:00:00Z")]), None);
        assert_eq!(refused(2, &[monday]), None);
        assert_eq!(refused(1, &[monday]), Some((0, Some(at("2026-03-15T17:00:00Z")))));
        assert_eq!(
            refused(2, &[monday, at("2026-03-04T03:00:00Z")]),
            Some((1, Some(at("2026-03-08T17:00:00Z"))))
        );
    }

    #[test]
    fn a_week_of_a_change_day_begins_at_its_midnight() {
        let berlin = time::stored_zone("Europe/Berlin").unwrap();
        let had = [at("2026-03-24T09:00:00Z")];
        let starts = [at("2026-03-29T09:00:00Z")];
        assert_eq!(
            too_many_in_week(1, &had, &starts, &[&berlin]),
            Some((
                0,
                Refusal::TooManyInWeek {
                    again: Some(at("2026-03-29T22:00:00Z").as_second())
                }
            ))
        );
    }
}
