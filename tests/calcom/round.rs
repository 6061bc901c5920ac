//! Whole rounds: an appointment here and its booking there become one truth, whoever changes which of them.

use std::sync::Arc;

use engine::{
    account::factor::seal::SecretKey,
    appointment::{ChangeStatus, Status, change_status},
    booking::{Reschedule, reschedule},
    calcom::{HookSecret, LinkCalCom, Sign, heard, link},
    caldav::{self, Dispatch, Kind, Offered, Password, Question, Remotes, questions, round},
    i18n::Locale,
    time::plus_minutes,
    webhook::Target,
};
use janji::calcom::remote::CalCom;
use jiff::Timestamp;

use super::{CalComHere, EMAIL, EVENT_TYPE, KEY, clinic};
use crate::{
    engine_support::RULES,
    support::{TestApp, VISIT},
};

pub const HOOK_SECRET: &str = "hook_0123456789abcdef";

pub fn secret_key() -> SecretKey {
    SecretKey::parse(&"k".repeat(32)).unwrap()
}

/// Links the account of the first doctor.
pub async fn linked(app: &TestApp, here: &CalComHere) -> i64 {
    let command = LinkCalCom {
        caller: app.doctor_caller(0),
        target: Target::parse(&here.url(), true).unwrap(),
        email: EMAIL.to_owned(),
        api_key: Password::new(KEY),
        event_type: Offered {
            href: "event-types/50/30,60/".to_owned(),
            name: "Visit".to_owned(),
            can_write: true,
        },
        hook_secret: HookSecret::parse(HOOK_SECRET).unwrap(),
        language: Locale::En,
        secret_key: Some(secret_key()),
    };
    link(&app.database, command, app.database.now()).await.unwrap()
}

fn dispatch(app: &TestApp, now: Timestamp) -> Dispatch {
    let remote = CalCom::new(true, Box::new(move || now)).unwrap();
    Dispatch {
        database: app.database.clone(),
        remotes: Remotes::default().with(Kind::CalCom, Arc::new(remote)),
        secret_key: Some(secret_key()),
        origin: None,
        rules: RULES,
    }
}

/// The next moment at which everything is due.
fn later(app: &TestApp, minutes: i64) -> Timestamp {
    plus_minutes(app.database.now(), minutes)
}

async fn rounds(app: &TestApp, now: Timestamp) {
    let dispatch = dispatch(app, now);
    for _ in 0..5 {
        if round(&dispatch, now).await.unwrap() == 0 {
            return;
        }
    }
}

async fn settled(app: &TestApp) {
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
    app.assert_whole().await;
}

fn starts(here: &CalComHere) -> Vec<String> {
    here.live().into_iter().map(|(_, start)| start).collect()
}

#[tokio::test]
async fn what_is_booked_moved_and_cancelled_here_is_so_there() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patients = app.patients(2).await;
    // What was booked before is written as well.
    let first = app.confirmed(patients[0], 0, app.slot(120)).await;
    linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    assert_eq!(starts(&here), [app.slot(120).to_string()]);
    // Answers are lost, and nothing is there twice.
    here.lose(1);
    app.confirmed(patients[1], 0, app.slot(122)).await;
    for minutes in [7, 14, 21] {
        rounds(&app, later(&app, minutes)).await;
    }
    assert_eq!(here.live().len(), 2);
    let moved = Reschedule {
        key: None,
        caller: app.admin_caller(),
        which: first.as_str().into(),
        version: None,
        starts_at: app.slot(126),
        visitor: None,
        rules: RULES,
    };
    reschedule(&app.database, moved, app.now).await.unwrap();
    rounds(&app, later(&app, 22)).await;
    let mut there = starts(&here);
    there.sort();
    assert_eq!(there, [app.slot(122).to_string(), app.slot(126).to_string()]);
    let cancelled = ChangeStatus {
        caller: app.doctor_caller(0),
        which: first.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Away".to_owned(),
        key: None,
    };
    change_status(&app.database, cancelled, app.now).await.unwrap();
    rounds(&app, later(&app, 23)).await;
    assert_eq!(starts(&here), [app.slot(122).to_string()]);
    settled(&app).await;
}

#[tokio::test]
async fn what_is_moved_there_is_moved_here_and_what_is_cancelled_there_is_asked_about() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(120)).await;
    let account_id = linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    let (uid, _) = here.live().remove(0);
    let moved = here.moves(&uid, app.slot(124), None);
    // It is not looked at until it is due, or until it is said.
    rounds(&app, later(&app, 2)).await;
    assert_eq!(app.appointment(&reference).await.2, app.slot(120));
    let sign = Sign {
        account_id,
        event_id: "BOOKING_RESCHEDULED".to_owned(),
        at: app.database.now(),
    };
    heard(&app.database, sign, later(&app, 3)).await.unwrap();
    rounds(&app, later(&app, 3)).await;
    let (status, _, starts_at) = app.appointment(&reference).await;
    assert_eq!((status.as_str(), starts_at), ("confirmed", app.slot(124)));
    rounds(&app, later(&app, 4)).await;
    assert_eq!(here.live(), [(moved.clone(), app.slot(124).to_string())]);
    here.cancels(&moved);
    rounds(&app, later(&app, 20)).await;
    // No patient loses an appointment by that.
    assert_eq!(app.appointment(&reference).await.0, "confirmed");
    let asked = questions(&app.database, &app.doctor_caller(0)).await.unwrap();
    assert!(
        asked.iter().any(|asked| asked.question == Question::Deleted),
        "{asked:?}"
    );
    settled(&app).await;
}

#[tokio::test]
async fn what_cannot_be_moved_here_is_moved_back_there() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(120)).await;
    linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    let (uid, _) = here.live().remove(0);
    // Somebody has the time here, and it is not there yet.
    app.confirmed(patients[1], 0, app.slot(124)).await;
    here.moves(&uid, app.slot(124), None);
    for minutes in [7, 8, 14] {
        rounds(&app, later(&app, minutes)).await;
    }
    assert_eq!(app.appointment(&reference).await.2, app.slot(120));
    let mut there = starts(&here);
    there.sort();
    assert_eq!(there, [app.slot(120).to_string(), app.slot(124).to_string()]);
    let told = questions(&app.database, &app.doctor_caller(0)).await.unwrap();
    assert!(
        told.iter().any(|told| told.question == Question::Refused),
        "{told:?}"
    );
    settled(&app).await;
}

#[tokio::test]
async fn an_account_that_is_unlinked_is_cleared_there() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(120)).await;
    let theirs = here.book(app.slot(140), 30);
    let account_id = linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    assert_eq!(here.live().len(), 2);
    caldav::unlink(&app.database, &app.doctor_caller(0), account_id, later(&app, 2))
        .await
        .unwrap();
    while caldav::busy::give_back(&app.database).await.unwrap() {}
    rounds(&app, later(&app, 3)).await;
    assert_eq!(here.live(), [(theirs, app.slot(140).to_string())]);
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
    assert_eq!(app.count("select count(*) from calendar_hooks").await, 0);
    settled(&app).await;
}

#[tokio::test]
async fn what_somebody_else_booked_there_takes_the_time_here() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    linked(&app, &here).await;
    let uid = here.book(app.slot(120), 30);
    rounds(&app, later(&app, 1)).await;
    let time = |number| app.wanted(0, VISIT, app.slot(number));
    assert!(!app.offers(time(120)).await && app.offers(time(124)).await);
    // It has another uid, and is no second one.
    let moved = here.moves(&uid, app.slot(124), None);
    rounds(&app, later(&app, 7)).await;
    assert!(app.offers(time(120)).await && !app.offers(time(124)).await);
    here.cancels(&moved);
    rounds(&app, later(&app, 14)).await;
    assert!(app.offers(time(124)).await);
    settled(&app).await;
}

/// The name of the entry of an appointment, as this installation gives it.
async fn entry_of(app: &TestApp, reference: &str) -> String {
    let id: String = sqlx::query_scalar("select id::text from installation")
        .fetch_one(app.database.pool())
        .await
        .unwrap();
    format!("event-types/50/30,60/{reference}-{id}.ics")
}

#[tokio::test]
async fn an_account_is_unlinked_whose_bookings_are_over() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(120)).await;
    let account_id = linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    assert_eq!(here.live().len(), 1);
    let after = plus_minutes(app.slot(120), 60);
    here.is_at(after);
    caldav::unlink(&app.database, &app.doctor_caller(0), account_id, later(&app, 2))
        .await
        .unwrap();
    rounds(&app, after).await;
    assert_eq!(here.live().len(), 1);
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
}

#[tokio::test]
async fn a_copy_of_ours_takes_no_time() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(120)).await;
    let cancelled = ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Away".to_owned(),
        key: None,
    };
    change_status(&app.database, cancelled, app.now).await.unwrap();
    // It is not known any more that it was written.
    here.pretends(app.slot(140), &entry_of(&app, &reference).await, EVENT_TYPE);
    here.book(app.slot(144), 30);
    linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    let time = |number| app.wanted(0, VISIT, app.slot(number));
    assert!(!app.offers(time(144)).await && app.offers(time(140)).await);
}

#[tokio::test]
async fn nobody_moves_an_appointment_by_a_booking_of_another_kind() {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(120)).await;
    linked(&app, &here).await;
    rounds(&app, later(&app, 1)).await;
    here.pretends(app.slot(140), &entry_of(&app, &reference).await, EVENT_TYPE + 1);
    rounds(&app, later(&app, 7)).await;
    rounds(&app, later(&app, 14)).await;
    assert_eq!(app.appointment(&reference).await.2, app.slot(120));
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(140))).await);
    settled(&app).await;
}
