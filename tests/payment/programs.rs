//! Programs and what is paid before it is booked: refused without money, and led to the page on which it is paid.

use engine::payment::Provider;
use janji::payment::provider::Payments;
use serde_json::{Value, json};

use super::{Till, clinic};
use crate::support::{People, TestApp, data, refused};

const SLOT: i64 = 200;

fn vaccination(app: &TestApp) -> Value {
    json!({
        "doctor_id": app.doctors[0].id,
        "scheduled_at": app.slot(SLOT).to_string(),
        "type": "instant",
    })
}

#[tokio::test]
async fn a_program_is_led_to_the_page_and_the_hold_lasts() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let people = People::of(&site).await;
    let wish = vaccination(&app);
    refused(
        &people.patient.post("appointments", &wish).await,
        402,
        "PAYMENT_REQUIRED",
    );
    let hold = data(&people.patient.post("holds", &wish).await, 201);
    let path = format!("holds/{}", hold["reference"].as_str().unwrap());
    let submit = format!("{path}/submit");
    refused(
        &people.patient.post(&submit, &json!({})).await,
        402,
        "PAYMENT_REQUIRED",
    );
    let pay = format!("{path}/pay");
    refused(&people.other.post(&pay, &json!({})).await, 404, "NOT_FOUND");
    let begun = data(&people.patient.post_under("pay-1", &pay, &json!({})).await, 201);
    let again = data(&people.patient.post_under("pay-1", &pay, &json!({})).await, 201);
    assert_eq!((&begun["id"], &begun["url"]), (&again["id"], &again["url"]));
    assert!(begun["url"].as_str().unwrap().starts_with(&till.url), "{begun}");
    assert_eq!(begun["amount"], json!({ "amount": "150000", "currency": "IDR" }));
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(data(&people.patient.get(&path).await, 200)["status"], "confirmed");
    // The desk books without it.
    let mut wish = vaccination(&app);
    wish["scheduled_at"] = json!(app.slot(SLOT + 4).to_string());
    wish["patient_id"] = json!(people.patient_id);
    data(&people.admin.post("appointments", &wish).await, 201);
    app.assert_whole().await;
}

#[tokio::test]
async fn without_a_provider_a_program_is_told_so() {
    let app = clinic(Payments::default()).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let hold = data(&people.patient.post("holds", &vaccination(&app)).await, 201);
    let pay = format!("holds/{}/pay", hold["reference"].as_str().unwrap());
    refused(&people.patient.post(&pay, &json!({})).await, 503, "UNAVAILABLE");
    assert_eq!(app.count("select count(*) from payments").await, 0);
}
