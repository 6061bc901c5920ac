//! The waitlist: what comes free is offered to the next one, in the transaction that frees it.

mod answer;
mod join;
mod message;
mod offer;
mod opened;
mod race;
mod search;
mod seats;
mod skipped;

use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, Summary, change_status, expire},
    error::AppError,
    time::plus_minutes,
    waitlist::{self, Accept, DayParts, Decline, Join, Joined, Leave, Weekdays, Which, Wishes},
};
use jiff::{Timestamp, ToSpan};

use crate::support::{RULES, TestApp, VISIT, patient_caller};

/// A clinic in whose zone it is about noon, so that people are asked, with a waitlist that hears of everything.
pub async fn clinic() -> TestApp {
    let app = TestApp::crowded().await;
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    at_this_hour(&app, 12, hour).await;
    waitlist::listen(&app.database);
    app
}

/// Sets the clock of the clinic so that it shows this hour when it is that hour in UTC.
pub async fn at_this_hour(app: &TestApp, local: i8, utc: i8) {
    let ahead = local - utc;
    let ahead = if ahead < -12 { ahead + 24 } else { ahead };
    // The names of these zones have the sign the other way round.
    let zone = match ahead {
        0 => "Etc/GMT".to_owned(),
        1.. => format!("Etc/GMT-{ahead}"),
        _ => format!("Etc/GMT+{}", -ahead),
    };
    sqlx::query("update clinics set time_zone = $1")
        .bind(zone)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
}

/// Whoever waits for any time of a visit with any doctor.
pub fn wishes(app: &TestApp) -> Wishes {
    let first_day = app.day(0).saturating_sub(2.days());
    Wishes {
        service_id: app.services[VISIT],
        doctor_id: None,
        clinic_id: None,
        first_day,
        last_day: first_day.saturating_add(30.days()),
        weekdays: Weekdays::ALL,
        day_parts: DayParts::ALL,
        notice_minutes: 0,
    }
}

/// The command of a patient who joins.
pub fn join(patient_id: i64, wishes: Wishes) -> Join {
    Join {
        caller: patient_caller(patient_id),
        patient_id,
        wishes,
        instead_of: None,
        party: None,
        reason: "A cough".to_owned(),
        key: None,
    }
}

/// A patient joins, so many minutes after the test began: later ones come later in turn.
pub async fn joins(app: &TestApp, patient_id: i64, wishes: Wishes, minutes: i64) -> Joined {
    waitlist::join(
        &app.database,
        join(patient_id, wishes),
        plus_minutes(app.now, minutes),
    )
    .await
    .unwrap()
}

/// A patient waits for a sooner time than that of an appointment.
pub async fn joins_instead_of(app: &TestApp, patient_id: i64, reference: &str) -> Joined {
    let command = Join {
        instead_of: Some(reference.into()),
        ..join(patient_id, wishes(app))
    };
    waitlist::join(&app.database, command, app.now).await.unwrap()
}

/// The doctor cancels an appointment.
pub async fn cancels(app: &TestApp, doctor: usize, reference: &str) {
    change(app, app.doctor_caller(doctor), reference, Status::Cancelled)
        .await
        .unwrap();
}

pub async fn change(app: &TestApp, caller: Caller, reference: &str, to: Status) -> Result<Summary, AppError> {
    let command = ChangeStatus {
        caller,
        which: reference.into(),
        to,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await
}

pub fn accept(patient_id: i64, entry_id: i64) -> Accept {
    Accept {
        caller: patient_caller(patient_id),
        which: Which::OfEntry(entry_id),
        rules: RULES,
        key: None,
    }
}

pub async fn accepts(
    app: &TestApp,
    patient_id: i64,
    entry_id: i64,
    now: Timestamp,
) -> Result<Summary, AppError> {
    waitlist::accept(&app.database, accept(patient_id, entry_id), now).await
}

pub async fn declines(
    app: &TestApp,
    patient_id: i64,
    entry_id: i64,
    now: Timestamp,
) -> Result<i64, AppError> {
    let command = Decline {
        caller: patient_caller(patient_id),
        which: Which::OfEntry(entry_id),
    };
    waitlist::decline(&app.database, command, now).await
}

pub async fn leaves(app: &TestApp, patient_id: i64, entry_id: i64) {
    let command = Leave {
        caller: patient_caller(patient_id),
        entry_id,
    };
    waitlist::leave(&app.database, command, app.now).await.unwrap();
}

/// Lets all offers that are open run out, and the worker find them.
pub async fn lapse(app: &TestApp) {
    app.sql(
        "update appointments set held_until = created_at where status = 'held';
         update waitlist_offers set kept_until = appointments.created_at
         from appointments where appointments.id = appointment_id and state = 'offered'",
    )
    .await;
    expire(&app.database, app.database.now()).await.unwrap();
}

/// The state of an entry, and that of its newest offer.
pub async fn state(app: &TestApp, entry_id: i64) -> (String, Option<String>) {
    sqlx::query_as(
        "select state, (select state from waitlist_offers where entry_id = entries.id order by id desc limit 1)
         from waitlist_entries as entries where id = $1",
    )
    .bind(entry_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

/// The pair that [`state`] answers with.
pub fn is(entry: &str, offer: &str) -> (String, Option<String>) {
    (entry.to_owned(), Some(offer.to_owned()))
}

/// What somebody waits who has had no offer.
pub fn waits() -> (String, Option<String>) {
    ("waiting".to_owned(), None)
}
