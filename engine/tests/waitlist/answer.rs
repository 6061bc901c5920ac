//! Answers that come too late, by another way, or to what is no longer so.

use engine::{
    appointment::Status,
    booking::{self},
    error::{AppError, Refusal},
    time::plus_minutes,
    waitlist::{self, Accept, OfferByHand, Which},
};

use super::{
    accept, accepts, at_this_hour, cancels, change, clinic, declines, is, joins, joins_instead_of, lapse,
    state, waits, wishes,
};
use crate::support::{VISIT, hold, patient_caller, refusal};

const FREED: i64 = 60;

#[tokio::test]
async fn an_offer_that_ran_out_is_accepted_while_nobody_has_its_time() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    let late = plus_minutes(app.database.now(), 45);
    let booked = accepts(&app, patients[1], entry.id, late).await.unwrap();
    assert_eq!(
        (booked.status, booked.starts_at),
        (Status::Pending, app.slot(FREED))
    );
    assert_eq!(state(&app, entry.id).await, is("accepted", "accepted"));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_lapsed_offer_is_free_by_comparison() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    let late = plus_minutes(app.database.now(), 31);
    // No worker has run.
    booking::hold(&app.database, hold(9, wanted), late).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("waiting", "lapsed"));
    let refused = accepts(&app, patients[1], entry.id, late).await;
    assert_eq!(refusal(&refused), Some(Refusal::HoldExpired));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_books_the_time_by_another_way_has_accepted() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    let booked = app.books(patients[1], wanted).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("accepted", "accepted"));
    assert_eq!(
        accepts(&app, patients[1], entry.id, app.now).await.unwrap().id,
        booked.id
    );
    assert!(matches!(
        declines(&app, patients[1], entry.id, app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_answers_for_somebody_else() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(
        accepts(&app, patients[0], entry.id, app.now).await.unwrap_err(),
        AppError::NotFound
    );
    assert_eq!(
        declines(&app, patients[0], entry.id, app.now).await.unwrap_err(),
        AppError::NotFound
    );
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
}

#[tokio::test]
async fn an_appointment_that_is_gone_moves_nowhere() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let sooner = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let own = app.confirmed(patients[1], 0, app.slot(FREED + 10)).await;
    let entry = joins_instead_of(&app, patients[1], &own).await;
    cancels(&app, 0, &sooner).await;
    change(&app, patient_caller(patients[1]), &own, Status::Cancelled)
        .await
        .unwrap();
    assert!(matches!(
        accepts(&app, patients[1], entry.id, app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));
    lapse(&app).await;
    assert_eq!(state(&app, entry.id).await, is("waiting", "lapsed"));
}

#[tokio::test]
async fn the_staff_offer_a_free_time_to_whom_they_choose() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let first = joins(&app, patients[0], wishes(&app), 0).await;
    let second = joins(&app, patients[1], wishes(&app), 1).await;
    let offer = |entry_id| OfferByHand {
        caller: app.admin_caller(),
        entry_id,
        doctor_id: app.doctors[2].id,
        clinic_id: app.clinic,
        starts_at: app.slot(FREED),
        key: None,
    };
    waitlist::offer_by_hand(&app.database, offer(second.id), app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, first.id).await, waits());
    assert_eq!(state(&app, second.id).await, is("offered", "offered"));
    // The time is taken now.
    let refused = waitlist::offer_by_hand(&app.database, offer(first.id), app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    accepts(&app, patients[1], second.id, app.now).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn a_declined_offer_moves_no_appointment() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let sooner = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let own = app.confirmed(patients[1], 0, app.slot(FREED + 10)).await;
    let entry = joins_instead_of(&app, patients[1], &own).await;
    cancels(&app, 0, &sooner).await;
    declines(&app, patients[1], entry.id, app.now).await.unwrap();
    let refused = accepts(&app, patients[1], entry.id, app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::HoldExpired));
    assert_eq!(state(&app, entry.id).await, is("waiting", "declined"));
    // Its own time is taken, and the one that was declined is free.
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(FREED + 10))).await);
    assert!(app.offers(app.wanted(0, VISIT, app.slot(FREED))).await);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_lapsed_offer_gives_way_to_the_one_that_is_open() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let first = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let second = app.confirmed(patients[1], 0, app.slot(FREED + 4)).await;
    let own = app.confirmed(patients[2], 0, app.slot(FREED + 20)).await;
    let entry = joins_instead_of(&app, patients[2], &own).await;
    cancels(&app, 0, &first).await;
    lapse(&app).await;
    cancels(&app, 0, &second).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    let lapsed = app
        .count("select id from waitlist_offers where state = 'lapsed'")
        .await;
    let command = Accept {
        which: Which::Offer(lapsed),
        ..accept(patients[2], entry.id)
    };
    let refused = waitlist::accept(&app.database, command, app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::HoldExpired));
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    app.assert_whole().await;
    let moved = accepts(&app, patients[2], entry.id, app.now).await.unwrap();
    assert_eq!((moved.reference, moved.starts_at), (own, app.slot(FREED + 4)));
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_that_the_worker_ended_is_accepted_while_nobody_has_its_time() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &reference).await;
    lapse(&app).await;
    assert_eq!(state(&app, entry.id).await, is("waiting", "lapsed"));
    let booked = accepts(&app, patients[1], entry.id, app.now).await.unwrap();
    assert_eq!(booked.starts_at, app.slot(FREED));
    let again = accepts(&app, patients[1], entry.id, app.now).await.unwrap();
    assert_eq!(again.id, booked.id);
    assert_eq!(state(&app, entry.id).await, is("accepted", "accepted"));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_books_what_they_were_told_of_waits_no_more() {
    let app = clinic().await;
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    // At night nothing is kept.
    at_this_hour(&app, 2, hour).await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    let other = joins(&app, patients[2], wishes(&app), 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, entry.id).await, is("waiting", "told"));
    app.books(patients[1], wanted).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("accepted", "told"));
    assert_eq!(state(&app, other.id).await, is("waiting", "told"));
    app.assert_whole().await;
}

#[tokio::test]
async fn what_the_staff_offer_within_the_notice_of_the_service_is_accepted() {
    let app = clinic().await;
    let patients = app.patients(1).await;
    let entry = joins(&app, patients[0], wishes(&app), 0).await;
    app.sql("update services set notice_minutes = 43200").await;
    let offer = OfferByHand {
        caller: app.admin_caller(),
        entry_id: entry.id,
        doctor_id: app.doctors[0].id,
        clinic_id: app.clinic,
        starts_at: app.slot(FREED),
        key: None,
    };
    waitlist::offer_by_hand(&app.database, offer, app.now)
        .await
        .unwrap();
    let booked = accepts(&app, patients[0], entry.id, app.now).await.unwrap();
    assert_eq!(booked.starts_at, app.slot(FREED));
    app.assert_whole().await;
}
