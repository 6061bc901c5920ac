//! What happens to appointments is said to their patients, and only as long as it is so.

use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    booking::{Reschedule, reschedule},
    error::AppError,
    ical::ics::Method,
    notification::{Channel, Kind, claim, deliver_one},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{OTHERS, Postbox, listening, send_all, soon};
use crate::support::{RULES, TestApp, VISIT, patient_caller};

/// Half hours in a day.
const DAY: i64 = 48;

async fn change(app: &TestApp, caller: Caller, reference: &str, to: Status) {
    let command = ChangeStatus {
        caller,
        which: reference.into(),
        to,
        version: None,
        reason: "A cough".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
}

async fn move_to(
    app: &TestApp,
    caller: Caller,
    reference: &str,
    starts_at: Timestamp,
) -> Result<(), AppError> {
    let command = Reschedule {
        caller,
        which: reference.into(),
        version: None,
        starts_at,
        visitor: None,
        rules: RULES,
        key: None,
    };
    reschedule(&app.database, command, app.now).await.map(|_| ())
}

/// The kinds and states of all messages, in their order.
async fn rows(app: &TestApp) -> Vec<(String, String)> {
    sqlx::query_as("select kind, state from messages order by id")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap()
}

fn row(kind: &str, state: &str) -> (String, String) {
    (kind.to_owned(), state.to_owned())
}

#[tokio::test]
async fn a_request_and_its_answer_are_said_once_each() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let reference = app
        .requested(patient, app.wanted(0, VISIT, app.slot(4 * DAY + 20)))
        .await;
    send_all(&dispatch, soon(&app)).await;
    change(&app, app.doctor_caller(0), &reference, Status::Confirmed).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Requested, Kind::Confirmed]);
    for letter in postbox.letters() {
        assert_eq!(letter.channel, Channel::Sms);
        assert_eq!(letter.recipient, "+6281255500001");
        let text = letter.text();
        assert!(
            text.contains(&reference) && text.contains("https://clinic.example/a/"),
            "{text}"
        );
        // Neither whom, nor what for, nor why.
        for secret in ["Dr", "Visit", "cough", "Patient"] {
            assert!(!text.contains(secret), "{text}");
        }
        // Of an Indonesian phone, of which nothing else is known.
        assert_eq!(letter.locale.code(), "id");
    }
    assert_eq!(
        rows(&app).await,
        [
            row("requested", "sent"),
            row("confirmed", "sent"),
            row("reminder_day", "due")
        ]
    );
}

#[tokio::test]
async fn what_is_no_longer_so_when_it_is_sent_is_not_said() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let start = app.slot(4 * DAY + 20);
    let reference = app.confirmed(patient, 0, start).await;
    change(&app, app.admin_caller(), &reference, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Cancelled]);
    // The reminder finds nothing to remind of.
    send_all(&dispatch, plus_minutes(start, -12 * 60)).await;
    assert_eq!(postbox.kinds(), [Kind::Cancelled]);
    assert_eq!(
        rows(&app).await,
        [
            row("requested", "suppressed"),
            row("confirmed", "suppressed"),
            row("reminder_day", "suppressed"),
            row("cancelled", "sent")
        ]
    );
}

#[tokio::test]
async fn a_cancellation_between_claim_and_sending_is_heeded() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    app.sql("update messages set state = 'suppressed' where kind = 'requested'")
        .await;
    let now = soon(&app);
    let claimed = claim(&app.database, OTHERS, 8, now).await.unwrap().remove(0);
    assert_eq!(claimed.kind, Kind::Confirmed);
    change(&app, app.admin_caller(), &reference, Status::Cancelled).await;
    deliver_one(dispatch.clone(), postbox.clone(), claimed, now)
        .await
        .unwrap();
    assert_eq!(postbox.kinds(), []);
    send_all(&dispatch, now).await;
    assert_eq!(postbox.kinds(), [Kind::Cancelled]);
}

#[tokio::test]
async fn a_move_plans_the_reminders_anew() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let (first, second) = (app.slot(3 * DAY + 20), app.slot(5 * DAY + 20));
    let reference = app.confirmed(patient, 0, first).await;
    // There, back and there again: one reminder for each start.
    for start in [second, first, second] {
        move_to(&app, app.admin_caller(), &reference, start)
            .await
            .unwrap();
    }
    assert_eq!(
        app.count("select count(*) from messages where kind = 'reminder_day'")
            .await,
        2
    );
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::Moved]);
    send_all(&dispatch, plus_minutes(first, -23 * 60)).await;
    assert_eq!(postbox.kinds(), [Kind::Moved]);
    send_all(&dispatch, plus_minutes(second, -23 * 60)).await;
    assert_eq!(postbox.kinds(), [Kind::Moved, Kind::ReminderDay]);
}

#[tokio::test]
async fn a_reminder_that_races_a_move_is_about_a_time_that_was_so() {
    let app = TestApp::crowded().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let (first, second) = (app.slot(3 * DAY + 20), app.slot(5 * DAY + 20));
    let reference = app.confirmed(patient, 0, first).await;
    send_all(&dispatch, soon(&app)).await;
    app.sql("update messages set due_at = now() where kind = 'reminder_day'")
        .await;
    let due = soon(&app);
    let sending = {
        let dispatch = dispatch.clone();
        Box::pin(async move { send_all(&dispatch, due).await })
            as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    };
    let moving = {
        let (database, caller, which) = (
            app.database.clone(),
            app.admin_caller(),
            reference.as_str().into(),
        );
        let now = app.now;
        Box::pin(async move {
            let command = Reschedule {
                caller,
                which,
                version: None,
                starts_at: second,
                visitor: None,
                rules: RULES,
                key: None,
            };
            reschedule(&database, command, now).await.unwrap();
        }) as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    };
    app.race(vec![sending, moving]).await;
    send_all(&dispatch, due).await;
    // Of the first start before the move, or not at all; then of the move.
    let kinds = postbox.kinds();
    let reminders = kinds.iter().filter(|kind| **kind == Kind::ReminderDay).count();
    assert!(reminders <= 1 && kinds.last() == Some(&Kind::Moved), "{kinds:?}");
    assert_eq!(
        app.count("select count(*) from messages where kind = 'reminder_day' and state = 'due'")
            .await,
        1
    );
}

#[tokio::test]
async fn mails_carry_what_a_calendar_takes_in_and_out() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    app.sql("update patients set email = 'maya@example.org', email_confirmed_at = now(), locale = 'en'")
        .await;
    let reference = app
        .requested(patient, app.wanted(0, VISIT, app.slot(4 * DAY + 20)))
        .await;
    send_all(&dispatch, soon(&app)).await;
    change(&app, app.doctor_caller(0), &reference, Status::Confirmed).await;
    send_all(&dispatch, soon(&app)).await;
    move_to(&app, app.admin_caller(), &reference, app.slot(5 * DAY + 20))
        .await
        .unwrap();
    send_all(&dispatch, soon(&app)).await;
    change(&app, patient_caller(patient), &reference, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::Requested, Kind::Confirmed, Kind::Moved, Kind::Cancelled]
    );
    let letters = postbox.letters();
    assert!(
        letters
            .iter()
            .all(|letter| letter.recipient == "maya@example.org")
    );
    // A request is no promise.
    assert_eq!(letters[0].calendars, []);
    let mut sequences = Vec::new();
    for (letter, method) in letters[1..]
        .iter()
        .zip([Method::Request, Method::Request, Method::Cancel])
    {
        assert_eq!(letter.calendars.len(), 1);
        let calendar = letter.calendars[0].clone();
        assert_eq!(calendar.method, method);
        let text = calendar.text.replace("\r\n ", "");
        for line in [
            format!("METHOD:{}", method.as_str()),
            "ORGANIZER:mailto:hello@clinic.example".to_owned(),
        ] {
            assert!(text.lines().any(|known| known == line), "no {line} in {text}");
        }
        assert!(text.contains("\r\nSUMMARY:Appointment"), "{text}");
        assert!(text.contains(&format!("UID:{reference}@")), "{text}");
        assert!(
            text.contains("PARTSTAT=ACCEPTED") && text.contains(":mailto:maya@example.org"),
            "{text}"
        );
        assert_eq!(text.contains("STATUS:CANCELLED"), method == Method::Cancel);
        let sequence = text
            .lines()
            .find_map(|line| line.strip_prefix("SEQUENCE:"))
            .unwrap();
        sequences.push(sequence.parse::<i32>().unwrap());
    }
    assert!(sequences.is_sorted_by(|one, other| one < other), "{sequences:?}");
}

#[tokio::test]
async fn only_what_is_optional_can_be_refused_by_a_link() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    app.sql("update patients set email = 'maya@example.org', email_confirmed_at = now()")
        .await;
    let start = app.slot(4 * DAY + 20);
    app.confirmed(patient, 0, start).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, plus_minutes(start, -20 * 60)).await;
    let letters = postbox.letters();
    assert_eq!(postbox.kinds(), [Kind::Confirmed, Kind::ReminderDay]);
    assert_eq!(letters[0].unsubscribe, None);
    let link = letters[1].unsubscribe.clone().unwrap();
    assert!(
        link.starts_with("https://clinic.example/hooks/unsubscribe/"),
        "{link}"
    );
}

#[tokio::test]
async fn a_rolled_back_booking_says_nothing() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let before = rows(&app).await;
    // Half an hour that is not one of the grid.
    let refused = move_to(
        &app,
        app.admin_caller(),
        &reference,
        plus_minutes(app.slot(4 * DAY + 20), 7),
    )
    .await;
    assert!(refused.is_err());
    assert_eq!(rows(&app).await, before);
}
