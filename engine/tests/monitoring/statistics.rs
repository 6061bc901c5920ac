//! Locks, attempts and conflicts are counted where they happen.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sqlx::{Connection, Executor};

use crate::support::{TestApp, VISIT, hold, refusal};
use engine::monitoring::numbers::Numbers;
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking,
    database::OnConstraint,
    error::{AppError, Refusal},
    monitoring::locks::locks,
};

fn numbers(app: &TestApp) -> Numbers {
    Numbers::parse(&app.database.statistics().render())
}

#[tokio::test]
async fn a_wait_for_a_calendar_hour_is_shown_and_then_counted() {
    let app = TestApp::crowded().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    // Makes the row of the hour.
    app.hold(1, wanted, app.now).await.unwrap();
    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid() from calendar_hours for update")
        .fetch_one(&mut *holder)
        .await
        .unwrap();
    let (database, now) = (app.database.clone(), app.now);
    // The other half of it.
    let wanted = app.wanted(0, VISIT, app.slot(21));
    let waiter = tokio::spawn(async move { booking::hold(&database, hold(2, wanted), now).await });
    app.until_waiting(1).await;

    let seen = locks(&app.database).await.unwrap();
    assert_eq!((seen.waiting, seen.waits.len()), (1, 1), "{seen:?}");
    assert_eq!(seen.waits[0].table.as_deref(), Some("calendar_hours"));
    assert_eq!(seen.waits[0].blocked_by, [pid]);
    let hours = seen
        .tables
        .iter()
        .find(|table| table.name == "calendar_hours")
        .unwrap();
    assert_eq!((hours.held, hours.waiting), (2, 1));
    assert!(seen.transactions >= 2);

    holder.commit().await.unwrap();
    waiter.await.unwrap().unwrap();
    // A hold that comes too late is refused before any wait.
    let refused = app.hold(3, wanted, app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken), "{refused:?}");
    let numbers = numbers(&app);
    let hold = &numbers.operations["booking.hold"];
    assert_eq!((hold.attempts, hold.done, hold.refused), (3.0, 2.0, 1.0));
    // The browser, the doctor, the hours and what is in the way, each time; the last one came to the first two.
    assert_eq!(hold.lock_wait.count(), 10.0);
    assert_eq!((hold.lock_hold.count(), hold.duration.count()), (3.0, 3.0));
    assert!(hold.duration.quantile(0.99).unwrap() >= hold.lock_hold.quantile(0.5).unwrap());
    assert_eq!((numbers.conflicts["slot_taken"], numbers.rollbacks), (1.0, 1.0));
}

#[tokio::test]
async fn attempts_are_counted_by_how_they_fail() {
    let app = TestApp::new().await;
    let fail = |errcode: &'static str, times: usize| {
        let failed = Arc::new(AtomicUsize::new(0));
        app.database.write("test.collide", move |mut tx| {
            let failed = failed.clone();
            async move {
                if failed.fetch_add(1, Ordering::Relaxed) < times {
                    (&mut *tx).execute(errcode).await?;
                }
                tx.commit().await
            }
        })
    };
    const DEADLOCK: &str = "do $$ begin raise exception using errcode = '40P01'; end $$";
    const SERIALIZATION: &str = "do $$ begin raise exception using errcode = '40001'; end $$";
    const LOCK_TIMEOUT: &str = "do $$ begin raise exception using errcode = '55P03'; end $$";
    const TIMEOUT: &str = "do $$ begin raise exception using errcode = '57014'; end $$";
    assert_eq!(fail(DEADLOCK, 2).await, Ok(()));
    assert_eq!(fail(SERIALIZATION, 1).await, Ok(()));
    assert_eq!(fail(LOCK_TIMEOUT, 4).await, Err(AppError::InventoryLocked));
    assert_eq!(fail(TIMEOUT, 1).await, Err(AppError::TransactionTimeout));
    let text = app.database.statistics().render();
    for line in [
        "janji_attempts_total{operation=\"test.collide\"} 10",
        "janji_rollbacks_total{operation=\"test.collide\"} 8",
        "janji_attempt_failures_total{operation=\"test.collide\",kind=\"deadlock\"} 2",
        "janji_attempt_failures_total{operation=\"test.collide\",kind=\"serialization\"} 1",
        "janji_attempt_failures_total{operation=\"test.collide\",kind=\"lock_timeout\"} 4",
        "janji_attempt_failures_total{operation=\"test.collide\",kind=\"timeout\"} 1",
        "janji_retries_total{operation=\"test.collide\",kind=\"deadlock\"} 2",
        "janji_retries_total{operation=\"test.collide\",kind=\"serialization\"} 1",
        "janji_retries_total{operation=\"test.collide\",kind=\"lock_timeout\"} 3",
        "janji_give_ups_total{operation=\"test.collide\",kind=\"deadlock\"} 0",
        "janji_give_ups_total{operation=\"test.collide\",kind=\"lock_timeout\"} 1",
        "janji_transactions_total{operation=\"test.collide\",outcome=\"done\"} 2",
        "janji_transactions_total{operation=\"test.collide\",outcome=\"failed\"} 2",
        "janji_transaction_duration_seconds_count{operation=\"test.collide\"} 10",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}

#[tokio::test]
async fn conflicts_are_counted_by_kind_and_by_constraint() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(20)).await;
    for (version, to) in [(2, Status::Cancelled), (3, Status::Completed)] {
        let command = ChangeStatus {
            key: None,
            caller: app.doctor_caller(0),
            which: reference.clone().into(),
            to,
            version: Some(version),
            reason: String::new(),
        };
        change_status(&app.database, command, app.now).await.unwrap_err();
    }
    let held = app
        .hold(7, app.wanted(1, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.submit(7, patients[0], &held, app.now).await.unwrap_err();
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let written = app
        .database
        .write("test.past_the_locks", move |mut tx| async move {
            sqlx::query(
                "insert into appointments (reference, doctor_id, clinic_id, service_id, status, starts_at, ends_at,
                                           blocks_from, blocks_until, duration_minutes, mode, held_by, held_until)
                 select 'AAAA-AAAA', doctor_id, clinic_id, service_id, 'held', starts_at, ends_at, blocks_from,
                        blocks_until, duration_minutes, mode, '\\x00', starts_at from appointments where id = 1",
            )
            .execute(&mut *tx)
            .await
            .on_constraint(
                "appointments_no_overlap",
                AppError::BookingFailed {
                    reason: Refusal::SlotTaken,
                    wanted,
                },
            )?;
            tx.commit().await
        })
        .await;
    assert_eq!(refusal(&written), Some(Refusal::SlotTaken));
    let numbers = numbers(&app);
    for (kind, count) in [
        ("stale_version", 1.0),
        ("invalid_transition", 1.0),
        ("patient_overlap", 1.0),
        ("slot_taken", 1.0),
        ("hold_expired", 0.0),
    ] {
        assert_eq!(numbers.conflicts[kind], count, "{kind}");
    }
    assert_eq!(numbers.constraints["appointments_no_overlap"], 1.0);
}
