//! What a provider says is believed once, and only where it fits.

use engine::{
    appointment::{Status, expire},
    money::Price,
    payment::{FactKind, PaymentFact, Provider, Settled},
    time::plus_minutes,
};

use super::{
    FAR, PRICE, booked, clinic, fact, goes_to_pay, going_back, held, holds, is, paid, rupiah, session_of,
    settles, state,
};
use crate::support::INSTANT;

/// After the end of the page and the hold.
const LATER: i64 = 50;

#[tokio::test]
async fn what_is_paid_is_booked_with_a_receipt() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    let (status, ..) = app.appointment(&reference).await;
    assert_eq!(status, Status::Confirmed.as_str());
    assert_eq!(state(&app, payment_id).await, is("paid", None));
    let with_receipt =
        "select count(*) from payments where receipt_number is not null and paid_at is not null";
    assert_eq!(app.count(with_receipt).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn an_event_is_taken_once_and_a_fact_that_is_known_changes_nothing() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let event = fact(payment_id, paid(), Some("evt_1"));
    assert!(matches!(
        settles(&app, event.clone(), app.now).await,
        Settled::Booked { .. }
    ));
    assert_eq!(settles(&app, event, app.now).await, Settled::Known);
    for again in [Some("evt_2"), None] {
        assert_eq!(
            settles(&app, fact(payment_id, paid(), again), app.now).await,
            Settled::Known
        );
    }
    for late in [FactKind::Failed, FactKind::Expired] {
        assert_eq!(
            settles(&app, fact(payment_id, late, None), app.now).await,
            Settled::Known
        );
    }
    assert_eq!(state(&app, payment_id).await, is("paid", None));
    app.assert_whole().await;
}

#[tokio::test]
async fn another_amount_or_currency_books_nothing_and_somebody_is_told() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let euros = Price {
        minor: PRICE,
        currency: "EUR".to_owned(),
    };
    for (number, amount) in [rupiah(PRICE - 1), euros].into_iter().enumerate() {
        let visitor = number + 1;
        let reference = holds(&app, visitor, number, FAR).await;
        let payment_id = goes_to_pay(&app, (visitor, patients[number]), &reference, app.now)
            .await
            .unwrap();
        let wrong = fact(
            payment_id,
            FactKind::Paid { amount },
            Some(&format!("evt_{number}")),
        );
        assert_eq!(settles(&app, wrong, app.now).await, Settled::WrongAmount);
        assert_eq!(app.appointment(&reference).await.0, Status::Held.as_str());
        assert_eq!(state(&app, payment_id).await, is("failed", None));
    }
    let troubles = "select count(*) from payment_troubles where kind = 'wrong_amount' and settled_at is null";
    assert_eq!(app.count(troubles).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn payments_of_others_are_none_of_ours() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let ours = fact(payment_id, paid(), None);
    for (number, other) in [
        PaymentFact {
            payment_id: Some(payment_id + 77),
            session: Some("elsewhere".to_owned()),
            ..ours.clone()
        },
        PaymentFact {
            session: Some("elsewhere".to_owned()),
            ..ours.clone()
        },
        PaymentFact {
            provider: Provider::Stripe,
            ..ours.clone()
        },
    ]
    .into_iter()
    .enumerate()
    {
        let other = PaymentFact {
            event_id: Some(format!("evt_{number}")),
            ..other
        };
        assert_eq!(settles(&app, other, app.now).await, Settled::Unknown);
    }
    assert_eq!(state(&app, payment_id).await, is("paying", None));
    // By the page alone.
    let by_page = PaymentFact {
        payment_id: None,
        session: Some(session_of(payment_id)),
        ..ours
    };
    assert!(matches!(
        settles(&app, by_page, app.now).await,
        Settled::Booked { .. }
    ));
}

#[tokio::test]
async fn a_hold_that_ran_out_is_booked_while_its_time_is_free() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let later = plus_minutes(app.now, LATER);
    for (number, is_ended) in [false, true].into_iter().enumerate() {
        let visitor = number + 1;
        let reference = holds(&app, visitor, number, FAR).await;
        let payment_id = goes_to_pay(&app, (visitor, patients[number]), &reference, app.now)
            .await
            .unwrap();
        if is_ended {
            assert_eq!(expire(&app.database, later).await, Ok(1));
        }
        let settled = settles(
            &app,
            fact(payment_id, paid(), Some(&format!("evt_{number}"))),
            later,
        )
        .await;
        assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
        assert_eq!(state(&app, payment_id).await, is("paid", None));
    }
    let promised = "select count(*) from appointments
                    where status = 'confirmed' and price_minor = 15000000 and pay_minor = 15000000
                      and refund_minutes = 1440 and patient_id is not null";
    assert_eq!(app.count(promised).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_whose_time_has_gone_is_paid_back_once() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = holds(&app, 1, 0, FAR).await;
    let payment_id = goes_to_pay(&app, (1, patients[0]), &reference, app.now)
        .await
        .unwrap();
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    app.books(patients[1], app.wanted(0, INSTANT, app.slot(FAR)))
        .await
        .unwrap();
    let event = fact(payment_id, paid(), Some("evt_1"));
    assert_eq!(settles(&app, event, app.now).await, Settled::GoesBack);
    assert_eq!(
        settles(&app, fact(payment_id, paid(), Some("evt_2")), app.now).await,
        Settled::Known
    );
    assert_eq!(state(&app, payment_id).await, is("refund_due", Some("due")));
    assert_eq!(going_back(&app, payment_id).await, (PRICE, "too_late".to_owned()));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_patient_who_is_elsewhere_by_then_is_paid_back() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    app.confirmed(patient, 1, app.slot(FAR)).await;
    assert_eq!(
        settles(&app, fact(payment_id, paid(), None), app.now).await,
        Settled::GoesBack
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn the_page_of_an_older_tab_is_given_up_and_a_second_payment_goes_back() {
    let (app, patient, reference) = held().await;
    let first = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let second = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let given_up = "select count(*) from payments where given_up_at is not null";
    assert_eq!(app.count(given_up).await, 1);
    let settled = settles(&app, fact(first, paid(), Some("evt_1")), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    assert_eq!(
        settles(&app, fact(second, paid(), Some("evt_2")), app.now).await,
        Settled::GoesBack
    );
    assert_eq!(going_back(&app, second).await, (PRICE, "twice".to_owned()));
    assert_eq!(state(&app, first).await, is("paid", None));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_page_that_ended_leaves_a_while_and_may_still_have_been_paid() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    assert_eq!(
        settles(&app, fact(payment_id, FactKind::Expired, Some("evt_1")), app.now).await,
        Settled::Noted
    );
    assert_eq!(state(&app, payment_id).await, is("expired", None));
    let short = "select count(*) from appointments where held_until <= created_at + interval '11 minutes'";
    assert_eq!(app.count(short).await, 1);
    // The events came the other way round.
    let settled = settles(&app, fact(payment_id, paid(), Some("evt_0")), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn disputes_and_what_was_paid_back_at_the_provider_are_taken_in() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (_, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    let dispute = || "dp_1".to_owned();
    let disputed = FactKind::Disputed { dispute: dispute() };
    assert_eq!(
        settles(&app, fact(payment_id, disputed.clone(), None), app.now).await,
        Settled::Noted
    );
    assert_eq!(
        settles(&app, fact(payment_id, disputed, None), app.now).await,
        Settled::Known
    );
    let open = "select count(*) from payment_troubles where settled_at is null";
    assert_eq!(app.count(open).await, 1);
    let closed = FactKind::DisputeClosed { dispute: dispute() };
    settles(&app, fact(payment_id, closed, None), app.now).await;
    assert_eq!(app.count(open).await, 0);
    let outside = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: None,
        amount: rupiah(PRICE / 3),
    };
    assert_eq!(
        settles(&app, fact(payment_id, outside.clone(), None), app.now).await,
        Settled::Noted
    );
    assert_eq!(
        settles(&app, fact(payment_id, outside, None), app.now).await,
        Settled::Known
    );
    let refunds = "select count(*) from refunds where why = 'outside' and state = 'refunded'";
    assert_eq!(app.count(refunds).await, 1);
    assert_eq!(state(&app, payment_id).await, is("paid", None));
    app.assert_whole().await;
}
