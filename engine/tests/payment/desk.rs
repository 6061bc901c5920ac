//! What the desk takes: cash or by terminal, at most what is open, with a receipt.

use engine::{
    account::Caller,
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
    payment::{self, Provider, TakeAtDesk, day_totals, receipt},
    time::local_date,
};
use jiff::tz::TimeZone;

use super::{FAR, clinic, holds, is, state};
use crate::support::{TestApp, VISIT, patient_caller};

fn take(caller: Caller, reference: &str, amount: &str) -> TakeAtDesk {
    TakeAtDesk {
        caller,
        which: reference.into(),
        means: Provider::Cash,
        amount: amount.to_owned(),
        key: None,
    }
}

async fn takes(app: &TestApp, command: TakeAtDesk) -> Result<i64, AppError> {
    payment::take_at_desk(&app.database, command, app.now)
        .await
        .map(|taken| taken.payment_id)
}

#[tokio::test]
async fn the_desk_takes_what_is_open_and_no_more() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(FAR)).await;
    let admin = || app.admin_caller();
    let wrong = |problem| Err(AppError::invalid(Field::Amount, problem));
    assert_eq!(
        takes(&app, take(admin(), &reference, "100.01")).await,
        wrong(FieldProblem::TooMany)
    );
    assert_eq!(
        takes(&app, take(admin(), &reference, "much")).await,
        wrong(FieldProblem::Malformed)
    );
    assert_eq!(
        takes(&app, take(admin(), &reference, "0")).await,
        wrong(FieldProblem::Malformed)
    );
    let part = takes(&app, take(admin(), &reference, "40")).await.unwrap();
    let rest = TakeAtDesk {
        means: Provider::Terminal,
        ..take(admin(), &reference, "")
    };
    let rest = takes(&app, rest).await.unwrap();
    assert_eq!(
        takes(&app, take(admin(), &reference, "")).await,
        wrong(FieldProblem::Taken)
    );
    let account = payment::account_of(&app.database, patient_caller(patient), reference.as_str().into())
        .await
        .unwrap();
    assert_eq!((account.paid(), account.open()), (10_000, None));
    let printed = receipt(&app.database, patient_caller(patient), rest)
        .await
        .unwrap();
    assert_eq!(
        (printed.price.minor, printed.provider),
        (6000, Provider::Terminal)
    );
    let other = receipt(&app.database, patient_caller(patient + 1), rest).await;
    assert_eq!(other.err(), Some(AppError::NotFound));
    let date = local_date(app.now, &TimeZone::UTC);
    let totals = day_totals(&app.database, admin(), app.clinic, date)
        .await
        .unwrap();
    let taken: Vec<_> = totals
        .iter()
        .map(|total| (total.means, total.taken.minor))
        .collect();
    assert_eq!(taken, [(Provider::Cash, 4000), (Provider::Terminal, 6000)]);
    assert_eq!(state(&app, part).await, is("paid", None));
    app.assert_whole().await;
}

#[tokio::test]
async fn only_the_desk_of_the_clinic_takes_and_only_for_what_is_booked() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(FAR)).await;
    let doctor = takes(&app, take(app.doctor_caller(0), &reference, "")).await;
    assert_eq!(doctor, Err(AppError::Forbidden));
    let own = takes(&app, take(patient_caller(patient), &reference, "")).await;
    assert_eq!(own, Err(AppError::Forbidden));
    let elsewhere = app.another_clinic().await;
    let reception = app.reception_caller("desk@test.example", &[elsewhere]).await;
    let other = takes(&app, take(reception.clone(), &reference, "")).await;
    assert_eq!(other, Err(AppError::NotFound));
    let totals = day_totals(&app.database, reception, app.clinic, app.day(0)).await;
    assert_eq!(totals.err(), Some(AppError::NotFound));
    let held = holds(&app, 1, 1, FAR).await;
    let on_hold = takes(&app, take(app.admin_caller(), &held, "")).await;
    assert!(
        matches!(on_hold, Err(AppError::InvalidTransition { .. })),
        "{on_hold:?}"
    );
}

#[tokio::test]
async fn two_who_take_the_same_amount_at_once_take_it_once() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(FAR)).await;
    let racers = (0..10)
        .map(|_| {
            let (database, now) = (app.database.clone(), app.now);
            let command = take(app.admin_caller(), &reference, "");
            async move { payment::take_at_desk(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_form_that_comes_twice_is_one_payment() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(FAR));
    let booked = app.books(patient, wanted).await.unwrap();
    let admin = app.admin_caller();
    let command = TakeAtDesk {
        key: Some(Key::of_form(KeyOwner::Caller(&admin), "0123", "take", &booked.reference, &()).unwrap()),
        ..take(admin.clone(), &booked.reference, "10")
    };
    let first = takes(&app, command.clone()).await.unwrap();
    assert_eq!(takes(&app, command).await, Ok(first));
    assert_eq!(app.count("select count(*) from payments").await, 1);
}
