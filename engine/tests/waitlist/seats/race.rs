//! Many want the seats that come free: each has one owner at every moment, and nobody has two offers.

use std::pin::Pin;

use engine::{
    appointment::{self, ChangeStatus, Status, expire},
    error::{AppError, Refusal},
    group::{self, Change, Details, Group},
    time::plus_minutes,
    waitlist::{self, Decline, Leave, Which},
};
use jiff::Timestamp;

use super::{FAR, seated, session, taking, waiting, waits_for};
use crate::{
    support::{TestApp, patient_caller},
    waitlist::{accept, cancels, clinic},
};

const CROWD: usize = 12;
const DEADLOCKS: &str =
    "select coalesce(deadlocks, 0) from pg_stat_database where datname = current_database()";
const TWICE: &str = "select count(*) from (select patient_id from waitlist_offers where state = 'offered'
                                           group by patient_id having count(*) > 1) as twice";
const LIVE: &str = "select count(*) from waitlist_offers where state = 'offered'";
const SEATS: &str = "select count(*) from group_seats where freed_at is null";

/// What one of the racers does, and whether it was done.
type Deed = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

fn giving_up(app: &TestApp, reference: String, now: Timestamp) -> Deed {
    let (database, caller) = (app.database.clone(), app.doctor_caller(0));
    Box::pin(async move {
        let command = ChangeStatus {
            caller,
            which: reference.into(),
            to: Status::Cancelled,
            version: None,
            reason: String::new(),
            key: None,
        };
        appointment::change_status(&database, command, now)
            .await
            .map(drop)
    })
}

fn public(app: &TestApp, group_id: i64, patient_id: i64, now: Timestamp) -> Deed {
    let (database, command) = (app.database.clone(), taking(group_id, patient_id, 1));
    Box::pin(async move { group::take(&database, command, now).await.map(drop) })
}

fn joining(app: &TestApp, group_id: i64, patient_id: i64, now: Timestamp) -> Deed {
    let (database, command) = (app.database.clone(), waiting(app, group_id, patient_id, 1));
    Box::pin(async move { waitlist::join(&database, command, now).await.map(drop) })
}

fn accepting(app: &TestApp, patient_id: i64, entry_id: i64, now: Timestamp) -> Deed {
    let (database, command) = (app.database.clone(), accept(patient_id, entry_id));
    Box::pin(async move { waitlist::accept(&database, command, now).await.map(drop) })
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

fn raising(app: &TestApp, group: &Group, capacity: i32) -> Deed {
    let database = app.database.clone();
    let (command, now) = (
        Change {
            caller: app.admin_caller(),
            group_id: group.id,
            version: group.version,
            details: Details {
                title: group.title.clone(),
                starts_at: group.starts_at,
                minutes: 60,
                capacity,
                price: None,
            },
            key: None,
        },
        app.now,
    );
    Box::pin(async move { group::change(&database, command, now).await.map(drop) })
}

/// Whether a racer who lost was told so by a reason that people understand.
fn is_honest(result: &Result<(), AppError>) -> bool {
    match result {
        Ok(()) => true,
        Err(AppError::BookingFailed { reason, .. }) => matches!(reason, Refusal::HoldExpired),
        Err(
            AppError::InsufficientInventory { .. } | AppError::InvalidTransition { .. } | AppError::NotFound,
        ) => true,
        Err(_) => false,
    }
}

#[tokio::test]
async fn seats_that_come_free_at_once_go_to_those_who_wait_and_to_nobody_else() {
    let app = clinic().await;
    let patients = app.patients(3 * CROWD).await;
    let group = session(&app, FAR, 12).await.id;
    let mut references = Vec::new();
    for patient_id in &patients[..CROWD] {
        references.push(seated(&app, group, *patient_id, 1).await);
    }
    for (minutes, patient_id) in (0..).zip(&patients[CROWD..2 * CROWD]) {
        waits_for(&app, group, *patient_id, 1, minutes).await;
    }
    let mut deeds = Vec::new();
    for (reference, patient_id) in references.into_iter().zip(&patients[2 * CROWD..]) {
        deeds.push(giving_up(&app, reference, app.now));
        deeds.push(public(&app, group, *patient_id, app.now));
    }
    let results = app.race(deeds).await;
    for pair in results.chunks(2) {
        assert_eq!(pair[0], Ok(()));
        // As many wait as seats come free: nothing is left for anybody else, at any moment.
        assert!(is_honest(&pair[1]) && pair[1].is_err(), "{pair:?}");
    }
    assert_eq!(app.count(LIVE).await, 12);
    assert_eq!(app.count(TWICE).await, 0);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn everything_at_once_leaves_each_seat_one_owner() {
    let app = clinic().await;
    let patients = app.patients(5 * CROWD).await;
    let group = session(&app, FAR, 12).await.id;
    let mut references = Vec::new();
    for patient_id in &patients[..CROWD] {
        references.push(seated(&app, group, *patient_id, 1).await);
    }
    let mut entries = Vec::new();
    for (minutes, patient_id) in (0..).zip(&patients[CROWD..3 * CROWD]) {
        entries.push((
            *patient_id,
            waits_for(&app, group, *patient_id, 1, minutes).await.id,
        ));
    }
    // Half of the seats are offered, and half are still somebody's.
    for reference in &references[..CROWD / 2] {
        cancels(&app, 0, reference).await;
    }
    let now = app.database.now();
    let late = plus_minutes(now, 31);
    let mut deeds: Vec<Deed> = Vec::new();
    for reference in references.drain(CROWD / 2..) {
        deeds.push(giving_up(&app, reference, now));
    }
    for (number, (patient_id, entry_id)) in entries.iter().take(CROWD / 2).enumerate() {
        let at = if number % 2 == 0 { now } else { late };
        deeds.push(accepting(&app, *patient_id, *entry_id, at));
        deeds.push(match number % 3 {
            0 => declining(&app, *patient_id, *entry_id, now),
            1 => leaving(&app, *patient_id, *entry_id, now),
            _ => expiring(&app, late),
        });
    }
    for (number, patient_id) in patients[3 * CROWD..].iter().enumerate() {
        deeds.push(match number % 3 {
            0 => public(&app, group, *patient_id, now),
            1 => public(&app, group, *patient_id, late),
            _ => joining(&app, group, *patient_id, now),
        });
    }
    let results = app.race(deeds).await;
    assert!(results.iter().all(is_honest), "{results:?}");
    assert!(app.count(SEATS).await <= 12);
    assert_eq!(app.count(TWICE).await, 0);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_that_are_added_go_to_who_waits_before_anybody_takes_them() {
    let app = clinic().await;
    for round in 0..4_usize {
        let patients = app.patients_from(20 * round, 12).await;
        let group = session(&app, FAR + 10 * i64::try_from(round).unwrap(), 1).await;
        seated(&app, group.id, patients[0], 1).await;
        for (minutes, patient_id) in (0..).zip(&patients[1..5]) {
            waits_for(&app, group.id, *patient_id, 1, minutes).await;
        }
        let mut deeds = vec![raising(&app, &group, 5)];
        for patient_id in &patients[5..] {
            deeds.push(public(&app, group.id, *patient_id, app.now));
        }
        let results = app.race(deeds).await;
        assert_eq!(results[0], Ok(()));
        assert!(
            results[1..]
                .iter()
                .all(|result| is_honest(result) && result.is_err()),
            "{results:?}"
        );
        app.assert_whole().await;
    }
    assert_eq!(app.count(LIVE).await, 16);
    assert_eq!(app.count(DEADLOCKS).await, 0);
}

#[tokio::test]
async fn the_same_answer_is_given_to_who_accepts_seats_many_times_at_once() {
    let app = clinic().await;
    for (round, is_late) in [(0, false), (1, true)] {
        let patients = app.patients_from(10 * round, 2).await;
        let group = session(&app, FAR + 10 * i64::try_from(round).unwrap(), 1)
            .await
            .id;
        let reference = seated(&app, group, patients[0], 1).await;
        let entry_id = waits_for(&app, group, patients[1], 1, 0).await.id;
        cancels(&app, 0, &reference).await;
        let now = match is_late {
            true => plus_minutes(app.database.now(), 40),
            false => app.database.now(),
        };
        if is_late {
            expire(&app.database, now).await.unwrap();
        }
        let accepts: Vec<_> = (0..8)
            .map(|_| {
                let (database, command) = (app.database.clone(), accept(patients[1], entry_id));
                async move { waitlist::accept(&database, command, now).await }
            })
            .collect();
        let results = app.race(accepts).await;
        let first = results[0].clone().unwrap();
        assert!(
            results.iter().all(|result| result.as_ref() == Ok(&first)),
            "{results:?}"
        );
        app.assert_whole().await;
    }
}

#[tokio::test]
async fn an_offer_of_seats_that_is_answered_in_all_ways_at_once_has_one_end() {
    let app = clinic().await;
    for round in 0..6_i64 {
        let patients = app.patients_from(10 * usize::try_from(round).unwrap(), 4).await;
        let group = session(&app, FAR + 10 * round, 1).await.id;
        let reference = seated(&app, group, patients[0], 1).await;
        let entry_id = waits_for(&app, group, patients[1], 1, 0).await.id;
        cancels(&app, 0, &reference).await;
        let now = app.database.now();
        let at = if round % 2 == 0 {
            now
        } else {
            plus_minutes(now, 31)
        };
        let deeds = vec![
            accepting(&app, patients[1], entry_id, at),
            accepting(&app, patients[1], entry_id, at),
            declining(&app, patients[1], entry_id, at),
            public(&app, group, patients[2], at),
            public(&app, group, patients[3], at),
            expiring(&app, at),
        ];
        let results = app.race(deeds).await;
        assert!(results.iter().all(is_honest), "{round} {results:?}");
        // Accepted twice is the same answer.
        assert_eq!(results[0].is_ok(), results[1].is_ok(), "{round} {results:?}");
        app.assert_whole().await;
    }
    assert_eq!(app.count(DEADLOCKS).await, 0);
}
