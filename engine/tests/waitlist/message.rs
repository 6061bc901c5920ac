//! What is said to those who wait, and what the link does.

use std::sync::Arc;

use engine::{
    notification::{
        self, Channel, Dispatch, Kind, Lane, Letter, Outcome, Sender, Senders, Sending, Settings, deliver,
    },
    time::plus_minutes,
    waitlist::{self, Accept, OfferState, Which, offer_of},
};
use std::sync::Mutex;

use super::{at_this_hour, cancels, clinic, declines, is, joins, state, wishes};
use crate::support::{RULES, TestApp};

const FREED: i64 = 60;

/// A provider that keeps what it is given.
#[derive(Default)]
struct Postbox(Mutex<Vec<Letter>>);

impl Sender for Postbox {
    fn name(&self) -> &'static str {
        "postbox"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Outcome::Sent { provider_id: None } })
    }
}

fn listening(app: &TestApp, postbox: &Arc<Postbox>) -> Dispatch {
    let dispatch = Dispatch {
        database: app.database.clone(),
        senders: Senders {
            sms: Some(postbox.clone()),
            email: Some(postbox.clone()),
            is_demo: false,
        },
        settings: Arc::new(Settings {
            public_url: Some("https://clinic.example".to_owned()),
            ..Settings::default()
        }),
    };
    notification::listen(&dispatch);
    dispatch
}

/// Sends what is due, and answers with what is about the waitlist.
async fn sent(dispatch: &Dispatch, postbox: &Postbox, minutes: i64) -> Vec<Letter> {
    let now = plus_minutes(dispatch.database.now(), minutes);
    for lane in Lane::ALL {
        while deliver(dispatch, lane, now).await.unwrap() > 0 {}
    }
    let letters = postbox.0.lock().unwrap().clone();
    letters
        .into_iter()
        .filter(|letter| matches!(letter.kind, Kind::TimeKept | Kind::TimeFree))
        .collect()
}

/// The secret of the link in a message.
fn secret(letter: &Letter) -> String {
    let text = letter.text();
    let (_, after) = text.split_once("/w/").unwrap();
    after.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_offer_is_said_once_and_its_link_takes_nothing_by_itself() {
    let app = clinic().await;
    let postbox = Arc::new(Postbox::default());
    let dispatch = listening(&app, &postbox);
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    let letters = sent(&dispatch, &postbox, 0).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].kind, letters[0].channel, letters[0].recipient.as_str()),
        (Kind::TimeKept, Channel::Sms, "+6281255500001")
    );
    let text = letters[0].text();
    for hidden in ["Visit", "Dr", "Patient", "cough"] {
        assert!(!text.contains(hidden), "{text}");
    }
    let secret = secret(&letters[0]);
    for _ in 0..5 {
        let linked = notification::open_offer(&app.database, secret.clone(), app.now)
            .await
            .unwrap();
        let offer = offer_of(&app.database, &linked.caller, Which::Offer(linked.offer_id))
            .await
            .unwrap();
        assert_eq!(offer.state, OfferState::Offered);
    }
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    let linked = notification::open_offer(&app.database, secret, app.now)
        .await
        .unwrap();
    let command = Accept {
        caller: linked.caller,
        which: Which::Offer(linked.offer_id),
        rules: RULES,
        key: None,
    };
    waitlist::accept(&app.database, command, app.now).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("accepted", "accepted"));
    assert_eq!(sent(&dispatch, &postbox, 1).await.len(), 1);
}

#[tokio::test]
async fn an_offer_that_was_answered_before_it_was_said_is_not_said() {
    let app = clinic().await;
    let postbox = Arc::new(Postbox::default());
    let dispatch = listening(&app, &postbox);
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    declines(&app, patients[1], entry.id, app.now).await.unwrap();
    assert!(sent(&dispatch, &postbox, 0).await.is_empty());
    let suppressed = "select count(*) from messages where kind = 'time_kept' and state = 'suppressed'";
    assert_eq!(app.count(suppressed).await, 1);
}

#[tokio::test]
async fn nobody_is_woken() {
    let app = clinic().await;
    let postbox = Arc::new(Postbox::default());
    let dispatch = listening(&app, &postbox);
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    at_this_hour(&app, 2, hour).await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    assert!(sent(&dispatch, &postbox, 60).await.is_empty());
    let letters = sent(&dispatch, &postbox, 7 * 60).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].kind, Kind::TimeFree);
}
