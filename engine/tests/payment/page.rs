//! Going to pay: the hold lasts as long as the provider's page, and nothing is booked without money.

use engine::{
    appointment::Status,
    booking::{self, Book},
    error::{AppError, Refusal},
    payment::{self, GRACE_MINUTES, SESSION_MINUTES, Started, Way, way},
    time::plus_minutes,
    visit::{BookVisit, SubmitVisit, book_visit, submit_visit},
};
use jiff::Timestamp;

use super::{FAR, clinic, goes_to_pay, held, holds, is, paid, settles, start, state, to_open};
use crate::{
    payment::fact,
    support::{INSTANT, LONG, RULES, TestApp, VISIT, patient_caller, refusal, visitor},
};

async fn held_until(app: &TestApp, reference: &str) -> Timestamp {
    let until: jiff_sqlx::Timestamp =
        sqlx::query_scalar("select held_until from appointments where reference = $1")
            .bind(reference)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
    until.to_jiff()
}

#[tokio::test]
async fn a_hold_lasts_until_the_page_has_ended() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let end = plus_minutes(app.now, SESSION_MINUTES + GRACE_MINUTES);
    assert_eq!(held_until(&app, &reference).await.as_second(), end.as_second());
    assert_eq!(state(&app, payment_id).await, is("paying", None));
    let mine = way(&app.database, patient_caller(patient), payment_id, app.now).await;
    assert_eq!(
        mine,
        Ok(Way::There(format!("https://provider.example/{payment_id}")))
    );
    let other = way(&app.database, patient_caller(patient + 1), payment_id, app.now).await;
    assert_eq!(other, Err(AppError::NotFound));
    let later = plus_minutes(app.now, SESSION_MINUTES);
    let over = way(&app.database, patient_caller(patient), payment_id, later).await;
    assert_eq!(over, Ok(Way::Over));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_page_that_cannot_be_opened_leaves_a_while_to_try_again() {
    let (app, patient, reference) = held().await;
    let started = payment::start(&app.database, start(1, patient, &reference), app.now)
        .await
        .unwrap();
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    let page = to_open(&app, patient, payment_id).await;
    assert_eq!(
        (page.key(), page.reference),
        (format!("janji-{payment_id}"), reference.clone())
    );
    payment::not_opened(&app.database, payment_id, app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, payment_id).await, is("failed", None));
    assert!(held_until(&app, &reference).await <= plus_minutes(app.now, 10));
    let again = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    assert_ne!(again, payment_id);
}

#[tokio::test]
async fn nobody_sits_on_a_time_by_going_to_pay_again_and_again() {
    let (app, patient, reference) = held().await;
    let mut minutes = 0;
    let refused = loop {
        let now = plus_minutes(app.now, minutes);
        match goes_to_pay(&app, (1, patient), &reference, now).await {
            Ok(_) => minutes += 30,
            Err(error) => break error,
        }
    };
    assert_eq!(refusal::<()>(&Err(refused)), Some(Refusal::HoldExpired));
    assert!((60..=120).contains(&minutes), "{minutes}");
}

#[tokio::test]
async fn what_is_paid_first_is_not_booked_without_money_but_by_the_desk() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = holds(&app, 1, 0, FAR).await;
    let submitted = app.submit(1, patients[0], &reference, app.now).await;
    assert_eq!(submitted, Err(AppError::PaymentRequired));
    let wanted = app.wanted(1, INSTANT, app.slot(FAR));
    let command = Book {
        caller: patient_caller(patients[1]),
        wanted,
        patient_id: patients[1],
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    let booked = booking::book(&app.database, command, app.now).await;
    assert_eq!(booked.err(), Some(AppError::PaymentRequired));
    let visit = BookVisit {
        caller: patient_caller(patients[1]),
        segments: vec![app.wanted(1, VISIT, app.slot(FAR + 4)), wanted],
        patient_id: patients[1],
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let booked = book_visit(&app.database, visit, app.now).await;
    assert_eq!(booked.err(), Some(AppError::PaymentRequired));
    assert!(app.books(patients[1], wanted).await.is_ok());
    app.assert_whole().await;
}

#[tokio::test]
async fn a_visit_of_held_times_cannot_have_one_that_is_paid_first() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let first = app
        .hold(1, app.wanted(0, VISIT, app.slot(FAR)), app.now)
        .await
        .unwrap();
    let command = booking::Hold {
        keeps: vec![first.clone()],
        ..crate::support::hold(1, app.wanted(1, INSTANT, app.slot(FAR + 4)))
    };
    let second = booking::hold(&app.database, command, app.now).await.unwrap();
    let command = SubmitVisit {
        references: vec![first, second],
        visitor: visitor(1),
        patient_id: patient,
        newcomer: None,
        booked_by: patient,
        name: "Somebody".to_owned(),
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let booked = submit_visit(&app.database, command, app.now).await;
    assert_eq!(booked.err(), Some(AppError::PaymentRequired));
}

#[tokio::test]
async fn only_what_is_paid_first_can_be_paid_before_it_is_booked() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app
        .hold(1, app.wanted(0, VISIT, app.slot(FAR)), app.now)
        .await
        .unwrap();
    let started = payment::start(&app.database, start(1, patient, &reference), app.now).await;
    assert_eq!(started, Err(AppError::NotFound));
    let of_another_browser = payment::start(&app.database, start(2, patient, &reference), app.now).await;
    assert_eq!(of_another_browser, Err(AppError::NotFound));
    assert!(app.submit(1, patient, &reference, app.now).await.is_ok());
}

#[tokio::test]
async fn a_deposit_is_paid_first_and_the_promise_outlives_a_change_of_the_service() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let wanted = app.wanted(0, LONG, app.slot(FAR));
    let reference = app.hold(1, wanted, app.now).await.unwrap();
    app.sql("update services set price_minor = 90000, deposit_minor = null, refund_minutes = 9 where key = 'long'")
        .await;
    let started = payment::start(&app.database, start(1, patient, &reference), app.now)
        .await
        .unwrap();
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    let page = to_open(&app, patient, payment_id).await;
    assert_eq!((page.price.minor, page.price.currency.as_str()), (5000, "EUR"));
    let kind = engine::payment::FactKind::Paid { amount: page.price };
    settles(&app, fact(payment_id, kind, Some("deposit")), app.now).await;
    let (status, ..) = app.appointment(&reference).await;
    assert_eq!(status, Status::Pending.as_str());
    let account = payment::account_of(&app.database, patient_caller(patient), reference.into())
        .await
        .unwrap();
    assert_eq!(account.paid(), 5000);
    assert_eq!(account.open().map(|open| open.minor), Some(15_000));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_has_booked_already_is_led_to_what_they_have() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    settles(&app, fact(payment_id, paid(), Some("one")), app.now).await;
    let started = payment::start(&app.database, start(1, patient, &reference), app.now).await;
    assert_eq!(started, Ok(Started::Booked { reference }));
}
