//! What a message about a visit took and did not say, another one says.

use engine::{
    appointment::Status,
    notification::{
        Bounce, BounceReport, BounceStatus, Channel, Kind, Outcome, Trouble, claim, deliver_one, take_bounce,
    },
    time::plus_minutes,
    visit::cancel_visit,
};
use jiff::Timestamp;

use super::{DAY, booked, change, names, race_to_send, told_together};
use crate::{
    notification::{OTHERS, Postbox, dispatch, listening, send_all, soon},
    support::{INSTANT, TestApp, patient_caller},
};

#[tokio::test]
async fn a_message_that_has_to_be_tried_again_still_speaks_for_the_visit() {
    let app = TestApp::new().await;
    let down = Postbox::with(|_| Some(Outcome::Later(Trouble::Unreachable)));
    let dispatch = listening(&app, &down);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2]).await;
    let now = soon(&app);
    send_all(&dispatch, now).await;
    assert_eq!(down.kinds(), [Kind::Confirmed]);
    // It is due again in a minute, and the other one is over.
    assert_eq!(told_together(&app).await, 1);
    send_all(&dispatch, plus_minutes(now, 2)).await;
    assert_eq!(down.kinds(), [Kind::Confirmed, Kind::Confirmed]);
    assert!(names(&down.letters()[1], &visit, &[0, 1]));
}

/// The first message that is due speaks for the visit, and its provider does not take it now; the others leave it to that one.
async fn try_in_vain(app: &TestApp, now: Timestamp) {
    let down = Postbox::with(|_| Some(Outcome::Later(Trouble::Unreachable)));
    let dispatch = dispatch(app, &down);
    let before = told_together(app).await;
    let first = claim(&app.database, OTHERS, 1, now).await.unwrap().remove(0);
    deliver_one(dispatch.clone(), down.clone(), first, now)
        .await
        .unwrap();
    send_all(&dispatch, now).await;
    assert_eq!(down.letters().len(), 1);
    assert!(told_together(app).await > before);
}

#[tokio::test]
async fn the_rest_is_confirmed_where_a_part_is_cancelled_between_two_attempts() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2, at + 4]).await;
    let now = soon(&app);
    try_in_vain(&app, now).await;
    change(&app, &visit, 0, Status::Cancelled).await;
    race_to_send(&app, &dispatch, &postbox, plus_minutes(now, 2)).await;
    let mut letters = postbox.letters();
    letters.sort_by_key(|letter| letter.kind.as_str());
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(letters[0].kind == Kind::Cancelled && names(&letters[0], &visit, &[0]));
    assert!(letters[1].kind == Kind::Confirmed && names(&letters[1], &visit, &[1, 2]));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_rest_of_a_day_is_reminded_of_where_a_part_is_cancelled_between_two_attempts() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    let reminded = plus_minutes(app.slot(at), -20 * 60);
    try_in_vain(&app, reminded).await;
    change(&app, &visit, 0, Status::Cancelled).await;
    send_all(&dispatch, plus_minutes(reminded, 2)).await;
    // That it is cancelled is no news any more by then.
    assert_eq!(postbox.kinds(), [Kind::Confirmed, Kind::ReminderDay]);
    assert!(names(&postbox.letters()[1], &visit, &[1, 2]));
}

#[tokio::test]
async fn a_later_part_is_reminded_of_where_it_is_too_late_for_the_first() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    try_in_vain(&app, plus_minutes(app.slot(at), -20 * 60)).await;
    // A reminder that would come less than two hours before is not sent.
    send_all(&dispatch, plus_minutes(app.slot(at), -119)).await;
    assert_eq!(postbox.kinds(), [Kind::Confirmed, Kind::ReminderDay]);
    assert!(names(&postbox.letters()[1], &visit, &[0, 1]));
}

#[tokio::test]
async fn a_number_that_is_refused_is_tried_once_for_a_visit() {
    let app = TestApp::new().await;
    let refused = Postbox::with(|_| Some(Outcome::Refused(Trouble::NoSuchRecipient)));
    let dispatch = listening(&app, &refused);
    let patient = app.patient(1).await;
    let at = 4 * DAY + 20;
    booked(&app, patient, INSTANT, &[at, at + 2, at + 4]).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(refused.kinds(), [Kind::Confirmed]);
    assert_eq!(told_together(&app).await, 2);
}

#[tokio::test]
async fn a_mail_about_a_visit_that_came_back_is_said_by_phone_as_a_whole() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    app.sql(
        "update patients set email = 'maya@example.org', email_confirmed_at = now() - interval '1 year', locale = 'en'",
    )
    .await;
    let at = 4 * DAY + 20;
    let visit = booked(&app, patient, INSTANT, &[at, at + 2]).await;
    let now = soon(&app);
    send_all(&dispatch, now).await;
    let caller = patient_caller(patient);
    cancel_visit(&app.database, caller, visit.id, String::new(), None, app.now)
        .await
        .unwrap();
    send_all(&dispatch, now).await;
    assert_eq!(postbox.kinds(), [Kind::Confirmed, Kind::Cancelled]);
    let bounce = Bounce {
        name: postbox.letters()[1].name.clone(),
        report: BounceReport {
            is_over: true,
            status: BounceStatus::parse("5.1.1").unwrap(),
        },
    };
    take_bounce(&app.database, bounce, true, now).await.unwrap();
    send_all(&dispatch, now).await;
    let letter = postbox.letters().last().unwrap().clone();
    assert_eq!((letter.kind, letter.channel), (Kind::Cancelled, Channel::Sms));
    assert!(names(&letter, &visit, &[0, 1]));
    assert_eq!(postbox.kinds().len(), 3);
}
