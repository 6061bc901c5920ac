//! Merges that race bookings, each other and those who take them back.

use std::pin::Pin;

use sqlx::Connection;

use crate::support::{INSTANT, RULES, TestApp};
use engine::{
    booking::{Book, book},
    desk::merge::{Merged, Undo, Undone, merge, undo_merge},
    error::{AppError, Refusal},
};

type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Every booking and every merge comes to its patients.
const PATIENTS: &str = "select from patients for update";

#[derive(Debug)]
enum Became {
    Booked(Result<String, AppError>),
    Merged(Result<Merged, AppError>),
    Undone(Result<Undone, AppError>),
}

impl TestApp {
    fn racing_to_merge(&self, from: i64, into: i64) -> Doing<Became> {
        let (database, now) = (self.database.clone(), self.now);
        let command = self.merging(from, into);
        Box::pin(async move { Became::Merged(merge(&database, command, now).await) })
    }

    fn racing_to_book_for(&self, patient_id: i64, doctor: usize, slot: i64) -> Doing<Became> {
        let (database, now) = (self.database.clone(), self.now);
        let command = Book {
            caller: self.admin_caller(),
            wanted: self.wanted(doctor, INSTANT, self.slot(slot)),
            patient_id,
            reason: String::new(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        Box::pin(
            async move { Became::Booked(book(&database, command, now).await.map(|made| made.reference)) },
        )
    }
}

/// Nothing that was answered is lost: an appointment is with the record that stays, or was refused.
#[tokio::test]
async fn a_booking_for_the_record_that_goes_moves_along_or_is_refused() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    for round in 0..4i64 {
        let number = usize::try_from(10 * round).unwrap();
        let (into, from) = (app.patient(number).await, app.patient(number + 1).await);
        let booking = |at: i64| {
            app.racing_to_book_for(from, usize::try_from(at % 4).unwrap(), 20 + 40 * round + 2 * at)
        };
        let waves = match round % 2 {
            0 => vec![
                (0..4).map(booking).collect(),
                vec![app.racing_to_merge(from, into)],
                (4..8).map(booking).collect(),
            ],
            _ => vec![
                vec![app.racing_to_merge(from, into)],
                (0..8).map(booking).collect(),
            ],
        };
        let (mut booked, mut merged) = (Vec::new(), None);
        for result in app.race_behind(PATIENTS, waves).await {
            match result {
                Became::Booked(Ok(reference)) => booked.push(reference),
                Became::Booked(Err(error)) => assert_eq!(error, AppError::RecordMerged),
                Became::Merged(result) => merged = Some(result.unwrap()),
                Became::Undone(_) => unreachable!("nobody takes it back"),
            }
        }
        for reference in &booked {
            assert_eq!(app.patient_of(reference).await, into, "round {round}");
        }
        let count = i64::try_from(booked.len()).unwrap();
        assert_eq!(merged.unwrap().appointments, count);
        app.is_sound().await;
    }
}

/// Two at the same time, of which both would be the same patient's then: one of the two is refused.
#[tokio::test]
async fn a_merge_that_races_an_overlapping_booking_leaves_nobody_in_two_places() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    for round in 0..4i64 {
        let number = usize::try_from(10 * round).unwrap();
        let (into, from) = (app.patient(number).await, app.patient(number + 1).await);
        let slot = 20 + 4 * round;
        app.confirmed(from, 0, app.slot(slot)).await;
        let racers = vec![
            app.racing_to_book_for(into, 1, slot),
            app.racing_to_merge(from, into),
        ];
        let results = app.race(racers).await;
        match (&results[0], &results[1]) {
            (Became::Booked(Ok(_)), Became::Merged(Err(error))) => {
                assert_eq!(*error, AppError::RecordsOverlap)
            }
            (Became::Booked(Err(error)), Became::Merged(Ok(_))) => assert!(
                matches!(
                    error,
                    AppError::BookingFailed {
                        reason: Refusal::PatientOverlap,
                        ..
                    }
                ),
                "{error:?}"
            ),
            other => panic!("{other:?}"),
        }
        app.is_sound().await;
    }
}

#[tokio::test]
async fn of_two_merges_that_cross_one_is_made() {
    let app = TestApp::crowded().await;
    for round in 0..4 {
        let (one, other) = (app.patient(2 * round).await, app.patient(2 * round + 1).await);
        let slot = 20 + 4 * i64::try_from(round).unwrap();
        app.confirmed(one, 0, app.slot(slot)).await;
        app.confirmed(other, 1, app.slot(slot + 2)).await;
        let racers = vec![app.racing_to_merge(one, other), app.racing_to_merge(other, one)];
        let results = app.race_behind(PATIENTS, vec![racers]).await;
        let made: Vec<&Merged> = results
            .iter()
            .filter_map(|result| match result {
                Became::Merged(Ok(merged)) => Some(merged),
                Became::Merged(Err(error)) => {
                    assert_eq!(*error, AppError::RecordMerged);
                    None
                }
                _ => None,
            })
            .collect();
        assert_eq!(made.len(), 1, "{results:?}");
        assert_eq!(made[0].appointments, 1);
        app.is_sound().await;
    }
}

#[tokio::test]
async fn of_many_who_take_a_merge_back_at_once_one_does() {
    let app = TestApp::crowded().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let theirs = app.confirmed(from, 0, app.slot(20)).await;
    let merged = app.merged(from, into).await;
    let racers: Vec<Doing<Became>> = (0..6)
        .map(|_| -> Doing<Became> {
            let (database, now) = (app.database.clone(), app.now);
            let command = Undo {
                caller: app.admin_caller(),
                merge_id: merged.merge_id,
                key: None,
            };
            Box::pin(async move { Became::Undone(undo_merge(&database, command, now).await) })
        })
        .collect();
    let results = app.race_behind(PATIENTS, vec![racers]).await;
    let done = results
        .iter()
        .filter(|result| matches!(result, Became::Undone(Ok(_))))
        .count();
    assert_eq!(done, 1, "{results:?}");
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Became::Undone(Ok(_) | Err(AppError::NotFound))))
    );
    assert_eq!(app.patient_of(&theirs).await, from);
    app.is_sound().await;
}

/// Who cancels has the appointment, and writes with its history who did: that names the patient whom a merge has locked.
#[tokio::test]
async fn a_merge_does_not_cross_with_what_only_names_its_patients() {
    let app = TestApp::crowded().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    app.confirmed(from, 0, app.slot(20)).await;
    let mut connection = app.connection().await;
    let mut cancels = connection.begin().await.unwrap();
    sqlx::raw_sql("select from appointments for update; set local lock_timeout = '500ms'")
        .execute(&mut *cancels)
        .await
        .unwrap();
    let merges = tokio::spawn(app.racing_to_merge(from, into));
    app.until_waiting(1).await;
    sqlx::query("select from patients where id = any($1) for key share")
        .bind([into, from])
        .execute(&mut *cancels)
        .await
        .unwrap();
    cancels.rollback().await.unwrap();
    let merged = merges.await.unwrap();
    assert!(matches!(merged, Became::Merged(Ok(_))), "{merged:?}");
    app.is_sound().await;
}

/// Somebody who signs in for the first time, with the number that goes back, is there before or after the undo: the undo
/// says that it can be tried again, or does without the number.
#[tokio::test]
async fn an_undo_meets_somebody_who_takes_the_number_at_this_moment() {
    let app = TestApp::crowded().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let merged = app.merged(from, into).await;
    let mut connection = app.connection().await;
    let mut newcomer = connection.begin().await.unwrap();
    sqlx::raw_sql("insert into patients (phone) values ('+6281255500002')")
        .execute(&mut *newcomer)
        .await
        .unwrap();
    let undoing = |app: &TestApp| {
        let (database, now) = (app.database.clone(), app.now);
        let command = Undo {
            caller: app.admin_caller(),
            merge_id: merged.merge_id,
            key: None,
        };
        async move { undo_merge(&database, command, now).await }
    };
    let undo = tokio::spawn(undoing(&app));
    app.until_waiting(1).await;
    newcomer.commit().await.unwrap();
    let undone = match undo.await.unwrap() {
        Err(error) => {
            assert_eq!(error, AppError::ConcurrencyAbort);
            undoing(&app).await.unwrap()
        }
        Ok(undone) => undone,
    };
    assert!(!undone.has_its_phone);
    app.is_sound().await;
}
