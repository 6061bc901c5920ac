//! The day of a clinic and the week of a doctor.

use std::time::Duration;

use jiff::{ToSpan, civil, tz::TimeZone};

use super::fill;
use crate::support::{LONG, PHONE, TestApp, VISIT};

/// The date in some days, at the clinic.
fn in_days(app: &TestApp, days: i64) -> civil::Date {
    app.now.to_zoned(TimeZone::UTC).date() + days.days()
}

/// Everybody works from eight to six, with a break at noon.
const HOURS: &str = "delete from working_hours;
    insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute, is_break)
    select doctors.id, clinics.id, weekday, from_minute, until_minute, is_break
    from doctors, clinics, generate_series(1, 7) as weekday,
         (values (480, 1080, false), (720, 780, true)) as hours (from_minute, until_minute, is_break)";

#[tokio::test]
async fn twenty_doctors_with_sixty_appointments_each_are_a_page_of_200_kilobytes() {
    let app = TestApp::new().await;
    app.sql(
        "insert into staff (role, name, email, password_hash)
         select 'doctor', 'x', 'many' || number || '@test.example', 'x' from generate_series(5, 20) as number;
         insert into doctors (staff_id, name, speciality)
         select id, 'dr. Siti Rahmawati ' || id, 'General practice' from staff where email like 'many%';
         insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services
         where doctors.staff_id in (select id from staff where email like 'many%');
         insert into patients (phone, name)
         select '+62812555' || lpad(number::text, 5, '0'), 'Hendra Wijaya Kusuma ' || number
         from generate_series(1, 20) as number",
    )
    .await;
    app.sql(HOURS).await;
    app.sql(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
              blocks_until, duration_minutes, mode)
         select 'P' || lpad(column_number::text, 3, '0') || '-' || lpad(number::text, 4, '0'), doctor, clinic, service,
                patient, 'confirmed', at, at + interval '10 minutes', at, at + interval '10 minutes', 10, 'in_person'
         from (select id as doctor, row_number() over (order by id) as column_number from doctors) as doctors
         join (select id as patient, row_number() over (order by id) as column_number from patients) as patients
              using (column_number),
              (select min(id) as clinic from clinics) as clinics, (select min(id) as service from services) as services,
              generate_series(0, 59) as number,
              lateral (select date_trunc('day', now(), 'UTC') + interval '3 days 8 hours'
                              + number * interval '10 minutes' as at) as times",
    )
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(&format!("/admin/day?date={}", in_days(&app, 3))).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("table.sheet thead th").len(), 21);
    assert_eq!(page.links("table.sheet td a").len(), 20 * 60);
    assert!(page.body.len() <= 200_000, "{} bytes", page.body.len());
    let csv = admin
        .get(&format!("/admin/day.csv?date={}", in_days(&app, 3)))
        .await;
    assert_eq!(csv.body.lines().count(), 1 + 20 * 60);
}

/// A path as a page below this one has it, without what was said there.
fn below(base: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap();
    path.strip_prefix(base).unwrap().to_owned()
}

#[tokio::test]
async fn a_free_time_leads_to_a_booking_for_a_patient() {
    let app = TestApp::new().await;
    app.sql(HOURS).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let day = format!("/admin/day?date={}", in_days(&app, 2));
    let page = admin.get(&day).await;
    let free = page.texts("table.sheet td.f");
    assert_eq!(free[0], "08:00 free Dr 1");
    assert_eq!(page.texts("table.sheet tbody th")[0], "08:00");
    assert!(page.texts("table.sheet td.x").iter().any(|text| text == "Break"));
    let link = page.links("table.sheet td.f a").remove(0);
    let who = admin.get(&link).await;
    assert!(who.body.contains("Dr 1"), "{}", who.body);
    let fields = [("phone", PHONE), ("name", "Maya Putri")];
    let check = fill(&admin, &link, "desk-patient", &fields).await.location();
    assert!(check.contains("&at=") && check.contains("offer="), "{check}");
    let shown = fill(&admin, &check, "desk-book", &[("reason", "A cough")])
        .await
        .location();
    let page = admin.get(&day).await;
    assert_eq!(
        page.texts("table.sheet td:not([class])"),
        ["08:00 Maya Putri Confirmed Dr 1"]
    );
    assert_eq!(
        page.links("table.sheet td:not([class]) a"),
        [below("/admin/", &shown)]
    );
    // The week of the doctor has it, for the admin and for the doctor.
    let week = page.links("table.sheet thead a").remove(0);
    assert!(week.starts_with("/admin/week?"), "{week}");
    let page = admin.get(&week).await;
    assert_eq!(page.texts("table.sheet thead th").len(), 8);
    assert_eq!(
        page.links("table.sheet td:not([class]) a"),
        [below("/admin/", &shown)]
    );
    let own = site.staff("doctor1@test.example").await;
    let page = own.get(&format!("/doctor/week?date={}", in_days(&app, 2))).await;
    assert!(page.body.contains("Maya Putri"), "{}", page.body);
    let other = site.staff("doctor2@test.example").await;
    let page = other
        .get(&format!("/doctor/week?date={}", in_days(&app, 2)))
        .await;
    assert!(
        page.status == 200 && !page.body.contains("Maya Putri"),
        "{}",
        page.body
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn buffers_absences_and_closures_are_seen() {
    let app = TestApp::new().await;
    app.sql(HOURS).await;
    let patient = app.patient(1).await;
    let date = in_days(&app, 2);
    let at = date.to_zoned(TimeZone::UTC).unwrap().timestamp() + jiff::SignedDuration::from_hours(10);
    app.books(patient, app.wanted(0, LONG, at)).await.unwrap();
    app.sql(
        "insert into time_off (doctor_id, first_day, last_day)
         select doctors.id, current_date, current_date + 5 from doctors order by id offset 1 limit 1",
    )
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(&format!("/admin/day?date={date}")).await;
    assert_eq!(page.texts("table.sheet td.u"), ["Buffer", "Buffer"]);
    assert!(page.texts("table.sheet td.x").iter().any(|text| text == "Absent"));
    // What cannot be read is ignored.
    for odd in ["date=soon", "date=-009999-01-01", "clinic=x", "clinic=999999"] {
        assert_eq!(admin.get(&format!("/admin/day?{odd}")).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn the_clinic_that_was_chosen_is_remembered() {
    let app = TestApp::new().await;
    app.sql(
        "insert into clinics (name, address, city, phone, time_zone)
         values ('Other clinic', 'Street 2', 'Town', '+1 555 0101', 'UTC')",
    )
    .await;
    let other = app.count("select max(id) from clinics").await.to_string();
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let fields = [("kind", "day"), ("clinic", &*other), ("date", "2026-12-01")];
    let answer = admin.submit("/admin/day", "show-sheet", &fields).await;
    assert_eq!(
        answer.location(),
        format!("/admin/day?clinic={other}&date=2026-12-01")
    );
    let page = admin.get("/admin/day").await;
    assert!(
        page.texts("h1")[0].contains("Other clinic"),
        "{:?}",
        page.texts("h1")
    );
}

#[tokio::test]
async fn a_day_as_a_table_has_no_formulas() {
    let app = TestApp::new().await;
    app.sql(HOURS).await;
    app.patient(1).await;
    app.sql("update patients set name = '=cmd|'' /c calc''!A1'").await;
    let patient = app.count("select id from patients").await;
    let date = in_days(&app, 2);
    let at = date.to_zoned(TimeZone::UTC).unwrap().timestamp() + jiff::SignedDuration::from_hours(10);
    app.books(patient, app.wanted(0, VISIT, at)).await.unwrap();
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let csv = admin.get(&format!("/admin/day.csv?date={date}")).await;
    let line = csv.body.lines().nth(1).unwrap();
    assert!(line.starts_with("10:00,'=cmd|"), "{line}");
    assert_eq!(csv.body.lines().count(), 2);
    let exports = "select count(*) from security_notes where kind = 'export' and about = 'day'";
    assert_eq!(app.count(exports).await, 1);
}

#[tokio::test]
async fn an_open_sheet_hears_of_a_booking() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let path = |doctor: usize| format!("/live/sheet?doctors={}", app.doctors[doctor].id);
    assert_eq!(site.visitor().get(&path(0)).await.status, 404);
    let doctor = site.staff("doctor1@test.example").await;
    assert_eq!(doctor.get(&path(1)).await.status, 404);
    let mut stream = admin.http.get(admin.url(&path(0))).send().await.unwrap();
    let mut told = String::new();
    let listen = async {
        while !told.contains("event: changed") {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
        }
    };
    // A booking is announced once; the line between servers may not be up yet, so there are several.
    let book = async {
        for number in 0.. {
            let wanted = app.wanted(0, VISIT, app.slot(20 + number));
            app.books(patient, wanted).await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = listen => {} () = book => {} }
    });
    assert!(in_time.await.is_ok());
}

#[tokio::test]
async fn reception_hears_of_its_clinics_as_long_as_they_are_its_own() {
    let app = TestApp::new().await;
    let elsewhere = app.another_clinic().await;
    app.reception("here@test.example", &[app.clinic]).await;
    app.reception("there@test.example", &[elsewhere]).await;
    let patient = app.patient(1).await;
    let site = app.serve().await;
    let here = site.staff("here@test.example").await;
    let there = site.staff("there@test.example").await;
    let path = format!("/live/sheet?doctors={}", app.doctors[0].id);
    assert_eq!(there.get(&path).await.status, 404);
    assert_eq!(here.get(&format!("{path},0")).await.status, 404);
    let mut stream = here.http.get(here.url(&path)).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    app.sql("delete from staff_clinics").await;
    let mut told = String::new();
    let rest = async {
        while let Some(part) = stream.chunk().await.unwrap() {
            told += std::str::from_utf8(&part).unwrap();
        }
    };
    // A booking is announced once; the line between servers may not be up yet, so there are several.
    let book = async {
        for number in 0.. {
            let wanted = app.wanted(0, VISIT, app.slot(20 + number));
            app.books(patient, wanted).await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = rest => {} () = book => {} }
    });
    assert!(ended.await.is_ok());
    assert!(!told.contains("event: changed"), "{told}");
}
