//! Whose webhooks they are, and what these may tell.

use engine::{
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    idempotency::{Key, KeyOwner},
    webhook::{self, ChangeWebhook, DeliveryFilter, MAX_WEBHOOKS, MakeWebhook, Replay},
};

use super::{Receiver, URL, clinic, dispatch, made, post_all, soon, states, try_to_make, wishes};
use crate::support::patient_caller;

#[tokio::test]
async fn a_doctor_is_told_of_their_own_appointments_alone() {
    let app = clinic().await;
    try_to_make(&app, app.doctor_caller(0), wishes(URL))
        .await
        .unwrap();
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 1, app.slot(20)).await;
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    assert_eq!(receiver.requests().len(), 2);
    let own = app.doctors[0].id;
    assert!(
        receiver
            .told()
            .iter()
            .all(|body| body["data"]["doctor_id"] == own)
    );
    let others = wishes(URL).only_of(Some(app.doctors[1].id), None);
    assert_eq!(
        try_to_make(&app, app.doctor_caller(0), others).await.err(),
        Some(AppError::invalid(Field::Doctor, FieldProblem::Malformed))
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn whoever_leaves_or_sees_less_is_told_nothing_more() {
    let app = clinic().await;
    made(&app).await;
    let patients = app.patients(3).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    let receiver = Receiver::new();
    let now = soon(&app);
    // Neither what waits, nor what happens from now on.
    app.give_clinics(app.admin_staff_id, &[app.clinic]).await;
    app.confirmed(patients[1], 0, app.slot(22)).await;
    post_all(&dispatch(&app, &receiver), now).await;
    app.sql("delete from staff_clinics; update staff set active = false where role = 'admin'")
        .await;
    app.confirmed(patients[2], 0, app.slot(24)).await;
    post_all(&dispatch(&app, &receiver), now).await;
    assert_eq!(receiver.requests().len(), 0);
    assert_eq!(states(&app).await, ["due", "due"]);
}

#[tokio::test]
async fn webhooks_are_for_doctors_and_admins_of_all_clinics() {
    let app = clinic().await;
    let patient_id = app.patient(1).await;
    let reception = app.reception_caller("rina@test.example", &[app.clinic]).await;
    for caller in [patient_caller(patient_id), reception] {
        let made = try_to_make(&app, caller.clone(), wishes(URL)).await;
        assert_eq!(made.err(), Some(AppError::NotFound));
        let listed = webhook::list(&app.database, &caller, app.now).await;
        assert_eq!(listed.err(), Some(AppError::NotFound));
    }
    // Those of somebody else are not found; admins see all.
    let (id, _) = try_to_make(&app, app.doctor_caller(0), wishes(URL))
        .await
        .unwrap();
    let (database, other, now) = (&app.database, app.doctor_caller(1), app.now);
    assert_eq!(
        webhook::one(database, &other, id, now).await.err(),
        Some(AppError::NotFound)
    );
    assert_eq!(
        webhook::pause(database, &other, id).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        webhook::resume(database, &other, id, now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        webhook::send_test(database, &other, id, now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        webhook::delete(database, &other, id, now).await,
        Err(AppError::NotFound)
    );
    let replayed = webhook::replay(database, &other, id, Replay::FailedSince(now), now).await;
    assert_eq!(replayed, Err(AppError::NotFound));
    let deliveries = webhook::deliveries(database, &other, id, DeliveryFilter::default(), now).await;
    assert_eq!(deliveries.err(), Some(AppError::NotFound));
    assert!(webhook::one(database, &app.admin_caller(), id, now).await.is_ok());
}

#[tokio::test]
async fn of_two_who_change_a_webhook_the_second_is_told_so() {
    let app = clinic().await;
    let id = made(&app).await;
    let change = |url: &str| ChangeWebhook {
        caller: app.admin_caller(),
        id,
        version: 1,
        wishes: wishes(url),
        key: None,
    };
    let racers = ["https://one.example/", "https://two.example/"]
        .map(|url| {
            let (database, command) = (app.database.clone(), change(url));
            let now = app.now;
            async move { webhook::change(&database, command, now).await }
        })
        .into();
    let results = app.race(racers).await;
    let (saved, losers) = crate::support::one_winner(&results);
    assert_eq!(saved.version, 2);
    assert_eq!(losers, [AppError::StaleOrganisation]);
}

#[tokio::test]
async fn a_request_that_comes_twice_makes_one_webhook_and_tells_its_secret_once() {
    let app = clinic().await;
    let admin = app.admin_caller();
    let command = MakeWebhook {
        caller: admin.clone(),
        wishes: wishes(URL),
        language: Locale::En,
        browser: None,
        secret_key: None,
        key: Key::sent(KeyOwner::Caller(&admin), "k", "make-webhook", &URL).ok(),
    };
    let twins = (0..5)
        .map(|_| {
            let (database, command, now) = (app.database.clone(), command.clone(), app.now);
            async move { webhook::make(&database, command, now).await.unwrap() }
        })
        .collect();
    let made = app.race(twins).await;
    assert_eq!(app.count("select count(*) from webhooks").await, 1);
    assert_eq!(made.iter().filter(|(_, secret)| secret.is_some()).count(), 1);
    assert!(made.iter().all(|(saved, _)| *saved == made[0].0));
}

#[tokio::test]
async fn nobody_has_more_webhooks_than_there_is_room_for() {
    let app = clinic().await;
    let racers = (0..MAX_WEBHOOKS + 5)
        .map(|_| {
            let (database, caller, now) = (app.database.clone(), app.admin_caller(), app.now);
            let command = MakeWebhook {
                caller,
                wishes: wishes(URL),
                language: Locale::En,
                browser: None,
                secret_key: None,
                key: None,
            };
            async move { webhook::make(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    let refused = AppError::invalid(Field::Webhooks, FieldProblem::TooMany);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 20);
    assert!(
        results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .all(|error| *error == refused)
    );
}
