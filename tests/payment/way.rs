//! The whole way through HTTP: a page at the provider, events in whatever order or none, and the money at the end.

use std::{net::SocketAddr, sync::Arc};

use engine::{
    account::link::PublicUrl,
    appointment::{ChangeStatus, Status, change_status},
    payment::Provider,
};
use janji::{
    payment::{path_of, provider::Payments, stand_in::Fault, way, worker},
    server::{explaining, router::router},
};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use super::{PRICE, Till, again, clinic, goes, pays, state, status, works};
use crate::{
    engine_support::INSTANT,
    support::{Answer, Site, TestApp, patient_caller},
};

/// The provider's account book and ours say the same, in the provider's units.
async fn agree(app: &TestApp, till: &Till) {
    let book: i64 = till
        .stand_in
        .book()
        .iter()
        .map(|entry| match entry.currency.as_str() {
            // Whole rupiah at Midtrans.
            "IDR" => entry.amount * 100,
            _ => entry.amount,
        })
        .sum();
    let ours = app
        .count(
            "select (select coalesce(sum(amount_minor), 0) from payments where paid_at is not null)::bigint
                  - (select coalesce(sum(amount_minor), 0) from refunds where state = 'refunded')::bigint",
        )
        .await;
    assert_eq!(book, ours);
    app.assert_whole().await;
}

async fn begun() -> (Till, TestApp) {
    let till = Till::open(Provider::Stripe).await;
    let app = clinic(till.payments.clone()).await;
    (till, app)
}

fn hears<'a>(till: &Till, site: Site<'a>) -> Site<'a> {
    till.calls(&site);
    site
}

#[tokio::test]
async fn what_is_paid_is_booked_and_stays_so_when_it_is_said_again() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    assert_eq!(state(&app, payment_id).await, "paying");
    till.stand_in.pay(&page);
    let event = till.stand_in.take_queue().remove(0);
    // Twice as it is, and once under another id, as it happens.
    for copy in [event.clone(), event.clone(), event.again("evt_other")] {
        assert_eq!(till.stand_in.send(&copy).await, 204);
        assert_eq!(state(&app, payment_id).await, "paid");
        assert_eq!(status(&app, payment_id).await, "confirmed");
    }
    agree(&app, &till).await;
}

#[tokio::test]
async fn events_in_the_wrong_order_end_the_same() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    till.stand_in.pay_later(&page);
    till.stand_in.pay(&page);
    let mut events = till.stand_in.take_queue();
    assert_eq!(events.len(), 2);
    events.reverse();
    for event in &events {
        assert_eq!(till.stand_in.send(event).await, 204);
    }
    assert_eq!(state(&app, payment_id).await, "paid");
    agree(&app, &till).await;
}

#[tokio::test]
async fn an_event_that_never_came_is_found_by_asking() {
    let (till, app) = begun().await;
    for (number, provider) in [Provider::Stripe, Provider::Midtrans].into_iter().enumerate() {
        let slot = 200 + i64::try_from(number).unwrap();
        let (payment_id, page) = pays(&app, &till, number, slot, provider).await;
        till.stand_in.pay(&page);
        till.stand_in.take_queue();
        // Nobody asks before it is time.
        assert_eq!(works(&app, provider, 0).await, 0);
        assert_eq!(works(&app, provider, 3).await, 1);
        assert_eq!(state(&app, payment_id).await, "paid", "{provider:?}");
        assert_eq!(status(&app, payment_id).await, "confirmed");
    }
    agree(&app, &till).await;
}

#[tokio::test]
async fn what_comes_after_the_time_has_gone_goes_back_once() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    app.sql("update appointments set held_until = now() - interval '1 minute' where status = 'held'")
        .await;
    let other = app.patient(50).await;
    app.books(other, app.wanted(0, INSTANT, app.slot(200)))
        .await
        .unwrap();
    till.stand_in.pay(&page);
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(state(&app, payment_id).await, "refund_due");
    // The answer to it is lost, and after that the provider is down for a moment: the same key again.
    till.stand_in.fail([Fault::None, Fault::Lost, Fault::Down]);
    assert_eq!(works(&app, Provider::Stripe, 0).await, 1);
    assert_eq!(till.stand_in.book().len(), 2);
    assert_eq!(works(&app, Provider::Stripe, 10).await, 1);
    assert_eq!(state(&app, payment_id).await, "refund_due");
    assert_eq!(works(&app, Provider::Stripe, 30).await, 1);
    assert_eq!(state(&app, payment_id).await, "refunded");
    assert_eq!(works(&app, Provider::Stripe, 60).await, 0);
    assert_eq!(till.stand_in.book().len(), 2);
    // The event about it changes nothing more.
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(app.count("select count(*) from refunds").await, 1);
    agree(&app, &till).await;
}

#[tokio::test]
async fn a_card_that_was_charged_today_is_given_back_once() {
    let till = Till::open(Provider::Midtrans).await;
    let app = clinic(till.payments.clone()).await;
    let _site = hears(&till, app.serve().await);
    // Janji hears of it by the notification, or by its own question.
    for (number, hears_first) in [true, false].into_iter().enumerate() {
        let slot = 200 + 2 * i64::try_from(number).unwrap();
        let (payment_id, page) = pays(&app, &till, number, slot, Provider::Midtrans).await;
        assert!(till.stand_in.pay_by_card(&page));
        assert_eq!(till.stand_in.deliver().await, [204]);
        assert_eq!(state(&app, payment_id).await, "paid");
        cancels(&app, payment_id).await;
        // The status, the refund that is refused, and the cancellation whose answer is lost.
        till.stand_in.fail([Fault::None, Fault::None, Fault::Lost]);
        assert_eq!(works(&app, Provider::Midtrans, 0).await, 1);
        assert_eq!(state(&app, payment_id).await, "refund_due");
        if hears_first {
            assert_eq!(till.stand_in.deliver().await, [204]);
            assert_eq!(works(&app, Provider::Midtrans, 10).await, 0);
        } else {
            assert_eq!(works(&app, Provider::Midtrans, 10).await, 1);
            assert_eq!(state(&app, payment_id).await, "refunded");
            assert_eq!(till.stand_in.deliver().await, [204]);
        }
        assert_eq!(state(&app, payment_id).await, "refunded");
        let refunds = i64::try_from(number).unwrap() + 1;
        assert_eq!(app.count("select count(*) from refunds").await, refunds);
    }
    agree(&app, &till).await;
}

/// The doctor cancels the appointment of a payment.
async fn cancels(app: &TestApp, payment_id: i64) {
    let reference: String = sqlx::query_scalar(
        "select reference from appointments join payments on appointment_id = appointments.id where payments.id = $1",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap();
    let command = ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: "Ill".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.state.now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_double_click_opens_one_page_and_it_is_asked_about() {
    // The one that refuses an order that it knows.
    let till = Till::open(Provider::Midtrans).await;
    let app = clinic(till.payments.clone()).await;
    let page = goes(&app, 0, 200, Provider::Midtrans).await;
    let patient_id = app.count("select patient_id from appointments").await;
    let clicks = (0..2).map(|_| {
        let (state, id) = (app.state.clone(), page.payment_id);
        async move { way::on(&state, patient_caller(patient_id), id).await.unwrap() }
    });
    let ways = app.race(clicks.collect()).await;
    let there = format!("{}/pay/", till.url);
    assert!(ways.iter().all(|way| way.starts_with(&there)), "{ways:?}");
    assert_eq!(state(&app, page.payment_id).await, "paying");
    assert_eq!(till.stand_in.pages().len(), 1);
    assert!(till.stand_in.pay(&till.stand_in.pages()[0]));
    assert_eq!(works(&app, Provider::Midtrans, 3).await, 1);
    assert_eq!(state(&app, page.payment_id).await, "paid");
}

#[tokio::test]
async fn who_could_not_be_led_on_may_try_again_at_once() {
    let (till, app) = begun().await;
    let page = goes(&app, 0, 200, Provider::Stripe).await;
    let patient_id = app.count("select patient_id from appointments").await;
    till.stand_in.fail([Fault::Down]);
    let on = || way::on(&app.state, patient_caller(patient_id), page.payment_id);
    assert_eq!(on().await, Ok(path_of(page.payment_id)));
    assert_eq!(state(&app, page.payment_id).await, "created");
    assert!(on().await.unwrap().starts_with(&till.url));
}

#[tokio::test]
async fn the_older_page_of_two_tabs_is_ended_and_what_is_paid_there_goes_back() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let first = goes(&app, 0, 200, Provider::Stripe).await;
    worker::open(&app.state, &first).await.unwrap().unwrap();
    let older = till.stand_in.pages().pop().unwrap();
    let patient_id = app.count("select patient_id from appointments").await;
    let second = again(&app, 0, patient_id, &first.reference, Provider::Stripe).await;
    worker::open(&app.state, &second).await.unwrap().unwrap();
    let newer = till.stand_in.pages().pop().unwrap();
    // Both are paid before the older one is ended.
    assert!(till.stand_in.pay(&older) && till.stand_in.pay(&newer));
    assert_eq!(till.stand_in.deliver().await, [204, 204]);
    while works(&app, Provider::Stripe, 5).await > 0 {}
    let states = [
        state(&app, first.payment_id).await,
        state(&app, second.payment_id).await,
    ];
    assert!(
        states.contains(&"paid".to_owned()) && states.contains(&"refunded".to_owned()),
        "{states:?}"
    );
    agree(&app, &till).await;
}

#[tokio::test]
async fn an_older_page_that_nobody_paid_on_is_ended_at_the_provider() {
    let (till, app) = begun().await;
    let first = goes(&app, 0, 200, Provider::Stripe).await;
    worker::open(&app.state, &first).await.unwrap().unwrap();
    let older = till.stand_in.pages().pop().unwrap();
    let patient_id = app.count("select patient_id from appointments").await;
    again(&app, 0, patient_id, &first.reference, Provider::Stripe).await;
    assert!(works(&app, Provider::Stripe, 0).await >= 1);
    assert!(!till.stand_in.pay(&older));
    assert_eq!(state(&app, first.payment_id).await, "expired");
}

#[tokio::test]
async fn a_page_is_opened_later_where_the_provider_was_away() {
    let (till, app) = begun().await;
    let page = goes(&app, 0, 200, Provider::Stripe).await;
    till.stand_in.fail([Fault::Down, Fault::Lost]);
    assert_eq!(worker::open(&app.state, &page).await, Ok(None));
    assert_eq!(state(&app, page.payment_id).await, "created");
    // It is opened, and the answer is lost; and then it is the same one.
    assert_eq!(works(&app, Provider::Stripe, 2).await, 1);
    assert_eq!(works(&app, Provider::Stripe, 10).await, 1);
    assert_eq!(state(&app, page.payment_id).await, "paying");
    assert_eq!(till.stand_in.pages().len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_no_other_waiting() {
    let (till, app) = begun().await;
    let (by_stripe, _) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    let (by_midtrans, page) = pays(&app, &till, 1, 201, Provider::Midtrans).await;
    till.stand_in.pay(&page);
    till.stand_in.fail([Fault::Down]);
    assert_eq!(works(&app, Provider::Stripe, 3).await, 1);
    assert_eq!(works(&app, Provider::Midtrans, 3).await, 1);
    assert_eq!(state(&app, by_stripe).await, "paying");
    assert_eq!(state(&app, by_midtrans).await, "paid");
}

#[tokio::test]
async fn a_refund_made_at_the_provider_and_a_dispute_are_taken_in() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let (payment_id, page) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    till.stand_in.pay(&page);
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert!(till.stand_in.repay_outside(&page, PRICE / 3));
    assert_eq!(till.stand_in.deliver().await, [204]);
    let back = app
        .count("select amount_minor from refunds where why = 'outside' and state = 'refunded'")
        .await;
    assert_eq!(back, PRICE / 3);
    // It stays booked: somebody of the clinic has agreed on it.
    assert_eq!(state(&app, payment_id).await, "paid");
    agree(&app, &till).await;
    till.stand_in.dispute(&page, "created", "needs_response");
    assert_eq!(till.stand_in.deliver().await, [204]);
    let open = "select count(*) from payment_troubles where settled_at is null";
    assert_eq!(app.count(open).await, 1);
    till.stand_in.dispute(&page, "closed", "won");
    assert_eq!(till.stand_in.deliver().await, [204]);
    assert_eq!(app.count(open).await, 0);
}

#[tokio::test]
async fn a_page_that_nobody_pays_on_ends_and_its_time_is_free() {
    let (till, app) = begun().await;
    let _site = hears(&till, app.serve().await);
    let (payment_id, _) = pays(&app, &till, 0, 200, Provider::Stripe).await;
    till.wait(36);
    // The next call ends what is old, and the event about it is on its way.
    assert_eq!(works(&app, Provider::Stripe, 37).await, 1);
    assert_eq!(state(&app, payment_id).await, "expired");
    till.stand_in.take_queue();
    assert!(till.stand_in.book().is_empty());
}

#[tokio::test]
async fn several_servers_do_each_piece_of_work_once() {
    let (till, app) = begun().await;
    for number in 0..5 {
        let slot = 200 + i64::try_from(number).unwrap();
        let (_, page) = pays(&app, &till, number, slot, Provider::Stripe).await;
        till.stand_in.pay(&page);
    }
    let before = till.stand_in.calls();
    let then = app.state.now() + SignedDuration::from_mins(3);
    let servers = (0..4).map(|_| {
        let state = app.state.clone();
        async move { worker::round(&state, Provider::Stripe, then).await.unwrap() }
    });
    let done = app.race(servers.collect()).await;
    assert_eq!(done.iter().sum::<usize>(), 5, "{done:?}");
    assert_eq!(till.stand_in.calls() - before, 5);
    agree(&app, &till).await;
}

#[tokio::test]
async fn the_demo_is_its_own_provider_with_a_page_that_needs_no_script() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = format!("http://{}", listener.local_addr().unwrap());
    let payments = Payments::demo(
        &own,
        "/pkg/janji.css".to_owned(),
        PublicUrl::parse(&own).unwrap(),
        Arc::new(Timestamp::now),
    )
    .unwrap();
    let app = clinic(payments).await;
    let service = router(app.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(explaining(listener), service).await.unwrap() });
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .build()
        .unwrap();
    let stand_in = app.state.payments.stand_in().unwrap().clone();
    for (number, (button, back, expected)) in [
        ("pay", "?back=paid", "paid"),
        ("fail", "", "expired"),
        ("later", "?back=paid", "paying"),
        ("never", "", "paying"),
    ]
    .into_iter()
    .enumerate()
    {
        let page = goes(&app, number, 200 + i64::try_from(number).unwrap(), Provider::Demo).await;
        let url = worker::open(&app.state, &page).await.unwrap().unwrap();
        assert!(url.starts_with(&format!("{own}/demo/provider/pay/")), "{url}");
        let shown = Answer::of(http.get(&url)).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains(&page.reference) && !shown.body.contains("<script"));
        assert!(!shown.body.contains("Vaccination") && !shown.body.contains("Patient"));
        let pressed = Answer::of(http.post(&url).form(&[("act", button)])).await;
        assert_eq!(pressed.status, 303);
        assert_eq!(
            pressed.location(),
            // Of this site, whatever name it has in the browser.
            format!("{}{back}", path_of(page.payment_id)),
            "{button}"
        );
        let told = stand_in.deliver().await;
        assert!(told.iter().all(|status| *status == 204), "{told:?}");
        assert_eq!(state(&app, page.payment_id).await, expected, "{button}");
    }
    // Nobody else's secret opens the hook.
    let forged = http.post(format!("{own}/hooks/demo")).body("{}");
    assert_eq!(Answer::of(forged).await.status, 401);
}
