//! Broken rules are found and named.

use std::time::Duration;

use super::{
    planted::{RESTORE, VIOLATIONS, Violation, WITHOUT_GUARDS},
    planted_beside::BESIDE,
};
use crate::support::{RULES, TestApp, TestDatabase, VISIT, patient_caller};
use engine::{
    appointment::integrity::*,
    appointment::{ChangeStatus, Status, change_status},
    booking::integrity::*,
    booking::{self, Reschedule},
    database::Settings,
    demo,
    group::integrity::*,
    integrity::Rule,
    monitoring::verify::{GUARD_MISSING, Report, rules, verify},
    waitlist::integrity::*,
};

const PATIENCE: Duration = Duration::from_secs(60);

async fn look(app: &TestApp) -> Report {
    verify(&app.database, PATIENCE).await.unwrap()
}

fn broken(report: &Report) -> Vec<Rule> {
    report.broken().map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn the_demo_breaks_no_rule() {
    let (options, settings) = (TestDatabase::new().await, Settings::default());
    let database = options.open(&settings);
    demo::seed(&database).await.unwrap();
    let report = verify(&database, PATIENCE).await.unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
    assert_eq!(report.findings.len(), rules().count());
    for (finding, violation) in report.findings.iter().zip(rules()) {
        assert_eq!(finding.rule, violation);
    }
    assert!(report.appointments > 100 && report.changes > report.appointments);
    assert_eq!(report.doctors, 6);
    assert!(report.to_text().contains("Every rule is kept"));
    database.close().await;
}

#[tokio::test]
async fn ordinary_use_breaks_no_rule() {
    let app = TestApp::new().await;
    let patients = app.patients(4).await;
    let moved = app.confirmed(patients[0], 0, app.slot(20)).await;
    let cancelled = app.confirmed(patients[1], 0, app.slot(22)).await;
    app.requested(patients[2], app.wanted(1, VISIT, app.slot(20)))
        .await;
    app.hold(1, app.wanted(2, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    let caller = patient_caller(patients[0]);
    let command = Reschedule {
        key: None,
        caller,
        which: moved.into(),
        version: Some(3),
        starts_at: app.slot(40),
        visitor: None,
        rules: RULES,
    };
    booking::reschedule(&app.database, command, app.now)
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
    change_status(&app.database, command, app.now).await.unwrap();
    let report = look(&app).await;
    assert!(report.is_sound(), "{}", report.to_text());
}

#[tokio::test]
async fn each_violation_is_found_with_its_rows() {
    let app = TestApp::new().await;
    // Their ids are what the findings name.
    let patients = [1, 2, 3];
    app.sql(
        "insert into patients (id, phone, name)
         select id, '+628125550000' || id, 'Patient ' || id from generate_series(1, 3) as id",
    )
    .await;
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
    assert_eq!(broken(&look(&app).await), [GUARD_MISSING]);

    let row = |id: i64, reference: &str| format!("{id} ({reference})");
    let (first, second) = (row(1, &first), row(2, &second));
    let (third, fourth) = (row(3, &third), row(4, &fourth));
    let table: &[Violation] = &[
        (
            "update appointments set blocks_from = blocks_from - interval '1 minute' where id = 2",
            &[DOCTOR_DOUBLE_BOOKED],
            &[&first, &second],
        ),
        (
            "update appointments set patient_id = (select patient_id from appointments where id = 1) where id = 3",
            &[PATIENT_IN_TWO_PLACES],
            &[&first, &third],
        ),
        (
            "update appointments set overbooked_because = 'Somebody said so' where id = 1",
            &[OVERBOOKING_UNACCOUNTED],
            &[&first],
        ),
        (
            "delete from appointment_changes where appointment_id = 2",
            &[HISTORY_MISSING],
            &[&second],
        ),
        (
            "update appointments set version = 7 where id = 1",
            &[HISTORY_GAP],
            &[&first],
        ),
        (
            "delete from appointment_changes where appointment_id = 1 and version = 2",
            &[HISTORY_GAP, HISTORY_BROKEN],
            &[&first],
        ),
        (
            "insert into appointment_changes (appointment_id, from_status, to_status, to_starts_at, version, actor)
             select appointment_id, from_status, to_status, to_starts_at, version, 'system'
             from appointment_changes where appointment_id = 1 and version = 3",
            &[HISTORY_GAP, HISTORY_BROKEN],
            &[&first],
        ),
        (
            "update appointment_changes set from_status = 'pending' where appointment_id = 1 and version = 1",
            &[HISTORY_BEGINNING],
            &[&first],
        ),
        (
            "update appointment_changes set from_status = 'held' where appointment_id = 1 and version = 3",
            &[HISTORY_BROKEN],
            &[&first],
        ),
        (
            "insert into appointment_changes (appointment_id, from_status, to_status, to_starts_at, version, actor)
             select 1, 'confirmed', 'completed', starts_at, 4, 'system' from appointments where id = 1;
             update appointments set status = 'completed', version = 4 where id = 1",
            &[HISTORY_ILLEGAL],
            &[&first, "confirmed to completed"],
        ),
        (
            "insert into appointment_changes
                 (appointment_id, from_status, to_status, from_starts_at, to_starts_at, version, actor)
             select 1, 'confirmed', 'pending', starts_at, starts_at, 4, 'system' from appointments where id = 1;
             update appointments set status = 'pending', version = 4, answer_until = starts_at where id = 1",
            &[HISTORY_ILLEGAL],
            &[&first, "moved from confirmed to pending"],
        ),
        (
            "insert into appointment_changes
                 (appointment_id, from_status, to_status, to_starts_at, version, actor, arrived)
             select 1, 'confirmed', 'in_progress', starts_at, 4, 'system', true from appointments where id = 1;
             update appointments set status = 'in_progress', version = 4 where id = 1",
            &[HISTORY_ILLEGAL],
            &[&first, "confirmed to in_progress"],
        ),
        (
            "update appointments set arrived_at = starts_at where id = 1",
            &[ARRIVAL_UNTOLD],
            &[&first],
        ),
        (
            "update appointments set status = 'in_progress' where id = 1",
            &[HISTORY_END],
            &[&first],
        ),
        (
            "update appointments set starts_at = starts_at + interval '1 minute' where id = 1",
            &[HISTORY_END, WALL_TIME_MOVED],
            &[&first],
        ),
        (
            "update appointments set blocks_until = ends_at - interval '1 minute' where id = 1",
            &[VISIT_OUTSIDE_BLOCK],
            &[&first],
        ),
        (
            "update appointments set ends_at = starts_at - interval '1 hour' where id = 1",
            &[VISIT_OUTSIDE_BLOCK],
            &[&first],
        ),
        (
            "update appointments set blocks_from = blocks_until + interval '1 hour' where id = 1",
            &[VISIT_OUTSIDE_BLOCK],
            &[&first],
        ),
        (
            "update appointments set answer_until = null where id = 3",
            &[END_MISSING],
            &[&third],
        ),
        (
            "update appointments set held_until = null where id = 4",
            &[END_MISSING],
            &[&fourth],
        ),
        (
            "update appointments set patient_id = null where id = 1",
            &[OWNER_MISSING],
            &[&first],
        ),
        (
            "update appointments set status = 'lost' where id = 1",
            &[HISTORY_END, STATUS_UNKNOWN],
            &[&first],
        ),
        (
            "update appointments set doctor_id = 999 where id = 2",
            &[ROW_MISSING],
            &[&second, "doctor 999"],
        ),
        (
            "update appointments set wall_time = wall_time - interval '1 hour' where id = 2",
            &[WALL_TIME_MOVED],
            &[&second, "promised for", "in UTC"],
        ),
        (
            "update appointments set held_by = decode(repeat('00', 32), 'hex') where id = 4",
            &[OFFER_UNKNOWN],
            &[&fourth],
        ),
        (
            "insert into groups (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, state, created_at)
             select doctor_id, clinic_id, service_id, 'Class', now() - interval '2 hours', now() - interval '1 hour', 1,
                    'published', now()
             from appointments where id = 1;
             insert into group_seats (group_id, capacity, seat, appointment_id)
             select max(id), 1, 1, 1 from groups",
            &[SEAT_ASTRAY],
            &[&first, "of group none is confirmed"],
        ),
        (
            "insert into groups (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, state, created_at)
             select doctor_id, clinic_id, service_id, 'Class', now() - interval '2 hours', now() - interval '1 hour', 1,
                    'published', now()
             from appointments where id = 1;
             update appointments
             set group_id = (select max(id) from groups), blocks_from = starts_at, blocks_until = starts_at where id = 1",
            &[SEAT_ASTRAY],
            &[&first, "has no seat"],
        ),
    ];
    for (plant, expected, rows) in table.iter().chain(VIOLATIONS).chain(BESIDE) {
        app.sql(plant).await;
        let report = look(&app).await;
        let mut found = broken(&report);
        assert_eq!(found.pop(), Some(GUARD_MISSING));
        assert_eq!(found, *expected, "{plant}");
        for finding in report.broken().filter(|finding| expected.contains(&finding.rule)) {
            assert_eq!(finding.total, 1, "{plant}: {finding:?}");
        }
        let text = report.to_text();
        for row in *rows {
            assert!(text.contains(row), "{row} in {text}");
        }
        // Ids and references, never people.
        assert!(!text.contains("+62") && !text.contains("Patient "), "{text}");
        app.sql(RESTORE).await;
        assert_eq!(broken(&look(&app).await), [GUARD_MISSING]);
    }
    let planted: Vec<Rule> = (table.iter().chain(VIOLATIONS).chain(BESIDE))
        .flat_map(|row| row.1)
        .copied()
        .collect();
    for violation in rules() {
        assert!(
            planted.contains(&violation) || violation == GUARD_MISSING,
            "{violation:?} is not tested"
        );
    }
}

#[tokio::test]
async fn all_violations_are_counted_when_only_some_are_shown() {
    let app = TestApp::new().await;
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
        .find(|finding| finding.rule == DOCTOR_DOUBLE_BOOKED);
    let doubles = doubles.unwrap();
    // Each of 31 with each other one.
    assert_eq!((doubles.total, doubles.rows.len()), (31 * 30 / 2, 20));
    assert!(report.to_text().contains("and 445 more"));
}
