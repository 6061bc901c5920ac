//! The desk takes payments: on the page of an appointment and by the API; receipts, and what a day brought.

use engine::error::{AppError, Field, FieldProblem};
use janji::payment::provider::Payments;
use serde_json::json;

use super::clinic;
use crate::support::{Everybody, People, TestApp, data, refused};

const SLOT: i64 = 200;

/// An appointment of 100 euros that is booked.
async fn booked(app: &TestApp, number: usize) -> String {
    app.sql(
        "update services set price_minor = 10000, currency = 'EUR', pay_when = 'desk' where key = 'visit'",
    )
    .await;
    let patient_id = app.patient(number).await;
    app.confirmed(patient_id, 0, app.slot(SLOT)).await
}

#[tokio::test]
async fn the_desk_takes_a_payment_and_prints_its_receipt() {
    let app = clinic(Payments::default()).await;
    let reference = booked(&app, 1).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = format!("/admin/appointments/{reference}");
    let fields = [
        ("reference", &*reference),
        ("means", "terminal"),
        ("amount", "100.50"),
    ];
    let answer = admin.submit(&page, "take-payment", &fields).await;
    let too_many = AppError::invalid(Field::Amount, FieldProblem::TooMany);
    assert_eq!(answer.error(), Some(too_many));
    // What was typed is still there.
    let again = admin.get(&page).await;
    assert_eq!(again.field("take-payment", "amount"), "100.50");
    assert_eq!(again.field("take-payment", "means"), "terminal");
    let key = again.field("take-payment", "key");
    let fields = [
        ("reference", &*reference),
        ("means", "cash"),
        ("amount", "40"),
        ("key", &key),
    ];
    let answer = admin.submit(&page, "take-payment", &fields).await;
    let receipt = answer.location();
    assert!(receipt.ends_with("/receipt?done=take"), "{answer:?}");
    // The second click of two.
    let twice = admin.submit(&page, "take-payment", &fields).await;
    assert_eq!(twice.location(), receipt);
    assert_eq!(app.count("select count(*) from payments").await, 1);
    let printed = admin.get(&receipt).await;
    assert!(
        printed.body.contains("40") && printed.body.contains(&reference),
        "{}",
        printed.body
    );
    let takings = admin.get("/admin/takings").await;
    assert_eq!(takings.texts("tbody tr").len(), 1, "{}", takings.body);
    assert!(takings.body.contains("€"), "{}", takings.body);
    app.assert_whole().await;
}

#[tokio::test]
async fn only_the_desk_of_the_clinic_takes_and_sees_receipts() {
    let app = clinic(Payments::default()).await;
    let reference = booked(&app, 5).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let fields = [("reference", &*reference), ("means", "cash")];
    let mut taken = 0;
    for (who, browser) in everybody.all() {
        let answer = browser.post("/form/take-payment", &fields).await;
        taken += i64::from(answer.location().contains("/receipt"));
        assert!(taken <= 1, "{who}");
    }
    assert_eq!(app.count("select count(*) from payments").await, taken);
}

#[tokio::test]
async fn programs_take_payments_at_the_desk_and_read_what_is_paid() {
    let app = clinic(Payments::default()).await;
    app.sql("update services set price_minor = 10000, currency = 'EUR' where key = 'visit'")
        .await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(SLOT)).await;
    let path = format!("appointments/{reference}/payments");
    let cash = json!({ "means": "cash", "amount": { "amount": "30", "currency": "EUR" } });
    refused(&people.patient.post(&path, &cash).await, 403, "FORBIDDEN");
    refused(&people.other.get(&path).await, 404, "NOT_FOUND");
    refused(&people.other_reception.post(&path, &cash).await, 404, "NOT_FOUND");
    let rupiah = json!({ "means": "cash", "amount": { "amount": "30", "currency": "IDR" } });
    refused(&people.admin.post(&path, &rupiah).await, 422, "VALIDATION_FAILED");
    let taken = data(&people.admin.post_under("take-1", &path, &cash).await, 201);
    let again = data(&people.admin.post_under("take-1", &path, &cash).await, 201);
    assert_eq!(taken["id"], again["id"]);
    let rest = data(
        &people.admin.post(&path, &json!({ "means": "terminal" })).await,
        201,
    );
    assert_ne!(rest["receipt"], taken["receipt"]);
    refused(&people.admin.post(&path, &cash).await, 422, "VALIDATION_FAILED");
    let paid = data(&people.patient.get(&path).await, 200);
    assert_eq!(paid["paid"], json!({ "amount": "100", "currency": "EUR" }));
    assert_eq!(
        (&paid["open"], paid["payments"].as_array().map(Vec::len)),
        (&json!(null), Some(2))
    );
    app.assert_whole().await;
}
