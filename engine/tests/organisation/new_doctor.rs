//! Doctors who are added.

use super::profile;
use crate::support::{PASSWORD, TestApp, VISIT, one_winner};
use engine::{
    account::{Limits, invite::invite, link::PublicUrl},
    availability::{For, page},
    booking::Wanted,
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    idempotency::{Key, KeyOwner},
    organisation::{AddDoctor, EditDoctor, add_doctor, doctor_details, edit_doctor},
};

const TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Email,
    problem: FieldProblem::Taken,
};

#[tokio::test]
async fn a_new_doctor_can_be_booked_at_once() {
    let app = TestApp::new().await;
    let added = add_doctor(&app.database, app.new_doctor("ayu@test.example"), app.now)
        .await
        .unwrap();
    let listed = page(
        &app.database,
        added.id,
        app.clinic,
        app.services[VISIT],
        None,
        For::Booking { visitor: None },
        app.now,
    )
    .await
    .unwrap();
    let starts_at = listed.days[1].slots[20].starts_at;
    let wanted = Wanted {
        doctor_id: added.id,
        ..app.wanted(0, VISIT, starts_at)
    };
    let patient = app.patient(1).await;
    app.booking_now(patient, wanted).await.unwrap();
    assert!(app.booking_now(patient, wanted).await.is_err());
    let other_service = Wanted {
        service_id: app.services[1],
        starts_at: app.slot(70).as_second(),
        ..wanted
    };
    assert_eq!(
        app.booking_now(patient, other_service).await,
        Err(AppError::NotFound)
    );
    let seen = doctor_details(&app.database, added.id, app.now).await.unwrap();
    assert_eq!((seen.version, seen.active, seen.next.len()), (1, true, 1));
    assert_eq!(seen.next[0].times.len(), 4);
    assert_eq!(seen.last_change.unwrap().what, "doctor_added");
    app.assert_sound().await;
}

#[tokio::test]
async fn one_of_many_admins_adding_a_doctor_with_the_same_email_wins() {
    let app = TestApp::crowded().await;
    let racers = (0..10)
        .map(|_| app.adding(app.new_doctor("ayu@test.example")))
        .collect();
    let results = app
        .race_behind("lock table staff in share mode", vec![racers])
        .await;
    let (_, losers) = one_winner(&results);
    assert_eq!(losers, [TAKEN; 9]);
    assert_eq!(app.count("select count(*) from doctors").await, 5);
    assert_eq!(
        app.count("select count(*) from organisation_changes").await,
        1,
        "a loser leaves nothing"
    );
    // Nor does somebody take an address by describing a doctor anew.
    let command = EditDoctor {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: 1,
        profile: profile("ayu@test.example"),
        password: None,
        own_password: Some(PASSWORD.to_owned()),
        limits: Limits::default(),
        key: None,
    };
    let refused = edit_doctor(&app.database, command, app.now).await;
    assert_eq!(refused, Err(TAKEN));
}

#[tokio::test]
async fn a_doctor_who_is_sent_twice_is_added_once() {
    let app = TestApp::crowded().await;
    let command = || AddDoctor {
        key: Some(Key::sent(KeyOwner::Caller(&app.admin_caller()), "k", "add", &1).unwrap()),
        ..app.new_doctor("ayu@test.example")
    };
    let results = app.race((0..8).map(|_| app.adding(command())).collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from doctors").await, 5);
}

#[tokio::test]
async fn a_link_dies_with_the_address_that_it_was_sent_to() {
    let app = TestApp::new().await;
    let by = (
        PublicUrl::parse("https://clinic.example").unwrap(),
        Texts::default(),
    );
    invite(
        &app.database,
        &app.admin_caller(),
        app.doctors[0].staff_id,
        by,
        app.now,
    )
    .await
    .unwrap();
    let links = "select count(*) from account_links";
    assert_eq!(app.count(links).await, 1);
    let command = EditDoctor {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: 1,
        profile: profile("right@test.example"),
        password: None,
        own_password: Some(PASSWORD.to_owned()),
        limits: Limits::default(),
        key: None,
    };
    edit_doctor(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.count(links).await, 0);
}

#[tokio::test]
async fn a_doctor_cannot_add_a_doctor() {
    let app = TestApp::new().await;
    let by_doctor = AddDoctor {
        caller: app.doctor_caller(0),
        ..app.new_doctor("ayu@test.example")
    };
    let refused = add_doctor(&app.database, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from organisation_changes").await, 0);
    assert_eq!(app.count("select count(*) from doctors").await, 4);
}
