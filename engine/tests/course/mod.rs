//! Courses: what is free, all or none, and races.

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

use crate::support::{DOCTORS, INSTANT, RULES, TestApp, VISIT, patient_caller, refusal};
use engine::{
    account::Caller,
    appointment::{Status, Summary},
    booking::{Book, Wanted, book},
    course::{Asks, End, Pattern, Preview, Unit, Why, preview},
    error::{AppError, Field, FieldProblem},
    visit::{BookVisit, Visit, book_course, cancel_rest},
};

const A_DAY: i64 = 48;

fn asks(app: &TestApp, caller: Caller, patient_id: i64, service: usize, days: usize) -> Asks {
    Asks {
        caller,
        doctor_id: app.doctors[0].id,
        clinic_id: app.clinic,
        service_id: app.services[service],
        patient_id,
        pattern: Pattern {
            every: 1,
            unit: Unit::Days,
            weekdays: Vec::new(),
            minute: 10 * 60,
            from: app.day(20),
            end: End::Count(days),
        },
        rules: RULES,
    }
}

async fn looked(app: &TestApp, asks: Asks) -> Preview {
    preview(&app.database, asks, app.now).await.unwrap()
}

fn course(app: &TestApp, patient_id: i64, service: usize, slots: impl IntoIterator<Item = i64>) -> BookVisit {
    BookVisit {
        caller: patient_caller(patient_id),
        segments: slots
            .into_iter()
            .map(|slot| app.wanted(0, service, app.slot(slot)))
            .collect(),
        patient_id,
        reason: "Physiotherapy".to_owned(),
        rules: RULES,
        key: None,
    }
}

fn single(patient_id: i64, wanted: Wanted) -> Book {
    Book {
        caller: patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    }
}

#[tokio::test]
async fn a_preview_says_what_is_free_and_what_could_be_had_instead() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    // Slot 20 is ten o'clock of the first day. The second day is taken, and on the third one the patient is elsewhere.
    app.books(other, app.wanted(0, VISIT, app.slot(20 + A_DAY)))
        .await
        .unwrap();
    app.books(me, app.wanted(1, VISIT, app.slot(20 + 2 * A_DAY)))
        .await
        .unwrap();
    let found = looked(&app, asks(&app, patient_caller(me), me, VISIT, 4)).await;
    let why: Vec<Option<Why>> = found.dates.iter().map(|dated| dated.why).collect();
    assert_eq!(why, [None, Some(Why::Taken), Some(Why::PatientBusy), None]);
    assert_eq!(found.dates[0].starts_at, Some(app.slot(20)));
    assert_eq!(
        found.dates[1].alternatives,
        [18, 19, 21].map(|slot| app.slot(slot + A_DAY)).to_vec()
    );
    assert!(found.dates[2].alternatives.contains(&app.slot(21 + 2 * A_DAY)));
    assert!(found.dates[0].alternatives.is_empty());
    assert_eq!(found.limit, None);
    // Nothing is held by looking.
    assert_eq!(app.count("select count(*) from appointments").await, 2);

    // Nobody looks for somebody else.
    for (caller, patient) in [
        (patient_caller(other), me),
        (app.doctor_caller(1), me),
        (app.doctor_caller(0), other + 1),
    ] {
        let refused = preview(&app.database, asks(&app, caller, patient, VISIT, 4), app.now).await;
        assert_eq!(refused.err(), Some(AppError::NotFound));
    }
}

#[tokio::test]
async fn a_preview_foresees_a_limit() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    app.sql("update services set most_open = 3").await;
    let found = looked(&app, asks(&app, patient_caller(me), me, INSTANT, 5)).await;
    let Some(AppError::BookingFailed { reason, wanted }) = found.limit else {
        panic!("{found:?}");
    };
    assert_eq!(reason.code(), "too_many_of_service");
    assert_eq!(wanted.starts_at(), app.slot(20 + 3 * A_DAY));
    app.sql("update services set most_open = null").await;
    let rules = engine::booking::Rules {
        open_requests: 5,
        ..RULES
    };
    let limited = Asks {
        rules,
        ..asks(&app, patient_caller(me), me, VISIT, 6)
    };
    let found = looked(&app, limited.clone()).await;
    assert!(found.limit.is_some());
    // Staff are not limited by what a patient has open.
    let by_staff = Asks {
        caller: app.admin_caller(),
        ..limited
    };
    assert_eq!(looked(&app, by_staff).await.limit, None);
}

#[tokio::test]
async fn the_time_of_the_wall_clock_stays_when_the_clocks_change() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Europe/Berlin'; update services set horizon_days = 730")
        .await;
    let me = app.patient(1).await;
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let today = app.now.to_zoned(zone.clone()).date();
    // Enough weeks for a change of the clocks to be among them.
    let weekly = Asks {
        pattern: Pattern {
            every: 2,
            unit: Unit::Weeks,
            weekdays: vec![Weekday::Tuesday],
            minute: 10 * 60,
            from: today.tomorrow().unwrap(),
            end: End::Count(20),
        },
        ..asks(&app, app.admin_caller(), me, VISIT, 1)
    };
    let found = looked(&app, weekly).await;
    let mut offsets = std::collections::BTreeSet::new();
    for dated in &found.dates {
        let local = dated.starts_at.unwrap().to_zoned(zone.clone());
        assert_eq!(
            (local.hour(), local.minute(), local.weekday()),
            (10, 0, Weekday::Tuesday)
        );
        assert_eq!(dated.why, None, "{dated:?}");
        offsets.insert(local.offset());
    }
    assert_eq!(offsets.len(), 2);
    let segments = found
        .dates
        .iter()
        .map(|dated| found.offering.at(dated.starts_at.unwrap()));
    let command = BookVisit {
        caller: app.admin_caller(),
        segments: segments.collect(),
        patient_id: me,
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let booked = book_course(&app.database, command, app.now).await.unwrap();
    assert_eq!(booked.appointments.len(), 20);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_course_is_booked_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let days = |count: i64| (0..count).map(|day| 20 + day * A_DAY);
    app.books(other, app.wanted(0, INSTANT, app.slot(20 + 4 * A_DAY)))
        .await
        .unwrap();
    let refused = book_course(&app.database, course(&app, me, INSTANT, days(10)), app.now).await;
    let taken = engine::error::Refusal::SlotTaken.of(app.wanted(0, INSTANT, app.slot(20 + 4 * A_DAY)));
    assert_eq!(refused.err(), Some(taken));
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    for (count, problem) in [(1, FieldProblem::Missing), (21, FieldProblem::TooLong)] {
        let refused = book_course(&app.database, course(&app, other, INSTANT, days(count)), app.now).await;
        assert_eq!(refused.err(), Some(AppError::invalid(Field::Segments, problem)));
    }
    let free = days(10).filter(|slot| *slot != 20 + 4 * A_DAY);
    let booked = book_course(&app.database, course(&app, me, INSTANT, free), app.now)
        .await
        .unwrap();
    assert_eq!(booked.appointments.len(), 9);
    app.assert_sound().await;
}

fn statuses(visit: &Visit) -> Vec<Status> {
    visit.appointments.iter().map(|one| one.status).collect()
}

#[tokio::test]
async fn the_rest_of_a_course_is_cancelled_from_one_of_its_dates_on() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let days = |count: i64| (0..count).map(|day| 20 + day * A_DAY);
    let booked = book_course(&app.database, course(&app, me, INSTANT, days(5)), app.now)
        .await
        .unwrap();
    let third = booked.appointments[2].id;
    let rest = |caller: Caller, first: i64| {
        let (database, id, now) = (app.database.clone(), booked.id, app.now);
        async move { cancel_rest(&database, caller, id, first, "Better".to_owned(), None, now).await }
    };
    for stranger in [patient_caller(me + 1), app.doctor_caller(1)] {
        assert_eq!(rest(stranger, third).await, Err(AppError::NotFound));
    }
    assert_eq!(rest(patient_caller(me), i64::MAX).await, Err(AppError::NotFound));
    let left = rest(patient_caller(me), third).await.unwrap();
    use Status::{Cancelled, Confirmed};
    assert_eq!(
        statuses(&left),
        [Confirmed, Confirmed, Cancelled, Cancelled, Cancelled]
    );
    // The doctor with whom all of it is gives up the rest of that.
    let second = booked.appointments[1].id;
    let left = rest(app.doctor_caller(0), second).await.unwrap();
    assert_eq!(statuses(&left)[..2], [Confirmed, Cancelled]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_doctor_declines_the_rest_of_a_course_that_was_asked_for() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let days = (0..3).map(|day| 20 + day * A_DAY);
    let booked = book_course(&app.database, course(&app, me, VISIT, days), app.now)
        .await
        .unwrap();
    let first = booked.appointments[0].id;
    let why = "I am away".to_owned();
    let left = cancel_rest(
        &app.database,
        app.doctor_caller(0),
        booked.id,
        first,
        why,
        None,
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(statuses(&left), [Status::Rejected; 3]);
    app.assert_sound().await;
}

#[tokio::test]
async fn two_courses_that_cross_in_opposite_order_are_one() {
    let app = TestApp::crowded().await;
    let patients = app.patients(8).await;
    app.open_hours().await;
    app.without_constraints().await;
    let racers = patients.iter().enumerate().map(|(number, patient)| {
        let mut command = course(&app, *patient, INSTANT, (0..8).map(|day| 20 + day * A_DAY));
        if number % 2 == 1 {
            command.segments.reverse();
        }
        let (database, now) = (app.database.clone(), app.now);
        async move { book_course(&database, command, now).await }
    });
    let results = app.race_behind(DOCTORS, vec![racers.collect()]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(
            refusal(result),
            Some(engine::error::Refusal::SlotTaken),
            "{result:?}"
        );
    }
    assert_eq!(app.count("select count(*) from appointments").await, 8);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_single_booking_and_a_course_for_one_time_have_one_winner() {
    let app = TestApp::crowded().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    app.open_hours().await;
    app.without_constraints().await;
    let command = course(&app, me, INSTANT, (0..6).map(|day| 20 + day * A_DAY));
    let alone = single(other, app.wanted(0, INSTANT, app.slot(20 + 3 * A_DAY)));
    let now = app.now;
    type Racer = std::pin::Pin<Box<dyn Future<Output = Result<Vec<Summary>, AppError>> + Send>>;
    let (first, second) = (app.database.clone(), app.database.clone());
    let racers: Vec<Racer> = vec![
        Box::pin(async move {
            book_course(&first, command, now)
                .await
                .map(|visit| visit.appointments)
        }),
        Box::pin(async move { book(&second, alone, now).await.map(|one| vec![one]) }),
    ];
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let won: Vec<usize> = results.iter().flatten().map(Vec::len).collect();
    assert!(won == [6] || won == [1], "{results:?}");
    let count = app.count("select count(*) from appointments").await;
    assert_eq!(usize::try_from(count).unwrap(), won[0]);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_same_course_twice_at_once_is_booked_once() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    let key = engine::idempotency::Key::sent(
        engine::idempotency::KeyOwner::Caller(&patient_caller(me)),
        "one",
        "book-course",
        &"the same",
    )
    .unwrap();
    let racers = (0..10).map(|_| {
        let command = BookVisit {
            key: Some(key.clone()),
            ..course(&app, me, INSTANT, (0..5).map(|day| 20 + day * A_DAY))
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { book_course(&database, command, now).await }
    });
    let results = app.race(racers.collect()).await;
    let first = results[0].as_ref().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(first)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 5);
    app.assert_sound().await;
}

#[tokio::test]
async fn of_two_courses_of_one_patient_at_once_the_limit_leaves_one() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.sql("update services set most_open = 6").await;
    app.open_hours().await;
    let racers = [20, 24].map(|first| {
        let command = course(&app, me, INSTANT, (0..4).map(|day| first + day * A_DAY));
        let (database, now) = (app.database.clone(), app.now);
        async move { book_course(&database, command, now).await }
    });
    let results = app.race_behind(DOCTORS, vec![racers.into()]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    let refused = results.iter().find(|result| result.is_err()).unwrap();
    let reason = refusal(refused).unwrap();
    assert_eq!(reason.code(), "too_many_of_service");
    let again: Timestamp = reason.again().unwrap();
    assert!(again > app.now);
    app.assert_sound().await;
}
