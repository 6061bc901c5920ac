//! How much of a service a patient may have.

use crate::support::{DOCTORS, INSTANT, RULES, TestApp, VISIT, patient_caller, refusal, submit};
use engine::{
    account::Caller,
    appointment::{Summary, history},
    booking::{Book, Reschedule, Rules, Wanted, book, hold as place, reschedule, submit as send},
    error::{AppError, Refusal},
    visit::{BookVisit, book_visit},
};

async fn booked(app: &TestApp, caller: Caller, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
    within(app, caller, patient_id, wanted, RULES).await
}

async fn within(
    app: &TestApp,
    caller: Caller,
    patient_id: i64,
    wanted: Wanted,
    rules: Rules,
) -> Result<Summary, AppError> {
    let command = Book {
        caller,
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules,
        key: None,
    };
    book(&app.database, command, app.now).await
}

async fn moved(
    app: &TestApp,
    caller: Caller,
    one: &Summary,
    slot: i64,
    rules: Rules,
) -> Result<Summary, AppError> {
    let command = Reschedule {
        caller,
        which: one.reference.as_str().into(),
        version: None,
        starts_at: app.slot(slot),
        visitor: None,
        rules,
        key: None,
    };
    reschedule(&app.database, command, app.now).await
}

/// Ten bookings of a patient at ten times of one day, at once.
async fn ten_at_once(app: &TestApp, patient_id: i64) -> Vec<Result<Summary, AppError>> {
    app.open_hours().await;
    app.without_constraints().await;
    let wish = |number: usize| {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        let command = Book {
            caller: patient_caller(patient_id),
            wanted: app.wanted(number % 4, INSTANT, app.slot(slot)),
            patient_id,
            reason: String::new(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { book(&database, command, now).await }
    };
    app.race_behind(DOCTORS, vec![(0..10).map(wish).collect()]).await
}

#[tokio::test]
async fn of_ten_bookings_of_a_week_at_once_three_are_made() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.sql("update services set most_per_week = 3").await;
    let results = ten_at_once(&app, me).await;
    assert_eq!(results.iter().flatten().count(), 3, "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        let reason = refusal(result).unwrap();
        assert_eq!(reason.code(), "too_many_in_week", "{result:?}");
        // On the next Monday, at midnight.
        let again = reason.again().unwrap();
        assert!(again > app.slot(46), "{again}");
        let zoned = again.to_zoned(jiff::tz::TimeZone::UTC);
        assert_eq!(zoned.weekday(), jiff::civil::Weekday::Monday);
        assert_eq!(zoned.time(), jiff::civil::Time::midnight());
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn of_ten_bookings_of_a_service_at_once_four_are_made() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.sql("update services set most_open = 4").await;
    let results = ten_at_once(&app, me).await;
    let mut starts: Vec<_> = results.iter().flatten().map(|one| one.starts_at).collect();
    starts.sort_unstable();
    assert_eq!(starts.len(), 4, "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        let reason = refusal(result).unwrap();
        assert_eq!(reason.code(), "too_many_of_service", "{result:?}");
        // When the first of them has begun.
        assert_eq!(reason.again(), Some(starts[0]));
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_limit_counts_one_patient_and_one_service_and_what_ended_makes_room() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    app.sql("update services set most_open = 1, most_per_week = 1 where key = 'visit'")
        .await;
    let at = |service: usize, slot: i64| app.wanted(0, service, app.slot(slot));
    booked(&app, patient_caller(me), me, at(VISIT, 20)).await.unwrap();
    booked(&app, patient_caller(other), other, at(VISIT, 22))
        .await
        .unwrap();
    booked(&app, patient_caller(me), me, at(INSTANT, 24))
        .await
        .unwrap();
    let second = booked(&app, patient_caller(me), me, at(VISIT, 26)).await;
    assert_eq!(
        refusal(&second),
        Some(Refusal::TooManyOfService {
            again: Some(app.slot(20).as_second())
        })
    );
    app.sql("update appointments set status = 'cancelled' where status = 'pending'")
        .await;
    booked(&app, patient_caller(me), me, at(VISIT, 26)).await.unwrap();
    // One that is over is no longer ahead, but it was in that week.
    app.sql("update services set most_open = 5").await;
    app.sql("update appointments set status = 'no_show' where status = 'pending'")
        .await;
    let third = booked(&app, patient_caller(me), me, at(VISIT, 30)).await;
    assert_eq!(refusal(&third).map(Refusal::code), Some("too_many_in_week"));
}

#[tokio::test]
async fn staff_go_beyond_a_limit_by_saying_so() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    app.sql("update services set most_per_week = 1").await;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    booked(&app, app.admin_caller(), me, at(20)).await.unwrap();
    let second = booked(&app, app.admin_caller(), me, at(22)).await;
    assert_eq!(refusal(&second).map(Refusal::code), Some("too_many_in_week"));
    let beyond = RULES.with_limit_exceeded(true);
    // A patient cannot say so.
    let patient = within(&app, patient_caller(me), me, at(22), beyond).await;
    assert_eq!(refusal(&patient).map(Refusal::code), Some("too_many_in_week"));
    let one = within(&app, app.admin_caller(), me, at(22), beyond)
        .await
        .unwrap();
    let which = one.reference.as_str().into();
    let seen = history(&app.database, app.admin_caller(), which).await.unwrap();
    assert!(seen.changes[0].over_limit);
    assert_eq!(app.count("select count(*) from limits_exceeded").await, 1);
    // Where nothing is exceeded, nothing is written.
    let other = app.patient(2).await;
    within(&app, app.admin_caller(), other, at(24), beyond)
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from limits_exceeded").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_into_a_full_week_is_refused_and_one_within_it_is_not() {
    const A_WEEK: i64 = 7 * 48;
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    let first = booked(&app, patient_caller(me), me, at(20)).await.unwrap();
    let later = booked(&app, patient_caller(me), me, at(20 + A_WEEK))
        .await
        .unwrap();
    app.sql("update services set most_per_week = 1, most_open = 1")
        .await;
    let refused = moved(&app, patient_caller(me), &later, 24, RULES).await;
    let reason = refusal(&refused).unwrap();
    assert_eq!(reason.code(), "too_many_in_week");
    // The moved one is not in its own way.
    assert!(reason.again().unwrap() <= app.slot(20 + A_WEEK));
    moved(&app, patient_caller(me), &first, 26, RULES).await.unwrap();
    let by_staff = moved(&app, app.admin_caller(), &later, 24, RULES).await;
    assert_eq!(refusal(&by_staff).map(Refusal::code), Some("too_many_in_week"));
    let beyond = RULES.with_limit_exceeded(true);
    let there = moved(&app, app.admin_caller(), &later, 24, beyond).await.unwrap();
    // It stays within its week, although there are too many now.
    moved(&app, patient_caller(me), &there, 30, RULES).await.unwrap();
    assert_eq!(app.count("select count(*) from limits_exceeded").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn of_ten_moves_into_a_week_at_once_two_are_made() {
    const A_WEEK: i64 = 7 * 48;
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    let mut appointments = Vec::new();
    for number in 0..10 {
        let wanted = app.wanted(0, VISIT, app.slot(A_WEEK + 20 + 2 * number));
        appointments.push(booked(&app, patient_caller(me), me, wanted).await.unwrap());
    }
    app.sql("update services set most_per_week = 2").await;
    app.without_constraints().await;
    let racers = appointments.iter().zip(0..).map(|(one, number)| {
        let command = Reschedule {
            caller: patient_caller(me),
            which: one.reference.as_str().into(),
            version: None,
            starts_at: app.slot(20 + 2 * number),
            visitor: None,
            rules: RULES,
            key: None,
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { reschedule(&database, command, now).await }
    });
    let results = app.race_behind(DOCTORS, vec![racers.collect()]).await;
    assert_eq!(results.iter().flatten().count(), 2, "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(
            refusal(result).map(Refusal::code),
            Some("too_many_in_week"),
            "{result:?}"
        );
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_held_and_what_is_booked_together_keep_the_limit() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    app.sql("update services set most_open = 2").await;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    let three = BookVisit {
        caller: patient_caller(me),
        segments: vec![at(20), at(22), at(24)],
        patient_id: me,
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let refused = book_visit(&app.database, three, app.now).await;
    // It is about the third, and waiting would not help.
    let expected = Refusal::TooManyOfService { again: None }.of(at(24));
    assert_eq!(refused.err(), Some(expected));
    for slot in [20, 22] {
        booked(&app, patient_caller(me), me, at(slot)).await.unwrap();
    }
    let held = place(&app.database, crate::support::hold(1, at(30)), app.now)
        .await
        .unwrap();
    let sent = send(&app.database, submit(1, me, &held), app.now).await;
    assert_eq!(refusal(&sent).map(Refusal::code), Some("too_many_of_service"));
    app.assert_sound().await;
}

#[tokio::test]
async fn when_there_is_room_again_is_told_to_who_may_see_the_appointments() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let elsewhere = app.another_clinic().await;
    app.works_at(0, elsewhere).await;
    app.given(0, me).await;
    app.given(1, me).await;
    let first = app.wanted(0, VISIT, app.slot(20));
    booked(&app, patient_caller(me), me, first).await.unwrap();
    // So that the reception of the other clinic has to do with the patient.
    let there = Wanted {
        clinic_id: elsewhere,
        ..app.wanted(0, INSTANT, app.slot(24))
    };
    booked(&app, app.admin_caller(), me, there).await.unwrap();
    app.sql("update services set most_open = 1 where key = 'visit'")
        .await;
    let here = app.reception_caller("here@test.example", &[app.clinic]).await;
    let stranger = app.reception_caller("there@test.example", &[elsewhere]).await;
    let again = Some(app.slot(20).as_second());
    let at = |doctor: usize, clinic_id: i64| Wanted {
        clinic_id,
        ..app.wanted(doctor, VISIT, app.slot(30))
    };
    for (caller, wanted, expected) in [
        (patient_caller(me), at(0, app.clinic), again),
        (app.admin_caller(), at(0, app.clinic), again),
        (here, at(0, app.clinic), again),
        (app.doctor_caller(0), at(0, app.clinic), again),
        (stranger, at(0, elsewhere), None),
        (app.doctor_caller(1), at(1, app.clinic), None),
    ] {
        let refused = booked(&app, caller.clone(), me, wanted).await;
        assert_eq!(
            refusal(&refused),
            Some(Refusal::TooManyOfService { again: expected }),
            "{caller:?}"
        );
    }
    app.sql("update services set most_open = null, most_per_week = 1 where key = 'visit'")
        .await;
    let refused = booked(&app, app.doctor_caller(1), me, at(1, app.clinic)).await;
    assert_eq!(refusal(&refused), Some(Refusal::TooManyInWeek { again: None }));
    app.assert_sound().await;
}
