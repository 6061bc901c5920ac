//! Seats in sessions that are paid before they are booked.

use engine::{
    booking::Rules,
    error::{AppError, Refusal},
    group::{self, Cancel, Change, Details, Plan, Take},
    i18n::{Locale, Texts},
    payment::{self, FactKind, Provider, Settled, StartSeats, Started},
    schedule::{CancelDay, cancel_day},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{clinic, fact, going_back, opens, rupiah, settles, state};
use crate::support::{INSTANT, RULES, TestApp, patient_caller, refusal};

/// What a seat costs.
const SEAT: i64 = 4_000_000;

fn details(app: &TestApp, slot: i64, minutes: i32, capacity: i32) -> Details {
    Details {
        title: "Birth class".to_owned(),
        starts_at: app.slot(slot),
        minutes,
        capacity,
        price: Some(rupiah(SEAT)),
    }
}

async fn session(app: &TestApp, slot: i64, capacity: i32) -> i64 {
    let command = Plan {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        clinic_id: app.clinic,
        service_id: app.services[INSTANT],
        details: details(app, slot, 60, capacity),
        weeks: 1,
        publish: true,
        key: None,
    };
    group::plan(&app.database, command, app.now).await.unwrap()[0].id
}

fn taking(group_id: i64, patient_id: i64, seats: i32) -> Take {
    Take {
        caller: patient_caller(patient_id),
        group_id,
        patient_id,
        seats,
        name: None,
        reason: String::new(),
        rules: RULES,
        key: None,
    }
}

async fn start(app: &TestApp, take: Take, now: Timestamp) -> Result<i64, AppError> {
    let command = StartSeats {
        take,
        provider: Provider::Demo,
        locale: Locale::En,
    };
    let started = payment::start_seats(&app.database, command, now).await?;
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    opens(app, payment_id, now).await?;
    Ok(payment_id)
}

/// The hold of a payment: its id, how it stands, and whether the provider's page is given up.
async fn hold_of(app: &TestApp, payment_id: i64) -> (i64, String, bool) {
    sqlx::query_as(
        "select appointments.id, status, given_up_at is not null
         from payments join appointments on appointments.id = appointment_id where payments.id = $1",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

fn paid(seats: i64) -> FactKind {
    FactKind::Paid {
        amount: rupiah(seats * SEAT),
    }
}

#[tokio::test]
async fn seats_are_kept_while_they_are_paid_and_booked_by_it() {
    let app = clinic().await;
    let session = session(&app, 200, 3).await;
    let (one, other) = (app.patient(0).await, app.patient(1).await);
    let unpaid = group::take(&app.database, taking(session, one, 1), app.now).await;
    assert_eq!(unpaid.unwrap_err(), AppError::PaymentRequired);
    let payment_id = start(&app, taking(session, one, 2), app.now).await.unwrap();
    let too_many = start(&app, taking(session, other, 2), app.now).await;
    assert!(
        matches!(too_many, Err(AppError::InsufficientInventory { .. })),
        "{too_many:?}"
    );
    let event = fact(payment_id, paid(2), Some("once"));
    let settled = settles(&app, event.clone(), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    assert_eq!(settles(&app, event, app.now).await, Settled::Known);
    assert_eq!(
        app.count("select count(*) from appointments where group_id is not null and status = 'confirmed'")
            .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn who_goes_to_pay_again_has_the_same_seats() {
    let app = clinic().await;
    let session = session(&app, 200, 2).await;
    let one = app.patient(0).await;
    let first = start(&app, taking(session, one, 2), app.now).await.unwrap();
    let second = start(&app, taking(session, one, 2), plus_minutes(app.now, 1))
        .await
        .unwrap();
    assert_ne!(first, second);
    assert_eq!(
        app.count("select count(distinct appointment_id) from payments")
            .await,
        1
    );
    // Whichever is paid books them, and the other one goes back.
    let settled = settles(&app, fact(first, paid(2), None), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    assert_eq!(
        settles(&app, fact(second, paid(2), None), app.now).await,
        Settled::GoesBack
    );
    assert_eq!(going_back(&app, second).await, (2 * SEAT, "twice".to_owned()));
    app.assert_whole().await;
}

#[tokio::test]
async fn money_for_seats_that_comes_late_books_others_or_goes_back() {
    let app = clinic().await;
    let (free, full) = (session(&app, 200, 2).await, session(&app, 210, 1).await);
    let (one, other) = (app.patient(0).await, app.patient(1).await);
    let in_time = start(&app, taking(free, one, 2), app.now).await.unwrap();
    let too_late = start(&app, taking(full, one, 1), app.now).await.unwrap();
    let late = plus_minutes(app.now, 3 * 60);
    engine::appointment::expire(&app.database, late).await.unwrap();
    let settled = settles(&app, fact(in_time, paid(2), None), late).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    let by_desk = Take {
        caller: app.admin_caller(),
        ..taking(full, other, 1)
    };
    group::take(&app.database, by_desk, late).await.unwrap();
    let settled = settles(&app, fact(too_late, paid(1), None), late).await;
    assert_eq!(settled, Settled::GoesBack);
    assert_eq!(going_back(&app, too_late).await, (SEAT, "too_late".to_owned()));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_is_called_off_pays_all_of_it_back() {
    let app = clinic().await;
    let session = session(&app, 200, 2).await;
    let (one, other) = (app.patient(0).await, app.patient(1).await);
    let booked = start(&app, taking(session, one, 1), app.now).await.unwrap();
    settles(&app, fact(booked, paid(1), None), app.now).await;
    let paying = start(&app, taking(session, other, 1), app.now).await.unwrap();
    let command = Cancel {
        caller: app.admin_caller(),
        group_id: session,
        version: None,
        with_rest: false,
        reason: "Ill".to_owned(),
        key: None,
    };
    group::cancel(&app.database, command, app.now).await.unwrap();
    assert_eq!(going_back(&app, booked).await, (SEAT, "by_clinic".to_owned()));
    let (_, status, is_given_up) = hold_of(&app, paying).await;
    assert_eq!((status.as_str(), is_given_up), ("cancelled", true));
    let settled = settles(&app, fact(paying, paid(1), None), app.now).await;
    assert_eq!(settled, Settled::GoesBack);
    assert_eq!(state(&app, paying).await.0, "refund_due");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_deposit_is_for_each_seat() {
    let app = clinic().await;
    app.sql("update services set deposit_minor = 1000000 where key = 'instant'")
        .await;
    let session = session(&app, 200, 3).await;
    let payment_id = start(&app, taking(session, app.patient(0).await, 3), app.now)
        .await
        .unwrap();
    let asked: i64 = sqlx::query_scalar("select amount_minor from payments where id = $1")
        .bind(payment_id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    assert_eq!(asked, 3_000_000);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_day_that_is_cancelled_ends_what_is_being_paid() {
    let app = clinic().await;
    let session = session(&app, 200, 2).await;
    let paying = start(&app, taking(session, app.patient(0).await, 1), app.now)
        .await
        .unwrap();
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(200),
        reason: "The doctor is ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    cancel_day(&app.database, command, app.now).await.unwrap();
    let (_, status, is_given_up) = hold_of(&app, paying).await;
    assert_eq!((status.as_str(), is_given_up), ("cancelled", true));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_goes_to_pay_does_so_anew_where_the_session_moves() {
    let app = clinic().await;
    let session = session(&app, 200, 3).await;
    let one = app.patient(0).await;
    let mut paying = start(&app, taking(session, one, 2), app.now).await.unwrap();
    // To another start, and then its length alone.
    for (slot, minutes) in [(210, 60), (210, 90)] {
        let (hold, status, is_given_up) = hold_of(&app, paying).await;
        assert_eq!((status.as_str(), is_given_up), ("held", false));
        let command = Change {
            caller: app.admin_caller(),
            group_id: session,
            version: group::newest(&app.database, session).await.unwrap().0,
            details: details(&app, slot, minutes, 3),
            key: None,
        };
        group::change(&app.database, command, app.now).await.unwrap();
        let (_, status, is_given_up) = hold_of(&app, paying).await;
        assert_eq!((status.as_str(), is_given_up), ("cancelled", true));
        app.assert_whole().await;
        paying = start(&app, taking(session, one, 2), app.now).await.unwrap();
        assert_ne!(hold_of(&app, paying).await.0, hold);
    }
    let settled = settles(&app, fact(paying, paid(2), None), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    let booked = "select count(*) from appointments
                  join groups on groups.id = group_id and groups.starts_at = appointments.starts_at
                                 and groups.ends_at = appointments.ends_at
                  where status = 'confirmed' and duration_minutes = 90";
    assert_eq!(app.count(booked).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_keeps_seats_in_more_sessions_than_they_may_have() {
    let app = clinic().await;
    let one = app.patient(0).await;
    let wish = |session, seats| Take {
        rules: Rules {
            open_appointments: 2,
            ..RULES
        },
        ..taking(session, one, seats)
    };
    let mut sessions = Vec::new();
    for slot in [200, 204, 208] {
        sessions.push(session(&app, slot, 3).await);
    }
    for session in &sessions[..2] {
        start(&app, wish(*session, 1), app.now).await.unwrap();
    }
    let third = start(&app, wish(sessions[2], 1), app.now).await;
    assert_eq!(refusal(&third), Some(Refusal::TooManyOpen), "{third:?}");
    // Going to pay again, also for more seats, keeps none in another session.
    for seats in [1, 2] {
        start(&app, wish(sessions[0], seats), app.now).await.unwrap();
    }
    app.assert_whole().await;
}
