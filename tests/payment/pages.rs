//! The patient's pages, without JavaScript: pay and book, what became of it, and what goes back.

use engine::payment::Provider;
use janji::payment::provider::Payments;
use serde_json::json;

use super::{Till, clinic, payments, state};
use crate::{
    engine_support::INSTANT,
    support::{Browser, OTHER, PHONE, Site, TestApp, choose},
};

const SLOT: i64 = 200;

/// From choosing a time to the last step of its booking. Answers with the reference of the hold.
async fn comes_to_check(site: &Site<'_>, browser: &Browser) -> String {
    let app = site.app;
    let reference = choose(browser, app.wanted(0, INSTANT, app.slot(SLOT))).await;
    let details = format!("/book/{reference}");
    assert_eq!(browser.get(&details).await.status, 200);
    let fields = [
        ("reference", &*reference),
        ("phone", PHONE),
        ("name", "Maya"),
        ("reason", "A cough"),
    ];
    let answer = browser.submit(&details, "details", &fields).await;
    assert_eq!(answer.location(), "/sign-in/code", "{answer:?}");
    let code = app.newest_code(PHONE).await;
    browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    reference
}

/// Presses *Pay and book*. Answers with where that leads.
async fn pays(browser: &Browser, reference: &str) -> String {
    let check = format!("/book/{reference}/check");
    let shown = browser.get(&check).await;
    assert!(shown.form("submit").is_empty(), "{}", shown.body);
    let key = shown.field("pay", "key");
    let fields = [("reference", reference), ("key", &*key)];
    browser.submit(&check, "pay", &fields).await.location()
}

async fn payment_id(app: &TestApp) -> i64 {
    app.count("select max(id) from payments").await
}

#[tokio::test]
async fn a_patient_pays_at_the_provider_and_has_the_time() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    let check = browser.get(&format!("/book/{reference}/check")).await;
    for said in ["150,000", "24 hours"] {
        assert!(check.body.contains(said), "{said} in {}", check.body);
    }
    // The same button once more leads to the same page.
    let first = pays(&browser, &reference).await;
    assert!(first.starts_with(&format!("{}/pay/", till.url)), "{first}");
    let page = till.stand_in.pages().pop().unwrap();
    let payment = format!("/payments/{}", payment_id(&app).await);
    let waits = browser.get(&payment).await;
    assert_eq!((waits.status, waits.header("refresh").as_str()), (200, "10"));
    assert!(!waits.form("go-on-paying").is_empty(), "{}", waits.body);
    // Coming back says nothing: the provider does.
    browser.get(&format!("{payment}?back=paid")).await;
    assert_eq!(app.appointment(&reference).await.0, "held");
    assert!(till.stand_in.pay(&page));
    assert_eq!(till.stand_in.deliver().await, [204]);
    let booked = browser.get(&payment).await;
    assert_eq!(booked.header("refresh"), "");
    let receipt = format!("{payment}/receipt");
    let links = booked.links("a.btn");
    assert!(
        links.contains(&format!("/appointments/{reference}/done")),
        "{links:?}"
    );
    assert!(links.contains(&receipt), "{links:?}");
    assert!(browser.get(&receipt).await.body.contains(&reference));
    let own = browser.get(&format!("/appointments/{reference}")).await;
    assert!(own.body.contains(&receipt), "{}", own.body);
    assert!(browser.get("/appointments").await.body.contains("150,000"));
    let other = site.patient(OTHER).await;
    assert_eq!(other.get(&payment).await.status, 404);
    assert_eq!(other.get(&receipt).await.status, 404);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_page_that_failed_leads_back_to_the_time_that_is_still_held() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    pays(&browser, &reference).await;
    let first = payment_id(&app).await;
    engine::payment::not_opened(&app.database, first, app.state.now())
        .await
        .unwrap();
    let check = format!("/book/{reference}/check");
    let failed = browser.get(&format!("/payments/{first}")).await;
    assert!(failed.links("a.btn").contains(&check), "{}", failed.body);
    let again = pays(&browser, &reference).await;
    assert!(again.starts_with(&till.url), "{again}");
    assert_eq!(state(&app, payment_id(&app).await).await, "paying");
}

#[tokio::test]
async fn who_paid_another_amount_is_not_told_that_nothing_was_taken() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    pays(&browser, &reference).await;
    let page = till.stand_in.pages().pop().unwrap();
    assert!(till.stand_in.pay(&page));
    let event = till.stand_in.take_queue().remove(0);
    let other = event.with("/data/object/amount_total", json!(100));
    assert_eq!(till.stand_in.send(&other).await, 204);
    let payment = payment_id(&app).await;
    assert_eq!(state(&app, payment).await, "failed");
    let failed = browser.get(&format!("/payments/{payment}")).await;
    let said = failed.texts("section.notice p").join(" ");
    assert!(said.contains("+1 555 0100"), "{}", failed.body);
    assert!(!said.contains("nothing was taken"), "{}", failed.body);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_and_keeps_nobody() {
    // Nobody listens there.
    let app = clinic(payments("http://127.0.0.1:9", Provider::Stripe)).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    let location = pays(&browser, &reference).await;
    assert_eq!(location, format!("/payments/{}", payment_id(&app).await));
    assert_eq!(browser.get(&location).await.status, 200);
    let until = "select count(*) from appointments where held_until < created_at + interval '45 minutes'";
    assert_eq!(app.count(until).await, 1);
}

#[tokio::test]
async fn without_a_provider_the_page_says_so_and_the_hold_stays() {
    let app = clinic(Payments::default()).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    let location = pays(&browser, &reference).await;
    assert_eq!(location, format!("/book/{reference}/check?pay=not-now"));
    let page = browser.get(&location).await;
    assert!(page.texts("section.notice h2").len() == 1, "{}", page.body);
    assert_eq!(app.count("select count(*) from payments").await, 0);
}

#[tokio::test]
async fn whose_money_came_too_late_is_told_and_shown_other_times() {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    let site = app.serve().await;
    till.calls(&site);
    let browser = site.visitor();
    let reference = comes_to_check(&site, &browser).await;
    pays(&browser, &reference).await;
    app.sql("update appointments set held_until = now() - interval '1 minute' where status = 'held'")
        .await;
    let other = app.patient(50).await;
    app.books(other, app.wanted(0, INSTANT, app.slot(SLOT)))
        .await
        .unwrap();
    let page = till.stand_in.pages().pop().unwrap();
    till.stand_in.pay(&page);
    assert_eq!(till.stand_in.deliver().await, [204]);
    let shown = browser
        .get(&format!("/payments/{}", payment_id(&app).await))
        .await;
    assert!(shown.body.contains("150,000"), "{}", shown.body);
    let times = format!("/doctors/{}?", app.doctors[0].id);
    assert!(
        shown.links("a.btn").iter().any(|link| link.starts_with(&times)),
        "{}",
        shown.body
    );
    app.assert_whole().await;
}
