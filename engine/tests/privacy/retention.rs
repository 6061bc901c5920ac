//! What is past its period goes, and nothing else.

use engine::{
    appointment::Status,
    error::AppError,
    privacy::{
        SetHold,
        retention::{self, Preset, SetPeriods},
        set_hold,
    },
};

use super::{RECORD, WORDS, found};
use crate::support::{TestApp, VISIT};

/// The periods of Germany, chosen as of this version.
fn periods(app: &TestApp, version: i32) -> SetPeriods {
    SetPeriods {
        caller: app.admin_caller(),
        preset: Preset::Germany,
        record_years: 0,
        booking_months: 12,
        is_on: true,
        version,
    }
}

/// Two patients with a visit and a cancelled booking each, of so long ago.
async fn long_ago(app: &TestApp, years: i32) -> [i64; 2] {
    let patients = [app.patient(1).await, app.patient(2).await];
    for (slot, patient_id) in (0..).zip(patients) {
        app.visit(patient_id, 0, app.slot(2 + slot), Status::Completed)
            .await;
        app.books(patient_id, app.wanted(1, VISIT, app.slot(2 + slot + 4)))
            .await
            .unwrap();
    }
    let statements = format!(
        "update appointments set reason = case when status = 'completed' then '{RECORD}' else '{WORDS}' end;
         insert into prescriptions (appointment_id, note, written_at)
         select id, '{RECORD}', now() from appointments where status = 'completed';
         insert into medications (prescription_id, position, name, dose, frequency, duration)
         select id, 1, '{RECORD}', '1', 'daily', '7 days' from prescriptions;
         update appointments set status = 'cancelled', version = version + 1 where status = 'confirmed';
         insert into appointment_changes
             (appointment_id, from_status, to_status, from_starts_at, to_starts_at, version, actor, reason)
         select id, 'confirmed', 'cancelled', starts_at, starts_at, version, 'system', '{WORDS}'
         from appointments where status = 'cancelled';
         alter table appointments disable trigger user;
         update appointments
         set starts_at = starts_at - interval '{years} years', ends_at = ends_at - interval '{years} years',
             blocks_from = blocks_from - interval '{years} years', blocks_until = blocks_until - interval '{years} years';
         alter table appointments enable trigger user;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    patients
}

#[tokio::test]
async fn nothing_goes_before_an_admin_has_said_so_and_then_once() {
    let app = TestApp::new().await;
    let [_, held] = long_ago(&app, 11).await;
    assert_eq!(retention::step(&app.database, app.now).await, Ok(0));
    let hold = SetHold {
        caller: app.admin_caller(),
        patient_id: held,
        why: Some("A dispute".to_owned()),
    };
    set_hold(&app.database, hold, app.now).await.unwrap();
    retention::set_periods(&app.database, periods(&app, 1), app.now)
        .await
        .unwrap();
    let (_, past) = retention::dry_run(&app.database, &app.admin_caller(), app.now)
        .await
        .unwrap();
    assert_eq!((past.bookings, past.records), (1, 1));
    assert_eq!(retention::step(&app.database, app.now).await, Ok(2));
    assert_eq!(retention::step(&app.database, app.now).await, Ok(0));
    let mut connection = app.connection().await;
    // Of the one of whom everything is kept, it is all there.
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
    assert_eq!(
        found(&mut connection, WORDS).await,
        ["appointment_changes.reason", "appointments.reason"]
    );
    assert!(!found(&mut connection, RECORD).await.is_empty());
    app.sql("delete from legal_holds").await;
    assert_eq!(retention::step(&app.database, app.now).await, Ok(2));
    for word in [WORDS, RECORD] {
        assert_eq!(found(&mut connection, word).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn records_outlast_bookings() {
    let app = TestApp::new().await;
    long_ago(&app, 9).await;
    retention::set_periods(&app.database, periods(&app, 1), app.now)
        .await
        .unwrap();
    assert_eq!(retention::step(&app.database, app.now).await, Ok(2));
    let mut connection = app.connection().await;
    assert_eq!(found(&mut connection, WORDS).await, Vec::<String>::new());
    assert!(!found(&mut connection, RECORD).await.is_empty());
}

#[tokio::test]
async fn own_periods_are_never_shorter_than_before() {
    let app = TestApp::new().await;
    let own = |record_years: i32, version: i32| SetPeriods {
        preset: Preset::Custom,
        record_years,
        ..periods(&app, version)
    };
    let shorter = retention::set_periods(&app.database, own(20, 1), app.now).await;
    assert!(matches!(shorter, Err(AppError::ValidationFailed { .. })));
    retention::set_periods(&app.database, own(30, 1), app.now)
        .await
        .unwrap();
    let stale = retention::set_periods(&app.database, own(40, 1), app.now).await;
    assert_eq!(stale, Err(AppError::StaleOrganisation));
    let by_doctor = SetPeriods {
        caller: app.doctor_caller(0),
        ..periods(&app, 2)
    };
    let refused = retention::set_periods(&app.database, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}

#[tokio::test]
async fn records_of_care_are_kept_until_the_last_visit_is_long_ago() {
    let app = TestApp::new().await;
    let patients = long_ago(&app, 11).await;
    for (slot, patient_id) in (0..).zip(patients) {
        app.visit(patient_id, 0, app.slot(2 + slot), Status::Completed)
            .await;
    }
    retention::set_periods(&app.database, periods(&app, 1), app.now)
        .await
        .unwrap();
    let (_, past) = retention::dry_run(&app.database, &app.admin_caller(), app.now)
        .await
        .unwrap();
    assert_eq!((past.bookings, past.records), (2, 0));
    // The words of what led to no care.
    assert_eq!(retention::step(&app.database, app.now).await, Ok(2));
    assert_eq!(retention::step(&app.database, app.now).await, Ok(0));
    assert_eq!(app.count("select count(*) from medications").await, 2);
}

#[tokio::test]
async fn what_was_prescribed_for_a_visit_that_did_not_take_place_is_kept_as_long() {
    let app = TestApp::new().await;
    let [patient_id, _] = long_ago(&app, 11).await;
    app.sql(
        "alter table appointments disable trigger user;
         update appointments set status = 'no_show' where status = 'completed';
         alter table appointments enable trigger user",
    )
    .await;
    app.visit(patient_id, 0, app.slot(2), Status::Completed).await;
    retention::set_periods(&app.database, periods(&app, 1), app.now)
        .await
        .unwrap();
    // The words of two bookings, and what was prescribed to the one who did not come again.
    assert_eq!(retention::step(&app.database, app.now).await, Ok(3));
    assert_eq!(retention::step(&app.database, app.now).await, Ok(0));
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
}
