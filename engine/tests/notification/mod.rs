//! The outbox: what is put out, who sends it, and what becomes of it.

mod appointment;
mod bounce;
mod calendar;
mod claim;
mod consultation;
mod contact;
mod end;
mod visit;
mod wording;

use std::sync::{Arc, Mutex};

use engine::{
    notification::{
        Channel, Dispatch, Kind, Lane, Letter, Outcome, Sender, Senders, Sending, Settings, deliver, listen,
    },
    time::plus_minutes,
};
use jiff::Timestamp;

use crate::support::TestApp;

pub const CODES: Lane = Lane {
    channel: Channel::Sms,
    is_for_codes: true,
};
pub const OTHERS: Lane = Lane {
    channel: Channel::Sms,
    is_for_codes: false,
};

/// A provider that keeps what it is given, and answers as it was told.
pub struct Postbox {
    letters: Mutex<Vec<Letter>>,
    answer: fn(&Letter) -> Option<Outcome>,
}

impl Postbox {
    /// One that takes everything.
    pub fn new() -> Arc<Self> {
        Self::with(|_| Some(Outcome::Sent { provider_id: None }))
    }

    /// One that answers so; `None` is silence.
    pub fn with(answer: fn(&Letter) -> Option<Outcome>) -> Arc<Self> {
        Arc::new(Self {
            letters: Mutex::default(),
            answer,
        })
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }

    pub fn kinds(&self) -> Vec<Kind> {
        self.letters().iter().map(|letter| letter.kind).collect()
    }
}

impl Sender for Postbox {
    fn name(&self) -> &'static str {
        "postbox"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        self.letters.lock().unwrap().push(letter.clone());
        Box::pin(async move {
            match (self.answer)(letter) {
                Some(outcome) => outcome,
                None => std::future::pending().await,
            }
        })
    }
}

/// An outbox with this provider for everything.
pub fn dispatch(app: &TestApp, postbox: &Arc<Postbox>) -> Dispatch {
    Dispatch {
        database: app.database.clone(),
        senders: Senders {
            sms: Some(postbox.clone()),
            email: Some(postbox.clone()),
            is_demo: false,
        },
        settings: Arc::new(Settings {
            public_url: Some("https://clinic.example".to_owned()),
            from_address: Some("hello@clinic.example".to_owned()),
            ..Settings::default()
        }),
    }
}

/// The same, and what happens to appointments is said.
pub fn listening(app: &TestApp, postbox: &Arc<Postbox>) -> Dispatch {
    let dispatch = dispatch(app, postbox);
    listen(&dispatch);
    dispatch
}

/// Sends what is due in all lanes, until nothing is.
pub async fn send_all(dispatch: &Dispatch, now: Timestamp) {
    for lane in Lane::ALL {
        while deliver(dispatch, lane, now).await.unwrap() > 0 {}
    }
}

/// Messages that are written already and due, one to each of so many numbers.
pub async fn put_out(app: &TestApp, count: i32) {
    sqlx::query(
        "insert into messages (kind, channel, recipient, body, not_after)
         select 'day_cancelled', 'sms', '+62812' || 1000000 + number, 'text ' || number, now() + interval '1 day'
         from generate_series(1, $1) as number",
    )
    .bind(count)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
}

/// A moment later, so that what was put out just now is due.
pub fn soon(app: &TestApp) -> Timestamp {
    plus_minutes(app.database.now(), 1)
}
