//! Booking without a hold, as programs and staff do.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{DOCTORS, TestApp, VISIT, one_winner, patient_caller, refusal};
use engine::{
    account::Caller,
    appointment::Summary,
    booking::{self, Book, Wanted},
    error::{AppError, Refusal},
};

fn book(patient_id: i64, wanted: Wanted) -> Book {
    Book {
        caller: patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        answer_minutes: 60,
        key: None,
    }
}

async fn book_now(app: &TestApp, command: Book) -> Result<Summary, AppError> {
    booking::book(&app.database, command, app.now).await
}

async fn book_all(app: &TestApp, commands: Vec<Book>) -> Vec<Result<Summary, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { booking::book(&database, command, now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

#[sqlx::test]
async fn forty_patients_who_book_one_time_at_once_get_one_booking(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let patients = app.patients(40).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let commands = patients.iter().map(|&id| book(id, wanted)).collect();
    let results = book_all(&app, commands).await;
    let (_, errors) = one_winner(&results);
    let taken = AppError::BookingFailed {
        reason: Refusal::SlotTaken,
        wanted,
    };
    assert!(errors.iter().all(|error| *error == taken), "{errors:?}");
    app.assert_sound().await;
}

#[sqlx::test]
async fn one_patient_who_books_two_doctors_at_once_is_in_one_place(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let id = app.patient(1).await;
    let commands = (0..4).map(|doctor| book(id, app.wanted(doctor, VISIT, app.slot(0))));
    let results = book_all(&app, commands.collect()).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(
        results
            .iter()
            .filter(|result| refusal(result) == Some(Refusal::PatientOverlap))
            .count(),
        3
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn staff_book_for_a_patient_without_notice_and_only_what_is_theirs(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update services set notice_minutes = 100000, horizon_days = 365")
        .await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let closed = book_now(&app, book(one, wanted)).await;
    assert_eq!(refusal(&closed), Some(Refusal::SlotClosed));
    let by = |caller: Caller, patient_id: i64| Book {
        caller,
        ..book(patient_id, wanted)
    };
    for (caller, patient_id) in [
        (patient_caller(other), one),
        (app.doctor_caller(1), one),
        (app.doctor_caller(0), one + other + 1000),
    ] {
        let refused = book_now(&app, by(caller, patient_id)).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    book_now(&app, by(app.doctor_caller(0), one)).await.unwrap();
    app.assert_sound().await;
}
