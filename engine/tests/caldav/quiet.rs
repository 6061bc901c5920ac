//! What a round costs in which nothing has changed, and that it overlooks nothing.

use std::sync::Arc;

use engine::caldav::{PULL_MINUTES, State, Trouble, questions};

use super::{
    FAMILY, Server, WORK, account, cancelled, choose, clinic, dispatch, later, linked, own_starts, settle,
    settle_at,
};
use crate::support::TestApp;

/// A doctor with a calendar to write and two to read, in which there is something.
async fn setting(server: &Arc<Server>) -> TestApp {
    let app = clinic().await;
    linked(&app).await;
    choose(&app, Some("Work"), &["Family", "Holidays"]).await.unwrap();
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch(&app, server)).await;
    app
}

/// Works at the time of this round.
async fn work(app: &TestApp, server: &Arc<Server>, round: i64) {
    let then = later(app, 100 + round * (PULL_MINUTES + 1));
    settle_at(&dispatch(app, server), then).await;
}

/// The requests of a round after so many others.
async fn cost(app: &TestApp, server: &Arc<Server>, round: i64) -> usize {
    let before = server.requests();
    work(app, server, round).await;
    server.requests() - before
}

/// Has another appointment written, in the tenth round for each; answers with its reference and the name of its entry.
async fn written(app: &TestApp, server: &Arc<Server>, count: i64) -> (String, String) {
    let before = server.names();
    let patient_id = app.patient(10 + usize::try_from(count).unwrap()).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20 + 5 * count)).await;
    work(app, server, 10 * count).await;
    let new = (server.names().into_iter()).find(|name| !before.contains(name));
    (reference, new.unwrap())
}

#[tokio::test]
async fn a_quiet_round_is_one_request_for_all_calendars() {
    let server = Arc::new(Server::default());
    let app = setting(&server).await;
    assert_eq!(cost(&app, &server, 1).await, 1);
    assert_eq!(server.writes().len(), 1);
    assert!(account(&app).await.pulled_at.is_some());
    // What is changed is found: here all calendars have one token.
    server.change(&format!("{FAMILY}theirs.ics"), Some("BEGIN:VEVENT".to_owned()));
    assert_eq!(cost(&app, &server, 2).await, 1 + 3 + 1);
    assert_eq!(app.count("select count(*) from calendar_items").await, 1);
    assert_eq!(cost(&app, &server, 3).await, 1);
    server.change(&format!("{FAMILY}theirs.ics"), None);
    cost(&app, &server, 4).await;
    assert_eq!(app.count("select count(*) from calendar_items").await, 0);
    // Once a day all is listed, whatever was said.
    assert_eq!(cost(&app, &server, 300).await, 3);
}

#[tokio::test]
async fn a_server_that_cannot_say_what_has_changed_is_quiet_as_well() {
    let server = Arc::new(Server::default());
    server.cannot_sync();
    let app = setting(&server).await;
    assert_eq!(cost(&app, &server, 1).await, 1);
    let name = server.names().remove(0);
    server.drag(&name, app.slot(30));
    assert_eq!(cost(&app, &server, 2).await, 1 + 3 + 1 + 1);
    assert_eq!(server.starts(), own_starts(&app).await);
    assert_eq!(server.starts()[0].1, app.slot(30));
}

#[tokio::test]
async fn what_is_not_said_at_once_is_asked_of_each() {
    let server = Arc::new(Server::default());
    let app = setting(&server).await;
    server.hide(None, Some(FAMILY));
    assert_eq!(cost(&app, &server, 1).await, 2);
    // A folder that nobody may list, or that is too much for its server, says nothing of the password.
    let troubles = [Trouble::Unauthorized, Trouble::TimedOut, Trouble::Refused];
    for (trouble, round) in troubles.into_iter().zip(2..) {
        server.hide(Some(trouble), None);
        assert_eq!(cost(&app, &server, round).await, 1 + 3, "{trouble:?}");
        let account = account(&app).await;
        assert_eq!((account.state, account.trouble), (State::Active, None));
    }
    // One that wants to be left alone is.
    server.hide(Some(Trouble::Busy), None);
    assert_eq!(cost(&app, &server, 5).await, 1);
    assert_eq!(account(&app).await.trouble, Some(Trouble::Busy));
}

#[tokio::test]
async fn what_is_chosen_anew_is_read_whatever_is_said() {
    let server = Arc::new(Server::default());
    let app = setting(&server).await;
    server.change(&format!("{FAMILY}theirs.ics"), Some("BEGIN:VEVENT".to_owned()));
    cost(&app, &server, 1).await;
    choose(&app, Some("Work"), &["Holidays"]).await.unwrap();
    settle(&app, &dispatch(&app, &server)).await;
    choose(&app, Some("Work"), &["Family", "Holidays"]).await.unwrap();
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(app.count("select count(*) from calendar_items").await, 1);
}

#[tokio::test]
async fn what_was_written_and_taken_back_is_seen_whatever_is_said() {
    let server = Arc::new(Server::default());
    let app = setting(&server).await;
    let asked = async || {
        questions(&app.database, &app.doctor_caller(0))
            .await
            .unwrap()
            .len()
    };
    // By a look at all calendars, and by a calendar that is asked by itself; and where something else is another one since.
    for (unseen, others, count) in [(None, false, 1), (Some(WORK), false, 2), (None, true, 3)] {
        server.hide(None, unseen);
        cost(&app, &server, 10 * count).await;
        // At the time of the round before: what is there is not asked again.
        let (_, name) = written(&app, &server, count).await;
        server.take_back(&name);
        if others {
            server.change(&format!("{WORK}theirs.ics"), Some("BEGIN:VEVENT".to_owned()));
        }
        cost(&app, &server, 10 * count + 5).await;
        assert_eq!(asked().await as i64, count);
        cost(&app, &server, 10 * count + 6).await;
        assert_eq!(
            cost(&app, &server, 10 * count + 7).await,
            if unseen.is_none() { 1 } else { 2 }
        );
    }
}

#[tokio::test]
async fn what_was_taken_out_and_put_back_is_seen_and_takes_no_time() {
    let server = Arc::new(Server::default());
    let app = setting(&server).await;
    // By a look at all calendars, and by a calendar that is asked by itself.
    for (unseen, count) in [(None, 1), (Some(WORK), 2)] {
        server.hide(None, unseen);
        let (reference, name) = written(&app, &server, count).await;
        let body = server.body(&name);
        cost(&app, &server, 10 * count + 1).await;
        cancelled(&app, &reference).await;
        // At the time of the round before: what is there is not asked again.
        work(&app, &server, 10 * count + 1).await;
        assert!(!server.names().contains(&name));
        server.put_back(&name, body);
        cost(&app, &server, 10 * count + 5).await;
        assert_eq!(app.count("select count(*) from calendar_items").await, count);
        assert_eq!(app.count("select count(*) from external_busy").await, 0);
    }
}
