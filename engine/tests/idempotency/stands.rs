//! For how long an answer counts that was stored under the request itself, or under the key of a form: while what was made is
//! what was asked for, in every part.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{GATE, book, book_at};
use crate::support::{INSTANT, RULES, TestApp, VISIT, answer_within, patient_caller, refusal};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, Summary, change_status},
    booking::{self, Book, Reschedule},
    error::{AppError, Refusal},
    idempotency::{Key, KeyOwner},
    organisation::{PutOffers, SetActive, put_offers, set_doctor_active},
    schedule::{Close, Dates, close, reopen},
    visit::{BookVisit, book_visit},
};

fn derived(caller: &Caller, request: impl Serialize) -> Option<Key> {
    Some(Key::derived(KeyOwner::Caller(caller), "test", &request).unwrap())
}

fn of_form(caller: &Caller, subject: &str, request: impl Serialize) -> Option<Key> {
    Some(Key::of_form(KeyOwner::Caller(caller), "page", "test", subject, &request).unwrap())
}

/// The booking of a time under the request itself.
fn request(app: &TestApp, patient_id: i64, slot: i64) -> Book {
    let wanted = app.wanted(0, VISIT, app.slot(slot));
    book(patient_id, wanted, derived(&patient_caller(patient_id), wanted))
}

fn moving(app: &TestApp, which: &Summary, version: Option<i32>, slot: i64, key: Option<Key>) -> Reschedule {
    Reschedule {
        caller: patient_caller(which.patient_id.unwrap()),
        which: which.reference.clone().into(),
        version,
        starts_at: app.slot(slot),
        visitor: None,
        rules: RULES,
        key,
    }
}

async fn move_to(app: &TestApp, which: &Summary, version: i32, slot: i64) -> Summary {
    let command = moving(app, which, Some(version), slot, None);
    booking::reschedule(&app.database, command, app.now)
        .await
        .unwrap()
}

async fn cancel(app: &TestApp, which: &Summary) {
    let command = ChangeStatus {
        caller: app.admin_caller(),
        which: which.reference.clone().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Ill".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
}

#[tokio::test]
async fn the_answer_of_a_booking_that_was_moved_is_no_answer_any_more() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let first = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    assert_eq!(
        book_at(&app, request(&app, me, 10), app.now).await,
        Ok(first.clone())
    );
    move_to(&app, &first, 1, 20).await;
    book_at(&app, request(&app, other, 10), app.now).await.unwrap();
    let again = book_at(&app, request(&app, me, 10), app.now).await;
    assert_eq!(refusal(&again), Some(Refusal::SlotTaken), "{again:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_that_was_moved_away_from_can_be_booked_again() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let first = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    move_to(&app, &first, 1, 20).await;
    let second = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(second.starts_at, app.slot(10));
    // And from now on this is the answer.
    assert_eq!(book_at(&app, request(&app, me, 10), app.now).await, Ok(second));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_booking_that_is_another_doctors_or_patients_by_now_is_no_answer() {
    let app = TestApp::new().await;
    app.sql("alter table appointments drop constraint appointments_no_overlap")
        .await;
    let patients = app.patients(7).await;
    let changes = [
        "doctor_id = (select max(id) from doctors)",
        "patient_id = (select id from patients order by created_at desc limit 1)",
        "service_id = (select max(id) from services)",
        "starts_at = starts_at + interval '5 minutes'",
        "status = 'cancelled'",
        "answer_until = created_at",
    ];
    for ((slot, me), change) in (10..).step_by(4).zip(&patients).zip(changes) {
        let first = book_at(&app, request(&app, *me, slot), app.now).await.unwrap();
        assert_eq!(
            book_at(&app, request(&app, *me, slot), app.now).await,
            Ok(first.clone())
        );
        let change = format!("update appointments set {change} where id = {}", first.id);
        sqlx::raw_sql(AssertSqlSafe(change.clone()))
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
        let again = book_at(&app, request(&app, *me, slot), app.now).await;
        assert_ne!(again, Ok(first), "{change}");
    }
}

#[tokio::test]
async fn a_visit_of_which_a_part_is_gone_or_moved_is_no_answer() {
    let app = TestApp::crowded().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let caller = patient_caller(me);
    let visit = |slots: [i64; 2]| {
        let segments = vec![
            app.wanted(0, INSTANT, app.slot(slots[0])),
            app.wanted(1, INSTANT, app.slot(slots[1])),
        ];
        BookVisit {
            caller: caller.clone(),
            key: derived(&caller, &segments),
            segments,
            patient_id: me,
            reason: String::new(),
            rules: answer_within(60),
        }
    };
    let book = |slots| book_visit(&app.database, visit(slots), app.now);
    // The second part is cancelled, and somebody else has its time.
    let first = book([10, 12]).await.unwrap();
    assert_eq!(book([10, 12]).await, Ok(first.clone()));
    cancel(&app, &first.appointments[1]).await;
    let theirs = Book {
        wanted: app.wanted(1, INSTANT, app.slot(12)),
        ..request(&app, other, 12)
    };
    book_at(&app, theirs, app.now).await.unwrap();
    let again = book([10, 12]).await;
    assert!(refusal(&again).is_some(), "{again:?}");
    // The second part is moved.
    let first = book([20, 22]).await.unwrap();
    move_to(&app, &first.appointments[1], 1, 30).await;
    let again = book([20, 22]).await;
    assert!(refusal(&again).is_some(), "{again:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_move_in_an_old_tab_is_stale_after_one_in_another() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let caller = patient_caller(me);
    let booked = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    let to = |slot: i64, version: i32| {
        let key = of_form(&caller, &format!("{} {slot}", booked.reference), version);
        booking::reschedule(
            &app.database,
            moving(&app, &booked, Some(version), slot, key),
            app.now,
        )
    };
    let first = to(20, 1).await.unwrap();
    assert_eq!(to(20, 1).await, Ok(first.clone()), "the answer was lost");
    to(30, first.version).await.unwrap();
    let again = to(20, 1).await;
    assert!(matches!(again, Err(AppError::StaleVersion { .. })), "{again:?}");
    assert_eq!(app.appointment(&booked.reference).await.2, app.slot(30));
}

#[tokio::test]
async fn a_change_of_status_that_was_followed_by_another_is_stale() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let booked = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    let doctor = app.doctor_caller(0);
    let confirm = ChangeStatus {
        key: of_form(&doctor, "confirm", 1),
        caller: doctor,
        which: booked.reference.clone().into(),
        to: Status::Confirmed,
        version: Some(1),
        reason: String::new(),
    };
    let first = change_status(&app.database, confirm.clone(), app.now)
        .await
        .unwrap();
    assert_eq!(
        change_status(&app.database, confirm.clone(), app.now).await,
        Ok(first)
    );
    cancel(&app, &booked).await;
    let again = change_status(&app.database, confirm, app.now).await;
    assert!(matches!(again, Err(AppError::StaleVersion { .. })), "{again:?}");
}

#[tokio::test]
async fn a_key_that_was_sent_gives_its_answer_whatever_happened_since() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(10));
    let command = book(me, wanted, super::sent(&patient_caller(me), "k", wanted));
    let first = book_at(&app, command.clone(), app.now).await.unwrap();
    move_to(&app, &first, 1, 20).await;
    assert_eq!(book_at(&app, command, app.now).await, Ok(first));
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

/// Somebody moves away from a time, and then wants it again, twenty times at once; and so does a stranger.
#[tokio::test]
async fn a_new_wish_for_an_old_time_is_granted_once_or_to_somebody_else() {
    let app = TestApp::crowded().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let first = book_at(&app, request(&app, me, 10), app.now).await.unwrap();
    move_to(&app, &first, 1, 20).await;
    let now = app.now;
    let mine = (0..19).map(|_| request(&app, me, 10));
    let racers = mine
        .chain([request(&app, other, 10)])
        .map(|command| {
            let database = app.database.clone();
            async move { booking::book(&database, command, now).await }
        })
        .collect();
    let results = app.race_behind(GATE, vec![racers]).await;
    let (stranger, mine) = results.split_last().unwrap();
    assert!(mine.iter().all(|one| *one == mine[0]), "{results:?}");
    match (&mine[0], stranger) {
        (Ok(booked), Err(_)) => assert_ne!(booked.id, first.id),
        (refused, Ok(_)) => assert_eq!(refusal(refused), Some(Refusal::SlotTaken)),
        (_, Err(_)) => panic!("{results:?}"),
    }
    let here: Vec<Timestamp> = results.iter().flatten().map(|booked| booked.starts_at).collect();
    assert!(here.iter().all(|at| *at == app.slot(10)), "{results:?}");
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

/// Two tabs again: a service, a doctor and a schedule are edited in one, then in another, and then in the first once more.
#[tokio::test]
async fn an_edit_in_an_old_tab_is_stale_after_one_in_another() {
    let app = TestApp::new().await;
    let admin = app.admin_caller();
    let doctor_id = app.doctors[0].id;
    let set_active = |active: bool, version: i32| {
        let command = SetActive {
            caller: admin.clone(),
            doctor_id,
            active,
            version,
            key: of_form(&admin, &active.to_string(), version),
        };
        set_doctor_active(&app.database, command, app.now)
    };
    assert_eq!(set_active(false, 1).await, Ok(2));
    assert_eq!(set_active(false, 1).await, Ok(2), "the answer was lost");
    assert_eq!(set_active(true, 2).await, Ok(3));
    assert_eq!(set_active(false, 1).await, Err(AppError::StaleDoctor));
    let offers = |version: i32, name: &str| {
        let command = PutOffers {
            caller: admin.clone(),
            doctor_id,
            version,
            offers: Vec::new(),
            key: of_form(&admin, name, version),
        };
        put_offers(&app.database, command, app.now)
    };
    let first = offers(3, "one").await.unwrap();
    assert_eq!(offers(3, "one").await, Ok(first));
    offers(4, "other").await.unwrap();
    assert_eq!(offers(3, "one").await, Err(AppError::StaleDoctor));
}

#[tokio::test]
async fn a_closure_that_was_removed_is_made_again() {
    let app = TestApp::new().await;
    let admin = app.admin_caller();
    let close_once_more = || {
        let command = Close {
            caller: admin.clone(),
            clinic_id: None,
            dates: Dates {
                first_day: app.day(20),
                last_day: app.day(20),
                hours: None,
                yearly: false,
                note: String::new(),
            },
            key: of_form(&admin, "close", 1),
        };
        close(&app.database, command, app.now)
    };
    let first = close_once_more().await.unwrap();
    assert_eq!(close_once_more().await, Ok(first.clone()));
    reopen(&app.database, admin.clone(), first.id, app.now)
        .await
        .unwrap();
    assert_ne!(close_once_more().await.unwrap().id, first.id);
}
