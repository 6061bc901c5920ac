//! What becomes of a stay is said to its patient, and only as long as it is so.

use engine::{
    notification::{
        Channel, Kind,
        board::{Entry, of_stay},
        open_stay, unsubscribe,
    },
    stay::{Presence, SetPresence, Status, set_presence},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::*;
use crate::notification::{Postbox, listening, send_all, soon};

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

/// Noon of the day that is so many days ahead.
fn noon(app: &TestApp, ahead: i32) -> Timestamp {
    day(app, ahead)
        .at(12, 0, 0, 0)
        .to_zoned(TimeZone::UTC)
        .unwrap()
        .timestamp()
}

/// What follows the last slash of a link.
fn secret_in(text: &str) -> String {
    let path = text.split("https://clinic.example/s/").nth(1).unwrap();
    path.split_whitespace().next().unwrap().to_owned()
}

async fn cancels(app: &TestApp, command: CancelStay) -> Stay {
    stay::cancel(&app.database, command, app.now).await.unwrap()
}

#[tokio::test]
async fn a_booking_a_change_and_a_cancellation_are_said_once_each() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let longer = changing(&mine, (mine.arrival, day(&app, 15)), 1);
    stay::change(&app.database, longer, app.now).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let by_clinic = CancelStay {
        caller: app.admin_caller(),
        reason: "A flood of the cellar".to_owned(),
        ..cancelling(&mine)
    };
    cancels(&app, by_clinic).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::StayBooked, Kind::StayChanged, Kind::StayCancelled]
    );
    for letter in postbox.letters() {
        assert_eq!(letter.channel, Channel::Sms);
        assert_eq!(letter.recipient, "+6281255500001");
        let text = letter.text();
        assert!(text.contains(&mine.reference), "{text}");
        // Neither in which room, nor why, nor whose it is.
        for secret in ["Single", "flood", "Patient"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let texts: Vec<String> = postbox.letters().iter().map(|letter| letter.text()).collect();
    assert!(texts[0].contains("https://clinic.example/s/"), "{}", texts[0]);
    assert!(texts[2].contains("Klinik terpaksa"), "{}", texts[2]);
    // The reminder finds nothing to remind of.
    send_all(&dispatch, noon(&app, 9)).await;
    assert_eq!(postbox.letters().len(), 3);
    assert_eq!(
        rows(&app).await,
        [
            row("stay_booked", "sent"),
            row("stay_reminder", "suppressed"),
            row("stay_changed", "sent"),
            row("stay_cancelled", "sent")
        ]
    );
    // Staff read what was said, and no link that acts for the patient.
    let told: Vec<Entry> = of_stay(&app.database, mine.id).await.unwrap();
    assert_eq!(told.len(), 4);
    assert!(
        told.iter()
            .all(|entry| entry.stay.as_ref() == Some(&mine.reference))
    );
    assert!(told[3].text.contains("/s/…"), "{}", told[3].text);
}

#[tokio::test]
async fn what_is_no_longer_so_when_it_is_sent_is_not_said() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    stay::change(
        &app.database,
        changing(&mine, (day(&app, 11), day(&app, 14)), 1),
        app.now,
    )
    .await
    .unwrap();
    cancels(&app, cancelling(&mine)).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::StayCancelled]);
    let text = postbox.letters()[0].text();
    assert!(text.contains("Anda membatalkan"), "{text}");
    // A hold says nothing, whatever becomes of it.
    let held = hold(&app, me, wanted(&app, single, (20, 22), 1)).await.unwrap();
    cancels(&app, cancelling(&held)).await;
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.letters().len(), 1);
}

#[tokio::test]
async fn who_comes_tomorrow_is_reminded_of_the_arrival_as_it_is_then() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let moved = changing(&mine, (day(&app, 12), day(&app, 14)), 1);
    stay::change(&app.database, moved, app.now).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    // Of the first arrival, nothing is said any more.
    send_all(&dispatch, noon(&app, 9)).await;
    assert_eq!(postbox.kinds(), [Kind::StayBooked, Kind::StayChanged]);
    send_all(&dispatch, plus_minutes(noon(&app, 11), -1)).await;
    assert_eq!(postbox.letters().len(), 2);
    send_all(&dispatch, noon(&app, 11)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::StayBooked, Kind::StayChanged, Kind::StayReminder]
    );
    // Somebody who does not want reminders has none, and hears what they have to know.
    app.sql("update patients set wants_reminders = false").await;
    let other = book(&app, me, wanted(&app, single, (20, 22), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, noon(&app, 19)).await;
    assert_eq!(postbox.letters().len(), 4);
    assert!(postbox.letters()[3].text().contains(&other.reference));
}

#[tokio::test]
async fn what_happens_in_the_house_is_not_said() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (0, 5), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    for presence in [Presence::Arrived, Presence::Left] {
        let command = SetPresence {
            caller: app.admin_caller(),
            stay_id: mine.id,
            presence,
            version: None,
            key: None,
        };
        set_presence(&app.database, command, app.now).await.unwrap();
    }
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(postbox.kinds(), [Kind::StayBooked]);
}

#[tokio::test]
async fn a_link_shows_the_stay_of_its_patient_and_changes_nothing() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let mine = book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let secret = secret_in(&postbox.letters()[0].text());
    let linked = open_stay(&app.database, secret.clone(), app.now).await.unwrap();
    assert_eq!((linked.item.stay.id, linked.item.stay.version), (mine.id, 1));
    assert!(linked.caller.acts_for(Some(me)) && !linked.caller.acts_for(Some(other)));
    // It ends nobody's reminders, and shows nothing once the stay is over.
    assert_eq!(
        unsubscribe(&app.database, secret.clone(), app.now).await,
        Err(AppError::NotFound)
    );
    let over = noon(&app, 15);
    let gone = open_stay(&app.database, secret.clone(), over).await;
    assert_eq!(gone.map(|_| ()), Err(AppError::NotFound));
    // Nor to whom the clinic has closed the account of.
    app.sql("update patients set active = false").await;
    let closed = open_stay(&app.database, secret, app.now).await;
    assert_eq!(closed.map(|_| ()), Err(AppError::NotFound));
    assert_eq!(
        app.count("select count(*) from stays where status = 'booked'")
            .await,
        1
    );
    assert_eq!(mine.status, Status::Booked);
}

#[tokio::test]
async fn a_mail_that_reminds_can_be_refused_by_its_link() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    app.sql("update patients set email = 'me@test.example', email_confirmed_at = now()")
        .await;
    book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, noon(&app, 9)).await;
    let letters = postbox.letters();
    assert!(letters.iter().all(|letter| letter.channel == Channel::Email));
    let kinds: Vec<Kind> = letters.iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, [Kind::StayBooked, Kind::StayReminder]);
    assert_eq!(letters[0].unsubscribe, None);
    let address = letters[1].unsubscribe.clone().unwrap();
    let secret = address.rsplit('/').next().unwrap().to_owned();
    unsubscribe(&app.database, secret, noon(&app, 9)).await.unwrap();
    book(&app, me, wanted(&app, single, (20, 22), 1)).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, noon(&app, 19)).await;
    assert_eq!(
        postbox.kinds(),
        [Kind::StayBooked, Kind::StayReminder, Kind::StayBooked]
    );
}
