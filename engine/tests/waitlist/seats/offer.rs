//! Whom seats that come free are offered to.

use engine::{
    error::{AppError, Field, FieldProblem, Refusal},
    group::{self, Cancel, Change, Details},
    waitlist::{self, Misfit, passed_over},
};

use super::{FAR, free, left, seated, session, takes, waiting, waits_for};
use crate::{
    support::{TestApp, refusal},
    waitlist::{at_this_hour, cancels, clinic, declines, is, joins, lapse, state, waits, wishes},
};

#[tokio::test]
async fn a_seat_that_comes_free_is_kept_for_who_has_waited_longest() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let group = session(&app, FAR, 2).await.id;
    let reference = seated(&app, group, patients[0], 1).await;
    seated(&app, group, patients[1], 1).await;
    let second = waits_for(&app, group, patients[3], 1, 2).await;
    let first = waits_for(&app, group, patients[2], 1, 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, first.id).await, is("offered", "offered"));
    assert_eq!(state(&app, second.id).await, waits());
    // It is nobody else's.
    assert_eq!(free(&app, group).await, 0);
    assert_eq!(left(&takes(&app, group, patients[4], 1).await), Some(0));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_party_is_offered_all_of_its_seats_or_none() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let group = session(&app, FAR, 3).await.id;
    let mut references = Vec::new();
    for patient_id in &patients[..3] {
        references.push(seated(&app, group, *patient_id, 1).await);
    }
    let pair = waits_for(&app, group, patients[3], 2, 1).await;
    let single = waits_for(&app, group, patients[4], 1, 2).await;
    cancels(&app, 0, &references[0]).await;
    assert_eq!(state(&app, single.id).await, is("offered", "offered"));
    let offer = app.count("select id from waitlist_offers").await;
    let (offer, among) = passed_over(&app.database, &app.admin_caller(), offer, app.now)
        .await
        .unwrap();
    let misfits: Vec<Option<Misfit>> = among.iter().map(|one| one.misfit).collect();
    assert_eq!((offer.passed_over, misfits), (1, vec![Some(Misfit::Party)]));
    // One more seat is not enough for two either, and is everybody's.
    cancels(&app, 0, &references[1]).await;
    assert_eq!(state(&app, pair.id).await, waits());
    assert_eq!(free(&app, group).await, 1);
    declines(&app, patients[4], single.id, app.now).await.unwrap();
    assert_eq!(state(&app, pair.id).await, is("offered", "offered"));
    assert_eq!(free(&app, group).await, 0);
    // Seats were all that was waited for.
    assert_eq!(state(&app, single.id).await, is("ended", "declined"));
    app.assert_whole().await;
}

#[tokio::test]
async fn the_seats_of_a_party_go_to_several_at_once() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let group = session(&app, FAR, 4).await.id;
    let reference = seated(&app, group, patients[0], 4).await;
    let mut entries = Vec::new();
    for (patient_id, (seats, minutes)) in patients[1..].iter().zip([(1, 1), (2, 2), (2, 3), (1, 4)]) {
        entries.push(waits_for(&app, group, *patient_id, seats, minutes).await.id);
    }
    cancels(&app, 0, &reference).await;
    for (entry, is_offered) in entries.iter().zip([true, true, false, true]) {
        let expected = match is_offered {
            true => is("offered", "offered"),
            false => waits(),
        };
        assert_eq!(state(&app, *entry).await, expected);
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_that_are_added_are_offered() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let group = session(&app, FAR, 2).await;
    seated(&app, group.id, patients[0], 2).await;
    let entry = waits_for(&app, group.id, patients[1], 2, 1).await;
    let command = Change {
        caller: app.admin_caller(),
        group_id: group.id,
        version: group.version,
        details: Details {
            title: "Birth class".to_owned(),
            starts_at: group.starts_at,
            minutes: 60,
            capacity: 4,
            price: None,
        },
        key: None,
    };
    group::change(&app.database, command, app.now).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    assert_eq!(left(&takes(&app, group.id, patients[2], 1).await), Some(0));
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_whose_offer_ran_out_are_free_though_nobody_has_written_that() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let group = session(&app, FAR, 1).await.id;
    let reference = seated(&app, group, patients[0], 1).await;
    let entry = waits_for(&app, group, patients[1], 1, 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(free(&app, group).await, 0);
    run_out(&app).await;
    assert_eq!(free(&app, group).await, 1);
    takes(&app, group, patients[2], 1).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("waiting", "lapsed"));
    assert_eq!(free(&app, group).await, 0);
    app.assert_whole().await;
}

/// Lets the offers that are open run out, and nobody write it.
async fn run_out(app: &TestApp) {
    app.sql(
        "update appointments set held_until = created_at where status = 'held' and patient_id is not null;
         update waitlist_offers set kept_until = appointments.created_at
         from appointments where appointments.id = appointment_id and state = 'offered'",
    )
    .await;
}

#[tokio::test]
async fn what_one_lets_lapse_goes_to_the_next_and_after_three_to_everybody() {
    let app = clinic().await;
    let patients = app.patients(6).await;
    let group = session(&app, FAR, 1).await.id;
    let reference = seated(&app, group, patients[0], 1).await;
    let mut entries = Vec::new();
    for (minutes, patient_id) in (1..).zip(&patients[1..]) {
        entries.push(waits_for(&app, group, *patient_id, 1, minutes).await.id);
    }
    cancels(&app, 0, &reference).await;
    for entry in &entries[..3] {
        assert_eq!(state(&app, *entry).await, is("offered", "offered"));
        run_out(&app).await;
        engine::appointment::expire(&app.database, app.database.now())
            .await
            .unwrap();
        let lapsed = "select count(*) from waitlist_offers where state = 'lapsed'";
        assert!(app.count(lapsed).await > 0);
    }
    assert_eq!(free(&app, group).await, 1);
    assert_eq!(
        app.count("select count(*) from waitlist_offers where state = 'told'")
            .await,
        4
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn at_night_up_to_five_are_told_and_the_seat_is_everybodys() {
    let app = clinic().await;
    let patients = app.patients(8).await;
    let group = session(&app, FAR, 1).await.id;
    let reference = seated(&app, group, patients[0], 1).await;
    for (minutes, patient_id) in (1..).zip(&patients[1..]) {
        waits_for(&app, group, *patient_id, 1, minutes).await;
    }
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    at_this_hour(&app, 2, hour).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(
        app.count("select count(*) from waitlist_offers where state = 'told'")
            .await,
        5
    );
    assert_eq!(free(&app, group).await, 1);
    // Whoever takes it waits no more.
    takes(&app, group, patients[1], 1).await.unwrap();
    assert_eq!(
        app.count("select count(*) from waitlist_entries where state = 'accepted'")
            .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn who_joins_while_seats_are_free_is_offered_them_at_once() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 3).await.id;
    seated(&app, group, patients[0], 1).await;
    let entry = waits_for(&app, group, patients[1], 2, 0).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    assert_eq!(free(&app, group).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_takes_seats_while_some_are_kept_for_them_has_accepted() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 2).await.id;
    let reference = seated(&app, group, patients[0], 2).await;
    let entry = waits_for(&app, group, patients[1], 1, 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(free(&app, group).await, 1);
    // Both: the one that is kept for them, and another one.
    takes(&app, group, patients[1], 2).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("accepted", "accepted"));
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_waits_for_more_seats_than_there_are_or_in_what_is_over() {
    let app = clinic().await;
    let patient_id = app.patient(0).await;
    let group = session(&app, FAR, 2).await;
    let joins =
        |group_id, seats, now| waitlist::join(&app.database, waiting(&app, group_id, patient_id, seats), now);
    for seats in [0, 3] {
        assert_eq!(
            joins(group.id, seats, app.now).await.unwrap_err(),
            AppError::invalid(Field::Seats, FieldProblem::Malformed)
        );
    }
    assert_eq!(
        joins(group.id + 1, 1, app.now).await.unwrap_err(),
        AppError::NotFound
    );
    assert!(matches!(
        joins(group.id, 1, group.starts_at).await,
        Err(AppError::BookingFailed { .. })
    ));
    lapse(&app).await;
}

#[tokio::test]
async fn who_has_seats_waits_for_no_more_of_them() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 2).await.id;
    let own = seated(&app, group, patients[0], 1).await;
    let command = waiting(&app, group, patients[0], 1);
    let refused = waitlist::join(&app.database, command.clone(), app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    assert_eq!(app.count("select count(*) from waitlist_entries").await, 0);
    assert_eq!(app.count("select count(*) from waitlist_offers").await, 0);
    // Whoever gives them up waits like everybody.
    cancels(&app, 0, &own).await;
    waitlist::join(&app.database, command, app.now).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn who_let_seats_go_is_offered_the_time_of_their_doctor() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 1).await.id;
    let seat = seated(&app, group, patients[0], 1).await;
    let for_seat = waits_for(&app, group, patients[1], 1, 1).await.id;
    cancels(&app, 0, &seat).await;
    declines(&app, patients[1], for_seat, app.now).await.unwrap();
    // Of the hour of the session, its first half is all that is left to them.
    app.confirmed(patients[1], 1, app.slot(FAR + 1)).await;
    let for_time = joins(&app, patients[1], wishes(&app), 2).await.id;
    let command = Cancel {
        caller: app.admin_caller(),
        group_id: group,
        version: None,
        with_rest: false,
        reason: "The doctor is ill".to_owned(),
        key: None,
    };
    group::cancel(&app.database, command, app.now).await.unwrap();
    assert_eq!(state(&app, for_time).await, is("offered", "offered"));
    app.assert_whole().await;
}
