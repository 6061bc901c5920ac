//! What goes back when an appointment comes to its end: by its rule where the patient cancels, all of it where the clinic does.

use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking::{Reschedule, reschedule},
    error::{AppError, Field, FieldProblem},
    payment::Provider,
    payment::{Done, FactKind, NewRefund, RefundByHand, Work, done_work, due_work, refund_by_hand},
    time::plus_minutes,
};
use sqlx::postgres::PgPoolOptions;

use super::{FAR, PRICE, booked, clinic, fact, going_back, is, rupiah, settles, state};
use crate::support::{RULES, TestApp, patient_caller};

/// Somebody ends an appointment.
pub async fn ends(app: &TestApp, caller: engine::account::Caller, reference: &str, to: Status) {
    let command = ChangeStatus {
        caller,
        which: reference.into(),
        to,
        version: None,
        reason: "Something came up".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
}

/// Brings the start of an appointment, and all that was promised with it, nearer: within the day before.
async fn comes_near(app: &TestApp) {
    app.sql("update appointments set refund_minutes = 60 * 24 * 60 where status = 'confirmed'")
        .await;
}

#[tokio::test]
async fn a_patient_who_cancels_in_time_gets_everything_back() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    ends(&app, patient_caller(patient), &reference, Status::Cancelled).await;
    assert_eq!(
        going_back(&app, payment_id).await,
        (PRICE, "cancelled".to_owned())
    );
    assert_eq!(state(&app, payment_id).await, is("refund_due", Some("due")));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_patient_who_cancels_late_gets_what_the_rule_says() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let (reference, payment_id) = booked(&app, (1, patients[0]), 0, FAR).await;
    comes_near(&app).await;
    ends(&app, patient_caller(patients[0]), &reference, Status::Cancelled).await;
    assert_eq!(
        going_back(&app, payment_id).await,
        (PRICE / 2, "cancelled".to_owned())
    );
    // Nothing goes back, and the clinic keeps it.
    let (reference, payment_id) = booked(&app, (2, patients[1]), 1, FAR).await;
    comes_near(&app).await;
    app.sql("update appointments set late_refund_percent = 0").await;
    ends(&app, patient_caller(patients[1]), &reference, Status::Cancelled).await;
    assert_eq!(state(&app, payment_id).await, is("paid", None));
    assert_eq!(
        app.count("select kept_minor from payments where state = 'paid'")
            .await,
        PRICE
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_the_clinic_calls_off_is_paid_back_whole() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    comes_near(&app).await;
    app.sql("update appointments set late_refund_percent = 0").await;
    ends(&app, app.doctor_caller(0), &reference, Status::Cancelled).await;
    assert_eq!(
        going_back(&app, payment_id).await,
        (PRICE, "by_clinic".to_owned())
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_went_back_at_the_provider_is_not_paid_back_again() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    let outside = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: None,
        amount: rupiah(PRICE / 3),
    };
    settles(&app, fact(payment_id, outside, None), app.now).await;
    ends(&app, app.doctor_caller(0), &reference, Status::Cancelled).await;
    assert_eq!(going_back(&app, payment_id).await.0, PRICE - PRICE / 3);
    app.assert_whole().await;
}

/// The refund that a worker is to make.
pub async fn refund_due(app: &TestApp, minutes: i64) -> Option<NewRefund> {
    let now = plus_minutes(app.now, minutes);
    let work = due_work(&app.database, &[Provider::Demo], 10, now).await.unwrap();
    work.into_iter().find_map(|work| match work {
        Work::Refund(refund) => Some(refund),
        _ => None,
    })
}

#[tokio::test]
async fn a_refund_is_made_under_one_key_and_known_when_it_is_done() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    ends(&app, patient_caller(patient), &reference, Status::Cancelled).await;
    let refund = refund_due(&app, 1).await.unwrap();
    assert_eq!(
        (refund.key.as_str(), refund.amount.minor),
        (&*format!("refund-{payment_id}"), PRICE)
    );
    // Whoever has it is not heard of again: the same, under the same key.
    assert_eq!(refund_due(&app, 2).await, None);
    let again = refund_due(&app, 4).await.unwrap();
    assert_eq!(again, refund);
    let now = plus_minutes(app.now, 4);
    let under_way = Done::RefundUnderWay {
        refund: "re_1".to_owned(),
    };
    let work = Work::Refund(again);
    done_work(&app.database, &work, under_way, RULES, now)
        .await
        .unwrap();
    assert_eq!(state(&app, payment_id).await, is("refunding", Some("refunding")));
    let done = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: None,
        amount: rupiah(PRICE),
    };
    settles(&app, fact(payment_id, done, Some("evt_9")), now).await;
    assert_eq!(state(&app, payment_id).await, is("refunded", Some("refunded")));
    assert_eq!(refund_due(&app, 500).await, None);
    // It comes back weeks later.
    let failed = FactKind::RefundFailed {
        refund: "re_1".to_owned(),
        key: None,
    };
    settles(&app, fact(payment_id, failed, Some("evt_10")), now).await;
    assert_eq!(state(&app, payment_id).await, is("refund_failed", Some("failed")));
    app.assert_whole().await;
}

#[tokio::test]
async fn what_no_provider_can_pay_back_is_paid_back_by_hand_once() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    ends(&app, patient_caller(patient), &reference, Status::Cancelled).await;
    let refund = refund_due(&app, 1).await.unwrap();
    let by_hand = |caller, reference: &str| RefundByHand {
        caller,
        refund_id: refund.refund_id,
        reference: reference.to_owned(),
        key: None,
    };
    let too_early = refund_by_hand(&app.database, by_hand(app.admin_caller(), "Transfer 12"), app.now).await;
    assert!(
        matches!(too_early, Err(AppError::StaleVersion { .. })),
        "{too_early:?}"
    );
    let work = Work::Refund(refund.clone());
    done_work(&app.database, &work, Done::Refused, RULES, app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, payment_id).await, is("refund_failed", Some("failed")));
    let nameless = refund_by_hand(&app.database, by_hand(app.admin_caller(), " "), app.now).await;
    let missing = AppError::invalid(Field::PaidBackReference, FieldProblem::Missing);
    assert_eq!(nameless, Err(missing));
    let doctor = refund_by_hand(
        &app.database,
        by_hand(app.doctor_caller(0), "Transfer 12"),
        app.now,
    )
    .await;
    assert_eq!(doctor, Err(AppError::Forbidden));
    let elsewhere = app.another_clinic().await;
    let reception = app.reception_caller("desk@test.example", &[elsewhere]).await;
    let other = refund_by_hand(&app.database, by_hand(reception, "Transfer 12"), app.now).await;
    assert_eq!(other, Err(AppError::NotFound));
    let done = refund_by_hand(&app.database, by_hand(app.admin_caller(), "Transfer 12"), app.now).await;
    assert_eq!(done, Ok(payment_id));
    assert_eq!(state(&app, payment_id).await, is("refunded", Some("by_hand")));
    let twice = refund_by_hand(&app.database, by_hand(app.admin_caller(), "Transfer 13"), app.now).await;
    assert!(matches!(twice, Err(AppError::StaleVersion { .. })), "{twice:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn what_ended_where_nobody_listened_goes_back_in_the_next_round() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    // Another process, without the listener.
    let other = engine::database::Database::new(
        PgPoolOptions::new(),
        app.database.pool().connect_options().as_ref().clone(),
        &crate::support::settings(),
    );
    let command = ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Ill".to_owned(),
        key: None,
    };
    change_status(&other, command, app.now).await.unwrap();
    assert_eq!(state(&app, payment_id).await, is("paid", None));
    // What is long over is not looked at for ever.
    let long_after = plus_minutes(app.slot(FAR), 32 * 24 * 60);
    assert_eq!(engine::payment::catch_up(&app.database, long_after).await, Ok(0));
    assert_eq!(engine::payment::catch_up(&app.database, app.now).await, Ok(1));
    assert_eq!(
        going_back(&app, payment_id).await,
        (PRICE, "by_clinic".to_owned())
    );
    assert_eq!(engine::payment::catch_up(&app.database, app.now).await, Ok(0));
    other.close().await;
    app.assert_whole().await;
}

#[tokio::test]
async fn a_round_looks_at_what_ended_and_not_at_all_that_was_paid() {
    let app = clinic().await;
    let mut connection = app.connection().await;
    // Whether there are indexes at all: so few are read as they come.
    sqlx::raw_sql("set enable_seqscan = off")
        .execute(&mut connection)
        .await
        .unwrap();
    // As in `catch_up`.
    let plan: Vec<String> = sqlx::query_scalar(
        "explain
         with ended as materialized (
             select id from appointments
             where status in ('cancelled', 'rejected', 'expired') and starts_at > now()
         )
         select id from ended
         where (select true from payments
                where appointment_id = ended.id and state = 'paid' and kept_minor is null limit 1)
         order by id limit 100",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for index in ["starts_at_idx", "payments_appointment_id_idx"] {
        assert!(plan.iter().any(|line| line.contains(index)), "{plan:#?}");
    }
}

/// Moves an appointment by a month.
async fn moves(app: &TestApp, caller: engine::account::Caller, reference: &str) {
    let command = Reschedule {
        caller,
        which: reference.into(),
        version: None,
        starts_at: app.slot(FAR + 30 * 48),
        visitor: None,
        rules: RULES,
        key: None,
    };
    reschedule(&app.database, command, app.now).await.unwrap();
}

/// The start is an hour nearer than what would be paid back whole.
async fn comes_too_near(app: &TestApp) {
    app.sql(
        "update appointments set refund_minutes = 60 + extract(epoch from starts_at - now())::integer / 60
         where status = 'confirmed'",
    )
    .await;
}

#[tokio::test]
async fn who_moves_late_and_cancels_then_gets_what_a_late_cancellation_gets() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    // The patient moves late; the patient moves in time; the clinic moves late.
    for (number, (is_late, by_clinic, expected)) in [
        (true, false, PRICE / 2),
        (false, false, PRICE),
        (true, true, PRICE),
    ]
    .into_iter()
    .enumerate()
    {
        let caller = patient_caller(patients[number]);
        let (reference, payment_id) = booked(&app, (number, patients[number]), number, FAR).await;
        if is_late {
            comes_too_near(&app).await;
        }
        let by = match by_clinic {
            true => app.doctor_caller(number),
            false => caller.clone(),
        };
        moves(&app, by, &reference).await;
        ends(&app, caller, &reference, Status::Cancelled).await;
        assert_eq!(
            going_back(&app, payment_id).await,
            (expected, "cancelled".to_owned())
        );
    }
    app.assert_whole().await;
}
