//! Several appointments, all or none (B7).

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{Answer, DOCTORS, INSTANT, LONG, Site, TestApp, VISIT, hold, refusal, visitor};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, change_status, expire},
    },
    booking::{
        Wanted,
        service::{self as booking, Book, BookVisit, Hold, SubmitVisit, Visit},
    },
    error::{AppError, Field, Problem, Refusal},
    idempotency::{Key, Whose},
    monitoring::{numbers::Numbers, verify::verify},
    time::plus_minutes,
};

fn patient(id: i64) -> Caller {
    Caller::Patient { id, name: None }
}

fn visit(patient_id: i64, segments: Vec<Wanted>) -> BookVisit {
    BookVisit {
        caller: patient(patient_id),
        segments,
        patient_id,
        reason: String::new(),
        answer_minutes: 60,
        key: None,
    }
}

async fn book(app: &TestApp, command: BookVisit) -> Result<Visit, AppError> {
    booking::book_visit(&app.database, &app.live, command, app.now).await
}

async fn race(app: &TestApp, commands: Vec<BookVisit>) -> Vec<Result<Visit, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let (database, live) = (app.database.clone(), app.live.clone());
            async move { booking::book_visit(&database, &live, command, now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

/// No attempt had to be made again, as each that ends in a deadlock is.
async fn no_deadlock(app: &TestApp) {
    let numbers = Numbers::parse(&app.database.statistics().render());
    assert!(numbers.sum(|operation| operation.attempts) > 0.0);
    assert_eq!(numbers.sum(|operation| operation.retries), 0.0);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
}

/// Nothing is there in part, and nothing that `janji verify` would find.
async fn assert_whole(app: &TestApp) {
    app.assert_sound().await;
    let report = verify(&app.database, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
}

// One.

#[sqlx::test]
async fn all_parts_are_booked_together_each_an_appointment_of_its_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    // In the order of the request, which is neither that of the doctors nor that of the times.
    let segments = vec![
        app.wanted(2, VISIT, app.slot(20)),
        app.wanted(0, INSTANT, app.slot(22)),
        app.wanted(1, VISIT, app.slot(18)),
    ];
    let booked = book(&app, visit(id, segments.clone())).await.unwrap();
    let doctors: Vec<i64> = booked.appointments.iter().map(|one| one.doctor_id).collect();
    assert_eq!(doctors, [app.doctors[2].id, app.doctors[0].id, app.doctors[1].id]);
    let statuses: Vec<Status> = booked.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Confirmed, Status::Pending]);
    let references: BTreeSet<&String> = booked.appointments.iter().map(|one| &one.reference).collect();
    assert_eq!(references.len(), 3);
    assert_eq!(
        app.count(
            "select count(*) from appointments join visits on visits.id = visit_id
                   where segment = appointments.id - (select min(id) - 1 from appointments)"
        )
        .await,
        3
    );
    assert_whole(&app).await;
}

#[sqlx::test]
async fn where_one_part_cannot_be_had_none_is_booked_and_it_is_said_which(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(2).await;
    let segments = vec![
        app.wanted(0, VISIT, app.slot(20)),
        app.wanted(1, VISIT, app.slot(22)),
    ];
    app.confirmed(ids[1], 1, app.slot(22)).await;
    let failed = book(&app, visit(ids[0], segments.clone())).await;
    let taken = AppError::BookingFailed {
        reason: Refusal::SlotTaken,
        wanted: segments[1],
    };
    assert_eq!(failed, Err(taken));
    // The patient is elsewhere during the second part.
    app.confirmed(ids[0], 3, app.slot(25)).await;
    let busy = vec![segments[0], app.wanted(2, VISIT, app.slot(25))];
    assert_eq!(
        refusal(&book(&app, visit(ids[0], busy)).await),
        Some(Refusal::PatientOverlap)
    );
    let closed = vec![segments[0], app.wanted(2, VISIT, plus_minutes(app.slot(30), 7))];
    assert_eq!(
        refusal(&book(&app, visit(ids[0], closed)).await),
        Some(Refusal::SlotClosed)
    );
    assert_eq!(app.count("select count(*) from visits").await, 0);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_whole(&app).await;
}

#[sqlx::test]
async fn parts_that_overlap_are_refused_before_anything_is_locked_for_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let at = |doctor, service, slot| app.wanted(doctor, service, app.slot(slot));
    for (segments, problem) in [
        (vec![], Problem::Missing),
        (vec![at(0, VISIT, 20)], Problem::Missing),
        (vec![at(0, VISIT, 20); 9], Problem::TooLong),
        // The same twice; at once with two doctors; the buffers of one doctor.
        (vec![at(0, VISIT, 20), at(0, VISIT, 20)], Problem::Malformed),
        (vec![at(0, VISIT, 20), at(1, LONG, 20)], Problem::Malformed),
        (vec![at(0, LONG, 20), at(0, VISIT, 19)], Problem::Malformed),
    ] {
        assert_eq!(
            book(&app, visit(id, segments.clone())).await,
            Err(AppError::invalid(Field::Segments, problem)),
            "{segments:?}"
        );
    }
    // With another doctor there is no buffer to be kept.
    book(&app, visit(id, vec![at(0, LONG, 20), at(1, VISIT, 19)]))
        .await
        .unwrap();
    let other = visit(id, vec![at(0, VISIT, 30), at(1, VISIT, 31)]);
    let stranger = BookVisit {
        caller: patient(id + 1),
        ..other.clone()
    };
    assert_eq!(book(&app, stranger).await, Err(AppError::NotFound));
    let doctor = BookVisit {
        caller: app.doctor_caller(0),
        ..other
    };
    assert_eq!(
        book(&app, doctor).await,
        Err(AppError::NotFound),
        "not all theirs"
    );
    assert_whole(&app).await;
}

#[sqlx::test]
async fn what_ran_out_is_in_nobodys_way(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(20)),
        app.wanted(0, VISIT, app.slot(22)),
    ];
    for (number, &wanted) in segments.iter().enumerate() {
        app.hold(number, wanted, app.now).await.unwrap();
    }
    assert_eq!(
        refusal(&book(&app, visit(id, segments.clone())).await),
        Some(Refusal::SlotTaken)
    );
    let later = plus_minutes(app.now, 11);
    booking::book_visit(&app.database, &app.live, visit(id, segments), later)
        .await
        .unwrap();
    assert_eq!(
        app.count("select count(*) from appointments where status = 'expired'")
            .await,
        2
    );
    assert_whole(&app).await;
}

// Races.

async fn opposite_orders_race(app: &TestApp) {
    let patients = app.patients(20).await;
    let (there, back) = (
        vec![
            app.wanted(0, VISIT, app.slot(20)),
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(2, VISIT, app.slot(28)),
        ],
        vec![
            app.wanted(2, VISIT, app.slot(28)),
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(0, VISIT, app.slot(20)),
        ],
    );
    let commands = patients.iter().enumerate().map(|(number, id)| {
        visit(
            *id,
            if number % 2 == 0 {
                there.clone()
            } else {
                back.clone()
            },
        )
    });
    let results = race(app, commands.collect()).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(refusal(result), Some(Refusal::SlotTaken), "{result:?}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 3);
    no_deadlock(app).await;
}

#[sqlx::test]
async fn visits_in_opposite_orders_do_not_deadlock_and_one_wins(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    opposite_orders_race(&app).await;
    assert_whole(&app).await;
}

#[sqlx::test]
async fn visits_in_opposite_orders_exclude_each_other_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    app.without_constraints().await;
    opposite_orders_race(&app).await;
    app.assert_sound().await;
}

/// Each shares hours with the ones before and after it, but no time: all of them can be had.
#[sqlx::test]
async fn visits_that_share_hours_and_no_time_are_all_booked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(20).await;
    let commands = patients.iter().enumerate().map(|(number, id)| {
        let slot = i64::try_from(number).unwrap();
        let mut segments = vec![
            app.wanted(0, VISIT, app.slot(2 + slot)),
            app.wanted(1, VISIT, app.slot(22 - slot)),
        ];
        // At the same time with both would be in two places.
        if 2 + slot == 22 - slot {
            segments[1] = app.wanted(1, VISIT, app.slot(40));
        }
        if number % 2 == 0 {
            segments.reverse();
        }
        visit(*id, segments)
    });
    let results = race(&app, commands.collect()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    no_deadlock(&app).await;
    assert_whole(&app).await;
}

/// An hour of the doctor is known, the next one is not. Whoever wants both makes the second and comes to the first; a visit
/// that had the first one and only then came to make the second would wait for them, and they for it.
#[sqlx::test]
async fn hours_that_nobody_has_booked_in_yet_are_no_trap(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let ids = app.patients(3).await;
    app.confirmed(ids[2], 0, app.slot(20)).await;
    let now = app.now;
    let command = visit(
        ids[0],
        vec![
            app.wanted(0, VISIT, app.slot(21)),
            app.wanted(0, VISIT, app.slot(23)),
        ],
    );
    let (database, live) = (app.database.clone(), app.live.clone());
    let whole: Racer = Box::pin(async move {
        let booked = booking::book_visit(&database, &live, command, now).await?;
        Ok(booked.appointments.len())
    });
    let over_both = app.wanted(0, LONG, plus_minutes(app.slot(21), 15));
    let single = single(&app, ids[1], over_both);
    let gate = "select from calendar_hours for update";
    let results = app.race_behind(gate, vec![vec![whole], vec![single]]).await;
    assert_eq!(results[0], Ok(2));
    assert_eq!(refusal(&results[1]), Some(Refusal::SlotTaken));
    no_deadlock(&app).await;
    assert_whole(&app).await;
}

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<usize, AppError>> + Send>>;

fn single(app: &TestApp, patient_id: i64, wanted: Wanted) -> Racer {
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    let command = Book {
        caller: patient(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        answer_minutes: 60,
        key: None,
    };
    Box::pin(async move { booking::book(&database, &live, command, now).await.map(|_| 1) })
}

async fn visits_race_single_bookings(app: &TestApp) {
    let patients = app.patients(20).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, VISIT, app.slot(20)),
    ];
    let now = app.now;
    let mut racers: Vec<Racer> = Vec::new();
    for (number, &id) in patients.iter().enumerate() {
        let (database, live) = (app.database.clone(), app.live.clone());
        if number % 2 == 0 {
            let command = visit(id, segments.clone());
            racers.push(Box::pin(async move {
                let booked = booking::book_visit(&database, &live, command, now).await?;
                Ok(booked.appointments.len())
            }));
        } else {
            racers.push(single(app, id, segments[number / 2 % 2]));
        }
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let parts: Vec<usize> = results.iter().flatten().copied().collect();
    // The visit, or one for each of its times.
    assert!(parts == [2] || parts == [1, 1], "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(refusal(result), Some(Refusal::SlotTaken), "{result:?}");
    }
    no_deadlock(app).await;
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_visit_and_single_bookings_that_race_leave_no_half_visit(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    visits_race_single_bookings(&app).await;
    assert_whole(&app).await;
}

#[sqlx::test]
async fn a_patient_who_books_two_visits_at_once_is_in_one_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    let id = app.patient(1).await;
    // Nothing is the same but the patient and the moment.
    let visits = [
        vec![
            app.wanted(0, VISIT, app.slot(20)),
            app.wanted(1, VISIT, app.slot(24)),
        ],
        vec![
            app.wanted(2, VISIT, app.slot(20)),
            app.wanted(3, VISIT, app.slot(28)),
        ],
    ];
    let racers = visits
        .into_iter()
        .map(|segments| {
            let (database, live) = (app.database.clone(), app.live.clone());
            let (command, now) = (visit(id, segments), app.now);
            async move { booking::book_visit(&database, &live, command, now).await }
        })
        .collect();
    // Where whoever has found the patient free comes to.
    let gate = "lock table visits in share mode";
    let results = app.race_behind(gate, vec![racers]).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert!(
        results
            .iter()
            .any(|result| refusal(result) == Some(Refusal::PatientOverlap))
    );
    no_deadlock(&app).await;
    app.assert_sound().await;
}

#[sqlx::test]
async fn ten_twins_of_a_request_make_one_visit(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, VISIT, app.slot(20)),
    ];
    let commands = (0..10).map(|_| BookVisit {
        key: Some(Key::sent(Whose::Caller(&patient(id)), "k", "test", &segments).unwrap()),
        ..visit(id, segments.clone())
    });
    let results = race(&app, commands.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from visits").await, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_whole(&app).await;
}

// What is held for a visit.

fn submit(visitor_number: usize, patient_id: i64, references: &[String]) -> SubmitVisit {
    SubmitVisit {
        references: references.to_vec(),
        visitor: visitor(visitor_number),
        patient_id,
        name: "Somebody".to_owned(),
        reason: "A cough".to_owned(),
        hold_minutes: 10,
        answer_minutes: 60,
        key: None,
    }
}

/// Holds these times, each beside the ones before it.
async fn hold_all(app: &TestApp, number: usize, segments: &[Wanted]) -> Vec<String> {
    let mut held: Vec<String> = Vec::new();
    for &wanted in segments {
        let command = Hold {
            keeps: held.clone(),
            ..hold(number, wanted)
        };
        let reference = booking::hold(&app.database, &app.live, command, app.now).await;
        held.push(reference.unwrap());
    }
    held
}

#[sqlx::test]
async fn what_is_held_for_a_visit_is_booked_together_or_not_at_all(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(2).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let running = "select count(*) from appointments where status = 'held'";
    assert_eq!(app.count(running).await, 2, "the first one stays");
    // At the time of another part, with another doctor.
    let command = Hold {
        keeps: held.clone(),
        ..hold(1, app.wanted(2, VISIT, app.slot(24)))
    };
    let both = booking::hold(&app.database, &app.live, command, app.now).await;
    assert_eq!(refusal(&both), Some(Refusal::PatientOverlap));

    let book = |number: usize, patient_id: i64, held: &[String], now| {
        booking::submit_visit(&app.database, &app.live, submit(number, patient_id, held), now)
    };
    assert_eq!(book(2, ids[0], &held, app.now).await, Err(AppError::NotFound));
    // The second one runs out, and somebody else takes its time: the first one is not booked either.
    let later = plus_minutes(app.now, 11);
    app.hold(3, segments[1], later).await.unwrap();
    assert_eq!(
        book(1, ids[0], &held, later).await,
        Err(AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            wanted: segments[1]
        })
    );
    assert_eq!(app.appointment(&held[0]).await.0, "held");
    assert_eq!(app.count("select count(*) from visits").await, 0);

    // One that ran out will do while nobody has its time.
    let others = [
        app.wanted(3, VISIT, app.slot(30)),
        app.wanted(2, INSTANT, app.slot(28)),
    ];
    let again = hold_all(&app, 4, &others).await;
    let booked = book(4, ids[1], &again, later).await.unwrap();
    let statuses: Vec<Status> = booked.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Confirmed]);
    assert_whole(&app).await;
}

#[sqlx::test]
async fn parts_that_were_ended_meanwhile_are_held_again_and_staff_who_overbook_one_take_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(3).await;
    let held = hold_all(
        &app,
        1,
        &[
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(0, INSTANT, app.slot(20)),
        ],
    )
    .await;
    let later = plus_minutes(app.now, 11);
    assert_eq!(expire(&app.database, &app.live, later).await, Ok(2));
    let booked = booking::submit_visit(&app.database, &app.live, submit(1, ids[0], &held), later).await;
    let starts: Vec<Timestamp> = booked
        .unwrap()
        .appointments
        .iter()
        .map(|one| one.starts_at)
        .collect();
    assert_eq!(starts, [app.slot(24), app.slot(20)], "as they were asked for");

    let segments = [
        app.wanted(1, VISIT, app.slot(34)),
        app.wanted(0, INSTANT, app.slot(30)),
    ];
    let held = hold_all(&app, 2, &segments).await;
    let overbooking = Book {
        caller: app.admin_caller(),
        overbook: Some("It hurts.".to_owned()),
        wanted: segments[0],
        patient_id: ids[2],
        reason: String::new(),
        answer_minutes: 60,
        key: None,
    };
    booking::book(&app.database, &app.live, overbooking, app.now)
        .await
        .unwrap();
    booking::submit_visit(&app.database, &app.live, submit(2, ids[1], &held), app.now)
        .await
        .unwrap();
    assert_whole(&app).await;
}

#[sqlx::test]
async fn holds_of_visits_in_opposite_orders_are_booked_without_a_deadlock(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let mut racers = Vec::new();
    let now = app.now;
    for (number, id) in app.patients(20).await.into_iter().enumerate() {
        let slot = i64::try_from(number).unwrap();
        let mut segments = vec![
            app.wanted(0, VISIT, app.slot(2 + slot)),
            app.wanted(1, VISIT, app.slot(45 - slot)),
        ];
        if number % 2 == 0 {
            segments.reverse();
        }
        let command = submit(number, id, &hold_all(&app, number, &segments).await);
        let (database, live) = (app.database.clone(), app.live.clone());
        racers.push(async move { booking::submit_visit(&database, &live, command, now).await });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    no_deadlock(&app).await;
    assert_whole(&app).await;
}

// Giving it up.

#[sqlx::test]
async fn a_part_is_cancelled_alone_and_the_rest_together_or_not_at_all(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let segments = (0..3).map(|place| app.wanted(place, INSTANT, app.slot(20 + 2 * place as i64)));
    let booked = book(&app, visit(id, segments.collect())).await.unwrap();
    let cancel = ChangeStatus {
        caller: patient(id),
        which: booked.appointments[0].reference.clone().into(),
        to: Status::Cancelled,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, &app.live, cancel, app.now)
        .await
        .unwrap();
    let statuses = "select count(*) from appointments where status = 'confirmed'";
    assert_eq!(app.count(statuses).await, 2, "the others stand");

    let whole = |caller: Caller, now| {
        booking::cancel_visit(
            &app.database,
            &app.live,
            caller,
            booked.id,
            String::new(),
            None,
            now,
        )
    };
    for stranger in [patient(id + 1), app.doctor_caller(1)] {
        assert_eq!(whole(stranger, app.now).await, Err(AppError::NotFound));
    }
    // Past the cut-off of the second part, which is an hour: neither of the two is cancelled.
    let late = plus_minutes(app.slot(22), -30);
    assert!(matches!(
        whole(patient(id), late).await,
        Err(AppError::InvalidTransition { appointment_id, .. }) if appointment_id == booked.appointments[1].id
    ));
    assert_eq!(app.count(statuses).await, 2);
    let cancelled = whole(patient(id), app.now).await.unwrap();
    assert!(
        cancelled
            .appointments
            .iter()
            .all(|one| one.status == Status::Cancelled)
    );
    assert!(matches!(
        whole(patient(id), app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));

    // Whoever was there does not lose that part when the rest is cancelled.
    let segments = vec![
        app.wanted(0, INSTANT, app.slot(30)),
        app.wanted(1, INSTANT, app.slot(40)),
    ];
    let begun = book(&app, visit(id, segments)).await.unwrap();
    let rest = booking::cancel_visit(
        &app.database,
        &app.live,
        patient(id),
        begun.id,
        String::new(),
        None,
        app.slot(31),
    );
    let statuses: Vec<Status> = rest
        .await
        .unwrap()
        .appointments
        .iter()
        .map(|one| one.status)
        .collect();
    assert_eq!(statuses, [Status::Confirmed, Status::Cancelled]);
    assert_whole(&app).await;
}

// Over HTTP.

async fn token(site: &Site<'_>, phone: &str) -> String {
    let browser = site.visitor();
    let ask = browser.http.post(browser.url("/api/v1/auth/otp"));
    let asked = Answer::of(ask.json(&serde_json::json!({ "phone": phone })))
        .await
        .json();
    let code = site.app.newest_code(phone).await;
    let body = serde_json::json!({ "challenge": asked["data"]["challenge"], "code": code, "name": "P" });
    let verify = browser.http.post(browser.url("/api/v1/auth/otp/verify"));
    let answer = Answer::of(verify.json(&body)).await.json();
    answer["data"]["token"].as_str().unwrap().to_owned()
}

async fn post(site: &Site<'_>, path: &str, token: &str, body: &serde_json::Value) -> Answer {
    let browser = site.visitor();
    let request = browser.http.post(browser.url(&format!("/api/v1/{path}")));
    Answer::of(request.bearer_auth(token).json(body)).await
}

#[sqlx::test]
async fn programs_book_a_visit_and_are_offered_the_whole_of_it_at_another_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (asha, bima) = (
        token(&site, "+6281255500001").await,
        token(&site, "+6281255500002").await,
    );
    let part = |doctor: usize, slot: i64| {
        serde_json::json!({
            "doctor_id": app.doctors[doctor].id,
            "scheduled_at": app.slot(slot).to_string(),
            "type": "visit",
        })
    };
    let body = serde_json::json!({ "segments": [part(1, 24), part(0, 21)], "reason": "A cough" });
    let answer = post(&site, "appointments", &asha, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let data = answer.json()["data"].clone();
    let appointments = data["appointments"].as_array().unwrap();
    assert_eq!(appointments.len(), 2);
    assert_eq!(appointments[0]["doctor_id"], app.doctors[1].id);
    assert_eq!(appointments[1]["reason"], "A cough");
    let again = post(&site, "appointments", &asha, &body).await;
    assert_eq!(again.json()["data"], data, "the same request without a key");

    let refused = post(&site, "appointments", &bima, &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "BOOKING_FAILED"));
    let details = refused.json()["details"].clone();
    assert_eq!(
        (&details["segment"], &details["reason"]),
        (&0.into(), &"slot_taken".into())
    );
    // Half an hour later both are free, then half an hour earlier.
    let offers = details["alternatives"].as_array().unwrap();
    let starts: Vec<_> = offers.iter().map(|visit| visit[0]["starts_at"].clone()).collect();
    assert_eq!(
        starts,
        [25, 23, 26].map(|slot| serde_json::Value::from(app.slot(slot).to_string())),
        "{details}"
    );
    assert_eq!(offers[0][1]["starts_at"], app.slot(22).to_string());
    assert_eq!(offers[0][1]["doctor_id"], app.doctors[0].id);

    for (body, field, problem) in [
        (
            serde_json::json!({ "segments": [part(0, 30)] }),
            "segments",
            "missing",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), part(1, 30)] }),
            "segments",
            "malformed",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), part(1, 31)], "doctor_id": 1 }),
            "doctor_id",
            "malformed",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), { "doctor_id": 1, "type": "visit" }] }),
            "segments[1].scheduled_at",
            "missing",
        ),
    ] {
        let refused = post(&site, "appointments", &bima, &body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "VALIDATION_FAILED"),
            "{body}"
        );
        assert_eq!(
            refused.json()["details"],
            serde_json::json!({ field: problem }),
            "{body}"
        );
    }

    let path = format!("visits/{}/cancel", data["visit"]);
    assert_eq!(
        post(&site, &path, &bima, &serde_json::json!({})).await.status,
        404
    );
    let cancelled = post(&site, &path, &asha, &serde_json::json!({})).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    assert_eq!(cancelled.json()["data"]["appointments"][1]["status"], "cancelled");
    assert_eq!(post(&site, "appointments", &bima, &body).await.status, 201);
    assert_whole(&app).await;
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[sqlx::test]
async fn a_patient_puts_a_visit_together_and_gives_it_up_as_a_whole(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.patient(1).await;
    let site = app.serve().await;
    let browser = site.patient("+6281255500001").await;
    let choose = async |doctor: usize, slot: i64| {
        let path = format!(
            "/doctors/{}?service={}",
            app.doctors[doctor].id, app.services[VISIT]
        );
        let mut fields = browser.get(&path).await.form("hold");
        fields.push(("starts_at".to_owned(), app.slot(slot).as_second().to_string()));
        browser.submit(&path, "hold", &pairs(&fields)).await.location()
    };
    let first = choose(1, 24).await;
    assert!(first.ends_with("/check"), "{first}");
    let check = browser.get(&first).await;
    let added = browser
        .submit(&first, "add-part", &pairs(&check.form("add-part")))
        .await;
    assert_eq!(added.location(), "/");
    let start = browser.get("/").await;
    assert_eq!(start.texts(".notice.good h2").len(), 1);
    assert!(start.body.contains(&format!("href=\"{first}\"")));
    let second = choose(0, 21).await;
    let check = browser.get(&second).await;
    assert_eq!(check.texts("main section.slip h2").len(), 2, "{}", check.body);
    assert_eq!(
        check.texts("form[action='/form/submit-visit'] button"),
        ["Book these 2 appointments"]
    );

    let fields = check.form("submit-visit");
    let done = browser.submit(&second, "submit-visit", &pairs(&fields)).await;
    assert!(done.location().ends_with("/done"), "{done:?}");
    let again = browser.submit(&second, "submit-visit", &pairs(&fields)).await;
    assert_eq!(again.location(), done.location(), "a double click");
    assert_eq!(
        app.count("select count(*) from appointments where visit_id is not null")
            .await,
        2
    );
    let page = browser.get(&done.location()).await;
    assert_eq!(page.texts("#visit"), ["Part of a visit"]);
    assert!(browser.get("/").await.texts(".notice.good h2").is_empty());

    let cancel = done.location().replace("/done", "/cancel");
    let page = browser.get(&cancel).await;
    assert_eq!(
        page.texts("button[formaction='/form/cancel-visit']"),
        ["Cancel the whole visit"]
    );
    let visit: i64 = app.count("select max(id) from visits").await;
    let mut fields = page.form("change-status");
    fields.push(("visit_id".to_owned(), visit.to_string()));
    let cancelled = browser.submit(&cancel, "cancel-visit", &pairs(&fields)).await;
    assert_eq!(cancelled.location(), "/appointments");
    assert_eq!(
        app.count("select count(*) from appointments where status = 'cancelled'")
            .await,
        2
    );
    assert_whole(&app).await;
}
