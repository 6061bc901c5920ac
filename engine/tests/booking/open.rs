//! How much a patient may have open at once.

use std::pin::Pin;

use crate::support::{DOCTORS, INSTANT, RULES, TestApp, VISIT, hold, patient_caller, refusal, submit};
use engine::{
    account::{Caller, family::Newcomer},
    appointment::Summary,
    booking::{Book, Rules, Submit, Wanted, book, hold as place, submit as send},
    error::{AppError, Refusal},
    visit::{BookVisit, book_visit},
};

const LIMITED: Rules = Rules {
    open_requests: 5,
    open_appointments: 10,
    ..RULES
};

type Booking = Pin<Box<dyn Future<Output = Result<Summary, AppError>> + Send>>;

fn booking(app: &TestApp, caller: Caller, patient_id: i64, wanted: Wanted) -> Booking {
    let (database, now) = (app.database.clone(), app.now);
    let command = Book {
        caller,
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: LIMITED,
        key: None,
    };
    Box::pin(async move { book(&database, command, now).await })
}

/// The number of those that were booked; all others were refused since too many are open.
fn booked(results: &[Result<Summary, AppError>]) -> usize {
    let refused = results.iter().filter(|result| result.is_err());
    for result in refused {
        assert_eq!(refusal(result), Some(Refusal::TooManyOpen), "{result:?}");
    }
    results.iter().flatten().count()
}

#[tokio::test]
async fn of_twenty_requests_at_once_five_are_made() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let wish = |number: usize| {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        let wanted = app.wanted(number % 4, VISIT, app.slot(slot));
        booking(&app, patient_caller(me), me, wanted)
    };
    let results = app.race_behind(DOCTORS, vec![(0..20).map(wish).collect()]).await;
    assert_eq!(booked(&results), 5, "{results:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn of_twenty_instant_bookings_at_once_ten_are_made() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let wish = |number: usize| {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        let wanted = app.wanted(number % 4, INSTANT, app.slot(slot));
        booking(&app, patient_caller(me), me, wanted)
    };
    let results = app.race_behind(DOCTORS, vec![(0..20).map(wish).collect()]).await;
    assert_eq!(booked(&results), 10, "{results:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_family_has_twice_as_many_together() {
    let app = TestApp::crowded().await;
    let holder_id = app.patient(1).await;
    app.sql("insert into patients (phone, name, holder_id) select phone, name || n, id from patients, generate_series(1, 4) as n")
        .await;
    let family: Vec<i64> = sqlx::query_scalar("select id from patients where holder_id is not null")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap();
    app.open_hours().await;
    let caller = Caller::Patient {
        id: holder_id,
        name: None,
        family: family.clone(),
        opened_since: None,
    };
    // Each of the four asks four times, which is within the limit of each, but not of all.
    let wish = |number: usize| {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        let wanted = app.wanted(number % 4, VISIT, app.slot(slot));
        booking(&app, caller.clone(), family[number % 4], wanted)
    };
    let results = app.race_behind(DOCTORS, vec![(0..16).map(wish).collect()]).await;
    assert_eq!(booked(&results), 10, "{results:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn staff_are_not_limited_and_an_end_makes_room() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    for slot in (20..30).step_by(2) {
        booking(&app, patient_caller(me), me, at(slot)).await.unwrap();
    }
    let sixth = booking(&app, patient_caller(me), me, at(30)).await;
    assert_eq!(refusal(&sixth), Some(Refusal::TooManyOpen));
    // A visit counts as many as it has parts.
    let visit = BookVisit {
        caller: patient_caller(me),
        segments: vec![at(30), at(32)],
        patient_id: me,
        reason: String::new(),
        rules: LIMITED,
        key: None,
    };
    let visit = book_visit(&app.database, visit, app.now).await;
    assert_eq!(refusal(&visit), Some(Refusal::TooManyOpen));
    for slot in (40..60).step_by(2) {
        booking(&app, app.admin_caller(), me, at(slot)).await.unwrap();
    }
    app.sql("update appointments set status = 'cancelled' where status = 'confirmed'")
        .await;
    app.sql("update appointments set status = 'rejected' where id = (select max(id) from appointments where status = 'pending')")
        .await;
    booking(&app, patient_caller(me), me, at(30)).await.unwrap();
}

#[tokio::test]
async fn what_is_held_is_limited_when_it_is_sent_and_when_it_is_held() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let mut results = Vec::new();
    for number in 0..12_u8 {
        let slot = 20 + 2 * i64::from(number);
        let wanted = app.wanted(0, VISIT, app.slot(slot));
        // Each in a browser of its own.
        let mut command = hold(usize::from(number), wanted);
        command.patient_id = Some(me);
        command.rules = LIMITED;
        results.push(place(&app.database, command, app.now).await);
    }
    assert_eq!(results.iter().flatten().count(), 10);
    assert_eq!(refusal(&results[11]), Some(Refusal::TooManyOpen));
    let mut sent = Vec::new();
    for (number, held) in results.iter().flatten().enumerate() {
        let command = Submit {
            rules: LIMITED,
            ..submit(number, me, held)
        };
        sent.push(send(&app.database, command, app.now).await);
    }
    assert_eq!(booked(&sent), 5, "{sent:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn of_twenty_holds_at_once_ten_are_kept() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let held = |number: usize| {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        // Each in a browser of its own, with one of four doctors.
        let mut command = hold(number, app.wanted(number % 4, VISIT, app.slot(slot)));
        command.patient_id = Some(me);
        command.rules = LIMITED;
        let (database, now) = (app.database.clone(), app.now);
        async move { place(&database, command, now).await }
    };
    let results = app.race_behind(DOCTORS, vec![(0..20).map(held).collect()]).await;
    let refused = results.iter().filter(|result| result.is_err());
    for result in refused {
        assert_eq!(refusal(result), Some(Refusal::TooManyOpen), "{result:?}");
    }
    assert_eq!(results.iter().flatten().count(), 10, "{results:?}");
    let held = "select count(*) from appointments where status = 'held'";
    assert_eq!(app.count(held).await, 10);
}

#[tokio::test]
async fn of_ten_holds_that_are_sent_at_once_five_are_requests() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let mut racers = Vec::new();
    for number in 0..10_usize {
        let slot = 20 + 2 * i64::try_from(number).unwrap();
        let command = hold(number, app.wanted(number % 4, VISIT, app.slot(slot)));
        let held = place(&app.database, command, app.now).await.unwrap();
        let command = Submit {
            rules: LIMITED,
            ..submit(number, me, &held)
        };
        let (database, now) = (app.database.clone(), app.now);
        racers.push(async move { send(&database, command, now).await });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert_eq!(booked(&results), 5, "{results:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn of_ten_visits_at_once_two_are_made() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let visit = |number: usize| {
        let slot = 20 + 4 * i64::try_from(number).unwrap();
        let command = BookVisit {
            caller: patient_caller(me),
            segments: vec![
                app.wanted(number % 4, VISIT, app.slot(slot)),
                app.wanted((number + 1) % 4, VISIT, app.slot(slot + 2)),
            ],
            patient_id: me,
            reason: String::new(),
            rules: LIMITED,
            key: None,
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { book_visit(&database, command, now).await }
    };
    let results = app.race_behind(DOCTORS, vec![(0..10).map(visit).collect()]).await;
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(refusal(result), Some(Refusal::TooManyOpen), "{result:?}");
    }
    // A third one would be the sixth request.
    assert_eq!(results.iter().flatten().count(), 2, "{results:?}");
    assert_eq!(app.count("select count(*) from appointments").await, 4);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_booking_for_a_child_that_is_refused_leaves_no_child() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let held = app.hold(1, wanted, app.now).await.unwrap();
    let for_child = |held: &str| Submit {
        newcomer: Some(Newcomer::Relative {
            holder_id: me,
            name: "Anak Dewi".to_owned(),
        }),
        ..submit(1, me, held)
    };
    // The hold runs out, and somebody else takes the time.
    let later = jiff::Timestamp::from_second(app.now.as_second() + 3600).unwrap();
    let command = Book {
        caller: patient_caller(other),
        wanted,
        patient_id: other,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    book(&app.database, command, later).await.unwrap();
    let refused = send(&app.database, for_child(&held), later).await;
    assert_eq!(refusal(&refused), Some(Refusal::HoldExpired));
    assert_eq!(app.count("select count(*) from patients").await, 2);
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(24)), app.now)
        .await
        .unwrap();
    let first = send(&app.database, for_child(&held), app.now).await.unwrap();
    // The second click of two.
    let second = send(&app.database, for_child(&held), app.now).await.unwrap();
    assert_eq!(first.id, second.id);
    assert_ne!(first.patient_id, Some(me));
    assert_eq!(app.count("select count(*) from patients").await, 3);
    app.assert_sound().await;
}
