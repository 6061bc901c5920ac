//! Events: what a transaction tells is acted on when it commits, and only then.

use std::sync::{Arc, Mutex};

use engine::{
    database::{Failure, Listener, Tx, Writing},
    error::AppError,
    event::Event,
};

use crate::support::{TestApp, VISIT};

/// Writes a row for every event before the commit, and remembers what it heard after it.
#[derive(Default)]
struct Witness {
    heard: Mutex<Vec<Event>>,
    refuses: bool,
}

impl Listener for Witness {
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            for event in events {
                sqlx::query("insert into messages (channel, recipient, body) values ('sms', 'witness', $1)")
                    .bind(format!("{event:?}"))
                    .execute(&mut **tx)
                    .await?;
            }
            match self.refuses {
                true => Err(Failure::Refused(AppError::Forbidden)),
                false => Ok(()),
            }
        })
    }

    fn after_commit(&self, events: &[Event]) {
        self.heard.lock().unwrap().extend(events);
    }
}

const WRITTEN: &str = "select count(*) from messages where recipient = 'witness'";
const HELD: &str = "select count(*) from appointments where status = 'held'";

#[tokio::test]
async fn a_hold_tells_its_events_once_it_is_committed() {
    let app = TestApp::new().await;
    let witness = Arc::new(Witness::default());
    app.database.listen(witness.clone());
    let wanted = app.wanted(0, VISIT, app.slot(0));
    app.hold(1, wanted, app.now).await.unwrap();
    let heard = witness.heard.lock().unwrap().clone();
    let doctor_id = wanted.doctor_id;
    assert!(heard.contains(&Event::TimesChanged { doctor_id }), "{heard:?}");
    assert!(
        heard
            .iter()
            .any(|event| matches!(event, Event::AppointmentChanged { version: 1, .. })),
        "{heard:?}"
    );
    assert_eq!(app.count(WRITTEN).await, i64::try_from(heard.len()).unwrap());
}

#[tokio::test]
async fn a_listener_that_cannot_write_takes_the_transaction_with_it() {
    let app = TestApp::new().await;
    let witness = Arc::new(Witness {
        refuses: true,
        ..Witness::default()
    });
    app.database.listen(witness.clone());
    let outcome = app.hold(1, app.wanted(0, VISIT, app.slot(0)), app.now).await;
    assert_eq!(outcome.unwrap_err(), AppError::Forbidden);
    assert!(witness.heard.lock().unwrap().is_empty());
    assert_eq!((app.count(WRITTEN).await, app.count(HELD).await), (0, 0));
}
