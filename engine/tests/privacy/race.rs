//! Erasing a person while they book, sign in, are reminded, or a copy of their data is made.

use std::{pin::Pin, sync::Arc};

use engine::{
    account::otp::find_or_create_patient,
    error::AppError,
    i18n::Locale,
    notification::{Channel, Lane, claim},
    privacy::{
        self, RequestErasure,
        export::{self, AskExport},
    },
};
use sqlx::Connection;

use super::{NAME, PHONE, WORDS, found, person, quiet, requested};
use crate::support::{HOURS, TestApp, VISIT, patient_caller};

type Doing = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// Closes the record of a patient; where that went.
async fn closes(app: Arc<TestApp>, patient_id: i64) -> Result<(), AppError> {
    let command = RequestErasure {
        caller: patient_caller(patient_id),
        patient_id,
    };
    privacy::request(&app.database, command, app.now).await.map(drop)
}

#[tokio::test]
async fn a_booking_that_was_under_way_is_called_off_and_none_comes_after() {
    let app = Arc::new(TestApp::crowded().await);
    let patient_id = person(&app).await;
    app.first_booked(app.slot(100)).await;
    let wanted = app.wanted(0, VISIT, app.slot(100));
    let books = {
        let app = app.clone();
        async move { app.books(patient_id, wanted).await.map(drop) }
    };
    // The booking waits for its hour, before it comes to the patient; the record is closed meanwhile.
    let mut keeper = app.connection().await;
    let mut gate = keeper.begin().await.unwrap();
    sqlx::raw_sql(HOURS).execute(&mut *gate).await.unwrap();
    let booking = tokio::spawn(books);
    app.until_waiting(1).await;
    closes(app.clone(), patient_id).await.unwrap();
    gate.rollback().await.unwrap();
    assert_eq!(booking.await.unwrap(), Err(AppError::NotFound));
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    assert!(found(&mut *app.spare().await, NAME).await.is_empty());
    app.assert_whole().await;
}

#[tokio::test]
async fn of_a_booking_and_a_closing_at_once_nothing_is_left_ahead() {
    let app = Arc::new(TestApp::crowded().await);
    let patient_id = person(&app).await;
    let wanted = app.wanted(0, VISIT, app.slot(100));
    let racers: Vec<Doing> = vec![
        {
            let app = app.clone();
            Box::pin(async move { app.books(patient_id, wanted).await.map(drop) })
        },
        Box::pin(closes(app.clone(), patient_id)),
    ];
    let results = app.race(racers).await;
    assert_eq!(results[1], Ok(()));
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    let ahead = "select count(*) from appointments where status not in ('cancelled', 'expired')";
    assert_eq!(app.count(ahead).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_signs_in_while_they_are_erased_is_somebody_new() {
    let app = Arc::new(TestApp::crowded().await);
    let patient_id = person(&app).await;
    requested(&app, patient_caller(patient_id), patient_id).await;
    // Erasing stops at a table that comes after the number is free.
    let mut keeper = app.connection().await;
    let mut gate = keeper.begin().await.unwrap();
    sqlx::raw_sql("lock table patient_cards in exclusive mode")
        .execute(&mut *gate)
        .await
        .unwrap();
    let erasing = {
        let app = app.clone();
        tokio::spawn(async move { privacy::work(&app.database, quiet(&app)).await })
    };
    app.until_waiting(1).await;
    let signing_in = {
        let app = app.clone();
        tokio::spawn(async move {
            app.database
                .write("test.sign_in", |mut tx| async move {
                    let id = find_or_create_patient(&mut tx, PHONE).await?;
                    tx.commit().await?;
                    Ok(id)
                })
                .await
        })
    };
    // It waits for the number.
    app.until_waiting(2).await;
    gate.rollback().await.unwrap();
    assert_eq!(erasing.await.unwrap(), Ok(1));
    let new = signing_in.await.unwrap().unwrap();
    assert_ne!(new, patient_id);
    let named = "select count(*) from patients where name is not null and name <> 'Erased'";
    assert_eq!(app.count(named).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_is_written_about_somebody_at_that_moment_is_erased_as_well() {
    let app = Arc::new(TestApp::crowded().await);
    let patient_id = person(&app).await;
    requested(&app, patient_caller(patient_id), patient_id).await;
    let mut desk = app.connection().await;
    let mut writing = desk.begin().await.unwrap();
    sqlx::query(
        "insert into patient_cards (patient_id, note, version, changed_at, changed_by)
         select $1, $2, 1, now(), min(id) from staff",
    )
    .bind(patient_id)
    .bind(WORDS)
    .execute(&mut *writing)
    .await
    .unwrap();
    let erasing = {
        let app = app.clone();
        tokio::spawn(async move { privacy::work(&app.database, quiet(&app)).await })
    };
    app.until_waiting(1).await;
    writing.commit().await.unwrap();
    assert_eq!(erasing.await.unwrap(), Ok(1));
    assert!(found(&mut *app.spare().await, WORDS).await.is_empty());
    app.assert_whole().await;
}

#[tokio::test]
async fn a_legal_hold_that_comes_first_keeps_everything() {
    let app = Arc::new(TestApp::crowded().await);
    let patient_id = person(&app).await;
    requested(&app, patient_caller(patient_id), patient_id).await;
    let mut admin = app.connection().await;
    let mut holding = admin.begin().await.unwrap();
    sqlx::query(
        "insert into legal_holds (patient_id, why, held_at, by_staff_id) select $1, 'A dispute', now(), min(id) from staff",
    )
    .bind(patient_id)
    .execute(&mut *holding)
    .await
    .unwrap();
    let erasing = {
        let app = app.clone();
        tokio::spawn(async move { privacy::work(&app.database, quiet(&app)).await })
    };
    app.until_waiting(1).await;
    holding.commit().await.unwrap();
    assert_eq!(erasing.await.unwrap(), Ok(0));
    assert!(!found(&mut *app.spare().await, NAME).await.is_empty());
}

#[tokio::test]
async fn a_message_that_is_being_sent_writes_nothing_down_again() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    sqlx::query(
        "insert into messages (kind, channel, recipient, body, patient_id, due_at, not_after, created_at)
         values ('reminder_day', 'sms', $1, '', $2, now() - interval '1 hour', now() + interval '1 day',
                 now() - interval '1 day')",
    )
    .bind(PHONE)
    .bind(patient_id)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    requested(&app, patient_caller(patient_id), patient_id).await;
    let lane = Lane {
        channel: Channel::Sms,
        is_for_codes: false,
    };
    let claimed = claim(&app.database, lane, 10, app.now).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    // Whoever has sent it says so by its claim, which is gone.
    let held = "select count(*) from messages where claimed_by is not null or recipient <> '' or body <> ''";
    assert_eq!(app.count(held).await, 0);
    assert!(found(&mut *app.spare().await, PHONE).await.is_empty());
}

#[tokio::test]
async fn a_copy_that_is_being_made_is_thrown_away() {
    let app = Arc::new(TestApp::new().await);
    let patient_id = person(&app).await;
    let command = AskExport {
        caller: patient_caller(patient_id),
        patient_id,
        locale: Locale::Id,
    };
    export::ask(&app.database, command.clone(), app.now)
        .await
        .unwrap();
    requested(&app, patient_caller(patient_id), patient_id).await;
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    assert_eq!(export::make(&app.database, quiet(&app)).await, Ok(0));
    assert_eq!(app.count("select count(*) from patient_exports").await, 0);
    let again = export::ask(&app.database, command, quiet(&app)).await;
    assert_eq!(again, Err(AppError::NotFound));
}
