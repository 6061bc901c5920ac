//! Many people who want one time.

use super::{hold_all, submit_all};
use crate::support::{LONG, TestApp, VISIT, one_winner, refusal};
use engine::{
    availability::{Asker, Except, alternatives, is_free, visits_instead},
    booking::Wanted,
    error::{AppError, Refusal},
    time::plus_minutes,
};

async fn fifty_visitors_race(app: &TestApp) {
    // The first time is in an hour that nobody has booked in yet, the second one in the same hour.
    for slot in [18, 19] {
        let wanted = app.wanted(0, VISIT, app.slot(slot));
        let first = 100 * usize::try_from(slot).unwrap();
        let choices = (first..first + 50).map(|visitor| (visitor, wanted)).collect();
        let results = hold_all(app, choices, app.now).await;
        let (reference, losers) = one_winner(&results);
        assert_eq!(app.appointment(&reference).await.0, "held");
        for error in losers {
            assert_eq!(
                error,
                AppError::BookingFailed {
                    reason: Refusal::SlotTaken,
                    wanted
                }
            );
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn fifty_visitors_racing_for_one_time_get_one_hold() {
    fifty_visitors_race(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn fifty_visitors_racing_for_one_time_get_one_hold_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    fifty_visitors_race(&app).await;
}

/// Each held the time after the hold of the one before had run out.
async fn fifty_patients_race_for_a_lapsed_time(app: &TestApp) {
    let wanted = app.wanted(0, VISIT, app.slot(48));
    let mut now = app.now;
    let mut bookings = Vec::new();
    for (number, patient_id) in app.patients(50).await.into_iter().enumerate() {
        let reference = app.hold(number, wanted, now).await.unwrap();
        bookings.push((number, patient_id, reference));
        now = plus_minutes(now, 11);
    }
    let results = submit_all(app, bookings, now).await;
    let (reference, losers) = one_winner(&results);
    assert_eq!(app.appointment(&reference).await.0, "pending");
    for error in losers {
        assert_eq!(
            error,
            AppError::BookingFailed {
                reason: Refusal::HoldExpired,
                wanted
            }
        );
    }
    assert_eq!(
        app.count("select count(*) from appointments where status in ('held', 'pending')")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn fifty_patients_with_expired_holds_of_one_time_book_it_once() {
    fifty_patients_race_for_a_lapsed_time(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn fifty_patients_with_expired_holds_book_it_once_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    fifty_patients_race_for_a_lapsed_time(&app).await;
}

/// Times that overlap without being equal, some of them across the full hour, in which their locks
/// meet.
async fn overlapping_times_race(app: &TestApp) {
    let start = app.slot(20);
    let choices = (0..48)
        .map(|number| {
            let starts_at = plus_minutes(start, i64::try_from(number % 8).unwrap() * 15);
            (number, app.wanted(0, LONG, starts_at))
        })
        .collect();
    let results = hold_all(app, choices, app.now).await;
    // Less than two hours of starts, an hour for each with its buffers.
    let winners = results.iter().flatten().count();
    assert!((1..=2).contains(&winners), "{results:?}");
    assert!(
        results
            .iter()
            .all(|result| result.is_ok() || refusal(result) == Some(Refusal::SlotTaken)),
        "{results:?}"
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn racing_holds_of_overlapping_times_do_not_overlap() {
    overlapping_times_race(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn racing_holds_of_overlapping_times_do_not_overlap_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    app.open_hours().await;
    overlapping_times_race(&app).await;
}

#[tokio::test]
async fn distant_times_of_one_doctor_can_all_be_held_at_once() {
    let app = TestApp::crowded().await;
    let choices = (0..50)
        .map(|number| {
            (
                number,
                app.wanted(0, VISIT, app.slot(i64::try_from(number).unwrap())),
            )
        })
        .collect();
    let results = hold_all(&app, choices, app.now).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn two_losers_racing_for_the_same_alternative_get_one_hold() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    app.hold(0, wanted, app.now).await.unwrap();
    let except = Except::default();
    let offered = alternatives(&app.database, wanted, except.clone(), Asker::PATIENT, app.now)
        .await
        .unwrap();
    assert_eq!(offered.len(), 3);
    assert!(
        offered
            .iter()
            .any(|alternative| alternative.offering.doctor_id != wanted.doctor_id)
    );
    for alternative in &offered {
        let wanted = alternative.offering.at(alternative.starts_at);
        assert!(
            is_free(&app.database, wanted, except.clone(), app.now)
                .await
                .unwrap()
        );
    }
    let first = offered[0].offering.at(offered[0].starts_at);
    let results = hold_all(&app, vec![(1, first), (2, first)], app.now).await;
    let (_, losers) = one_winner(&results);
    assert_eq!(
        losers,
        [AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted: first
        }]
    );
    let again = alternatives(&app.database, first, except, Asker::PATIENT, app.now)
        .await
        .unwrap();
    assert!(
        again
            .iter()
            .all(|alternative| alternative.offering.at(alternative.starts_at) != first)
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn no_alternative_is_at_a_clinic_or_with_a_doctor_that_whoever_asks_does_not_have() {
    let app = TestApp::new().await;
    let elsewhere = app.another_clinic().await;
    // By video, it may be anywhere. The second doctor offers it at the other clinic alone.
    app.sql("update services set mode = 'video'").await;
    app.works_at(1, elsewhere).await;
    sqlx::query("delete from offers where doctor_id = $1 and clinic_id <> $2 or doctor_id = any ($3)")
        .bind(app.doctors[1].id)
        .bind(elsewhere)
        // Where four have times at once, the nearest ones are all at the first clinic.
        .bind(vec![app.doctors[2].id, app.doctors[3].id])
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let wanted = app.wanted(0, VISIT, app.slot(18));
    app.hold(0, wanted, app.now).await.unwrap();
    let reception = app.reception_caller("here@test.example", &[app.clinic]).await;
    let stranger = app.reception_caller("there@test.example", &[elsewhere]).await;
    let doctor = app.doctor_caller(0);
    let places = |asker: Asker| {
        let app = &app;
        async move {
            let found = alternatives(&app.database, wanted, Except::default(), asker, app.now);
            let mut places: Vec<i64> = found
                .await
                .unwrap()
                .iter()
                .map(|offer| offer.offering.clinic_id)
                .collect();
            places.sort_unstable();
            places.dedup();
            places
        }
    };
    let mut both = vec![app.clinic, elsewhere];
    both.sort_unstable();
    assert_eq!(places(Asker::PATIENT).await, both);
    assert_eq!(places((&app.admin_caller()).into()).await, both);
    assert_eq!(places((&reception).into()).await, [app.clinic]);
    assert_eq!(places((&doctor).into()).await, [app.clinic]);
    assert_eq!(places((&stranger).into()).await, [elsewhere]);
    // Nor one of several doctors, of whatever clinic.
    let any = Wanted {
        doctor_id: Wanted::ANY,
        clinic_id: Wanted::ANY,
        ..wanted
    };
    let found = alternatives(
        &app.database,
        any,
        Except::default(),
        (&reception).into(),
        app.now,
    );
    let found = found.await.unwrap();
    assert!(!found.is_empty() && found.iter().all(|offer| offer.offering.clinic_id == app.clinic));
    let visits = visits_instead(&app.database, vec![wanted], (&stranger).into(), app.now).await;
    assert!(visits.unwrap().is_empty());
}
