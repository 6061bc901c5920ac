//! A month of appointments around today, each with the history that led there.
//!
//! Their times come from the calendar that bookings are checked against, so all of them are on the grid of the
//! schedule and none overlaps another.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::{
    Ids,
    people::{self, DOCTORS, PATIENTS, Place, REASONS, SERVICES, Service},
};
use crate::{
    account::Role,
    appointment::Status,
    availability::{Calendar, DayPlan, Horizon, Hours, Off, Plan, ServiceRules, TimeOff, Weekly},
    database::{Failure, Tx},
    time::{Range, plus_minutes, wall_time},
};

/// The number of days with appointments before and after today.
const DAYS: i32 = 15;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// The author of a change, before the ids are known.
#[derive(Clone, Copy)]
enum By {
    Visitor,
    Patient,
    Doctor,
    /// On behalf of the doctor.
    Admin,
}

impl By {
    fn role(self) -> Role {
        match self {
            Self::Visitor => Role::Visitor,
            Self::Patient => Role::Patient,
            Self::Doctor => Role::Doctor,
            Self::Admin => Role::Admin,
        }
    }
}

struct Change {
    to: Status,
    at: Timestamp,
    by: By,
    reason: &'static str,
}

struct Appointment {
    doctor: usize,
    clinic: usize,
    service: usize,
    patient: usize,
    visit: Range,
    blocked: Range,
    reason: &'static str,
    /// The changes, from the hold on.
    history: Vec<Change>,
}

impl Appointment {
    fn status(&self) -> Status {
        self.history.last().map_or(Status::Held, |change| change.to)
    }
}

pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    let appointments = plan(now);
    insert_appointments(tx, ids, &appointments).await?;
    insert_changes(tx, ids, &appointments).await
}

/// Makes the month up. The same moment always gives the same month.
fn plan(now: Timestamp) -> Vec<Appointment> {
    let mut month = Vec::new();
    // Of doctors and of patients.
    let mut busy: Vec<Vec<Range>> = vec![Vec::new(); DOCTORS.len()];
    let mut away: Vec<Vec<Range>> = vec![Vec::new(); PATIENTS.len()];
    for in_days in -DAYS..=DAYS {
        for (doctor, place) in DOCTORS
            .iter()
            .enumerate()
            .flat_map(|(index, doctor)| doctor.places.iter().map(move |p| (index, p)))
        {
            let date = people::day(now, place.clinic, in_days);
            for turn in 0..visits_of_a_day(doctor, in_days) {
                let number = month.len();
                let service = place.services[(number + turn) % place.services.len()];
                let rules = rules(&SERVICES[service]);
                let calendar = Calendar {
                    closed: None,
                    zone: people::zone(place.clinic),
                    plan: week(place, now),
                    rules,
                    busy: busy[doctor].clone(),
                    // Before the month began, when all of its times were still ahead.
                    now: plus_minutes(now, -i64::from(DAYS + 2) * DAY),
                };
                let free: Vec<Timestamp> = calendar
                    .day(date)
                    .slots
                    .iter()
                    .filter(|slot| slot.free)
                    .map(|slot| slot.starts_at)
                    .collect();
                // Spread over the day: the first turn in the morning, the last in the afternoon.
                let part = free.len() * (2 * turn + 1) / (2 * visits_of_a_day(doctor, in_days));
                let Some(&starts_at) = free.get((part + number % 2).min(free.len().saturating_sub(1))) else {
                    continue;
                };
                let (visit, blocked) = (rules.time(starts_at), rules.blocked(starts_at));
                let Some(patient) = (0..PATIENTS.len())
                    .map(|step| (number * 5 + step) % PATIENTS.len())
                    .find(|&patient| !away[patient].iter().any(|range| range.overlaps(visit)))
                else {
                    continue;
                };
                let history = history(number, &SERVICES[service], visit, now, doctor == 0);
                if history.last().is_some_and(|change| change.to.occupies()) {
                    busy[doctor].push(blocked);
                    away[patient].push(visit);
                }
                month.push(Appointment {
                    doctor,
                    clinic: place.clinic,
                    service,
                    patient,
                    visit,
                    blocked,
                    reason: REASONS[number % REASONS.len()],
                    history,
                });
            }
        }
    }
    month
}

/// The first doctor has something of everything; for all there are plenty of free times.
fn visits_of_a_day(doctor: usize, in_days: i32) -> usize {
    match (doctor, in_days) {
        (0, 0) => 6,
        (0, 1..=4) => 5,
        (_, 0) => 4,
        (0, _) | (_, 1..=4) => 3,
        _ => 2,
    }
}

fn rules(service: &Service) -> ServiceRules {
    ServiceRules {
        duration: service.duration.into(),
        buffer_before: 0,
        buffer_after: service.buffer_after.into(),
        interval: service.interval,
        notice: 0,
        horizon: Horizon::CalendarDays(3 * DAYS),
    }
}

fn week(place: &Place, now: Timestamp) -> Plan {
    let hours = |ranges: &[(i32, i32)]| -> Vec<Hours> {
        ranges
            .iter()
            .map(|&(from_minute, until_minute)| Hours {
                from_minute,
                until_minute,
            })
            .collect()
    };
    let weekly = |week: people::Week, is_break: bool| {
        week.iter().flat_map(move |&(weekdays, ranges)| {
            weekdays
                .iter()
                .filter_map(|&weekday| {
                    civil::Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()
                })
                .flat_map(move |weekday| {
                    hours(ranges).into_iter().map(move |hours| Weekly {
                        weekday,
                        hours,
                        is_break,
                        valid_from: None,
                        valid_until: None,
                    })
                })
        })
    };
    Plan {
        weekly: weekly(place.week, false)
            .chain(weekly(place.breaks, true))
            .collect(),
        exceptions: place
            .exceptions
            .iter()
            .map(|exception| {
                (
                    people::day(now, place.clinic, exception.in_days),
                    DayPlan {
                        hours: hours(exception.hours),
                        breaks: Vec::new(),
                    },
                )
            })
            .collect::<BTreeMap<_, _>>(),
        time_off: vec![TimeOff {
            kind: Off::Closure,
            first_day: people::CLOSURE.0,
            last_day: people::CLOSURE.0,
            hours: None,
            yearly: true,
        }],
    }
}

/// Returns the changes that led to the present status, all of them legal transitions.
fn history(
    number: usize,
    service: &Service,
    visit: Range,
    now: Timestamp,
    is_busy_doctor: bool,
) -> Vec<Change> {
    use Status::*;

    let number_of_hours = i64::try_from(number % 18).unwrap_or(0);
    // Some of what is still ahead waits for an answer: it was asked for within the last day.
    let waits = visit.start > plus_minutes(now, 3 * HOUR)
        && !service.instant
        && number.is_multiple_of(if is_busy_doctor { 3 } else { 5 });
    let begun = if waits {
        plus_minutes(now, -HOUR - number_of_hours * HOUR)
    } else {
        plus_minutes(visit.start.min(now), -3 * DAY - number_of_hours * HOUR)
    };
    let change = |to: Status, at: Timestamp, by: By| Change {
        to,
        at,
        by,
        reason: "",
    };
    let because = |to: Status, at: Timestamp, by: By, reason: &'static str| Change { to, at, by, reason };

    let booked = plus_minutes(begun, 4);
    let mut history = vec![change(Held, begun, By::Visitor)];
    if service.instant {
        history.push(change(Confirmed, booked, By::Patient));
    } else {
        history.push(change(Pending, booked, By::Patient));
        if waits {
            return history;
        }
        let answered = plus_minutes(begun, 3 * HOUR + number_of_hours);
        match number % 13 {
            5 => {
                history.push(because(
                    Rejected,
                    answered,
                    By::Doctor,
                    "Please see a dermatologist with this first",
                ));
                return history;
            }
            9 => {
                history.push(change(Cancelled, plus_minutes(begun, HOUR), By::Patient));
                return history;
            }
            3 => history.push(change(Confirmed, answered, By::Admin)),
            _ => history.push(change(Confirmed, answered, By::Doctor)),
        }
    }
    let later = plus_minutes(begun, DAY);
    match number % 11 {
        4 => history.push(because(
            Cancelled,
            later,
            By::Patient,
            "I am better already, thank you",
        )),
        7 => history.push(because(
            Cancelled,
            later,
            By::Doctor,
            "I have to be at the hospital, I am sorry",
        )),
        10 if visit.end <= now => history.push(change(NoShow, plus_minutes(visit.start, 10), By::Doctor)),
        _ if visit.end <= now => {
            history.push(change(InProgress, visit.start, By::Doctor));
            history.push(change(Completed, visit.end, By::Doctor));
        }
        _ if visit.start <= now => history.push(change(InProgress, visit.start, By::Doctor)),
        _ => {}
    }
    history
}

/// A reference that looks like any other, and is the same whenever the demo is made: multiplying by an
/// odd number maps 40 bits to 40 bits, one to one.
fn reference(number: usize) -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bits = (number as u64 + 1).wrapping_mul(0x9E_3779_B97F) & 0xFF_FFFF_FFFF;
    let mut half = || -> String {
        (0..4)
            .map(|_| {
                let letter = char::from(ALPHABET[usize::try_from(bits & 31).unwrap_or(0)]);
                bits >>= 5;
                letter
            })
            .collect()
    };
    format!("{}-{}", half(), half())
}

/// Returns the time until which a request waits for its answer. Every second one waits until its appointment, so that
/// a demo that was started yesterday still has some.
fn answer_until(number: usize, appointment: &Appointment) -> Option<Timestamp> {
    let asked = appointment
        .history
        .iter()
        .find(|change| change.to == Status::Pending)?;
    let start = appointment.visit.start;
    let may_wait = appointment.status() == Status::Pending && number.is_multiple_of(2);
    Some(if may_wait {
        start
    } else {
        plus_minutes(asked.at, DAY).min(start)
    })
}

async fn insert_appointments(tx: &mut Tx, ids: &Ids, month: &[Appointment]) -> Result<(), Failure> {
    let (mut references, mut status, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let (mut doctors, mut clinics, mut services, mut patients) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut starts_at, mut ends_at) = (Vec::new(), Vec::new());
    let (mut blocks_from, mut blocks_until) = (Vec::new(), Vec::new());
    let (mut created_at, mut answer_until, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let mut wall_times = Vec::new();
    for (number, appointment) in month.iter().enumerate() {
        references.push(reference(number));
        status.push(appointment.status().as_str().to_owned());
        reasons.push(appointment.reason.to_owned());
        doctors.push(ids.doctors[appointment.doctor].0);
        clinics.push(ids.clinics[appointment.clinic]);
        services.push(ids.services[appointment.service]);
        patients.push(ids.patients[appointment.patient]);
        starts_at.push(appointment.visit.start.to_sqlx());
        ends_at.push(appointment.visit.end.to_sqlx());
        let zone = people::zone(appointment.clinic);
        wall_times.push(wall_time(appointment.visit.start, &zone).to_sqlx());
        blocks_from.push(appointment.blocked.start.to_sqlx());
        blocks_until.push(appointment.blocked.end.to_sqlx());
        created_at.push(appointment.history[0].at.to_sqlx());
        answer_until.push(self::answer_until(number, appointment).map(ToSqlx::to_sqlx));
        versions.push(i32::try_from(appointment.history.len()).unwrap_or(i32::MAX));
    }
    sqlx::query!(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
              blocks_from, blocks_until, duration_minutes, mode, reason, held_until, answer_until, version, created_at,
              wall_time)
         select made.reference, made.doctor_id, made.clinic_id, made.service_id, made.patient_id, made.status,
                made.starts_at, made.ends_at, made.blocks_from, made.blocks_until,
                services.duration_minutes, services.mode, made.reason,
                made.created_at + interval '10 minutes', made.answer_until, made.version, made.created_at,
                made.wall_time
         from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                     $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
                     $11::text[], $12::timestamptz[], $13::integer[], $14::timestamptz[],
                     $15::timestamp[])
              as made (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
                       blocks_from, blocks_until, reason, answer_until, version, created_at, wall_time)
         join services on services.id = made.service_id
         order by made.created_at, made.reference",
        &references,
        &doctors,
        &clinics,
        &services,
        &patients,
        &status,
        &starts_at as _,
        &ends_at as _,
        &blocks_from as _,
        &blocks_until as _,
        &reasons,
        &answer_until as _,
        &versions,
        &created_at as _,
        &wall_times as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_changes(tx: &mut Tx, ids: &Ids, month: &[Appointment]) -> Result<(), Failure> {
    let (mut references, mut versions, mut changed_at) = (Vec::new(), Vec::new(), Vec::new());
    let (mut from, mut to, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    let (mut staff, mut patients, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (number, appointment) in month.iter().enumerate() {
        let mut before = None;
        for (version, change) in (1i32..).zip(&appointment.history) {
            references.push(reference(number));
            versions.push(version);
            changed_at.push(change.at.to_sqlx());
            from.push(before.map(|status: Status| status.as_str().to_owned()));
            to.push(change.to.as_str().to_owned());
            roles.push(change.by.role().as_str().to_owned());
            staff.push(match change.by {
                By::Doctor => Some(ids.doctors[appointment.doctor].1),
                By::Admin => Some(ids.admin),
                By::Visitor | By::Patient => None,
            });
            patients.push(match change.by {
                By::Patient => Some(ids.patients[appointment.patient]),
                By::Visitor | By::Doctor | By::Admin => None,
            });
            reasons.push(change.reason.to_owned());
            before = Some(change.to);
        }
    }
    sqlx::query!(
        "insert into appointment_changes
             (appointment_id, changed_at, from_status, to_status, to_starts_at, version, actor, staff_id,
              patient_id, for_doctor, reason)
         select appointments.id, made.changed_at, made.from_status, made.to_status, appointments.starts_at,
                made.version, made.actor, made.staff_id, made.patient_id, made.actor = 'admin', made.reason
         from unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                     $7::bigint[], $8::bigint[], $9::text[])
              as made (reference, version, changed_at, from_status, to_status, actor, staff_id, patient_id, reason)
         join appointments on appointments.reference = made.reference
         order by made.changed_at, appointments.id",
        &references,
        &versions,
        &changed_at as _,
        &from as _,
        &to,
        &roles,
        &staff as _,
        &patients as _,
        &reasons,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Moments on every weekday and at every hour: the demo is started at any of them.
    fn moments() -> impl Iterator<Item = Timestamp> {
        let first: Timestamp = "2026-11-22T00:30:00Z".parse().unwrap();
        (0..5 * 24).map(move |number| plus_minutes(first, number * 7 * HOUR))
    }

    #[test]
    fn sari_has_requests_and_appointments_whenever_the_demo_starts() {
        for now in moments() {
            let month = plan(now);
            let today = people::day(now, 0, 0);
            let saris = || month.iter().filter(|appointment| appointment.doctor == 0);
            assert!(
                saris()
                    .filter(|appointment| appointment.status() == Status::Pending)
                    .count()
                    >= 2,
                "{now}"
            );
            let on_the_day_sheet = saris()
                .filter(|appointment| {
                    crate::time::local_date(appointment.visit.start, &people::zone(0)) == today
                })
                .filter(|appointment| {
                    use Status::*;
                    matches!(appointment.status(), Confirmed | InProgress | Completed | NoShow)
                });
            assert!(on_the_day_sheet.count() >= 1, "{now}");
        }
    }

    #[test]
    fn every_history_is_a_legal_walk_in_order_of_time() {
        for now in moments() {
            for appointment in plan(now) {
                assert!(appointment.history.windows(2).all(|pair| {
                    let (before, after) = (&pair[0], &pair[1]);
                    let transition = crate::appointment::Transition {
                        from: before.to,
                        to: after.to,
                        started: appointment.visit.start <= after.at,
                        past_cutoff: false,
                    };
                    before.at <= after.at && transition.is_allowed(after.by.role())
                }));
                assert!(appointment.history.iter().all(|change| change.at <= now));
            }
        }
    }

    #[test]
    fn references_differ() {
        let references: HashSet<String> = (0..10_000).map(reference).collect();
        assert_eq!(references.len(), 10_000);
    }
}
