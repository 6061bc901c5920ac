//! Payments as providers, the desk and programs meet them. The provider is the one of our own, which speaks as others do.

mod adapters;
mod desk;
mod hooks;
mod others;
mod overseen;
mod pages;
mod programs;
mod visit;
mod way;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::Router;
use engine::{
    account::link::PublicUrl,
    i18n::Locale,
    payment::{self, NewSession, Provider, Start, Started, Way, way},
};
use janji::payment::{
    options::Options,
    provider::Payments,
    settings::Settings,
    stand_in::{Account, StandIn},
    worker,
};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use crate::{
    engine_support::{INSTANT, submit},
    support::{Setup, Site, TestApp, patient_caller},
};

/// What the service costs: 150,000 rupiah.
pub const PRICE: i64 = 15_000_000;
pub const SECRET: &str = "whsec_test";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A provider of our own at an address of its own, and how a clinic reaches it.
pub struct Till {
    pub stand_in: StandIn,
    pub payments: Payments,
    pub url: String,
    ahead: Arc<AtomicI64>,
}

impl Till {
    /// A provider, by which this one takes new payments.
    pub async fn open(chosen: Provider) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ahead = Arc::new(AtomicI64::new(0));
        let account = Account {
            webhook_secret: SECRET.to_owned(),
            server_key: "SB-Mid-server-test".to_owned(),
            own_url: url.clone(),
            ..Account::default()
        };
        let clock = {
            let ahead = ahead.clone();
            Arc::new(move || Timestamp::now() + SignedDuration::from_secs(ahead.load(Ordering::SeqCst)))
        };
        let stand_in = StandIn::new(account, clock).unwrap();
        let routes: Router = stand_in.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            stand_in,
            payments: payments(&url, chosen),
            url,
            ahead,
        }
    }

    /// Lets time pass for the provider.
    pub fn wait(&self, minutes: i64) {
        self.ahead.fetch_add(minutes * 60, Ordering::SeqCst);
    }

    /// Has the provider call this site.
    pub fn calls(&self, site: &Site<'_>) {
        let site = site.visitor().site;
        let (events, notifications) = (format!("{site}/hooks/stripe"), format!("{site}/hooks/midtrans"));
        self.stand_in.tell(&self.url, &events, &notifications);
    }
}

/// Both accounts, at this address.
pub fn payments(url: &str, chosen: Provider) -> Payments {
    let options = Options {
        payments: some(chosen.as_str()),
        stripe_key: some("sk_test_1"),
        stripe_webhook_secret: some(SECRET),
        stripe_url: some(url),
        midtrans_server_key: some("SB-Mid-server-test"),
        midtrans_url: some(url),
        ..Options::default()
    };
    let public_url = PublicUrl::parse("https://clinic.example");
    let settings = Settings::of(&options, public_url.as_ref()).unwrap();
    Payments::new(&settings, public_url).unwrap()
}

/// A clinic in which a vaccination is paid before it is booked, by this provider.
pub async fn clinic(payments: Payments) -> TestApp {
    let app = TestApp::with(Setup {
        payments,
        ..Setup::crowded()
    })
    .await;
    app.sql(
        "update services set price_minor = 15000000, currency = 'IDR', pay_when = 'before', refund_minutes = 1440
         where key = 'instant'",
    )
    .await;
    payment::listen(&app.database);
    app
}

/// Somebody who goes to pay for the time of this number at the first doctor. Answers with the payment that is to be opened.
pub async fn goes(app: &TestApp, number: usize, slot: i64, provider: Provider) -> NewSession {
    let patient_id = app.patient(number).await;
    let held = app
        .hold(number, app.wanted(0, INSTANT, app.slot(slot)), app.now)
        .await
        .unwrap();
    again(app, number, patient_id, &held, provider).await
}

/// The same for what this visitor holds already.
pub async fn again(
    app: &TestApp,
    number: usize,
    patient_id: i64,
    held: &str,
    provider: Provider,
) -> NewSession {
    let now = app.state.now();
    let start = Start {
        submit: submit(number, patient_id, held),
        provider,
        locale: Locale::En,
    };
    let Started::Paying { payment_id } = payment::start(&app.database, start, now).await.unwrap() else {
        panic!("nothing is to be paid")
    };
    match way(&app.database, patient_caller(patient_id), payment_id, now).await {
        Ok(Way::Open(page)) => page,
        other => panic!("{other:?}"),
    }
}

/// Goes to pay, and the page of the provider is there. Answers with the payment, and with the id of the page.
pub async fn pays(app: &TestApp, till: &Till, number: usize, slot: i64, provider: Provider) -> (i64, String) {
    let page = goes(app, number, slot, provider).await;
    let url = worker::open(&app.state, &page).await.unwrap().unwrap();
    let id = till.stand_in.pages().pop().unwrap();
    assert!(url.ends_with(&format!("/pay/{id}")), "{url}");
    (page.payment_id, id)
}

/// The state of a payment.
pub async fn state(app: &TestApp, payment_id: i64) -> String {
    sqlx::query_scalar("select state from payments where id = $1")
        .bind(payment_id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

/// The status of the appointment of a payment.
pub async fn status(app: &TestApp, payment_id: i64) -> String {
    sqlx::query_scalar(
        "select status from appointments join payments on appointment_id = appointments.id where payments.id = $1",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

/// Does all that is due with this provider after so many minutes.
pub async fn works(app: &TestApp, provider: Provider, minutes: i64) -> usize {
    let then = app.state.now() + SignedDuration::from_mins(minutes);
    worker::round(&app.state, provider, then).await.unwrap()
}
