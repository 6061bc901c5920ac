//! A visit of several appointments is told of as one.

mod again;
mod clinics;

use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status, expire},
    ical::ics::Method,
    notification::{Channel, Dispatch, Kind, Letter, claim, deliver_one},
    time::plus_minutes,
    visit::{BookVisit, Visit, book_course, book_visit, cancel_visit},
};
use jiff::Timestamp;

use super::{OTHERS, Postbox, listening, send_all, soon};
use crate::support::{INSTANT, RULES, TestApp, VISIT, patient_caller};

/// Half hours in a day.
const DAY: i64 = 48;

/// Books these times, each with another doctor.
async fn booked(app: &TestApp, patient_id: i64, service: usize, slots: &[i64]) -> Visit {
    let segments = slots.iter().enumerate();
    let command = BookVisit {
        caller: patient_caller(patient_id),
        segments: segments
            .map(|(doctor, slot)| app.wanted(doctor, service, app.slot(*slot)))
            .collect(),
        patient_id,
        reason: "A cough".to_owned(),
        rules: RULES,
        key: None,
    };
    book_visit(&app.database, command, app.now).await.unwrap()
}

fn to(caller: Caller, visit: &Visit, part: usize, to: Status) -> ChangeStatus {
    ChangeStatus {
        caller,
        which: visit.appointments[part].reference.clone().into(),
        to,
        version: None,
        reason: "A cough".to_owned(),
        key: None,
    }
}

async fn change(app: &TestApp, visit: &Visit, part: usize, status: Status) {
    let command = to(app.admin_caller(), visit, part, status);
    change_status(&app.database, command, app.now).await.unwrap();
}

/// Whether a letter names exactly these parts.
fn names(letter: &Letter, visit: &Visit, parts: &[usize]) -> bool {
    let text = letter.paragraphs.join(" ");
    (0..visit.appointments.len())
        .all(|part| text.contains(&visit.appointments[part].reference) == parts.contains(&part))
}

async fn told_together(app: &TestApp) -> i64 {
    let count = "select count(*) from messages where state = 'suppressed' and last_error = 'told_together'";
    app.count(count).await
}

#[tokio::test]
async fn a_visit_is_requested_and_confirmed_by_one_message_each() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, VISIT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested]);
    assert!(names(&postbox.letters()[0], &visit, &[0, 1, 2]));
    assert_eq!(told_together(&app).await, 2);
    for part in [1, 0] {
        change(&app, &visit, part, Status::Confirmed).await;
        send_all(&dispatch, soon(&app)).await;
    }
    // One has still to be answered.
    assert_eq!(postbox.kinds(), [Kind::Requested]);
    change(&app, &visit, 2, Status::Confirmed).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested, Kind::Confirmed]);
    let letter = &postbox.letters()[1];
    assert!(names(letter, &visit, &[0, 1, 2]));
    let text = letter.text();
    // The link of the first, whose day is said once.
    assert_eq!(text.matches("https://clinic.example/a/").count(), 1);
    for secret in ["Dr", "cough", "Patient"] {
        assert!(!text.contains(secret), "{text}");
    }
    // One reminder for all of them, a day before the first.
    let reminded = plus_minutes(app.slot(at), -20 * 60);
    send_all(&dispatch, reminded).await;
    assert_eq!(postbox.kinds().last(), Some(&Kind::ReminderDay));
    assert!(names(postbox.letters().last().unwrap(), &visit, &[0, 1, 2]));
    assert_eq!(postbox.kinds().len(), 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_is_left_of_a_visit_is_confirmed_by_who_declines_last() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, VISIT, &[at, at + 2, at + 4]).await;
    change(&app, &visit, 0, Status::Confirmed).await;
    change(&app, &visit, 1, Status::Confirmed).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested]);
    change(&app, &visit, 2, Status::Rejected).await;
    send_all(&dispatch, soon(&app)).await;
    let mut kinds = postbox.kinds();
    kinds.sort_by_key(|kind| kind.as_str());
    assert_eq!(kinds, [Kind::Confirmed, Kind::Declined, Kind::Requested]);
    let letters = postbox.letters();
    let confirmed = letters
        .iter()
        .find(|letter| letter.kind == Kind::Confirmed)
        .unwrap();
    assert!(names(confirmed, &visit, &[0, 1]));
    let declined = letters
        .iter()
        .find(|letter| letter.kind == Kind::Declined)
        .unwrap();
    assert!(names(declined, &visit, &[2]));
    // One that ends later does not confirm the rest again.
    change(&app, &visit, 1, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds().len(), 4);
    let last = postbox.letters().last().unwrap().clone();
    assert!(last.kind == Kind::Cancelled && names(&last, &visit, &[1]));
}

#[tokio::test]
async fn a_visit_that_is_cancelled_together_is_told_once() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    app.sql("update patients set email = 'maya@example.org', email_confirmed_at = now(), locale = 'en'")
        .await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Confirmed]);
    let letter = postbox.letters().remove(0);
    assert_eq!(letter.channel, Channel::Email);
    // Each appointment has a link and an event of its own.
    assert_eq!((letter.links.len(), letter.calendars.len()), (3, 3));
    for (part, calendar) in visit.appointments.iter().zip(&letter.calendars) {
        let text = calendar.text.replace("\r\n ", "");
        assert!(text.contains(&format!("UID:{}@", part.reference)), "{text}");
        assert_eq!(calendar.method, Method::Request);
    }
    let links: Vec<String> = letter.links.iter().map(|link| link.address.clone()).collect();
    for (part, link) in visit.appointments.iter().zip(links) {
        let secret = link.strip_prefix("https://clinic.example/a/").unwrap().to_owned();
        let linked = engine::notification::open(&app.database, secret, app.now)
            .await
            .unwrap();
        assert_eq!(linked.item.reference, part.reference);
    }
    // One by itself, and then the rest.
    change(&app, &visit, 0, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    let caller = patient_caller(patient);
    cancel_visit(&app.database, caller, visit.id, String::new(), None, app.now)
        .await
        .unwrap();
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::Confirmed, Kind::Cancelled, Kind::Cancelled]
    );
    let letters = postbox.letters();
    assert!(names(&letters[1], &visit, &[0]) && names(&letters[2], &visit, &[1, 2]));
    assert_eq!(letters[2].calendars.len(), 2);
    assert!(
        letters[2]
            .calendars
            .iter()
            .all(|calendar| calendar.method == Method::Cancel)
    );
    // Nothing is left to remind of.
    send_all(&dispatch, plus_minutes(app.slot(at), -20 * 60)).await;
    assert_eq!(postbox.kinds().len(), 3);
}

#[tokio::test]
async fn parts_on_two_days_have_a_reminder_each() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2, at + DAY]).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, plus_minutes(app.slot(at), -20 * 60)).await;
    send_all(&dispatch, plus_minutes(app.slot(at + DAY), -20 * 60)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::Confirmed, Kind::ReminderDay, Kind::ReminderDay]
    );
    let letters = postbox.letters();
    assert!(names(&letters[1], &visit, &[0, 1]) && names(&letters[2], &visit, &[2]));
}

#[tokio::test]
async fn doctors_who_answer_at_the_same_moment_bring_one_message() {
    let app = TestApp::crowded().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let ids = app.patients(6).await;
    for (number, patient) in ids.into_iter().enumerate() {
        let at = (4 + i64::try_from(number).unwrap()) * DAY + 20;
        let visit = booked(&app, patient, VISIT, &[at, at + 2, at + 4]).await;
        send_all(&dispatch, soon(&app)).await;
        let before = postbox.kinds().len();
        // Every other time, the last one declines.
        let last = match number % 2 {
            0 => Status::Confirmed,
            _ => Status::Rejected,
        };
        let racers = [Status::Confirmed, Status::Confirmed, last]
            .into_iter()
            .enumerate()
            .map(|(part, status)| {
                let command = to(app.doctor_caller(part), &visit, part, status);
                let (database, now) = (app.database.clone(), app.now);
                async move { change_status(&database, command, now).await }
            })
            .collect();
        for result in app.race(racers).await {
            result.unwrap();
        }
        race_to_send(&app, &dispatch, &postbox, soon(&app)).await;
        let letters = postbox.letters().split_off(before);
        let confirmed: Vec<&Letter> = letters
            .iter()
            .filter(|letter| letter.kind == Kind::Confirmed)
            .collect();
        assert_eq!(confirmed.len(), 1, "{letters:?}");
        let parts: &[usize] = if number % 2 == 0 { &[0, 1, 2] } else { &[0, 1] };
        assert!(names(confirmed[0], &visit, parts));
        assert_eq!(letters.len(), 1 + number % 2);
    }
    app.assert_sound().await;
}

/// Claims all that is due, and sends it at the same moment.
async fn race_to_send(app: &TestApp, dispatch: &Dispatch, postbox: &std::sync::Arc<Postbox>, now: Timestamp) {
    loop {
        let claimed = claim(&app.database, OTHERS, 8, now).await.unwrap();
        if claimed.is_empty() {
            return;
        }
        let racers = claimed
            .into_iter()
            .map(|message| deliver_one(dispatch.clone(), postbox.clone(), message, now))
            .collect();
        for result in app.race(racers).await {
            result.unwrap();
        }
    }
}

#[tokio::test]
async fn a_course_that_is_declined_is_told_once() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let times = (1..=8).map(|day| day * DAY + 20);
    let command = BookVisit {
        caller: patient_caller(patient),
        segments: times.map(|slot| app.wanted(0, VISIT, app.slot(slot))).collect(),
        patient_id: patient,
        reason: "Physiotherapy".to_owned(),
        rules: RULES,
        key: None,
    };
    let course = book_course(&app.database, command, app.now).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let caller = app.doctor_caller(0);
    cancel_visit(
        &app.database,
        caller,
        course.id,
        "I am away".to_owned(),
        None,
        app.now,
    )
    .await
    .unwrap();
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested, Kind::Declined]);
    let letter = &postbox.letters()[1];
    assert!(names(letter, &course, &[0, 1, 2, 3, 4, 5, 6, 7]));
    assert!(!letter.text().contains("away"));
}

#[tokio::test]
async fn a_visit_that_nobody_answers_is_told_once() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, VISIT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    // One is declined before: it is told by itself.
    change(&app, &visit, 1, Status::Rejected).await;
    send_all(&dispatch, soon(&app)).await;
    let later = plus_minutes(app.now, RULES.answer_minutes + 1);
    assert_eq!(expire(&app.database, later).await, Ok(2));
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested, Kind::Declined, Kind::Expired]);
    let letters = postbox.letters();
    assert!(names(&letters[1], &visit, &[1]) && names(&letters[2], &visit, &[0, 2]));
}

/// The statement of the migration that says what was said before it.
fn said_before() -> &'static str {
    let migration = include_str!("../../../../migrations/0121_a_visit_is_told_once.sql");
    let start = migration.find("insert into message_parts").unwrap();
    migration[start..].split_once(';').unwrap().0
}

#[tokio::test]
async fn what_was_said_before_visits_were_told_as_one_is_not_said_again() {
    const SAID: &str = "select appointment_id, said from message_parts order by 1, 2";
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, plus_minutes(app.slot(at), -20 * 60)).await;
    let mut connection = app.connection().await;
    let said: Vec<(i64, String)> = sqlx::query_as(SAID).fetch_all(&mut connection).await.unwrap();
    assert_eq!(said.len(), 6);
    // Each was told for itself.
    app.sql(
        "delete from message_parts;
         update messages set state = 'sent', last_error = '' where last_error = 'told_together'",
    )
    .await;
    app.sql(said_before()).await;
    let known: Vec<(i64, String)> = sqlx::query_as(SAID).fetch_all(&mut connection).await.unwrap();
    assert_eq!(known, said);
    change(&app, &visit, 0, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::Confirmed, Kind::ReminderDay, Kind::Cancelled]
    );
}
