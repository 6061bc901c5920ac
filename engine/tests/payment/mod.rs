//! Payments: what is paid is booked once or goes back once, in whatever order it is heard of.

mod board;
mod desk;
mod message;
mod outside;
mod page;
mod race;
mod refund;
mod rooms;
mod schedule;
mod seats;
mod settle;
mod visit;
mod visit_back;
mod work;

use engine::{
    error::AppError,
    i18n::Locale,
    money::Price,
    payment::{
        self, FactKind, NewSession, OpenedSession, PaymentFact, Provider, Settled, Start, Started, Way, way,
    },
};
use jiff::Timestamp;

use crate::support::{INSTANT, RULES, TestApp, patient_caller, submit};

/// What the service costs that is paid before it is booked: 150,000 rupiah.
pub const PRICE: i64 = 15_000_000;

/// A half hour that is far enough for everything to go back.
pub const FAR: i64 = 200;

/// A clinic in which a vaccination is paid before it is booked, and payments hear of everything. A day before the start
/// everything goes back, and half of it after that.
pub async fn clinic() -> TestApp {
    let app = TestApp::crowded().await;
    app.sql(
        "update services set price_minor = 15000000, currency = 'IDR', pay_when = 'before', refund_minutes = 1440,
                late_refund_percent = 50
         where key = 'instant';
         update services set price_minor = 10000, currency = 'EUR', pay_when = 'desk' where key = 'visit';
         update services set price_minor = 20000, currency = 'EUR', pay_when = 'before', deposit_minor = 5000
         where key = 'long'",
    )
    .await;
    payment::listen(&app.database);
    app
}

/// A visitor holds a time of the service that is paid first.
pub async fn holds(app: &TestApp, number: usize, doctor: usize, slot: i64) -> String {
    let wanted = app.wanted(doctor, INSTANT, app.slot(slot));
    app.hold(number, wanted, app.now).await.unwrap()
}

/// A clinic in which the first patient holds a time that is paid first, by the browser of the same number: with the patient and
/// the reference of the hold.
pub async fn held() -> (TestApp, i64, String) {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = holds(&app, 1, 0, FAR).await;
    (app, patient, reference)
}

/// The provider's page of a payment is there.
pub async fn opens(app: &TestApp, payment_id: i64, now: Timestamp) -> Result<(), AppError> {
    let page = OpenedSession {
        session: session_of(payment_id),
        url: format!("https://provider.example/{payment_id}"),
    };
    payment::opened(&app.database, payment_id, page, now).await
}

pub fn start(number: usize, patient_id: i64, reference: &str) -> Start {
    Start {
        submit: submit(number, patient_id, reference),
        provider: Provider::Demo,
        locale: Locale::En,
    }
}

/// A patient goes to pay for what the visitor holds, and the provider's page is there.
pub async fn goes_to_pay(
    app: &TestApp,
    (number, patient_id): (usize, i64),
    reference: &str,
    now: Timestamp,
) -> Result<i64, AppError> {
    let started = payment::start(&app.database, start(number, patient_id, reference), now).await?;
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    opens(app, payment_id, now).await?;
    Ok(payment_id)
}

/// The page that is to be opened for a payment.
pub async fn to_open(app: &TestApp, patient_id: i64, payment_id: i64) -> NewSession {
    match way(&app.database, patient_caller(patient_id), payment_id, app.now).await {
        Ok(Way::Open(session)) => session,
        other => panic!("{other:?}"),
    }
}

pub fn session_of(payment_id: i64) -> String {
    format!("session-{payment_id}")
}

pub fn rupiah(minor: i64) -> Price {
    Price {
        minor,
        currency: "IDR".to_owned(),
    }
}

/// What the provider says of a payment, by an event of this name or in an answer.
pub fn fact(payment_id: i64, kind: FactKind, event_id: Option<&str>) -> PaymentFact {
    PaymentFact {
        provider: Provider::Demo,
        payment_id: Some(payment_id),
        session: Some(session_of(payment_id)),
        provider_payment: Some(format!("paid-{payment_id}")),
        kind,
        event_id: event_id.map(str::to_owned),
    }
}

pub fn paid() -> FactKind {
    FactKind::Paid {
        amount: rupiah(PRICE),
    }
}

pub async fn settles(app: &TestApp, fact: PaymentFact, now: Timestamp) -> Settled {
    payment::settle(&app.database, fact, RULES, now).await.unwrap()
}

/// The state of a payment, and of the refund of ours.
pub async fn state(app: &TestApp, payment_id: i64) -> (String, Option<String>) {
    sqlx::query_as(
        "select state, (select state from refunds where payment_id = payments.id and why not in ('outside', 'fewer'))
         from payments where id = $1",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

/// The pair that [`state`] answers with.
pub fn is(payment: &str, refund: Option<&str>) -> (String, Option<String>) {
    (payment.to_owned(), refund.map(str::to_owned))
}

/// Something of ours that goes back: how much, and why.
pub async fn going_back(app: &TestApp, payment_id: i64) -> (i64, String) {
    sqlx::query_as("select amount_minor, why from refunds where payment_id = $1 and why <> 'outside'")
        .bind(payment_id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

/// A patient has paid for a time and has it: the reference and the payment.
pub async fn booked(
    app: &TestApp,
    (number, patient_id): (usize, i64),
    doctor: usize,
    slot: i64,
) -> (String, i64) {
    let reference = holds(app, number, doctor, slot).await;
    let payment_id = goes_to_pay(app, (number, patient_id), &reference, app.now)
        .await
        .unwrap();
    let settled = settles(
        app,
        fact(payment_id, paid(), Some(&format!("booked-{payment_id}"))),
        app.now,
    )
    .await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    (reference, payment_id)
}
