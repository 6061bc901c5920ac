//! What goes back of a visit that was paid at once: of each appointment its share, by its rule, once.

use engine::{
    appointment::Status,
    payment::{Done, FactKind, NewRefund, Provider, Settled, Work, done_work, due_work},
    time::plus_minutes,
    visit::cancel_visit,
};

use super::{
    FAR, PRICE, fact, going_back, is,
    refund::ends,
    rupiah, session_of, settles, state,
    visit::{DEPOSIT, SUM, booked_visit, goes, holds_visit, share_of, sum, visit_clinic},
};
use crate::support::{RULES, TestApp, patient_caller};

async fn due(app: &TestApp) -> Vec<NewRefund> {
    // What goes back is due from the moment of its transaction on, by the clock.
    let soon = plus_minutes(app.now, 1);
    let work = due_work(&app.database, &[Provider::Demo], 10, soon)
        .await
        .unwrap();
    let refunds = work.into_iter().map(|work| match work {
        Work::Refund(refund) => refund,
        other => panic!("{other:?}"),
    });
    refunds.collect()
}

async fn is_done(app: &TestApp, refund: NewRefund) {
    let done = Done::Refunded {
        refund: format!("re-{}", refund.key),
    };
    done_work(&app.database, &Work::Refund(refund), done, RULES, app.now)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_cancels_one_appointment_gets_its_share_back_by_its_rule() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let (references, page) = booked_visit(&app, (1, patient), FAR).await;
    // The first one is late by its own rule, of which half goes back.
    app.sql("update appointments set refund_minutes = 60 * 24 * 60, late_refund_percent = 50 where status = 'confirmed'")
        .await;
    ends(&app, patient_caller(patient), &references[1], Status::Cancelled).await;
    let shares = [
        share_of(&app, &references[1]).await,
        share_of(&app, &references[2]).await,
    ];
    assert_eq!(
        going_back(&app, shares[0]).await,
        (PRICE / 2, "cancelled".to_owned())
    );
    assert_eq!(state(&app, shares[1]).await, is("paid", None));
    let refunds = due(&app).await;
    let [refund] = refunds.as_slice() else {
        panic!("{refunds:?}");
    };
    // A part of what was paid on the page of the visit.
    assert_eq!(
        (refund.session.clone(), refund.amount.clone()),
        (session_of(page), rupiah(PRICE / 2))
    );
    assert_eq!(refund.provider_payment, Some(format!("paid-{page}")));
    is_done(&app, refund.clone()).await;
    assert_eq!(state(&app, shares[0]).await, is("refunded", Some("refunded")));
    app.assert_whole().await;
    ends(&app, app.doctor_caller(2), &references[2], Status::Rejected).await;
    let refunds = due(&app).await;
    let [second] = refunds.as_slice() else {
        panic!("{refunds:?}");
    };
    assert_eq!(
        (second.session.clone(), second.amount.clone()),
        (session_of(page), rupiah(DEPOSIT))
    );
    assert_ne!(second.key, refund.key);
    is_done(&app, second.clone()).await;
    assert_eq!(state(&app, shares[1]).await, is("refunded", Some("refunded")));
    // What is heard of it by the page of the visit is known.
    for made in [refund, second] {
        let heard = FactKind::Refunded {
            refund: format!("re-{}", made.key),
            key: Some(made.key.clone()),
            amount: made.amount.clone(),
        };
        let event = format!("evt-{}", made.key);
        assert_eq!(
            settles(&app, fact(page, heard, Some(&event)), app.now).await,
            Settled::Known
        );
    }
    assert_eq!(app.count("select count(*) from refunds").await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_cancels_the_whole_visit_gets_every_share_back_once() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let (references, page) = booked_visit(&app, (1, patient), FAR).await;
    let visit = app.count("select max(visit_id) from appointments").await;
    let racers = (0..6)
        .map(|_| {
            let (database, now) = (app.database.clone(), app.now);
            let caller = patient_caller(patient);
            async move {
                cancel_visit(&database, caller, visit, String::new(), None, now)
                    .await
                    .is_ok()
            }
        })
        .collect();
    let cancelled = app.race(racers).await;
    assert_eq!(cancelled.iter().filter(|is_done| **is_done).count(), 1);
    let mut refunds = due(&app).await;
    refunds.sort_by_key(|refund| refund.amount.minor);
    let amounts: Vec<i64> = refunds.iter().map(|refund| refund.amount.minor).collect();
    assert_eq!(amounts, [DEPOSIT, PRICE]);
    // The provider fails at one of them, and says so by the page.
    let failed = FactKind::RefundFailed {
        refund: "re_1".to_owned(),
        key: Some(refunds[0].key.clone()),
    };
    assert_eq!(
        settles(&app, fact(page, failed, Some("evt")), app.now).await,
        Settled::Noted
    );
    let share = share_of(&app, &references[2]).await;
    assert_eq!(state(&app, share).await, is("refund_failed", Some("failed")));
    is_done(&app, refunds[1].clone()).await;
    // Somebody pays the amount back at the provider.
    let outside = FactKind::Refunded {
        refund: "re_2".to_owned(),
        key: None,
        amount: rupiah(DEPOSIT),
    };
    assert_eq!(
        settles(&app, fact(page, outside, Some("by-hand")), app.now).await,
        Settled::Noted
    );
    assert_eq!(state(&app, share).await, is("refunded", Some("refunded")));
    let back = "select sum(amount_minor)::bigint from refunds where state = 'refunded'";
    assert_eq!(app.count(back).await, SUM);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_was_paid_back_whole_at_the_provider_is_of_all_shares() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let (references, page) = booked_visit(&app, (1, patient), FAR).await;
    let outside = |refund: &str, amount: i64| FactKind::Refunded {
        refund: refund.to_owned(),
        key: None,
        amount: rupiah(amount),
    };
    assert_eq!(
        settles(&app, fact(page, outside("re_1", SUM), Some("evt_1")), app.now).await,
        Settled::Noted
    );
    assert_eq!(
        settles(&app, fact(page, outside("re_1", SUM), Some("evt_2")), app.now).await,
        Settled::Known
    );
    let by_share = "select count(*) from refunds join payments on payments.id = payment_id
                    where why = 'outside' and refunds.amount_minor = payments.amount_minor";
    assert_eq!(app.count(by_share).await, 2);
    // Of another installation with the same account, which has payments of the same numbers.
    let share = share_of(&app, &references[1]).await;
    let mut strange = fact(share, outside("re_2", PRICE), Some("evt_3"));
    strange.session = Some("cs_other".to_owned());
    strange.provider_payment = Some("pi_other".to_owned());
    assert_eq!(settles(&app, strange, app.now).await, Settled::Unknown);
    // Nothing goes back once more.
    for reference in &references[1..] {
        ends(&app, patient_caller(patient), reference, Status::Cancelled).await;
    }
    assert_eq!(due(&app).await, []);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_refund_of_several_shares_fails_for_each_of_them() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let (references, page) = booked_visit(&app, (1, patient), FAR).await;
    let outside = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: None,
        amount: rupiah(SUM),
    };
    let failed = FactKind::RefundFailed {
        refund: "re_1".to_owned(),
        key: None,
    };
    for (event, kind) in [("evt_1", outside), ("evt_2", failed)] {
        assert_eq!(
            settles(&app, fact(page, kind, Some(event)), app.now).await,
            Settled::Noted,
            "{event}"
        );
    }
    assert_eq!(
        app.count("select count(*) from refunds where state = 'failed'")
            .await,
        2
    );
    // Nothing has gone back, so each appointment that is cancelled gives its share back.
    for reference in &references[1..] {
        ends(&app, patient_caller(patient), reference, Status::Cancelled).await;
    }
    let mut amounts: Vec<i64> = due(&app).await.iter().map(|refund| refund.amount.minor).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [DEPOSIT, PRICE]);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_failed_of_several_shares_may_be_paid_back_in_one_sum() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let (references, page) = booked_visit(&app, (1, patient), FAR).await;
    // Half of the first one, so that it is not the whole charge.
    app.sql("update appointments set refund_minutes = 60 * 24 * 60, late_refund_percent = 50 where status = 'confirmed'")
        .await;
    for reference in &references[1..] {
        ends(&app, patient_caller(patient), reference, Status::Cancelled).await;
    }
    let failed = |refund: &NewRefund| FactKind::RefundFailed {
        refund: format!("re-{}", refund.key),
        key: Some(refund.key.clone()),
    };
    let refunds = due(&app).await;
    let owed = PRICE / 2 + DEPOSIT;
    assert_eq!(
        refunds.iter().map(|refund| refund.amount.minor).sum::<i64>(),
        owed
    );
    for (number, refund) in refunds.iter().enumerate() {
        let event = format!("evt_{number}");
        assert_eq!(
            settles(&app, fact(page, failed(refund), Some(&event)), app.now).await,
            Settled::Noted
        );
    }
    let by_hand = FactKind::Refunded {
        refund: "re_9".to_owned(),
        key: None,
        amount: rupiah(owed),
    };
    assert_eq!(
        settles(&app, fact(page, by_hand, Some("evt_9")), app.now).await,
        Settled::Noted
    );
    // What is said again of the first refunds concerns nothing any more.
    for (number, refund) in refunds.iter().enumerate() {
        let event = format!("evt_again_{number}");
        assert_eq!(
            settles(&app, fact(page, failed(refund), Some(&event)), app.now).await,
            Settled::Known
        );
    }
    for reference in &references[1..] {
        let share = share_of(&app, reference).await;
        assert_eq!(state(&app, share).await, is("refunded", Some("refunded")));
    }
    let back = "select sum(amount_minor)::bigint from refunds where state = 'refunded'";
    assert_eq!(app.count(back).await, owed);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_charge_that_was_cancelled_whole_pays_back_all_that_was_due() {
    let app = visit_clinic().await;
    let patients = app.patients(2).await;
    let references = holds_visit(&app, 1, FAR).await;
    let page = goes(&app, (1, patients[0]), &references).await;
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    app.books(
        patients[1],
        app.wanted(1, crate::support::INSTANT, app.slot(FAR + 4)),
    )
    .await
    .unwrap();
    assert_eq!(settles(&app, sum(page, "evt"), app.now).await, Settled::GoesBack);
    for (event, expected) in [("evt_1", Settled::Noted), ("evt_2", Settled::Known)] {
        let cancelled = FactKind::Refunded {
            refund: "transaction".to_owned(),
            key: Some(format!("refund-{page}")),
            amount: rupiah(SUM),
        };
        assert_eq!(
            settles(&app, fact(page, cancelled, Some(event)), app.now).await,
            expected
        );
    }
    for reference in &references[1..] {
        let share = share_of(&app, reference).await;
        assert_eq!(state(&app, share).await, is("refunded", Some("refunded")));
    }
    assert_eq!(app.count("select count(*) from refunds").await, 2);
    assert_eq!(due(&app).await, []);
    app.assert_whole().await;
}
