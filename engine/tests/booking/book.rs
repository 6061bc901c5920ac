//! Booking without a hold, as programs and staff do.

use crate::support::{DOCTORS, TestApp, VISIT, one_winner, patient_caller, refusal};
use engine::{
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
        rules: crate::support::answer_within(60),
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

#[tokio::test]
async fn forty_patients_booking_one_time_at_once_get_one_booking() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn one_patient_booking_four_doctors_at_once_gets_one_booking() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn only_staff_book_within_the_notice_of_a_service() {
    let app = TestApp::crowded().await;
    app.sql("update services set notice_minutes = 100000, horizon_days = 365")
        .await;
    let patient = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let closed = book_now(&app, book(patient, wanted)).await;
    assert_eq!(refusal(&closed), Some(Refusal::SlotClosed));
    app.given(0, patient).await;
    let by_doctor = Book {
        caller: app.doctor_caller(0),
        ..book(patient, wanted)
    };
    book_now(&app, by_doctor).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn strangers_cannot_book_for_a_patient() {
    let app = TestApp::crowded().await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(0));
    for (caller, patient_id) in [
        (patient_caller(other), one),
        (app.doctor_caller(1), one),
        (app.doctor_caller(0), one + other + 1000),
    ] {
        let command = Book {
            caller,
            ..book(patient_id, wanted)
        };
        assert_eq!(book_now(&app, command).await, Err(AppError::NotFound));
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}
