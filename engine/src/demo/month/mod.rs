//! A month of appointments around today, each with the history that led there.
//!
//! Their times come from the calendar that bookings are checked against, so all of them are on the grid of the
//! schedule and none overlaps another.

mod history;
mod rows;
mod week;

use jiff::Timestamp;

use self::{
    history::{Change, history},
    rows::{insert_appointments, insert_changes},
    week::{rules, week},
};
use super::{
    Ids,
    people::{self, DOCTORS, PATIENTS, REASONS, SERVICES},
};
use crate::{
    appointment::Status,
    availability::Calendar,
    database::{Failure, Tx},
    time::{Range, plus_minutes},
};

/// The number of days with appointments before and after today.
const DAYS: i32 = 15;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

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
                    busy_elsewhere: Vec::new(),
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

#[cfg(test)]
mod tests {
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
                        without_doctor: false,
                    };
                    before.at <= after.at && transition.is_allowed(after.by.role())
                }));
                assert!(appointment.history.iter().all(|change| change.at <= now));
            }
        }
    }
}
