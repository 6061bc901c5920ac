//! Rooms and seats that are paid first: on pages without JavaScript, and by the API.

use engine::payment::Provider;
use jiff::{ToSpan, tz::TimeZone};
use serde_json::{Value, json};

use super::{Till, clinic};
use crate::support::{People, TestApp, data, refused};

/// A kind of rooms with a single room, which is paid first.
async fn kind(app: &TestApp, people: &People) -> Value {
    let kind = json!({
        "clinic_id": app.clinic, "name": "Single room", "rooms": 1, "price": { "amount": "850000", "currency": "IDR" },
        "pay_when": "before", "refund_hours": 48, "late_refund_percent": 50,
    });
    data(&people.admin.post("room-types", &kind).await, 201)["id"].clone()
}

fn nights(app: &TestApp, kind: &Value) -> Value {
    let today = app.now.to_zoned(TimeZone::UTC).date();
    json!({
        "room_type_id": kind, "arrival": today.saturating_add(20.days()), "departure": today.saturating_add(22.days()),
    })
}

#[tokio::test]
async fn rooms_are_held_paid_and_booked() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let people = People::of(&site).await;
    let kind = kind(&app, &people).await;
    let shown = data(&people.patient.get(&format!("room-types/{kind}")).await, 200);
    assert_eq!(
        (&shown["pay_when"], &shown["refund_hours"]),
        (&json!("before"), &json!(48))
    );
    let mut wish = nights(&app, &kind);
    refused(
        &people.patient.post("stays", &wish).await,
        402,
        "PAYMENT_REQUIRED",
    );
    wish["hold"] = json!(true);
    let stay = data(&people.patient.post("stays", &wish).await, 201);
    assert_eq!(stay["paid_first"]["amount"], "1700000");
    let path = format!("stays/{}", stay["id"]);
    let unpaid = people.patient.post(&format!("{path}/book"), &json!({})).await;
    refused(&unpaid, 402, "PAYMENT_REQUIRED");
    let paying = people.patient.post(&format!("{path}/pay"), &json!({})).await;
    let begun = data(&paying, 201);
    assert!(begun["url"].as_str().unwrap().starts_with(&till.url), "{begun}");
    assert_eq!(begun["reference"], stay["reference"]);
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(data(&people.patient.get(&path).await, 200)["status"], "booked");
    let paid = data(&people.patient.get(&format!("{path}/payments")).await, 200);
    assert_eq!(
        (&paid["paid"]["amount"], &paid["open"]),
        (&json!("1700000"), &Value::Null)
    );
    let nothing_open = json!({ "means": "cash" });
    refused(
        &people
            .admin
            .post(&format!("{path}/payments"), &nothing_open)
            .await,
        422,
        "VALIDATION_FAILED",
    );
    refused(
        &people.doctor.get(&format!("{path}/payments")).await,
        404,
        "NOT_FOUND",
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_are_kept_paid_and_booked() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    app.sql("update services set price_minor = 4000000, currency = 'IDR', pay_when = 'before' where key = 'visit'")
        .await;
    let session = app.group(3, true).await;
    app.sql("update groups set price_minor = 4000000, currency = 'IDR'")
        .await;
    let site = app.serve().await;
    till.calls(&site);
    let people = People::of(&site).await;
    let wish = json!({ "seats": 2 });
    refused(
        &people
            .patient
            .post(&format!("groups/{session}/seats"), &wish)
            .await,
        402,
        "PAYMENT_REQUIRED",
    );
    let paying = people.patient.post(&format!("groups/{session}/pay"), &wish).await;
    let begun = data(&paying, 201);
    assert_eq!(begun["amount"]["amount"], "80000");
    let shown = data(&people.patient.get(&format!("groups/{session}")).await, 200);
    assert_eq!(shown["free"], 1);
    assert_eq!(shown["paid_first"]["amount"], "40000");
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    let path = format!("appointments/{}", begun["reference"].as_str().unwrap());
    assert_eq!(data(&people.patient.get(&path).await, 200)["status"], "confirmed");
    app.assert_whole().await;
}

#[tokio::test]
async fn pages_of_rooms_and_seats_lead_to_the_provider() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    app.sql("update services set price_minor = 4000000, currency = 'IDR', pay_when = 'before' where key = 'visit'")
        .await;
    let session = app.group(3, true).await;
    app.sql("update groups set price_minor = 4000000, currency = 'IDR'")
        .await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = kind(&app, &people).await;
    let browser = site.patient("+6281255500777").await;
    let wish = nights(&app, &kind);
    let rooms = format!(
        "/rooms/{kind}?arrival={}&departure={}&rooms=1",
        wish["arrival"].as_str().unwrap(),
        wish["departure"].as_str().unwrap()
    );
    let shown = browser.get(&rooms).await;
    assert!(shown.body.contains("48 hours"), "{}", shown.body);
    let mut fields = Vec::new();
    for name in ["key", "room_type_id", "arrival", "departure", "rooms", "patient"] {
        fields.push((name, shown.field("take-rooms", name)));
    }
    fields.push(("name", "Maya".to_owned()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let stay = browser.submit(&rooms, "take-rooms", &fields).await.location();
    let held = browser.get(&stay).await;
    assert!(held.form("book-held-rooms").is_empty(), "{}", held.body);
    let path = stay.split('?').next().unwrap();
    let not_now = browser.get(&format!("{path}?pay=not-now")).await;
    let said = not_now.texts("section.notice p").join(" ");
    assert!(said.contains("The rooms are kept for you"), "{}", not_now.body);
    let (reference, key) = (
        held.field("pay-for-rooms", "reference"),
        held.field("pay-for-rooms", "key"),
    );
    let fields = [("reference", &*reference), ("key", &*key)];
    let away = browser.submit(&stay, "pay-for-rooms", &fields).await.location();
    assert!(away.starts_with(&format!("{}/pay/", till.url)), "{away}");
    let payment = format!("/payments/{}", app.count("select max(id) from payments").await);
    let waits = browser.get(&payment).await;
    assert!(waits.body.contains(&reference), "{}", waits.body);
    let group = format!("/groups/{session}");
    let shown = browser.get(&group).await;
    assert!(shown.form("take-seats").is_empty(), "{}", shown.body);
    let (key, patient) = (
        shown.field("pay-for-seats", "key"),
        shown.field("pay-for-seats", "patient"),
    );
    let session = session.to_string();
    let fields = [
        ("group", &*session),
        ("patient", &*patient),
        ("name", "Maya"),
        ("seats", "2"),
        ("key", &*key),
    ];
    let away = browser.submit(&group, "pay-for-seats", &fields).await.location();
    assert!(away.starts_with(&format!("{}/pay/", till.url)), "{away}");
    let payment = format!("/payments/{}", app.count("select max(id) from payments").await);
    assert_eq!(browser.get(&payment).await.status, 200);
}
