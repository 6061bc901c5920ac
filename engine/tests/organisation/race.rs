//! Changes of the organisation that race bookings.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::Doing;
use crate::support::{DOCTORS, TestApp, VISIT};
use engine::{
    database::Listener,
    error::AppError,
    event::Event,
    group::take,
    money::Price,
    organisation::{Put, PutOffers, clinic, doctor_details, put, put_offers},
};

#[tokio::test]
async fn a_withdrawn_service_cannot_be_booked() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let withdrawal = app.withdrawing(app.withdrawal().await);
    let bookings = app.many_bookings().await;
    // All of them began before anything was withdrawn, and wait behind it.
    let results = app.race_behind(DOCTORS, vec![vec![withdrawal], bookings]).await;
    assert_eq!(results[0], Ok(()));
    assert!(
        results[1..]
            .iter()
            .all(|result| *result == Err(AppError::NotFound)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn every_booking_that_races_a_withdrawal_is_made_or_refused() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let mut racers = app.many_bookings().await;
    racers.insert(12, app.withdrawing(app.withdrawal().await));
    let results = app.race(racers).await;
    assert_eq!(results[12], Ok(()));
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::NotFound))),
        "{results:?}"
    );
    let made = i64::try_from(results.iter().flatten().count()).unwrap() - 1;
    assert_eq!(app.count("select count(*) from appointments").await, made);
    let late = app.holding(99, app.wanted(0, VISIT, app.slot(80))).await;
    assert_eq!(late, Err(AppError::NotFound));
    // Other doctors, and what else this one offers, are no concern of it.
    app.holding(98, app.wanted(1, VISIT, app.slot(80))).await.unwrap();
    app.holding(97, app.wanted(0, 1, app.slot(80))).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn a_withdrawal_waits_for_a_booking_that_is_under_way() {
    let app = TestApp::crowded().await;
    app.holding(1, app.wanted(0, VISIT, app.slot(19))).await.unwrap();
    // Somebody else is booking in the same hour, so this booking waits, with the doctor locked.
    let mut other = app.database.pool().begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *other)
        .await
        .unwrap();
    let booking = tokio::spawn(app.holding(2, app.wanted(0, VISIT, app.slot(18))));
    app.until_waiting(1).await;
    let withdrawing = tokio::spawn(app.withdrawing(app.withdrawal().await));
    app.until_waiting(2).await;
    assert!(!withdrawing.is_finished());
    other.rollback().await.unwrap();
    booking.await.unwrap().unwrap();
    withdrawing.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_service_that_was_closed_cannot_be_booked() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let closing = app
        .changing_service(VISIT, |service| service.active = false)
        .await;
    let bookings = app.many_bookings().await;
    let results = app
        .race_behind(DOCTORS, vec![vec![app.describing(closing)], bookings])
        .await;
    assert_eq!(results[0], Ok(()));
    assert!(
        results[1..]
            .iter()
            .all(|result| *result == Err(AppError::NotFound)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn a_booking_after_a_change_of_its_service_follows_the_change() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let longer = app
        .changing_service(VISIT, |service| {
            service.rules.duration = 20;
            service.price = Some(Price {
                minor: 4550,
                currency: "EUR".to_owned(),
            });
        })
        .await;
    let bookings = app.many_bookings().await;
    let results = app
        .race_behind(DOCTORS, vec![vec![app.describing(longer)], bookings])
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        app.count(
            "select count(*) from appointments
             where duration_minutes = 20 and ends_at - starts_at = '20 minutes' and price_minor = 4550"
        )
        .await,
        24
    );
    app.assert_sound().await;
}

/// Who takes a seat reads what the service asks before the session is locked. The doctor of the session need not offer it.
#[tokio::test]
async fn a_change_of_a_service_waits_for_who_takes_a_seat_of_it() {
    let app = TestApp::crowded().await;
    let patient_id = app.patient(1).await;
    let group = app.published(0, app.slot(20), 3).await;
    app.sql("delete from offers where service_id = (select service_id from groups)")
        .await;
    let index = (app.services.iter())
        .position(|id| *id == group.service_id)
        .unwrap();
    let change = app
        .changing_service(index, |service| service.rules.duration = 20)
        .await;
    let command = app.taking(group.id, patient_id, 1);
    let (database, now) = (app.database.clone(), app.now);
    let taking: Doing<Result<(), AppError>> =
        Box::pin(async move { take(&database, command, now).await.map(drop) });
    // One waits for the session, and the other for whoever waits there.
    let gate = "select from groups for update";
    let results = app
        .race_behind(gate, vec![vec![taking], vec![app.describing(change)]])
        .await;
    assert_eq!(results, [Ok(()), Ok(())]);
}

/// A change of a service or a clinic has to know the doctor who is about to offer it: without the wait, a booking of that
/// doctor would follow the old description.
#[tokio::test]
async fn changes_of_a_service_and_a_clinic_wait_for_a_doctor_who_gets_them() {
    let app = TestApp::crowded().await;
    let given = doctor_details(&app.database, app.doctors[0].id, app.now)
        .await
        .unwrap();
    let none = PutOffers {
        offers: Vec::new(),
        ..app.withdrawal().await
    };
    let doctor_id = none.doctor_id;
    let empty = put_offers(&app.database, none, app.now).await.unwrap();
    let giving = app.withdrawing(PutOffers {
        offers: given.offers,
        version: empty.version,
        ..app.withdrawal().await
    });
    let longer = app
        .changing_service(VISIT, |service| service.rules.duration = 55)
        .await;
    let seen = clinic(&app.database, app.clinic).await.unwrap();
    let moving = Put {
        caller: app.admin_caller(),
        which: Some((seen.id, seen.version)),
        description: seen.what,
        key: None,
    };
    let told = Arc::new(TimesChanged {
        doctor_id,
        commits: AtomicUsize::new(0),
    });
    app.database.listen(told.clone());
    let (database, now) = (app.database.clone(), app.now);
    let service: Doing<Result<(), AppError>> =
        Box::pin(async move { put(&database, longer, now).await.map(drop) });
    let database = app.database.clone();
    let clinic: Doing<Result<(), AppError>> =
        Box::pin(async move { put(&database, moving, now).await.map(drop) });
    // Of this doctor alone, for whom neither would wait without knowing them.
    let gate = "select from doctors order by id limit 1 for no key update";
    let results = app
        .race_behind(gate, vec![vec![giving], vec![service, clinic]])
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    // The offers, the service and the clinic: each knew that the times of this doctor changed with it.
    assert_eq!(told.commits.load(Ordering::SeqCst), 3);
}

/// Counts the commits that changed the times of a doctor.
struct TimesChanged {
    doctor_id: i64,
    commits: AtomicUsize,
}

impl Listener for TimesChanged {
    fn after_commit(&self, events: &[Event]) {
        let doctor_id = self.doctor_id;
        if events.contains(&Event::TimesChanged { doctor_id }) {
            self.commits.fetch_add(1, Ordering::SeqCst);
        }
    }
}
