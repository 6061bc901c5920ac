//! The appointments of a report one by one, and who sees what.

use engine::{
    account::{Caller, Clinics},
    error::AppError,
    report::{Asked, Filter, ROWS, ReportedAppointment, Rows, choices, report, rows, third_next},
};
use jiff::civil::date;

use super::{YEAR, asked, berlin, period, year};
use crate::support::{TestApp, patient_caller};

async fn all(app: &TestApp, caller: &Caller, asked: Asked) -> Vec<ReportedAppointment> {
    let (mut found, mut after): (Vec<ReportedAppointment>, Rows) = (Vec::new(), None);
    loop {
        let page = rows(&app.database, caller, asked, after).await.unwrap();
        after = page.last().map(|last| (last.starts_at, last.id));
        let is_last = i64::try_from(page.len()).unwrap() < ROWS;
        found.extend(page);
        if is_last {
            return found;
        }
    }
}

#[tokio::test]
async fn each_appointment_of_a_report_is_one_row() {
    let app = year().await;
    let caller = app.admin_caller();
    let asked = asked(YEAR, Filter::default());
    let found = all(&app, &caller, asked).await;
    let figures = report(&app.database, &caller, asked, app.now)
        .await
        .unwrap()
        .total;
    let count =
        |is: fn(&&ReportedAppointment) -> bool| i64::try_from(found.iter().filter(is).count()).unwrap();
    assert_eq!(count(|_| true), figures.appointments);
    assert_eq!(count(|row| row.status == "no_show"), figures.no_show);
    assert_eq!(count(|row| row.is_late_cancellation), figures.cancelled_late);
    assert_eq!(count(|row| row.is_new_patient), figures.new_patients);
    assert_eq!(count(|row| row.score.is_some()), figures.ratings);
    assert!(
        found
            .windows(2)
            .all(|two| (two[0].starts_at, two[0].id) < (two[1].starts_at, two[1].id))
    );
}

#[tokio::test]
async fn a_doctor_sees_only_themselves() {
    let app = year().await;
    let doctor = app.doctor_caller(2);
    let mine = Filter {
        doctor_id: Some(app.doctors[2].id),
        ..Filter::default()
    };
    let march = period(date(2025, 3, 1), date(2025, 3, 31));
    let by_admin = report(&app.database, &app.admin_caller(), asked(march, mine), app.now)
        .await
        .unwrap();
    let own = report(&app.database, &doctor, asked(march, Filter::default()), app.now)
        .await
        .unwrap();
    assert_eq!(own.total, by_admin.total);
    assert_eq!(own.before, by_admin.before);
    assert_eq!(own.groups.len(), 1);
    assert!(
        all(&app, &doctor, asked(march, Filter::default()))
            .await
            .iter()
            .all(|row| row.doctor == "Dr 3")
    );
    assert!(
        choices(&app.database, &doctor, march)
            .await
            .unwrap()
            .doctors
            .is_empty()
    );
    let of_another = Filter {
        doctor_id: Some(app.doctors[0].id),
        ..Filter::default()
    };
    let refused = report(&app.database, &doctor, asked(march, of_another), app.now).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
}

#[tokio::test]
async fn an_admin_of_named_clinics_sees_these() {
    let app = year().await;
    let berlin = berlin(&app).await;
    let caller = Caller::Admin {
        staff_id: app.admin_staff_id,
        name: "admin".to_owned(),
        clinics: Clinics::Named(vec![berlin]),
    };
    let found = all(&app, &caller, asked(YEAR, Filter::default())).await;
    assert!(!found.is_empty() && found.iter().all(|row| row.time_zone == "Europe/Berlin"));
    let elsewhere = Filter {
        clinic_id: Some(app.clinic),
        ..Filter::default()
    };
    let refused = rows(&app.database, &caller, asked(YEAR, elsewhere), None).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
    let choices = choices(&app.database, &caller, YEAR).await.unwrap();
    assert_eq!(
        choices.clinics.iter().map(|clinic| clinic.id).collect::<Vec<_>>(),
        [berlin]
    );
    assert_eq!(choices.doctors.len(), 2);
}

#[tokio::test]
async fn reception_and_patients_have_no_reports() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let reception = app.reception_caller("desk@test.example", &[app.clinic]).await;
    for caller in [patient_caller(patient), reception] {
        let asked = asked(YEAR, Filter::default());
        let refused = report(&app.database, &caller, asked, app.now).await;
        assert_eq!(refused.err(), Some(AppError::NotFound));
        let refused = rows(&app.database, &caller, asked, None).await;
        assert_eq!(refused.err(), Some(AppError::NotFound));
        let refused = third_next(&app.database, &caller, Filter::default(), app.now).await;
        assert_eq!(refused.err(), Some(AppError::NotFound));
    }
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_read_page_by_page() {
    let app = TestApp::new().await;
    app.patient(1).await;
    app.sql(
        "alter table appointments disable trigger user;
         insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from, blocks_until,
              duration_minutes, mode, service_name, cutoff_minutes)
         select 'R' || n, (select min(id) from doctors), (select min(id) from clinics), (select min(id) from services),
                (select min(id) from patients), 'rejected', at, at + interval '30 minutes', at, at + interval '30 minutes', 30,
                'in_person', 'Visit', 0
         -- Many at one moment: the id tells them apart.
         from generate_series(1, 100000) as n, lateral (select timestamptz '2025-01-02' + n / 7 * interval '30 minutes' as at) as t;
         analyze appointments",
    )
    .await;
    let found = all(&app, &app.admin_caller(), asked(YEAR, Filter::default())).await;
    let expected = app
        .count("select count(*) from appointments where starts_at < '2026-01-01'")
        .await;
    assert_eq!(i64::try_from(found.len()).unwrap(), expected);
    let mut ids: Vec<i64> = found.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len());
}

#[tokio::test]
async fn the_third_next_time_is_the_third_that_is_offered() {
    let app = TestApp::new().await;
    let filter = Filter {
        doctor_id: Some(app.doctors[0].id),
        service_id: Some(app.services[0]),
        clinic_id: None,
    };
    let third = async || {
        let waits = third_next(&app.database, &app.admin_caller(), filter, app.now)
            .await
            .unwrap();
        assert_eq!(waits.len(), 1);
        waits[0].clone()
    };
    // Around the clock every half hour: the third from now on.
    let before = third().await.starts_at.unwrap();
    let half_hours = app.now.as_second().div_euclid(1800) + 3;
    assert_eq!(before.as_second(), half_hours * 1800);
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, before).await;
    assert_eq!(
        third().await.starts_at.unwrap().as_second(),
        (half_hours + 1) * 1800
    );
    app.sql("delete from working_hours").await;
    assert_eq!(third().await.starts_at, None);
}

#[tokio::test]
async fn who_works_at_the_chosen_clinic_is_found_among_many_who_do_not() {
    let app = TestApp::new().await;
    // Sixty come before by name.
    app.sql(
        "insert into staff (role, name, email, password_hash)
         select 'doctor', 'A ' || n, 'more' || n || '@test.example', (select min(password_hash) from staff)
         from generate_series(1, 60) as n;
         insert into doctors (staff_id, name, speciality)
         select id, name, 'General practice' from staff where email like 'more%';
         insert into offers
         select doctors.id, clinics.id, services.id from doctors, clinics, services where doctors.name like 'A %';
         delete from offers where doctor_id = (select max(id) from doctors where name = 'Dr 4')",
    )
    .await;
    let clinic_id = app.another_clinic().await;
    app.works_at(3, clinic_id).await;
    let filter = Filter {
        clinic_id: Some(clinic_id),
        ..Filter::default()
    };
    let waits = third_next(&app.database, &app.admin_caller(), filter, app.now)
        .await
        .unwrap();
    assert_eq!(waits.len(), app.services.len());
    assert!(waits.iter().all(|wait| wait.doctor == "Dr 4"), "{waits:?}");
}
