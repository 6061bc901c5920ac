//! A visit of several appointments that is paid at once: the page, and the call of programs.

use engine::payment::Provider;
use serde_json::{Value, json};

use super::{Till, clinic, works};
use crate::{
    engine_support::{INSTANT, VISIT},
    support::{Browser, People, TestApp, data, refused},
};

const SLOT: i64 = 200;

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Chooses a time. Answers with the page that sums everything up.
async fn chooses(app: &TestApp, browser: &Browser, (doctor, service): (usize, usize), slot: i64) -> String {
    let path = format!(
        "/doctors/{}?service={}",
        app.doctors[doctor].id, app.services[service]
    );
    let mut fields = browser.get(&path).await.form("hold");
    fields.push(("starts_at".to_owned(), app.slot(slot).as_second().to_string()));
    browser.submit(&path, "hold", &pairs(&fields)).await.location()
}

async fn adds(browser: &Browser, check: &str) {
    let shown = browser.get(check).await;
    let fields = shown.form("add-part");
    browser.submit(check, "add-part", &pairs(&fields)).await;
}

#[tokio::test]
async fn a_patient_pays_once_for_a_visit_and_has_all_of_it() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    app.patient(1).await;
    let site = app.serve().await;
    till.calls(&site);
    let browser = site.patient("+6281255500001").await;
    let first = chooses(&app, &browser, (1, VISIT), SLOT).await;
    adds(&browser, &first).await;
    let second = chooses(&app, &browser, (0, INSTANT), SLOT + 4).await;
    adds(&browser, &second).await;
    let third = chooses(&app, &browser, (2, INSTANT), SLOT + 8).await;
    let check = browser.get(&third).await;
    // The sum of the two that are paid first, each with its rule.
    for said in ["300,000", "150,000", "24 hours"] {
        assert!(check.body.contains(said), "{said} in {}", check.body);
    }
    assert!(check.form("submit-visit").is_empty(), "{}", check.body);
    let fields = check.form("pay-visit");
    let there = browser
        .submit(&third, "pay-visit", &pairs(&fields))
        .await
        .location();
    assert!(there.starts_with(&format!("{}/pay/", till.url)), "{there}");
    let again = browser
        .submit(&third, "pay-visit", &pairs(&fields))
        .await
        .location();
    assert_eq!(again, there, "a double click");
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    let booked =
        "select count(*) from appointments where visit_id is not null and status in ('pending', 'confirmed')";
    assert_eq!(app.count(booked).await, 3);
    let payment = app.count("select min(id) from payments").await;
    let shown = browser.get(&format!("/payments/{payment}")).await;
    assert!(shown.body.contains("300,000"), "{}", shown.body);
    // What was chosen is forgotten: it is booked.
    assert!(browser.get("/").await.texts(".notice.good h2").is_empty());
    // One is cancelled: its share goes back, and the provider's book has it once.
    let reference: String = sqlx::query_scalar(
        "select reference from appointments join payments on appointment_id = appointments.id
         where lead_id is not null",
    )
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap();
    let cancel = format!("/appointments/{reference}/cancel");
    let fields = browser.get(&cancel).await.form("change-status");
    browser.submit(&cancel, "change-status", &pairs(&fields)).await;
    assert_eq!(works(&app, Provider::Stripe, 1).await, 1);
    let entries: Vec<i64> = till.stand_in.book().iter().map(|entry| entry.amount).collect();
    assert_eq!(entries, [30_000_000, -15_000_000]);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_program_goes_to_pay_for_a_visit() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let people = People::of(&site).await;
    let mut holds: Vec<Value> = Vec::new();
    for (doctor, later) in [(0, 0), (1, 4)] {
        let wish = json!({
            "doctor_id": app.doctors[doctor].id,
            "scheduled_at": app.slot(SLOT + later).to_string(),
            "type": "instant",
            "keep": holds,
        });
        let hold = data(&people.patient.post("holds", &wish).await, 201);
        holds.push(hold["reference"].clone());
    }
    let wish = json!({ "holds": holds });
    refused(
        &people.patient.post("visits", &wish).await,
        402,
        "PAYMENT_REQUIRED",
    );
    refused(&people.other.post("visits/pay", &wish).await, 404, "NOT_FOUND");
    let begun = data(
        &people.patient.post_under("pay-1", "visits/pay", &wish).await,
        201,
    );
    let again = data(
        &people.patient.post_under("pay-1", "visits/pay", &wish).await,
        201,
    );
    assert_eq!((&begun["id"], &begun["url"]), (&again["id"], &again["url"]));
    assert_eq!(begun["amount"], json!({ "amount": "300000", "currency": "IDR" }));
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    for hold in &holds {
        let path = format!("holds/{}", hold.as_str().unwrap());
        assert_eq!(data(&people.patient.get(&path).await, 200)["status"], "confirmed");
    }
    app.assert_whole().await;
}
