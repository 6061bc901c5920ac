//! Money that races: with its own copies, with the end of the hold, with others who want the time, with who cancels.

use engine::{
    appointment::{ChangeStatus, Status, change_status, expire},
    booking::{Book, book},
    payment::{self, FactKind, Provider, Settled, Work, due_work, settle},
    time::plus_minutes,
};

use super::{FAR, PRICE, booked, clinic, fact, goes_to_pay, going_back, held, holds, is, paid, start, state};
use crate::support::{INSTANT, RULES, patient_caller};

const COPIES: usize = 30;

#[tokio::test]
async fn thirty_copies_of_an_event_have_one_effect() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    // The same event, and as many events that say the same.
    for (number, is_one_event) in [true, false].into_iter().enumerate() {
        let reference = holds(&app, number, number, FAR).await;
        let payment_id = goes_to_pay(&app, (number, patients[number]), &reference, app.now)
            .await
            .unwrap();
        let copies = (0..COPIES)
            .map(|copy| {
                let event = match is_one_event {
                    true => "evt".to_owned(),
                    false => format!("evt-{copy}"),
                };
                let (database, now) = (app.database.clone(), app.now);
                let fact = fact(payment_id, paid(), Some(&event));
                async move { settle(&database, fact, RULES, now).await }
            })
            .collect();
        let settled = app.race(copies).await;
        let booked = settled
            .iter()
            .filter(|one| matches!(one, Ok(Settled::Booked { .. })));
        assert_eq!(booked.count(), 1, "{settled:?}");
        let known = settled.iter().filter(|one| **one == Ok(Settled::Known)).count();
        assert_eq!(known, COPIES - 1, "{settled:?}");
        assert_eq!(state(&app, payment_id).await, is("paid", None));
    }
    assert_eq!(app.count("select count(*) from refunds").await, 0);
    assert_eq!(
        app.count("select count(distinct receipt_number) from payments")
            .await,
        2
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn money_the_end_of_the_hold_and_another_who_books_race_and_the_time_has_one_owner() {
    let app = clinic().await;
    app.without_constraints().await;
    app.open_hours().await;
    for round in 0..8_usize {
        let patients = app.patients_from(10 * round, 3).await;
        let slot = FAR + 2 * i64::try_from(round).unwrap();
        let reference = holds(&app, round, 0, slot).await;
        let payment_id = goes_to_pay(&app, (round, patients[0]), &reference, app.now)
            .await
            .unwrap();
        app.sql("update appointments set held_until = created_at where status = 'held'")
            .await;
        let (database, now) = (app.database.clone(), app.now);
        let others = patients[1..].iter().map(|&patient_id| Book {
            caller: app.admin_caller(),
            wanted: app.wanted(0, INSTANT, app.slot(slot)),
            patient_id,
            reason: String::new(),
            overbook: None,
            rules: RULES,
            key: None,
        });
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = bool> + Send>>> = Vec::new();
        for command in others {
            let database = database.clone();
            racers.push(Box::pin(
                async move { book(&database, command, now).await.is_ok() },
            ));
        }
        for copy in 0..3 {
            let database = database.clone();
            let fact = fact(payment_id, paid(), Some(&format!("evt-{round}-{copy}")));
            racers.push(Box::pin(async move {
                matches!(
                    settle(&database, fact, RULES, now).await.unwrap(),
                    Settled::Booked { .. }
                )
            }));
        }
        let sweeper = database.clone();
        racers.push(Box::pin(async move {
            expire(&sweeper, now).await.unwrap();
            false
        }));
        let owners = app.race(racers).await;
        assert_eq!(
            owners.iter().filter(|is_owner| **is_owner).count(),
            1,
            "{owners:?}"
        );
        let (state, _) = state(&app, payment_id).await;
        assert!(["paid", "refund_due"].contains(&state.as_str()), "{state}");
    }
    app.assert_sound().await;
    let astray = engine::monitoring::verify::verify(&app.database, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    let broken: Vec<_> = astray.broken().map(|finding| finding.rule.name()).collect();
    // The second layer was taken away.
    assert_eq!(broken, ["guard_missing"]);
}

#[tokio::test]
async fn two_tabs_that_pay_at_once_pay_for_one_appointment() {
    let (app, patient, reference) = held().await;
    let first = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let second = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let racers = [first, second]
        .into_iter()
        .map(|payment_id| {
            let (database, now) = (app.database.clone(), app.now);
            let fact = fact(payment_id, paid(), Some(&format!("evt-{payment_id}")));
            async move { settle(&database, fact, RULES, now).await.unwrap() }
        })
        .collect();
    let settled = app.race(racers).await;
    let went_back = settled.iter().filter(|one| **one == Settled::GoesBack).count();
    assert_eq!(went_back, 1, "{settled:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn thirty_clicks_on_pay_have_one_open_page() {
    let (app, patient, reference) = held().await;
    let racers = (0..COPIES)
        .map(|_| {
            let (database, now) = (app.database.clone(), app.now);
            let command = start(1, patient, &reference);
            async move { payment::start(&database, command, now).await }
        })
        .collect();
    let started = app.race(racers).await;
    assert!(started.iter().all(Result::is_ok), "{started:?}");
    let open = "select count(*) from payments where given_up_at is null";
    assert_eq!(app.count(open).await, 1);
    assert_eq!(app.count("select count(*) from payments").await, 30);
}

#[tokio::test]
async fn who_cancels_while_copies_come_in_is_paid_back_once() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = Vec::new();
    for copy in 0..8 {
        let (database, now) = (app.database.clone(), app.now);
        let fact = fact(payment_id, paid(), Some(&format!("evt-{copy}")));
        racers.push(Box::pin(async move {
            assert_eq!(settle(&database, fact, RULES, now).await, Ok(Settled::Known));
        }));
    }
    for _ in 0..4 {
        let (database, now) = (app.database.clone(), app.now);
        let command = ChangeStatus {
            caller: patient_caller(patient),
            which: reference.as_str().into(),
            to: Status::Cancelled,
            version: None,
            reason: String::new(),
            key: None,
        };
        racers.push(Box::pin(async move {
            let _ = change_status(&database, command, now).await;
        }));
    }
    app.race(racers).await;
    assert_eq!(
        going_back(&app, payment_id).await,
        (PRICE, "cancelled".to_owned())
    );
    assert_eq!(app.count("select count(*) from refunds").await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn money_that_races_with_who_lets_the_time_go_books_it_or_goes_back() {
    let app = clinic().await;
    for round in 0..6_usize {
        let patient = app.patient(round).await;
        let slot = FAR + 2 * i64::try_from(round).unwrap();
        let reference = holds(&app, round, 0, slot).await;
        let payment_id = goes_to_pay(&app, (round, patient), &reference, app.now)
            .await
            .unwrap();
        let (database, now) = (app.database.clone(), app.now);
        let fact = fact(payment_id, paid(), None);
        let visitor = crate::support::visitor(round);
        let let_go = engine::booking::release(&app.database, reference, visitor, now);
        let (settled, _) = tokio::join!(settle(&database, fact, RULES, now), let_go);
        let settled = settled.unwrap();
        let expected = match settled {
            Settled::Booked { .. } => is("paid", None),
            _ => is("refund_due", Some("due")),
        };
        assert_eq!(state(&app, payment_id).await, expected, "{settled:?}");
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn of_many_workers_one_has_a_refund() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    let command = ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: "Ill".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    let racers = (0..10)
        .map(|_| {
            let (database, now) = (app.database.clone(), plus_minutes(app.now, 1));
            async move { due_work(&database, &[Provider::Demo], 10, now).await.unwrap() }
        })
        .collect();
    let work: Vec<Work> = app.race(racers).await.into_iter().flatten().collect();
    let [Work::Refund(refund)] = work.as_slice() else {
        panic!("{work:?}");
    };
    // Thirty copies of the event that it is done.
    let done = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: Some(refund.key.clone()),
        amount: refund.amount.clone(),
    };
    let copies = (0..COPIES)
        .map(|copy| {
            let (database, now) = (app.database.clone(), app.now);
            let fact = fact(payment_id, done.clone(), Some(&format!("evt-{copy}")));
            async move { settle(&database, fact, RULES, now).await.unwrap() }
        })
        .collect();
    let settled = app.race(copies).await;
    assert_eq!(
        settled.iter().filter(|one| **one == Settled::Noted).count(),
        1,
        "{settled:?}"
    );
    assert_eq!(app.count("select count(*) from refunds").await, 1);
    app.assert_whole().await;
}
