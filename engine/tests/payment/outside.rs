//! What went back at the provider and not by us, and refunds that failed: in whatever order it is heard, nothing counts twice.

use engine::{
    appointment::Status,
    payment::{Done, FactKind, Settled, Work, board, done_work},
    time::local_date,
};
use jiff::tz::TimeZone;

use super::{
    FAR, PRICE, booked, clinic, fact, goes_to_pay, going_back, holds, is, paid,
    refund::{ends, refund_due},
    rupiah, settles, state,
};
use crate::support::{INSTANT, RULES, patient_caller};

fn outside(refund: &str, minor: i64) -> FactKind {
    FactKind::Refunded {
        refund: refund.to_owned(),
        key: None,
        amount: rupiah(minor),
    }
}

#[tokio::test]
async fn a_refund_that_has_failed_stays_so_whatever_is_heard_late() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    for (number, fails_first) in [false, true].into_iter().enumerate() {
        let (reference, payment_id) = booked(&app, (number, patients[number]), number, FAR).await;
        ends(
            &app,
            patient_caller(patients[number]),
            &reference,
            Status::Cancelled,
        )
        .await;
        let (refund, key) = (format!("re_{number}"), Some(format!("refund-{payment_id}")));
        let succeeded = |event: &str| {
            let kind = FactKind::Refunded {
                refund: refund.clone(),
                key: key.clone(),
                amount: rupiah(PRICE),
            };
            fact(payment_id, kind, Some(&format!("{event}-{number}")))
        };
        if !fails_first {
            assert_eq!(settles(&app, succeeded("evt_1"), app.now).await, Settled::Noted);
            assert_eq!(state(&app, payment_id).await, is("refunded", Some("refunded")));
        }
        let failed = FactKind::RefundFailed {
            refund: refund.clone(),
            key: key.clone(),
        };
        assert_eq!(
            settles(&app, fact(payment_id, failed, None), app.now).await,
            Settled::Noted
        );
        assert_eq!(settles(&app, succeeded("evt_2"), app.now).await, Settled::Known);
        assert_eq!(state(&app, payment_id).await, is("refund_failed", Some("failed")));
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn what_went_back_before_its_payment_was_heard_of_is_not_paid_back_again() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let mut payments = Vec::new();
    for (number, minor) in [PRICE / 3, PRICE / 3, PRICE].into_iter().enumerate() {
        let reference = holds(&app, number, number, FAR).await;
        let payment_id = goes_to_pay(&app, (number, patients[number]), &reference, app.now)
            .await
            .unwrap();
        let refund = outside(&format!("re_{number}"), minor);
        assert_eq!(
            settles(&app, fact(payment_id, refund, None), app.now).await,
            Settled::Noted
        );
        payments.push((reference, payment_id));
    }
    // What has not come has not gone back either, for who counts the day.
    let since = local_date(app.now, &TimeZone::UTC);
    let revenue = board::revenue(&app.database, &app.admin_caller(), since).await;
    assert!(revenue.unwrap().is_empty());
    // It is booked, and the clinic cancels it.
    let (reference, payment_id) = &payments[0];
    let settled = settles(&app, fact(*payment_id, paid(), None), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    ends(&app, app.doctor_caller(0), reference, Status::Cancelled).await;
    assert_eq!(going_back(&app, *payment_id).await.0, PRICE - PRICE / 3);
    // Somebody else has the time: the rest goes back, or there is none.
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    for doctor in [1, 2] {
        let other = app.patient(50 + doctor).await;
        app.books(other, app.wanted(doctor, INSTANT, app.slot(FAR)))
            .await
            .unwrap();
        let payment_id = payments[doctor].1;
        assert_eq!(
            settles(&app, fact(payment_id, paid(), None), app.now).await,
            Settled::GoesBack
        );
    }
    let too_late = (PRICE - PRICE / 3, "too_late".to_owned());
    assert_eq!(going_back(&app, payments[1].1).await, too_late);
    assert_eq!(state(&app, payments[2].1).await, is("refunded", None));
    app.assert_whole().await;
}

#[tokio::test]
async fn what_staff_pay_back_at_the_provider_is_the_refund_that_had_failed() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    ends(&app, patient_caller(patient), &reference, Status::Cancelled).await;
    let refund = refund_due(&app, 1).await.unwrap();
    let key = Some(refund.key.clone());
    let work = Work::Refund(refund);
    done_work(&app.database, &work, Done::Refused, RULES, app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, payment_id).await, is("refund_failed", Some("failed")));
    for (event, expected) in [("evt_1", Settled::Noted), ("evt_2", Settled::Known)] {
        let made = fact(payment_id, outside("re_9", PRICE), Some(event));
        assert_eq!(settles(&app, made, app.now).await, expected);
    }
    // That ours has failed is heard late, and the one of staff has not.
    let failed = FactKind::RefundFailed {
        refund: "re_1".to_owned(),
        key,
    };
    assert_eq!(
        settles(&app, fact(payment_id, failed, None), app.now).await,
        Settled::Known
    );
    assert_eq!(state(&app, payment_id).await, is("refunded", Some("refunded")));
    assert_eq!(app.count("select count(*) from refunds").await, 1);
    let to_do = board::to_do(&app.database, &app.admin_caller(), app.now)
        .await
        .unwrap();
    assert!(to_do.refunds.is_empty());
    app.assert_whole().await;
}
