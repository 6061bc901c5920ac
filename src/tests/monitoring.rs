//! Locks are measured where they are taken, and what breaks a rule is found and named.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Connection, Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::app::{Answer, TestApp, VISIT};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, change_status},
    },
    booking::service::{self as booking, Reschedule},
    database::{Database, OnConstraint, Settings},
    demo,
    error::{AppError, Refusal},
    monitoring::{
        locks::locks,
        numbers::Numbers,
        verify::{Report, Violation, verify},
    },
};

const PATIENCE: Duration = Duration::from_secs(60);

async fn look(app: &TestApp) -> Report {
    verify(&app.database, PATIENCE).await.unwrap()
}

fn broken(report: &Report) -> Vec<Violation> {
    report.broken().map(|finding| finding.violation).collect()
}

#[sqlx::test]
async fn the_demo_breaks_no_rule(_: PgPoolOptions, options: PgConnectOptions) {
    let database = Database::new(PgPoolOptions::new(), options, &Settings::default());
    demo::seed(&database).await.unwrap();
    let report = verify(&database, PATIENCE).await.unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
    assert_eq!(report.findings.len(), Violation::ALL.len());
    for (finding, violation) in report.findings.iter().zip(Violation::ALL) {
        assert_eq!(finding.violation, violation);
    }
    assert!(report.appointments > 100 && report.changes > report.appointments);
    assert_eq!(report.doctors, 6);
    assert!(report.to_text().contains("Every rule is kept"));
    database.close().await;
}

#[sqlx::test]
async fn whatever_people_do_breaks_no_rule(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(4).await;
    let moved = app.confirmed(patients[0], 0, app.slot(20)).await;
    let cancelled = app.confirmed(patients[1], 0, app.slot(22)).await;
    app.requested(patients[2], app.wanted(1, VISIT, app.slot(20)))
        .await;
    app.hold(1, app.wanted(2, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    let caller = Caller::Patient {
        id: patients[0],
        name: None,
    };
    let command = Reschedule {
        key: None,
        caller,
        which: moved.into(),
        version: Some(3),
        starts_at: app.slot(40),
        visitor: None,
    };
    booking::reschedule(&app.database, &app.live, command, app.now)
        .await
        .unwrap();
    let command = ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: cancelled.into(),
        to: Status::Cancelled,
        version: Some(3),
        reason: String::new(),
    };
    change_status(&app.database, &app.live, command, app.now)
        .await
        .unwrap();
    let report = look(&app).await;
    assert!(report.is_sound(), "{}", report.to_text());
}

/// Everything that would refuse what the next test plants.
const WITHOUT_GUARDS: &str = "
    alter table appointments
        drop constraint appointments_no_overlap,
        drop constraint appointments_patient_no_overlap,
        drop constraint appointments_reference_key,
        drop constraint appointments_ends_after_start,
        drop constraint appointments_blocks_itself,
        drop constraint appointments_held_has_an_end,
        drop constraint appointments_pending_has_an_end,
        drop constraint appointments_somebodys,
        drop constraint appointments_status_known,
        drop constraint appointments_visit_fkey,
        drop constraint appointments_doctor_id_fkey;
    alter table appointment_changes
        drop constraint appointment_changes_version_key,
        drop constraint appointment_changes_appointment_id_fkey;
    alter table prescriptions
        drop constraint prescriptions_appointment_id_key,
        drop constraint prescriptions_appointment_id_fkey;
    alter table ratings
        drop constraint ratings_appointment_id_key,
        drop constraint ratings_appointment_id_fkey;
    create table kept_prescriptions as select * from prescriptions;
    create table kept_medications as select * from medications;
    create table kept_ratings as select * from ratings;
    create table kept_appointments as select * from appointments;
    create table kept_changes as select * from appointment_changes;";

const RESTORE: &str = "
    delete from medications;
    delete from prescriptions;
    delete from ratings;
    insert into prescriptions overriding system value select * from kept_prescriptions;
    insert into medications select * from kept_medications;
    insert into ratings overriding system value select * from kept_ratings;
    delete from appointment_changes;
    delete from appointments;
    delete from visits;
    insert into appointments overriding system value select * from kept_appointments;
    insert into appointment_changes overriding system value select * from kept_changes;";

#[sqlx::test]
async fn each_violation_is_found_and_named_with_its_rows(_: PgPoolOptions, options: PgConnectOptions) {
    use Violation::*;

    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    // Appointments 1 and 2 are confirmed, one after the other; 3 is requested at the time of 1, of
    // another doctor; 4 is a hold; 5 was a visit, prescribed at and rated.
    let first = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app.confirmed(patients[1], 0, app.slot(21)).await;
    let third = app
        .requested(patients[2], app.wanted(1, VISIT, app.slot(20)))
        .await;
    let fourth = app
        .hold(1, app.wanted(2, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.visit(patients[0], 3, app.slot(30), Status::Completed).await;
    app.sql(
        "insert into prescriptions (appointment_id, written_at) values (5, now());
         insert into medications (prescription_id, position, name, dose, frequency, duration)
         select id, 1, 'Amoxicillin', '500 mg', 'three times a day', '7 days' from prescriptions;
         insert into ratings (appointment_id, doctor_id, score, rated_at)
         select id, doctor_id, 4, now() from appointments where id = 5",
    )
    .await;
    assert!(look(&app).await.is_sound());
    app.sql(WITHOUT_GUARDS).await;
    assert_eq!(broken(&look(&app).await), [GuardMissing]);

    let row = |id: i64, reference: &str| format!("{id} ({reference})");
    let (first, second) = (row(1, &first), row(2, &second));
    let (third, fourth) = (row(3, &third), row(4, &fourth));
    let table: &[(&'static str, &[Violation], &[&str])] = &[
        (
            "update appointments set blocks_from = blocks_from - interval '1 minute' where id = 2",
            &[DoctorDoubleBooked],
            &[&first, &second],
        ),
        (
            "update appointments set patient_id = (select patient_id from appointments where id = 1) where id = 3",
            &[PatientInTwoPlaces],
            &[&first, &third],
        ),
        (
            "update appointments set overbooked_because = 'Somebody said so' where id = 1",
            &[OverbookingUnaccounted],
            &[&first],
        ),
        (
            "delete from appointment_changes where appointment_id = 2",
            &[HistoryMissing],
            &[&second],
        ),
        (
            "update appointments set version = 7 where id = 1",
            &[HistoryGap],
            &[&first],
        ),
        (
            "delete from appointment_changes where appointment_id = 1 and version = 2",
            &[HistoryGap, HistoryBroken],
            &[&first],
        ),
        (
            "insert into appointment_changes (appointment_id, from_status, to_status, to_starts_at, version, actor)
             select appointment_id, from_status, to_status, to_starts_at, version, 'system'
             from appointment_changes where appointment_id = 1 and version = 3",
            &[HistoryGap, HistoryBroken],
            &[&first],
        ),
        (
            "update appointment_changes set from_status = 'pending' where appointment_id = 1 and version = 1",
            &[HistoryBeginning],
            &[&first],
        ),
        (
            "update appointment_changes set from_status = 'held' where appointment_id = 1 and version = 3",
            &[HistoryBroken],
            &[&first],
        ),
        (
            "insert into appointment_changes (appointment_id, from_status, to_status, to_starts_at, version, actor)
             select 1, 'confirmed', 'completed', starts_at, 4, 'system' from appointments where id = 1;
             update appointments set status = 'completed', version = 4 where id = 1",
            &[HistoryIllegal],
            &[&first, "confirmed to completed"],
        ),
        (
            "insert into appointment_changes
                 (appointment_id, from_status, to_status, from_starts_at, to_starts_at, version, actor)
             select 1, 'confirmed', 'pending', starts_at, starts_at, 4, 'system' from appointments where id = 1;
             update appointments set status = 'pending', version = 4, answer_until = starts_at where id = 1",
            &[HistoryIllegal],
            &[&first, "moved from confirmed to pending"],
        ),
        (
            "update appointments set status = 'in_progress' where id = 1",
            &[HistoryEnd],
            &[&first],
        ),
        (
            "update appointments set starts_at = starts_at + interval '1 minute' where id = 1",
            &[HistoryEnd],
            &[&first],
        ),
        (
            "insert into appointment_changes (appointment_id, to_status, to_starts_at, version, actor)
             values (999, 'held', now(), 1, 'system')",
            &[HistoryOrphan],
            &["appointment 999"],
        ),
        (
            "update appointments set blocks_until = ends_at - interval '1 minute' where id = 1",
            &[VisitOutsideBlock],
            &[&first],
        ),
        (
            "update appointments set ends_at = starts_at - interval '1 hour' where id = 1",
            &[VisitOutsideBlock],
            &[&first],
        ),
        (
            "update appointments set blocks_from = blocks_until + interval '1 hour' where id = 1",
            &[VisitOutsideBlock],
            &[&first],
        ),
        (
            "update appointments set answer_until = null where id = 3",
            &[EndMissing],
            &[&third],
        ),
        (
            "update appointments set held_until = null where id = 4",
            &[EndMissing],
            &[&fourth],
        ),
        (
            "update appointments set patient_id = null where id = 1",
            &[OwnerMissing],
            &[&first],
        ),
        (
            "update appointments set status = 'lost' where id = 1",
            &[HistoryEnd, StatusUnknown],
            &[&first],
        ),
        (
            "update appointments set doctor_id = 999 where id = 2",
            &[RowMissing],
            &[&second, "doctor 999"],
        ),
        (
            "update appointments set reference = (select reference from appointments where id = 1) where id = 2",
            &[ReferenceTwice],
            &["appointments 1, 2"],
        ),
        (
            "update appointments set reference = 'K7QM-4D2O' where id = 2",
            &[ReferenceMalformed],
            &["2 (K7QM-4D2O)"],
        ),
        (
            "insert into prescriptions (appointment_id, written_at) values (5, now())",
            &[PrescriptionTwice, PrescriptionMisplaced],
            &["of appointment 5"],
        ),
        (
            "update prescriptions set appointment_id = 1",
            &[PrescriptionMisplaced],
            &["of appointment 1: confirmed"],
        ),
        (
            "delete from medications",
            &[PrescriptionMisplaced],
            &["0 medications"],
        ),
        (
            "insert into ratings (appointment_id, doctor_id, score, rated_at)
             select 5, doctor_id, 3, now() from appointments where id = 5",
            &[RatingTwice],
            &["of appointment 5"],
        ),
        (
            "update ratings set doctor_id = 1",
            &[RatingMisplaced],
            &["of appointment 5: completed"],
        ),
        (
            "update ratings set appointment_id = 1",
            &[RatingMisplaced],
            &["of appointment 1: confirmed"],
        ),
        (
            "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
             update appointments set visit_id = (select max(id) from visits), segment = 1 where id = 1",
            &[VisitBroken],
            &["parts 1, appointments 1"],
        ),
        (
            "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
             update appointments set visit_id = (select max(id) from visits), segment = id where id in (1, 2)",
            &[VisitBroken],
            &["parts 1, 2, appointments 1, 2"],
        ),
        (
            "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
             update appointments set visit_id = (select max(id) from visits), segment = case id when 1 then 1 else 3 end
             where id in (1, 5)",
            &[VisitBroken],
            &["parts 1, 3, appointments 1, 5"],
        ),
    ];
    for (plant, expected, rows) in table {
        app.sql(plant).await;
        let report = look(&app).await;
        let mut found = broken(&report);
        assert_eq!(found.pop(), Some(GuardMissing));
        assert_eq!(found, *expected, "{plant}");
        for finding in report
            .broken()
            .filter(|finding| expected.contains(&finding.violation))
        {
            assert_eq!(finding.total, 1, "{plant}: {finding:?}");
        }
        let text = report.to_text();
        for row in *rows {
            assert!(text.contains(row), "{row} in {text}");
        }
        // Ids and references, never people.
        assert!(!text.contains("+62") && !text.contains("Patient "), "{text}");
        app.sql(RESTORE).await;
        assert_eq!(broken(&look(&app).await), [GuardMissing]);
    }
    let planted: Vec<Violation> = table.iter().flat_map(|row| row.1).copied().collect();
    for violation in Violation::ALL {
        assert!(
            planted.contains(&violation) || violation == GuardMissing,
            "{violation:?} is not tested"
        );
    }
}

#[sqlx::test]
async fn many_violations_are_all_counted_and_some_are_shown(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    app.sql(WITHOUT_GUARDS).await;
    app.sql(
        "insert into appointments (reference, doctor_id, clinic_id, service_id, status, starts_at, ends_at,
                                   blocks_from, blocks_until, duration_minutes, mode, held_by, held_until)
         select 'AAAA-22' || lpad(translate(n::text, '01', 'ZY'), 2, '2'), doctor_id, clinic_id, service_id, 'held',
                starts_at, ends_at, blocks_from, blocks_until, duration_minutes, mode, '\\x00', starts_at
         from appointments, generate_series(1, 30) as n",
    )
    .await;
    let report = look(&app).await;
    let doubles = report
        .findings
        .iter()
        .find(|finding| finding.violation == Violation::DoctorDoubleBooked);
    let doubles = doubles.unwrap();
    // Each of 31 with each other one.
    assert_eq!((doubles.total, doubles.rows.len()), (31 * 30 / 2, 20));
    assert!(report.to_text().contains("and 445 more"));
}

#[sqlx::test]
async fn who_checks_cannot_write(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let result: Result<(), AppError> = app
        .database
        .snapshot("test.snapshot", PATIENCE, |mut tx| async move {
            (&mut *tx).execute("update doctors set name = 'x'").await?;
            Ok(())
        })
        .await;
    assert_eq!(result, Err(AppError::Internal));
}

fn numbers(app: &TestApp) -> Numbers {
    Numbers::parse(&app.database.statistics().render())
}

#[sqlx::test]
async fn who_waits_for_an_hour_is_seen_while_waiting_and_counted_afterwards(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    // Makes the row of the hour.
    app.hold(1, wanted, app.now).await.unwrap();
    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid() from calendar_hours for update")
        .fetch_one(&mut *holder)
        .await
        .unwrap();
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    // The other half of it.
    let wanted = app.wanted(0, VISIT, app.slot(21));
    let waiter =
        tokio::spawn(async move { booking::hold(&database, &live, super::app::hold(2, wanted), now).await });
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
    // Who comes too late for it is told so before any wait.
    let refused = app.hold(3, wanted, app.now).await;
    assert_eq!(
        super::app::refusal(&refused),
        Some(Refusal::SlotTaken),
        "{refused:?}"
    );
    let numbers = numbers(&app);
    let hold = &numbers.operations["booking.hold"];
    assert_eq!((hold.attempts, hold.done, hold.refused), (3.0, 2.0, 1.0));
    // The browser, the doctor, the hours and what is in the way, each time; the last one came to the first two.
    assert_eq!(hold.lock_wait.count(), 10.0);
    assert_eq!((hold.lock_hold.count(), hold.duration.count()), (3.0, 3.0));
    assert!(hold.duration.quantile(0.99).unwrap() >= hold.lock_hold.quantile(0.5).unwrap());
    assert_eq!((numbers.conflicts["slot_taken"], numbers.rollbacks), (1.0, 1.0));
}

#[sqlx::test]
async fn attempts_retries_and_give_ups_are_counted_by_kind(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn conflicts_are_counted_by_kind_and_constraints_by_name(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
        change_status(&app.database, &app.live, command, app.now)
            .await
            .unwrap_err();
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
    assert_eq!(super::app::refusal(&written), Some(Refusal::SlotTaken));
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

async fn read_metrics(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let url = app.serve().await.visitor().url("/metrics");
    let mut request = reqwest::Client::new().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

#[sqlx::test]
async fn metrics_are_for_this_machine_or_for_who_has_the_token(_: PgPoolOptions, options: PgConnectOptions) {
    let mut app = TestApp::new(options).await;
    let configure = |app: &mut TestApp, trust_proxy: bool, token: Option<&str>| {
        let config = Arc::make_mut(&mut app.state.config);
        config.trust_proxy = trust_proxy;
        config.metrics_token = token.map(str::to_owned);
    };
    configure(&mut app, false, None);
    let answer = read_metrics(&app, &[]).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    for line in [
        "janji_database_up 1",
        "janji_database_waiting 0",
        "janji_pool_connections_most 25",
    ] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line} in {}",
            answer.body
        );
    }
    assert!(
        answer
            .body
            .contains("janji_database_locks_held{table=\"calendar_hours\"} 0")
    );
    // What a proxy on this machine passes on comes from anywhere.
    for header in ["x-forwarded-for", "forwarded", "via"] {
        assert_eq!(
            read_metrics(&app, &[(header, "203.0.113.9")]).await.status,
            404,
            "{header}"
        );
    }
    configure(&mut app, true, None);
    assert_eq!(read_metrics(&app, &[]).await.status, 404);

    configure(&mut app, true, Some("a long secret"));
    for (authorization, status) in [
        ("Bearer a long secret", 200),
        ("bearer a long secret", 200),
        ("Bearer a long secre", 404),
        ("Bearer ", 404),
        ("Basic a long secret", 404),
        ("a long secret", 404),
    ] {
        let answer = read_metrics(&app, &[("authorization", authorization)]).await;
        assert_eq!(answer.status, status, "{authorization}");
    }
    configure(&mut app, false, Some("a long secret"));
    assert_eq!(read_metrics(&app, &[]).await.status, 404);
}

#[sqlx::test]
async fn metrics_are_told_in_bounded_time_while_the_database_does_not_answer(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut app = TestApp::new(options).await;
    Arc::make_mut(&mut app.state.config).trust_proxy = false;
    let mut taken = Vec::new();
    for _ in 0..app.state.config.database.pool_size {
        taken.push(app.database.pool().acquire().await.unwrap());
    }
    let answer = read_metrics(&app, &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.lines().any(|line| line == "janji_database_up 0"));
    assert!(
        answer
            .body
            .lines()
            .any(|line| line == "janji_pool_connections{state=\"in_use\"} 25")
    );
}

#[sqlx::test]
async fn admins_see_the_locks_drawn_and_nobody_else_does(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    app.hold(1, wanted, app.now).await.unwrap();
    app.hold(2, wanted, app.now).await.unwrap_err();
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/locks").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("class=\"chart\"").count(), 4);
    assert!(page.body.contains("booking.hold") && page.body.contains("Time was taken"));
    assert!(
        page.body.contains("href=\"/admin/integrity\""),
        "no way to the other page"
    );
    let doctor = site.staff("doctor1@test.example").await;
    let patient = site.patient("+6281255500001").await;
    for path in ["/admin/locks", "/admin/integrity"] {
        assert_eq!(doctor.get(path).await.status, 404);
        assert_eq!(patient.get(path).await.status, 404);
        let door = site.visitor().get(path).await;
        assert!(
            door.location().starts_with("/staff/sign-in?next="),
            "{}",
            door.location()
        );
    }
}

#[sqlx::test]
async fn an_admin_checks_with_a_button_and_is_told_what_is_broken(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/integrity").await;
    assert!(page.body.contains("Not checked yet"));
    // Another server was asked, and this one has to show what came of it.
    let page = admin
        .get(&format!("/admin/integrity?asked={}", app.now.as_millisecond()))
        .await;
    assert!(page.body.contains("Every rule is kept."), "{}", page.body);
    let answer = admin.submit("/admin/integrity", "verify", &[]).await;
    assert!(answer.location().starts_with("/admin/integrity?asked="));
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("Every rule is kept."), "{}", page.body);

    app.sql("update appointments set status = 'in_progress'").await;
    let reference: String = sqlx::query_scalar("select reference from appointments")
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap();
    let answer = admin.submit("/admin/integrity", "verify", &[]).await;
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("One rule is broken.") && page.body.contains(&reference));
    assert!(
        app.database
            .statistics()
            .render()
            .contains("janji_integrity_violations{kind=\"history_end\"} 1")
    );

    for stranger in [site.staff("doctor1@test.example").await, site.visitor()] {
        let answer = stranger.call("verify", &[]).await;
        assert!(
            matches!(answer.code().as_str(), "NOT_FOUND" | "UNAUTHENTICATED"),
            "{answer:?}"
        );
    }
}

#[sqlx::test]
async fn many_who_ask_at_once_share_few_checks(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let asking = (0..20)
        .map(|_| {
            let (integrity, database) = (app.state.integrity.clone(), app.database.clone());
            async move { integrity.check(&database).await.map(|report| report.is_sound()) }
        })
        .collect();
    assert_eq!(app.race(asking).await, vec![Ok(true); 20]);
    let text = app.database.statistics().render();
    let checks = text
        .lines()
        .find_map(|line| line.strip_prefix("janji_integrity_checks_total "))
        .and_then(|count| count.parse::<u32>().ok());
    assert!(checks.is_some_and(|checks| checks <= 3), "{checks:?}");
}

/// What Prometheus is to watch for is there under the names by which it is asked for.
#[sqlx::test]
async fn the_alerts_speak_of_numbers_that_exist(_: PgPoolOptions, options: PgConnectOptions) {
    let mut app = TestApp::new(options).await;
    app.hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.state.integrity.check(&app.database).await.unwrap();
    Arc::make_mut(&mut app.state.config).trust_proxy = false;
    let metrics = read_metrics(&app, &[]).await.body;
    let rules = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/deploy/prometheus/alerts.yml"
    ))
    .unwrap();
    let mut seen = 0;
    for word in rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if word.starts_with("janji_") {
            seen += 1;
            assert!(metrics.contains(word), "{word}");
        }
    }
    assert!(seen >= 6);
    // The bound of the alert is one of a bucket.
    assert!(rules.contains("le=\"1\"") && metrics.contains("le=\"1\""));
}
