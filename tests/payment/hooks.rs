//! Calls of providers: genuine ones count once, others are refused, and where there is no secret there is nothing.

use engine::payment::Provider;
use janji::payment::provider::{Payments, midtrans, stripe::signature::sign};
use serde_json::{Value, json};

use super::{PRICE, SECRET, Till, clinic, pays, state, status};
use crate::support::{Answer, Site, TestApp};

async fn post(site: &Site<'_>, path: &str, body: Vec<u8>, signature: Option<&str>) -> u16 {
    let visitor = site.visitor();
    let mut request = visitor
        .http
        .post(visitor.url(path))
        // A browser of another site has no say here, and none is asked for.
        .header("origin", "https://elsewhere.example")
        .body(body);
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    Answer::of(request).await.status
}

async fn event(site: &Site<'_>, event: &Value, secret: &str, age: i64) -> u16 {
    let body = event.to_string().into_bytes();
    let signature = sign(secret, site.app.state.now().as_second() - age, &body);
    post(site, "/hooks/stripe", body, Some(&signature)).await
}

/// Everything that payments have written.
async fn written(app: &TestApp) -> i64 {
    app.count(
        "select (select count(*) from provider_events) + (select count(*) from payment_troubles)
              + (select count(*) from refunds) + (select count(*) from payments where state not in ('created', 'paying'))",
    )
    .await
}

#[tokio::test]
async fn thirty_copies_of_an_event_at_once_book_once() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    for provider in [Provider::Stripe, Provider::Midtrans] {
        let number = usize::from(provider == Provider::Midtrans);
        let (payment_id, page) = pays(&app, &till, number, 200 + i64::from(number != 0), provider).await;
        assert!(till.stand_in.pay(&page));
        let delivery = till.stand_in.take_queue().remove(0);
        let copies = (0..30).map(|_| {
            let (stand_in, delivery) = (till.stand_in.clone(), delivery.clone());
            async move { stand_in.send(&delivery).await }
        });
        let statuses = app.race(copies.collect()).await;
        assert_eq!(statuses, [204; 30], "{provider:?}");
        assert_eq!(state(&app, payment_id).await, "paid");
        assert_eq!(status(&app, payment_id).await, "confirmed");
    }
    assert_eq!(
        app.count("select count(*) from appointment_changes where to_status = 'confirmed'")
            .await,
        2
    );
    assert_eq!(app.count("select count(*) from refunds").await, 0);
}

#[tokio::test]
async fn what_is_forged_old_or_of_another_account_is_refused_and_nothing_is_written() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    till.stand_in.pay(&page);
    let delivery = till.stand_in.take_queue().remove(0);
    let genuine: Value = serde_json::from_str(delivery.body()).unwrap();
    let mut forged = delivery.clone();
    forged.is_forged = true;
    let mut old = delivery.clone();
    old.age = 301;
    for (wrong, expected) in [(&forged, 401), (&old, 401)] {
        assert_eq!(till.stand_in.send(wrong).await, expected);
    }
    let mut early = delivery.clone();
    early.age = -400;
    assert_eq!(till.stand_in.send(&early).await, 401);
    assert_eq!(event(&site, &genuine, "whsec_other", 0).await, 401);
    let body = genuine.to_string().into_bytes();
    assert_eq!(post(&site, "/hooks/stripe", body.clone(), None).await, 401);
    assert_eq!(post(&site, "/hooks/stripe", body, Some("t=1,v1=00")).await, 401);
    for (name, value) in [("account", json!("acct_2")), ("livemode", json!(true))] {
        let mut stranger = genuine.clone();
        stranger[name] = value;
        assert_eq!(event(&site, &stranger, SECRET, 0).await, 403, "{name}");
    }
    // A genuine event about a page of another program with the same account.
    let mut other = genuine.clone();
    other["data"]["object"]["id"] = json!("cs_other");
    other["data"]["object"]["payment_intent"] = json!("pi_other");
    other["id"] = json!("evt_other");
    assert_eq!(event(&site, &other, SECRET, 0).await, 204);
    app.sql("delete from provider_events").await;
    assert_eq!(written(&app).await, 0);
    assert_eq!(state(&app, payment_id).await, "paying");
    assert_eq!(till.stand_in.send(&delivery).await, 204);
    assert_eq!(state(&app, payment_id).await, "paid");
}

#[tokio::test]
async fn a_forged_notification_is_refused_and_a_genuine_one_is_asked_about() {
    let till = Till::open(Provider::Midtrans).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Midtrans).await;
    till.stand_in.pay_later(&page);
    let pending = till.stand_in.take_queue().remove(0);
    let mut forged = pending.clone();
    forged.is_forged = true;
    assert_eq!(till.stand_in.send(&forged).await, 401);
    // The status is not signed: somebody has made it another one.
    let settled = pending.with("/transaction_status", json!("settlement"));
    assert_eq!(till.stand_in.send(&settled).await, 204);
    assert_eq!(state(&app, payment_id).await, "paying");
    assert_eq!(written(&app).await, 0);
    till.stand_in.pay(&page);
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(state(&app, payment_id).await, "paid");
}

#[tokio::test]
async fn another_amount_or_currency_books_nothing_and_is_told() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let wrong = [
        ("/data/object/amount_total", json!(PRICE - 1)),
        ("/data/object/currency", json!("usd")),
    ];
    for (number, (pointer, value)) in wrong.into_iter().enumerate() {
        let slot = 200 + i64::try_from(number).unwrap();
        let (payment_id, page) = pays(&app, &till, number, slot, Provider::Stripe).await;
        till.stand_in.pay(&page);
        let delivery = till.stand_in.take_queue().remove(0).with(pointer, value);
        assert_eq!(till.stand_in.send(&delivery).await, 204);
        assert_eq!(status(&app, payment_id).await, "held", "{pointer}");
    }
    assert_eq!(
        app.count("select count(*) from payment_troubles where kind = 'wrong_amount'")
            .await,
        2
    );
}

#[tokio::test]
async fn without_a_secret_there_are_no_hooks() {
    let app = clinic(Payments::default()).await;
    let site = app.serve().await;
    for path in ["/hooks/stripe", "/hooks/midtrans", "/hooks/demo"] {
        let body = json!({"id": "evt_1"}).to_string().into_bytes();
        let signature = sign(SECRET, app.state.now().as_second(), &body);
        assert_eq!(post(&site, path, body, Some(&signature)).await, 404, "{path}");
    }
}

/// Bodies that make no sense: cut off, of other types, deep, not text.
fn nonsense() -> Vec<Vec<u8>> {
    let whole = json!({
        "id": "evt_1", "type": "checkout.session.completed", "livemode": false, "order_id": "K7QM-4D2P-1",
        "status_code": "200", "gross_amount": "1.00", "signature_key": "00",
        "data": {"object": {"id": "cs_1", "status": "complete", "payment_status": "paid", "amount_total": 1, "currency": "idr"}},
    })
    .to_string()
    .into_bytes();
    let mut bodies: Vec<Vec<u8>> = (0..160)
        .map(|at| whole[..whole.len() * at / 161].to_vec())
        .collect();
    for value in [
        "null",
        "7",
        "\"x\"",
        "[]",
        "{}",
        "[[[[",
        "{\"id\":{}}",
        "\u{feff}{}",
    ] {
        bodies.push(value.as_bytes().to_vec());
    }
    for field in [
        "id",
        "type",
        "data",
        "order_id",
        "status_code",
        "gross_amount",
        "signature_key",
    ] {
        for value in [json!(null), json!(7), json!([]), json!({"a": {}})] {
            let mut body: Value = serde_json::from_slice(&whole).unwrap();
            body[field] = value;
            bodies.push(body.to_string().into_bytes());
        }
    }
    bodies.push(vec![0xff; 100]);
    bodies.push("[".repeat(100_000).into_bytes());
    bodies.push(vec![0; 10]);
    bodies.push(format!("{{\"id\":\"{}\"}}", "x".repeat(10_000)).into_bytes());
    bodies
}

#[tokio::test]
async fn two_hundred_bodies_without_sense_are_refused_and_never_an_error_of_ours() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    let bodies = nonsense();
    assert!(bodies.len() >= 200, "{}", bodies.len());
    let now = app.state.now().as_second();
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        let signature = sign(SECRET, now, &body);
        // Signed, so that the body itself is read. The event of a page that is not ours is one like others.
        let signed = post(&site, "/hooks/stripe", body.clone(), Some(&signature)).await;
        assert!([204, 400].contains(&signed), "{signed}: {shown}");
        let unsigned = post(&site, "/hooks/stripe", body.clone(), None).await;
        assert_eq!(unsigned, 401, "{shown}");
        let status = post(&site, "/hooks/midtrans", body, None).await;
        assert!([400, 401].contains(&status), "{status}: {shown}");
    }
    assert_eq!(app.count("select count(*) from payments").await, 0);
    let long = vec![b' '; 2 * 1024 * 1024];
    for path in ["/hooks/stripe", "/hooks/midtrans"] {
        assert_eq!(post(&site, path, long.clone(), None).await, 413, "{path}");
    }
}

#[tokio::test]
async fn an_event_of_an_unknown_kind_is_taken_and_counted() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    let unknown = json!({"id": "evt_1", "type": "customer.created", "livemode": false, "data": {"object": {"id": "cus_1"}}});
    assert_eq!(event(&site, &unknown, SECRET, 0).await, 204);
    let signed = ["payment_notif_test_G1", "200", "10000.00"];
    let test = json!({
        "order_id": signed[0], "status_code": signed[1], "gross_amount": signed[2],
        "signature_key": midtrans::sign(signed, "SB-Mid-server-test"),
    });
    assert_eq!(
        post(&site, "/hooks/midtrans", test.to_string().into_bytes(), None).await,
        204
    );
    assert_eq!(written(&app).await, 0);
    let numbers = app.database.statistics().render();
    for provider in ["stripe", "midtrans"] {
        let is_counted = numbers.lines().any(|line| {
            line.starts_with("janji_payment_events_total")
                && line.contains(&format!("\"{provider}\""))
                && line.contains("\"nothing\"")
                && line.ends_with(" 1")
        });
        assert!(is_counted, "{numbers}");
    }
}
