//! Many want what comes free: each time has one owner at every moment, and nobody has two offers.

use std::pin::Pin;

use engine::{
    appointment::{Status, expire},
    booking::{self},
    error::{AppError, Refusal},
    time::plus_minutes,
    waitlist::{self, Decline, Leave, Which},
};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use super::{accept, cancels, clinic, join, joins, wishes};
use crate::support::{TestApp, VISIT, hold, patient_caller};

const FREED: i64 = 60;
const CROWD: usize = 20;
const DEADLOCKS: &str =
    "select coalesce(deadlocks, 0) from pg_stat_database where datname = current_database()";
const LIVE: &str = "select count(*) from waitlist_offers where state = 'offered'";
const TWICE: &str = "select count(*) from (select patient_id from waitlist_offers where state = 'offered'
                                           group by patient_id having count(*) > 1) as twice";

/// What one of the racers does, and whether it was done.
type Deed = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

fn cancel(app: &TestApp, doctor: usize, reference: String) -> Deed {
    let (database, caller, now) = (app.database.clone(), app.doctor_caller(doctor), app.now);
    Box::pin(async move {
        let command = engine::appointment::ChangeStatus {
            caller,
            which: reference.into(),
            to: Status::Cancelled,
            version: None,
            reason: String::new(),
            key: None,
        };
        engine::appointment::change_status(&database, command, now)
            .await
            .map(drop)
    })
}

fn public(app: &TestApp, visitor: usize, doctor: usize, starts_at: Timestamp, now: Timestamp) -> Deed {
    let (database, command) = (
        app.database.clone(),
        hold(visitor, app.wanted(doctor, VISIT, starts_at)),
    );
    Box::pin(async move { booking::hold(&database, command, now).await.map(drop) })
}

fn accepting(app: &TestApp, patient_id: i64, entry_id: i64, now: Timestamp) -> Deed {
    let database = app.database.clone();
    Box::pin(async move {
        waitlist::accept(&database, accept(patient_id, entry_id), now)
            .await
            .map(drop)
    })
}

fn declining(app: &TestApp, patient_id: i64, entry_id: i64, now: Timestamp) -> Deed {
    let database = app.database.clone();
    let command = Decline {
        caller: patient_caller(patient_id),
        which: Which::OfEntry(entry_id),
    };
    Box::pin(async move { waitlist::decline(&database, command, now).await.map(drop) })
}

fn leaving(app: &TestApp, patient_id: i64, entry_id: i64, now: Timestamp) -> Deed {
    let database = app.database.clone();
    let command = Leave {
        caller: patient_caller(patient_id),
        entry_id,
    };
    Box::pin(async move { waitlist::leave(&database, command, now).await })
}

fn expiring(app: &TestApp, now: Timestamp) -> Deed {
    let database = app.database.clone();
    Box::pin(async move { expire(&database, now).await.map(drop) })
}

/// Moves the end of the offers of these entries. A race has to go by the clock of the database, within seconds: what comes free in it is
/// offered by that clock, and would have run out at once for whoever is half an hour ahead.
async fn ends_at(app: &TestApp, entries: &[i64], end: Timestamp) {
    sqlx::query(
        "with moved as (update waitlist_offers set kept_until = $2
                        where entry_id = any ($1) and state = 'offered' returning appointment_id)
         update appointments set held_until = $2 from moved where id = appointment_id",
    )
    .bind(entries)
    .bind(end.to_sqlx())
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
}

/// Whether a racer who lost was told so by a reason that people understand.
fn is_honest(result: &Result<(), AppError>) -> bool {
    match result {
        Ok(()) => true,
        Err(AppError::BookingFailed { reason, .. }) => {
            matches!(reason, Refusal::SlotTaken | Refusal::HoldExpired)
        }
        Err(AppError::InvalidTransition { .. } | AppError::NotFound) => true,
        Err(_) => false,
    }
}

#[tokio::test]
async fn twenty_times_that_come_free_at_once_are_offered_to_twenty() {
    let app = clinic().await;
    let patients = app.patients(2 * CROWD).await;
    let mut deeds = Vec::new();
    for (slot, patient_id) in (0..).zip(&patients[..CROWD]) {
        let starts_at = app.slot(FREED + slot);
        let reference = app.confirmed(*patient_id, 0, starts_at).await;
        deeds.push(cancel(&app, 0, reference));
        let visitor = 100 + usize::try_from(slot).unwrap();
        deeds.push(public(&app, visitor, 0, starts_at, app.now));
    }
    for (minutes, patient_id) in (0..).zip(&patients[CROWD..]) {
        joins(&app, *patient_id, wishes(&app), minutes).await;
    }
    let results = app.race(deeds).await;
    for pair in results.chunks(2) {
        assert_eq!(pair[0], Ok(()));
        assert!(is_honest(&pair[1]) && pair[1].is_err(), "{pair:?}");
    }
    assert_eq!(app.count(LIVE).await, 20);
    assert_eq!(app.count(TWICE).await, 0);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn everything_at_once_leaves_each_time_one_owner() {
    let app = clinic().await;
    let patients = app.patients(3 * CROWD).await;
    // Twenty who have an offer, and twenty more who wait.
    let mut entries = Vec::new();
    let mut references = Vec::new();
    for (slot, patient_id) in (0..).zip(&patients[..CROWD]) {
        references.push(app.confirmed(*patient_id, 0, app.slot(FREED + slot)).await);
    }
    for (minutes, patient_id) in (0..).zip(&patients[CROWD..]) {
        entries.push(joins(&app, *patient_id, wishes(&app), minutes).await.id);
    }
    for reference in &references {
        cancels(&app, 0, reference).await;
    }
    let more = app.patients_from(3 * CROWD, 10).await;
    let mut deeds: Vec<Deed> = Vec::new();
    for (number, patient_id) in more.iter().enumerate() {
        let slot = FREED + 40 + i64::try_from(number).unwrap();
        let reference = app.confirmed(*patient_id, 1, app.slot(slot)).await;
        deeds.push(cancel(&app, 1, reference));
        deeds.push(public(&app, 500 + number, 1, app.slot(slot), app.now));
    }
    // Every second offer has run out, and the others do when the race has begun.
    let now = app.database.now();
    let late = now + SignedDuration::from_secs(2);
    let soon = now + SignedDuration::from_secs(1);
    for pair in entries[..CROWD].chunks(2) {
        ends_at(&app, &pair[..1], soon).await;
        ends_at(&app, &pair[1..], plus_minutes(now, -1)).await;
    }
    for (number, entry_id) in entries[..CROWD].iter().enumerate() {
        let patient_id = patients[CROWD + number];
        let starts_at = app.slot(FREED + i64::try_from(number).unwrap());
        deeds.push(accepting(
            &app,
            patient_id,
            *entry_id,
            if number % 2 == 0 { now } else { late },
        ));
        deeds.push(match number % 4 {
            0 => declining(&app, patient_id, *entry_id, now),
            1 => public(&app, 700 + number, 0, starts_at, late),
            2 => leaving(&app, patient_id, *entry_id, now),
            _ => expiring(&app, late),
        });
    }
    let results = app.race(deeds).await;
    assert!(results.iter().all(is_honest), "{results:?}");
    assert_eq!(app.count(TWICE).await, 0);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_that_is_answered_in_all_ways_at_once_has_one_end() {
    let app = clinic().await;
    for round in 0..8_i64 {
        let first = 10 * usize::try_from(round).unwrap();
        let patients = app.patients_from(first, 3).await;
        let starts_at = app.slot(FREED + 2 * round);
        let reference = app.confirmed(patients[0], 0, starts_at).await;
        let entry_id = joins(&app, patients[1], wishes(&app), 0).await.id;
        let next = joins(&app, patients[2], wishes(&app), 1).await.id;
        cancels(&app, 0, &reference).await;
        let at = app.database.now();
        if round % 2 == 1 {
            ends_at(&app, &[entry_id], plus_minutes(at, -1)).await;
        }
        let deeds = vec![
            accepting(&app, patients[1], entry_id, at),
            accepting(&app, patients[1], entry_id, at),
            declining(&app, patients[1], entry_id, at),
            public(&app, first + 3, 0, starts_at, at),
            public(&app, first + 4, 0, starts_at, at),
            expiring(&app, at),
        ];
        let results = app.race(deeds).await;
        assert!(results.iter().all(is_honest), "{round} {results:?}");
        // The time has one owner, or none where nobody was quick enough to want it.
        let owners: i64 = sqlx::query_scalar(
            "select count(*) from appointments where doctor_id = $1 and starts_at = $2
               and status not in ('cancelled', 'rejected', 'expired')",
        )
        .bind(app.doctors[0].id)
        .bind(starts_at.to_sqlx())
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
        assert!(owners <= 1, "{round} {results:?}");
        // Accepted twice is the same answer.
        assert_eq!(results[0].is_ok(), results[1].is_ok(), "{round} {results:?}");
        app.assert_whole().await;
        for (patient_id, entry_id) in [(patients[1], entry_id), (patients[2], next)] {
            leaving(&app, patient_id, entry_id, app.now).await.unwrap();
        }
    }
    assert_eq!(app.count(DEADLOCKS).await, 0);
}

#[tokio::test]
async fn somebody_who_waits_twice_gets_one_offer_of_two_times_at_once() {
    let app = clinic().await;
    for round in 0..6_i64 {
        let patients = app.patients_from(10 * usize::try_from(round).unwrap(), 3).await;
        let mut deeds = Vec::new();
        for doctor in 0..2_usize {
            let slot = FREED + 10 * round + 3 * i64::try_from(doctor).unwrap();
            let reference = app.confirmed(patients[doctor], doctor, app.slot(slot)).await;
            let wish = engine::waitlist::Wishes {
                doctor_id: Some(app.doctors[doctor].id),
                ..wishes(&app)
            };
            waitlist::join(&app.database, join(patients[2], wish), app.now)
                .await
                .unwrap();
            deeds.push(cancel(&app, doctor, reference));
        }
        let results = app.race(deeds).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(app.count(TWICE).await, 0);
        app.assert_whole().await;
    }
    assert_eq!(app.count(LIVE).await, 6);
}

#[tokio::test]
async fn the_same_answer_is_given_to_who_accepts_under_a_key_and_again() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry_id = joins(&app, patients[1], wishes(&app), 0).await.id;
    cancels(&app, 0, &reference).await;
    let accepts: Vec<_> = (0..10)
        .map(|_| {
            let (database, command, now) = (app.database.clone(), accept(patients[1], entry_id), app.now);
            async move { waitlist::accept(&database, command, now).await }
        })
        .collect();
    let results = app.race(accepts).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(first.patient_id, Some(patients[1]));
    app.assert_whole().await;
}
