//! What is written to a calendar elsewhere.

use std::sync::Arc;

use engine::caldav::{LEASE_MINUTES, Trouble, busy::give_back, round, unlink};

use super::{
    FAMILY, Server, WORK, account, cancelled, choose, clinic, dispatch, later, linked, moved, own_starts,
    settle, settle_at,
};
use crate::support::{TestApp, VISIT};

async fn setting() -> (TestApp, Arc<Server>) {
    let app = clinic().await;
    linked(&app).await;
    (app, Arc::new(Server::default()))
}

#[tokio::test]
async fn a_request_is_written_and_moved_and_taken_out_when_it_is_called_off() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patient_id = app.patient(1).await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), [(reference.clone(), app.slot(20))]);
    let name = server.names().remove(0);
    assert!(name.starts_with(WORK), "{name}");
    let body = server.body(&name);
    for line in ["STATUS:TENTATIVE", "CLASS:PRIVATE", "X-JANJI-VERSION:2"] {
        assert!(body.contains(line), "{body}");
    }
    // Its server would write to them.
    assert!(
        !body.contains("ATTENDEE") && !body.contains("ORGANIZER") && !body.contains("METHOD"),
        "{body}"
    );
    moved(&app, &reference, None, app.slot(30)).await.unwrap();
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), [(reference.clone(), app.slot(30))]);
    assert_eq!(server.names(), [name]);
    let command = engine::appointment::ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: reference.into(),
        to: engine::appointment::Status::Rejected,
        version: None,
        reason: "Ill".to_owned(),
    };
    engine::appointment::change_status(&app.database, command, app.database.now())
        .await
        .unwrap();
    settle(&app, &dispatch).await;
    assert!(server.starts().is_empty());
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
    assert_eq!(app.count("select count(*) from calendar_events").await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn several_changes_are_one_job() {
    let (app, server) = setting().await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    moved(&app, &reference, None, app.slot(21)).await.unwrap();
    moved(&app, &reference, None, app.slot(22)).await.unwrap();
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 1);
    settle_at(&dispatch(&app, &server), later(&app, 1)).await;
    assert_eq!(server.writes().len(), 1);
    assert_eq!(server.starts(), [(reference, app.slot(22))]);
}

#[tokio::test]
async fn what_is_held_and_what_is_of_others_is_not_written() {
    let (app, server) = setting().await;
    let patient_id = app.patient(1).await;
    app.hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.confirmed(patient_id, 1, app.slot(21)).await;
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(server.names(), [""; 0]);
}

#[tokio::test]
async fn what_was_booked_before_is_written_when_a_calendar_is_chosen() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    for (patient_id, slot) in patients.into_iter().zip(20..) {
        app.confirmed(patient_id, 0, app.slot(slot)).await;
    }
    linked(&app).await;
    let server = Arc::new(Server::default());
    let dispatch = dispatch(&app, &server);
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), own_starts(&app).await);
    // Another choice takes them from the one calendar to the other.
    choose(&app, Some("Family"), &[]).await.unwrap();
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), own_starts(&app).await);
    assert!(server.names().iter().all(|name| name.starts_with(FAMILY)));
}

#[tokio::test]
async fn a_lost_answer_writes_nothing_twice() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    for slot in 21..26 {
        server.lose(&[0, 2]);
        settle(&app, &dispatch).await;
        assert_eq!(server.starts(), own_starts(&app).await);
        moved(&app, &reference, None, app.slot(slot)).await.unwrap();
    }
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), [(reference, app.slot(25))]);
    assert_eq!(app.count("select count(*) from calendar_questions").await, 0);
    // A lost answer to a deletion as well.
    let (reference, _) = server.starts().remove(0);
    cancelled(&app, &reference).await;
    server.lose(&[0]);
    settle(&app, &dispatch).await;
    assert!(server.starts().is_empty());
}

#[tokio::test]
async fn a_worker_that_dies_after_writing_is_followed_by_one_that_finds_it() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let now = later(&app, 1);
    // It was written, and nobody has noted it.
    settle_at(&dispatch, now).await;
    app.sql(
        "update calendar_events set etag = null, version = null, written_at = null;
         insert into calendar_jobs (account_id, appointment_id, action, due_at)
         select account_id, appointment_id, 'put', now() from calendar_events;
         update calendar_accounts set claimed_by = 'dead', claimed_until = now() + interval '2 minutes'",
    )
    .await;
    assert_eq!(round(&dispatch, app.database.now()).await.unwrap(), 0);
    settle_at(&dispatch, later(&app, LEASE_MINUTES + 1)).await;
    assert_eq!(server.names().len(), 1);
    assert_eq!(server.starts(), own_starts(&app).await);
}

#[tokio::test]
async fn a_server_that_is_away_is_left_alone_for_longer_and_longer_and_nothing_is_lost() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20 + 2 * 48)).await;
    server.refuse(Some(Trouble::Unreachable));
    for minute in 0..24 * 60 {
        round(&dispatch, later(&app, minute)).await.unwrap();
    }
    assert!(server.requests() < 40, "{}", server.requests());
    let view = account(&app).await;
    assert_eq!(view.trouble, Some(Trouble::Unreachable));
    app.confirmed(patients[1], 0, app.slot(21 + 2 * 48)).await;
    server.refuse(None);
    settle_at(&dispatch, later(&app, 26 * 60)).await;
    assert_eq!(server.starts(), own_starts(&app).await);
    assert_eq!(account(&app).await.trouble, None);
}

#[tokio::test]
async fn a_password_that_is_refused_is_not_tried_for_ever() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    server.refuse(Some(Trouble::Unauthorized));
    for minute in 0..300 {
        round(&dispatch, later(&app, minute)).await.unwrap();
    }
    assert_eq!(server.requests(), 3);
    assert_eq!(account(&app).await.state, engine::caldav::State::Paused);
    // Meanwhile everything is kept, and written when somebody has given the new password.
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    server.refuse(None);
    linked(&app).await;
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), own_starts(&app).await);
}

#[tokio::test]
async fn unlinking_takes_ours_out_and_forgets_the_account() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 0, app.slot(21)).await;
    // One of them takes times here.
    let foreign = [format!("{FAMILY}theirs.ics"), format!("{WORK}theirs.ics")];
    for name in &foreign {
        server.change(
            name,
            Some("BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20300101T000000Z\r\nEND:VEVENT\r\n".to_owned()),
        );
    }
    settle(&app, &dispatch).await;
    let id = account(&app).await.id;
    for _ in 0..2 {
        unlink(&app.database, &app.doctor_caller(0), id, app.database.now())
            .await
            .unwrap();
    }
    assert!(app.count("select count(*) from external_items").await > 0);
    settle_at(&dispatch, later(&app, 1)).await;
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 1);
    while give_back(&app.database).await.unwrap() {}
    // Soon after.
    settle_at(&dispatch, later(&app, 3)).await;
    assert_eq!(server.names(), foreign);
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
    assert_eq!(app.count("select count(*) from calendar_events").await, 0);
    // It can be linked again.
    linked(&app).await;
    settle(&app, &dispatch).await;
    assert_eq!(server.names().len(), 4);
}

#[tokio::test]
async fn an_account_whose_server_is_gone_is_unlinked_after_three_days() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch).await;
    server.refuse(Some(Trouble::Unreachable));
    let id = account(&app).await.id;
    unlink(&app.database, &app.doctor_caller(0), id, app.database.now())
        .await
        .unwrap();
    settle_at(&dispatch, later(&app, 60)).await;
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 1);
    settle_at(&dispatch, later(&app, 74 * 60)).await;
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
}

#[tokio::test]
async fn an_account_whose_server_lets_nothing_be_deleted_is_unlinked_after_three_days() {
    let (app, server) = setting().await;
    let dispatch = dispatch(&app, &server);
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch).await;
    server.refuse_deletes();
    let id = account(&app).await.id;
    unlink(&app.database, &app.doctor_caller(0), id, app.database.now())
        .await
        .unwrap();
    // A rest of an hour is over after each of these.
    for turn in 0..48 {
        round(&dispatch, later(&app, 30 + 61 * turn)).await.unwrap();
    }
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 1);
    for turn in 48..79 {
        round(&dispatch, later(&app, 30 + 61 * turn)).await.unwrap();
    }
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
    assert_eq!(server.names().len(), 1);
}
