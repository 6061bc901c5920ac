//! Patients arrive: who may say so and when, and what races with it.

use jiff::{SignedDuration, Timestamp};

use super::to;
use crate::support::{APPOINTMENTS, RULES, TestApp, patient_caller};
use engine::{
    account::Caller,
    appointment::{Arrive, Status, Summary, arrive, change_status, history, take_back_arrival},
    booking::{self, Reschedule},
    error::AppError,
    idempotency::{Key, KeyOwner},
    time::plus_minutes,
};

const ARRIVED: &str = "select count(*) from appointments where arrived_at is not null";
const SAID: &str = "select count(*) from appointment_changes where arrived";

fn said(caller: Caller, reference: &str) -> Arrive {
    Arrive {
        caller,
        which: reference.into(),
        key: None,
    }
}

async fn come(app: &TestApp, caller: Caller, reference: &str, now: Timestamp) -> Result<Summary, AppError> {
    arrive(&app.database, said(caller, reference), now).await
}

fn is_refused<T>(result: &Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::InvalidTransition { .. }))
}

/// A move of the version that was confirmed.
fn moved(app: &TestApp, reference: &str, starts_at: Timestamp) -> Reschedule {
    Reschedule {
        key: None,
        caller: app.admin_caller(),
        which: reference.into(),
        version: Some(3),
        starts_at,
        visitor: None,
        rules: RULES,
    }
}

#[tokio::test]
async fn the_desk_the_doctor_and_the_patient_say_that_the_patient_is_here() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    for (number, patient_id) in patients.into_iter().enumerate() {
        let starts_at = app.slot(20 + i64::try_from(number).unwrap());
        let reference = app.confirmed(patient_id, 0, starts_at).await;
        let caller = match number {
            0 => app.admin_caller(),
            1 => app.doctor_caller(0),
            _ => patient_caller(patient_id),
        };
        let now = plus_minutes(starts_at, -10);
        let here = come(&app, caller.clone(), &reference, now).await.unwrap();
        assert_eq!((here.status, here.version), (Status::Confirmed, 4));
        assert!(here.arrived_at.is_some());
        // To say it again changes nothing, whoever does.
        let again = come(&app, app.admin_caller(), &reference, plus_minutes(now, 5)).await;
        assert_eq!(again.unwrap().arrived_at, here.arrived_at);
        let history = history(&app.database, caller.clone(), reference.as_str().into())
            .await
            .unwrap();
        let last = history.changes.last().unwrap();
        assert_eq!((last.arrived, last.version), (Some(true), 4));
        assert!(last.is_by(&caller));
    }
    assert_eq!((app.count(ARRIVED).await, app.count(SAID).await), (3, 3));
    app.assert_sound().await;
}

#[tokio::test]
async fn only_who_may_see_a_confirmed_appointment_says_it_and_only_around_its_time() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let stranger = app.patient(2).await;
    let starts_at = app.slot(40);
    let requested = app
        .requested(patient_id, app.wanted(1, crate::support::VISIT, app.slot(44)))
        .await;
    let confirmed = app.confirmed(patient_id, 0, starts_at).await;
    let soon = plus_minutes(starts_at, -10);
    for caller in [patient_caller(stranger), app.doctor_caller(1)] {
        assert_eq!(
            come(&app, caller, &confirmed, soon).await,
            Err(AppError::NotFound)
        );
    }
    for (caller, now) in [
        (patient_caller(patient_id), plus_minutes(starts_at, -121)),
        (patient_caller(patient_id), plus_minutes(starts_at, 30)),
        (app.admin_caller(), plus_minutes(starts_at, -12 * 60 - 1)),
        (app.doctor_caller(0), plus_minutes(starts_at, 13 * 60)),
    ] {
        let result = come(&app, caller, &confirmed, now).await;
        assert!(is_refused(&result), "{now}: {result:?}");
    }
    let result = come(&app, app.admin_caller(), &requested, soon).await;
    assert!(is_refused(&result), "{result:?}");
    assert_eq!(app.count(ARRIVED).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn whoever_said_it_takes_it_back_within_a_minute() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let now = plus_minutes(starts_at, -10);
    let back = async |caller, now| take_back_arrival(&app.database, said(caller, &reference), now).await;
    // Nobody has said anything yet.
    assert!(is_refused(&back(app.admin_caller(), now).await));
    come(&app, app.admin_caller(), &reference, now).await.unwrap();
    for caller in [app.doctor_caller(0), patient_caller(patient_id)] {
        assert!(is_refused(&back(caller, now).await));
    }
    let too_late = now + SignedDuration::from_secs(61);
    assert!(is_refused(&back(app.admin_caller(), too_late).await));
    let in_time = now + SignedDuration::from_secs(60);
    let taken_back = back(app.admin_caller(), in_time).await.unwrap();
    assert_eq!((taken_back.arrived_at, taken_back.version), (None, 5));
    // The second click of two.
    assert_eq!(back(app.admin_caller(), in_time).await.unwrap().version, 5);
    // And the patient comes all the same.
    let here = come(&app, patient_caller(patient_id), &reference, in_time).await;
    assert_eq!(here.unwrap().version, 6);
    app.assert_sound().await;
}

#[tokio::test]
async fn it_cannot_be_taken_back_once_the_visit_has_begun() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let now = plus_minutes(starts_at, -10);
    come(&app, app.admin_caller(), &reference, now).await.unwrap();
    // The doctor's page does not know yet that the patient came; that is no reason not to start.
    let start = to(app.doctor_caller(0), &reference, Status::InProgress, 3);
    change_status(&app.database, start, now).await.unwrap();
    let back = take_back_arrival(&app.database, said(app.admin_caller(), &reference), now).await;
    assert!(is_refused(&back), "{back:?}");
    let again = come(&app, app.admin_caller(), &reference, now).await;
    assert!(is_refused(&again), "{again:?}");
    assert_eq!(app.count(ARRIVED).await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn who_came_is_not_missed_without_a_look() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let now = plus_minutes(starts_at, 5);
    come(&app, patient_caller(patient_id), &reference, now)
        .await
        .unwrap();
    let missed = |version| to(app.doctor_caller(0), &reference, Status::NoShow, version);
    let stale = change_status(&app.database, missed(3), now).await;
    assert!(matches!(stale, Err(AppError::StaleVersion { .. })), "{stale:?}");
    // Who was there by mistake is missed knowingly.
    let summary = change_status(&app.database, missed(4), now).await.unwrap();
    assert_eq!((summary.status, summary.arrived_at), (Status::NoShow, None));
    assert_eq!(app.count(ARRIVED).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_on_the_same_day_keeps_who_is_here_and_another_day_does_not() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    for (number, patient_id) in patients.into_iter().enumerate() {
        let starts_at = app.slot(20 + i64::try_from(number).unwrap());
        let reference = app.confirmed(patient_id, 0, starts_at).await;
        let now = plus_minutes(starts_at, -30);
        come(&app, app.admin_caller(), &reference, now).await.unwrap();
        let day = if number == 0 { 0 } else { 48 };
        let command = Reschedule {
            version: Some(4),
            ..moved(&app, &reference, app.slot(30 + day))
        };
        let summary = booking::reschedule(&app.database, command, now).await.unwrap();
        assert_eq!(summary.arrived_at.is_some(), number == 0);
    }
    assert_eq!(app.count(ARRIVED).await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_key_says_once_that_a_patient_is_here() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let now = plus_minutes(starts_at, -10);
    let admin = app.admin_caller();
    let key = |operation| Key::of_form(KeyOwner::Caller(&admin), "k", operation, &reference, &()).unwrap();
    let command = |operation| Arrive {
        key: Some(key(operation)),
        ..said(admin.clone(), &reference)
    };
    let first = arrive(&app.database, command("arrive"), now).await.unwrap();
    assert_eq!(arrive(&app.database, command("arrive"), now).await, Ok(first));
    take_back_arrival(&app.database, command("take-back-arrival"), now)
        .await
        .unwrap();
    // Back on the page with the same form: what it said no longer stands, and is said again.
    let again = arrive(&app.database, command("arrive"), now).await.unwrap();
    assert_eq!(again.version, 6);
    assert_eq!(app.count(ARRIVED).await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn many_who_say_it_at_once_say_it_once() {
    let app = TestApp::crowded().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let now = plus_minutes(starts_at, -10);
    let racers = (0..12)
        .map(|number| {
            let database = app.database.clone();
            let caller = match number % 3 {
                0 => app.admin_caller(),
                1 => app.doctor_caller(0),
                _ => patient_caller(patient_id),
            };
            let command = said(caller, &reference);
            async move { arrive(&database, command, now).await.map(drop) }
        })
        .collect();
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    assert_eq!(results, vec![Ok(()); 12]);
    assert_eq!(app.count(SAID).await, 1);
    assert_eq!(app.appointment(&reference).await.1, 4);
    app.assert_sound().await;
}

/// What happens to an appointment while its patient comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    Cancel,
    Move,
    Miss,
    Start,
}

/// Races arrivals with something else, each at an appointment of its own.
async fn race_with(app: &TestApp, rival: Rival) {
    const PAIRS: i64 = 8;
    let patients = app.patients(usize::try_from(PAIRS).unwrap()).await;
    let mut references = Vec::new();
    for (number, patient_id) in (0..).zip(&patients) {
        references.push(app.confirmed(*patient_id, 0, app.slot(10 + number)).await);
    }
    // Whoever is to be missed should be here already; whatever is moved lies ahead.
    let now = match rival {
        Rival::Move => plus_minutes(app.slot(10), -60),
        _ => plus_minutes(app.slot(10 + PAIRS), 0),
    };
    let racers: Vec<_> = (0..2 * PAIRS)
        .map(|number| {
            let database = app.database.clone();
            let reference = references[usize::try_from(number / 2).unwrap()].clone();
            let arrival = said(app.admin_caller(), &reference);
            let change = |status| to(app.doctor_caller(0), &reference, status, 3);
            let change = match rival {
                Rival::Miss => change(Status::NoShow),
                Rival::Start => change(Status::InProgress),
                Rival::Cancel | Rival::Move => change(Status::Cancelled),
            };
            let command = moved(app, &reference, app.slot(48 + number));
            async move {
                match (number % 2 == 0, rival) {
                    (true, _) => arrive(&database, arrival, now).await,
                    (false, Rival::Move) => booking::reschedule(&database, command, now).await,
                    (false, _) => change_status(&database, change, now).await,
                }
            }
        })
        .collect();
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    for (pair, reference) in results.chunks(2).zip(&references) {
        let (status, version, _) = app.appointment(reference).await;
        match (&pair[0], &pair[1]) {
            // Moved first, it is on another day, too far ahead to come; cancelled or missed, it is over.
            (Err(AppError::InvalidTransition { .. }), Ok(after)) => {
                assert_eq!((version, after.version), (4, 4), "{rival:?}");
                assert_eq!(after.arrived_at, None);
            }
            // Here first, and whoever wanted something else is told.
            (Ok(here), Err(AppError::StaleVersion { .. })) if rival != Rival::Start => {
                assert_eq!((status.as_str(), version, here.version), ("confirmed", 4, 4));
            }
            // To start needs no look at who came.
            (Ok(_), Ok(after)) if rival == Rival::Start => {
                assert_eq!((status.as_str(), version), ("in_progress", 5));
                assert!(after.arrived_at.is_some());
            }
            other => panic!("{rival:?}: {other:?}"),
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn an_arrival_and_a_cancellation_at_once_do_not_both_succeed() {
    race_with(&TestApp::crowded().await, Rival::Cancel).await;
}

#[tokio::test]
async fn an_arrival_and_a_move_at_once_do_not_both_succeed() {
    race_with(&TestApp::crowded().await, Rival::Move).await;
}

#[tokio::test]
async fn an_arrival_and_a_no_show_at_once_do_not_both_succeed() {
    race_with(&TestApp::crowded().await, Rival::Miss).await;
}

#[tokio::test]
async fn a_visit_starts_while_its_patient_comes() {
    race_with(&TestApp::crowded().await, Rival::Start).await;
}

#[tokio::test]
async fn nothing_is_said_to_a_patient_who_comes() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.confirmed(patient_id, 0, starts_at).await;
    let before = app.count("select count(*) from messages").await;
    let now = plus_minutes(starts_at, -10);
    come(&app, app.admin_caller(), &reference, now).await.unwrap();
    assert_eq!(app.count("select count(*) from messages").await, before);
}
