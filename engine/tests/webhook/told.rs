//! What is told, and that it is written together with what happens.

use std::{sync::Arc, time::Duration};

use engine::{
    appointment::Status,
    database::{Listener, Tx, Writing},
    error::AppError,
    event::Event,
    webhook::{self, DeliveryFilter, Topic, Wishes},
};
use sqlx::Connection;

use super::{Receiver, URL, change, clinic, dispatch, made, post_all, soon, states, try_to_make, wishes};
use crate::support::VISIT;

#[tokio::test]
async fn what_happens_to_an_appointment_is_told_in_its_order_by_ids_alone() {
    let app = clinic().await;
    made(&app).await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    change(&app, 0, &reference, Status::Cancelled).await.unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    assert_eq!(
        receiver.topics(),
        [
            "appointment.requested",
            "appointment.confirmed",
            "appointment.cancelled"
        ]
    );
    let told = receiver.told();
    assert_eq!(
        told[2]["data"],
        serde_json::json!({
            "id": app.id_of(&reference).await, "version": 4, "status": "cancelled",
            "doctor_id": app.doctors[0].id, "clinic_id": app.clinic
        })
    );
    let versions: Vec<i64> = told
        .iter()
        .map(|body| body["data"]["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [2, 3, 4]);
    assert!(receiver.requests().iter().all(|request| request.url == URL));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_webhook_that_asks_for_it_is_told_the_patient_and_the_times_and_no_name() {
    let app = clinic().await;
    let detailed = wishes(URL).with_details(true);
    try_to_make(&app, app.doctor_caller(0), detailed).await.unwrap();
    let patient_id = app.patient(1).await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    let data = &receiver.told()[0]["data"];
    assert_eq!(data["patient_id"], patient_id);
    assert_eq!(data["service_id"], app.services[VISIT]);
    assert_eq!(data["starts_at"], app.slot(20).to_string());
    assert!(!receiver.requests()[0].body.contains("Patient"));
}

#[tokio::test]
async fn a_webhook_is_told_of_what_it_asks_for_and_of_nothing_else() {
    let app = clinic().await;
    let confirmed = [Topic::Confirmed.name().to_owned()];
    let only = Wishes::new(URL, "One doctor", &confirmed, false).unwrap();
    let only = only.only_of(Some(app.doctors[1].id), Some(app.clinic));
    try_to_make(&app, app.admin_caller(), only).await.unwrap();
    let elsewhere = app.another_clinic().await;
    let other = wishes(URL).only_of(None, Some(elsewhere));
    try_to_make(&app, app.admin_caller(), other).await.unwrap();
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 1, app.slot(20)).await;
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    assert_eq!(receiver.topics(), ["appointment.confirmed"]);
    assert_eq!(receiver.told()[0]["data"]["doctor_id"], app.doctors[1].id);
}

/// Refuses every transaction that says something of an appointment, after all others have written.
struct Refusing;

impl Listener for Refusing {
    fn before_commit<'a>(&'a self, _: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let is_change = |event: &Event| matches!(event, Event::AppointmentChanged { .. });
            match events.iter().any(is_change) {
                true => Err(AppError::Forbidden.into()),
                false => Ok(()),
            }
        })
    }
}

#[tokio::test]
async fn nothing_is_told_of_what_was_taken_back() {
    let app = clinic().await;
    let id = made(&app).await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    app.database.listen(Arc::new(Refusing));
    let refused = change(&app, 0, &reference, Status::Cancelled).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert_eq!(app.appointment(&reference).await.0, "confirmed");
    assert_eq!(states(&app).await, ["due", "due"]);
    let filter = DeliveryFilter {
        limit: 10,
        ..DeliveryFilter::default()
    };
    let now = soon(&app);
    let listed = webhook::deliveries(&app.database, &app.admin_caller(), id, filter, now).await;
    let events: Vec<String> = listed.unwrap().into_iter().map(|one| one.event).collect();
    assert_eq!(events, ["appointment.confirmed", "appointment.requested"]);
}

#[tokio::test]
async fn no_booking_waits_for_whoever_changes_a_webhook() {
    let app = clinic().await;
    made(&app).await;
    let patient_id = app.patient(1).await;
    let mut keeper = app.connection().await;
    let mut held = keeper.begin().await.unwrap();
    sqlx::raw_sql("select from webhooks for update; select from webhook_deliveries for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let booking = app.confirmed(patient_id, 0, app.slot(20));
    tokio::time::timeout(Duration::from_secs(20), booking)
        .await
        .expect("a booking waits for a webhook");
    held.rollback().await.unwrap();
    assert_eq!(states(&app).await.len(), 2);
}
