//! Payments as the desk oversees them: by clinic, by what names one, and by the day on which money moved.

use engine::{
    payment::{
        FactKind, PaymentState, Provider,
        board::{self, Search, TroubleKind},
    },
    time::{local_date, plus_minutes},
};
use jiff::tz::TimeZone;

use super::{FAR, PRICE, booked, clinic, fact, rupiah, settles};
use crate::support::TestApp;

fn all() -> Search {
    Search {
        limit: 10,
        ..Search::default()
    }
}

async fn ids(app: &TestApp, search: Search) -> Vec<i64> {
    let entries = board::entries(&app.database, &app.admin_caller(), search)
        .await
        .unwrap();
    entries.iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn a_payment_is_found_by_each_of_its_names() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let (first, one) = booked(&app, (1, patients[0]), 0, FAR).await;
    let (_, two) = booked(&app, (2, patients[1]), 1, FAR).await;
    assert_eq!(ids(&app, all()).await, [two, one]);
    let receipt = app
        .count("select receipt_number from payments order by id limit 1")
        .await;
    for name in [
        first.clone(),
        first.to_lowercase(),
        format!(" {first} "),
        receipt.to_string(),
        format!("session-{one}"),
        format!("paid-{one}"),
    ] {
        let found = Search {
            about: Some(name.clone()),
            ..all()
        };
        assert_eq!(ids(&app, found).await, [one], "{name}");
    }
    for (search, expected) in [
        (
            Search {
                before: Some(two),
                ..all()
            },
            vec![one],
        ),
        (
            Search {
                provider: Some(Provider::Cash),
                ..all()
            },
            vec![],
        ),
        (
            Search {
                state: Some(PaymentState::Expired),
                ..all()
            },
            vec![],
        ),
        (
            Search {
                about: Some("Somebody".to_owned()),
                ..all()
            },
            vec![],
        ),
    ] {
        assert_eq!(ids(&app, search).await, expected);
    }
}

#[tokio::test]
async fn the_desk_of_another_clinic_sees_nothing() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (_, id) = booked(&app, (1, patient), 0, FAR).await;
    let dispute = FactKind::Disputed {
        dispute: "dp_1".to_owned(),
    };
    settles(&app, fact(id, dispute, None), app.now).await;
    let elsewhere = app.another_clinic().await;
    let here = app.reception_caller("here@test.example", &[app.clinic]).await;
    let there = app.reception_caller("there@test.example", &[elsewhere]).await;
    let since = local_date(app.now, &TimeZone::UTC);
    for (caller, count) in [(&here, 1), (&there, 0), (&app.admin_caller(), 1)] {
        let database = &app.database;
        assert_eq!(
            board::entries(database, caller, all()).await.unwrap().len(),
            count
        );
        let to_do = board::to_do(database, caller, app.now).await.unwrap();
        assert_eq!(to_do.troubles.len(), count);
        assert_eq!(
            board::revenue(database, caller, since).await.unwrap().len(),
            count
        );
    }
}

#[tokio::test]
async fn what_needs_a_hand_is_what_no_provider_does_by_itself() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, id) = booked(&app, (1, patient), 0, FAR).await;
    app.sql(
        "insert into refunds (payment_id, key, why, state, amount_minor, created_at)
         select id, 'refund-' || id, 'by_clinic', 'due', 100, now() from payments",
    )
    .await;
    let caller = app.admin_caller();
    let refund_id = app.count("select id from refunds").await;
    let later = plus_minutes(app.now, 25 * 60);
    // The provider has it, which is worth a look after a day.
    for (now, count) in [(app.now, 0), (later, 1)] {
        let to_do = board::to_do(&app.database, &caller, now).await.unwrap();
        assert_eq!(to_do.refunds.len(), count);
        assert!(to_do.refunds.iter().all(|refund| !refund.is_by_hand));
    }
    app.sql("update refunds set state = 'failed'").await;
    let to_do = board::to_do(&app.database, &caller, app.now).await.unwrap();
    assert!(to_do.refunds[0].is_by_hand);
    assert_eq!(
        (&to_do.refunds[0].reference, to_do.refunds[0].payment_id),
        (&reference, id)
    );
    let refund = board::open_refund(&app.database, &caller, refund_id)
        .await
        .unwrap();
    assert_eq!(refund.unwrap().amount, rupiah(100));
    app.sql("update refunds set state = 'refunded', done_at = now()")
        .await;
    let gone = board::open_refund(&app.database, &caller, refund_id)
        .await
        .unwrap();
    assert!(gone.is_none());
    let other = FactKind::Paid { amount: rupiah(1) };
    settles(&app, fact(id, other, None), app.now).await;
    let to_do = board::to_do(&app.database, &caller, app.now).await.unwrap();
    assert_eq!(to_do.troubles[0].kind, TroubleKind::WrongAmount);
    assert_eq!(to_do.troubles[0].said, Some(rupiah(1)));
    board::measure_waiting(&app.database, app.now).await.unwrap();
    let numbers = app.database.statistics().render();
    let is_measured = |word: &str| {
        numbers.lines().any(|line| {
            line.starts_with("janji_payment_troubles") && line.contains(word) && line.ends_with(" 1")
        })
    };
    assert!(is_measured("wrong_amount"), "{numbers}");
}

#[tokio::test]
async fn money_belongs_to_the_day_of_the_clinic_on_which_it_moved() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    booked(&app, (1, patient), 0, FAR).await;
    app.sql(
        "update clinics set time_zone = 'Asia/Jakarta';
         update payments set paid_at = timestamptz '2026-03-01 18:30:00 UTC';
         insert into refunds (payment_id, key, why, state, amount_minor, created_at, done_at)
         select id, 'demo:1', 'outside', 'refunded', 500, now(), timestamptz '2026-03-03 10:00:00 UTC' from payments",
    )
    .await;
    let since = "2026-03-02".parse().unwrap();
    let days = board::revenue(&app.database, &app.admin_caller(), since)
        .await
        .unwrap();
    let told: Vec<_> = days
        .iter()
        .map(|day| {
            (
                day.day.to_string(),
                day.payments,
                day.taken.minor,
                day.paid_back.minor,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            // It is half past one in Jakarta.
            ("2026-03-02".to_owned(), 1, PRICE, 0),
            ("2026-03-03".to_owned(), 0, 0, 500),
        ]
    );
    assert_eq!(days[1].kept().minor, -500);
}
