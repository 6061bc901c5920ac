//! Walls: who sees which page, and whose forms do anything (I4).

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{Browser, Site, TestApp, VISIT};

const PHONE: &str = "+6281255500777";

/// Everybody who could be at the door.
struct Everybody {
    visitor: Browser,
    patient: Browser,
    other_patient: Browser,
    doctor: Browser,
    other_doctor: Browser,
    admin: Browser,
}

impl Everybody {
    async fn of(site: &Site<'_>) -> Self {
        Self {
            visitor: site.visitor(),
            patient: site.patient(PHONE).await,
            other_patient: site.patient("+6281255500778").await,
            doctor: site.staff("doctor1@test.example").await,
            other_doctor: site.staff("doctor2@test.example").await,
            admin: site.staff("admin@test.example").await,
        }
    }

    fn all(&self) -> [(&'static str, &Browser); 6] {
        [
            ("visitor", &self.visitor),
            ("patient", &self.patient),
            ("other patient", &self.other_patient),
            ("doctor", &self.doctor),
            ("other doctor", &self.other_doctor),
            ("admin", &self.admin),
        ]
    }
}

/// A request of the patient with the phone above, at the first doctor.
async fn request(app: &TestApp) -> String {
    let patient_id = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await
}

#[sqlx::test]
async fn every_page_is_shown_to_whom_it_is_for_and_to_nobody_else(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let doctor = app.doctors[0].id;
    // In the order of `all`. Who has not signed in is sent to do so.
    let table = [
        ("/".to_owned(), [200, 200, 200, 200, 200, 200]),
        (format!("/doctors/{doctor}"), [200, 200, 200, 200, 200, 200]),
        ("/doctors/999".to_owned(), [404, 404, 404, 404, 404, 404]),
        ("/sign-in".to_owned(), [200, 302, 302, 302, 302, 302]),
        ("/staff/sign-in".to_owned(), [200, 302, 302, 302, 302, 302]),
        ("/sign-in/code".to_owned(), [302, 302, 302, 302, 302, 302]),
        ("/appointments".to_owned(), [302, 200, 200, 403, 403, 403]),
        (format!("/appointments/{theirs}"), [302, 200, 404, 403, 403, 403]),
        (
            format!("/appointments/{theirs}/done"),
            [302, 200, 404, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}/cancel"),
            [302, 200, 404, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}/reschedule"),
            [302, 200, 404, 403, 403, 403],
        ),
        (
            "/appointments/AAAA-AAAA".to_owned(),
            [302, 404, 404, 403, 403, 403],
        ),
        // What somebody else's browser holds.
        (format!("/book/{held}"), [404, 404, 404, 404, 404, 200]),
        (format!("/book/{held}/check"), [404, 404, 404, 404, 404, 200]),
        ("/doctor".to_owned(), [302, 404, 404, 200, 200, 404]),
        (
            format!("/doctor/appointments/{theirs}"),
            [302, 404, 404, 200, 404, 404],
        ),
        ("/admin".to_owned(), [302, 404, 404, 404, 404, 200]),
        ("/admin/doctors".to_owned(), [302, 404, 404, 404, 404, 200]),
        ("/doctor/plan".to_owned(), [302, 404, 404, 200, 200, 404]),
        (
            format!("/admin/doctors/{doctor}/plan"),
            [302, 404, 404, 404, 404, 200],
        ),
        (
            "/admin/doctors/999/plan".to_owned(),
            [302, 404, 404, 404, 404, 404],
        ),
        ("/doctor/book".to_owned(), [302, 404, 404, 200, 200, 404]),
        ("/doctor/walk-in".to_owned(), [302, 404, 404, 200, 200, 404]),
        ("/doctor/block".to_owned(), [302, 404, 404, 200, 200, 404]),
        ("/admin/book".to_owned(), [302, 404, 404, 404, 404, 200]),
        ("/admin/walk-in".to_owned(), [302, 404, 404, 404, 404, 200]),
        (
            format!("/admin/block?doctor={doctor}"),
            [302, 404, 404, 404, 404, 200],
        ),
        ("/admin/closures".to_owned(), [302, 404, 404, 404, 404, 200]),
        ("/calendar".to_owned(), [302, 200, 200, 200, 200, 404]),
        (
            format!("/appointments/{theirs}/calendar.ics"),
            [404, 200, 404, 200, 404, 200],
        ),
        ("/admin/locks".to_owned(), [302, 404, 404, 404, 404, 200]),
        ("/admin/integrity".to_owned(), [302, 404, 404, 404, 404, 200]),
        (
            format!("/admin/appointments/{theirs}"),
            [302, 404, 404, 404, 404, 200],
        ),
        ("/demo/messages".to_owned(), [200, 200, 200, 200, 200, 200]),
        ("/nowhere".to_owned(), [404, 404, 404, 404, 404, 404]),
        (
            "/appointments/'%20or%20true--".to_owned(),
            [302, 404, 404, 403, 403, 403],
        ),
    ];
    let mut wrong = Vec::new();
    for (path, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            let answer = browser.get(&path).await;
            // 302 and 303 are the same to a browser here.
            let status = if answer.status == 303 { 302 } else { answer.status };
            if status != expected {
                wrong.push(format!(
                    "{path} for {who}: {} instead of {expected}",
                    answer.status
                ));
            }
            let body = answer.body.as_str();
            // What the head of the page says to the patients themselves is no secret.
            if expected >= 400
                && who != "patient"
                && (body.contains(PHONE) || body.contains("A cough") || body.contains("Somebody"))
            {
                wrong.push(format!("{path} tells {who} about the patient"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[sqlx::test]
async fn who_has_to_sign_in_first_comes_back_to_the_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for (page, door) in [
        (
            "/appointments/AAAA-AAAA?x=1",
            "/sign-in?next=/appointments/AAAA-AAAA%3Fx%3D1",
        ),
        ("/doctor", "/staff/sign-in?next=/doctor"),
        ("/admin/doctors", "/staff/sign-in?next=/admin/doctors"),
    ] {
        let answer = visitor.get(page).await;
        assert_eq!(answer.location(), door);
    }
    let fields = [
        ("email", "admin@test.example"),
        ("password", super::app::PASSWORD),
        ("next", "/admin/doctors"),
    ];
    let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert_eq!(answer.location(), "/admin/doctors");
    // Nobody is led away.
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let visitor = site.visitor();
        let fields = [
            ("email", "admin@test.example"),
            ("password", super::app::PASSWORD),
            ("next", next),
        ];
        let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
        assert_eq!(answer.location(), "/admin", "{next}");
    }
}

#[sqlx::test]
async fn no_form_does_anything_for_whom_it_is_not_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let doctor = app.doctors[0].id.to_string();
    let starts_at = app.slot(9 * 48).as_second().to_string();
    let wanted = app.wanted(0, VISIT, app.slot(60));
    let wanted = [wanted.clinic_id, wanted.service_id, wanted.starts_at].map(|number| number.to_string());

    let cancel = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "x"),
    ];
    let confirm = [
        ("reference", &*theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    let reschedule = [
        ("reference", &*theirs),
        ("version", "2"),
        ("starts_at", &starts_at),
    ];
    let hold = [
        ("doctor_id", &*doctor),
        ("clinic_id", &wanted[0]),
        ("service_id", &wanted[1]),
        ("starts_at", &wanted[2]),
    ];
    let of_held = [
        ("reference", &*held),
        ("name", "X"),
        ("phone", "+6281255500001"),
        ("reason", "x"),
    ];
    let active = [("doctor_id", &*doctor), ("version", "1"), ("active", "false")];
    let clinic = app.clinic.to_string();
    let plan = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("version", "1"),
        ("day", "2030-01-01"),
        ("first_day", "2030-01-01"),
        ("reason", "x"),
        ("id", "1"),
        ("doing", "cancel"),
    ];
    // 0 is where it would do something that is allowed; that is tested elsewhere.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], [u16; 6]);
    let table: &[Row<'_>] = &[
        ("hold", &hold, [0, 0, 0, 403, 403, 403]),
        ("details", &of_held, [404, 404, 404, 404, 404, 0]),
        ("keep", &of_held[..1], [404, 404, 404, 404, 404, 404]),
        ("submit", &of_held[..1], [401, 404, 422, 403, 403, 403]),
        ("reschedule", &reschedule, [401, 0, 404, 0, 404, 0]),
        ("change-status", &cancel, [401, 0, 404, 422, 404, 0]),
        ("change-status", &confirm, [401, 422, 404, 0, 404, 0]),
        ("set-doctor-active", &active, [401, 404, 404, 404, 404, 0]),
        ("plan-week", &plan, [401, 404, 404, 0, 404, 0]),
        ("plan-exception", &plan, [401, 404, 404, 0, 404, 0]),
        ("remove-exception", &plan, [401, 404, 404, 0, 404, 0]),
        ("plan-absence", &plan, [401, 404, 404, 0, 404, 0]),
        ("remove-absence", &plan, [401, 404, 404, 0, 404, 0]),
        ("stop-day", &plan, [401, 404, 404, 0, 404, 0]),
        ("block-time", &plan, [401, 404, 404, 0, 404, 0]),
        ("close-clinic", &plan, [401, 404, 404, 404, 404, 0]),
        ("reopen-clinic", &plan, [401, 404, 404, 404, 404, 0]),
    ];
    let mut wrong = Vec::new();
    for (form, fields, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            if *expected == 0 {
                continue;
            }
            let answer = browser.call(form, fields).await;
            if answer.status != *expected {
                wrong.push(format!(
                    "{form} by {who}: {} instead of {expected}: {}",
                    answer.status, answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(app.appointment(&theirs).await.1, 2);
    assert_eq!(app.appointment(&held).await.1, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_eq!(
        app.count("select count(*) from doctors where not active").await,
        0
    );
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    app.assert_sound().await;
}

#[sqlx::test]
async fn what_is_on_a_doctors_and_an_admins_page_works_when_it_is_posted(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let doctor = app.doctors[0].id.to_string();
    let confirm = [
        ("reference", &*theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    let answer = everybody
        .doctor
        .submit("/doctor", "change-status", &confirm)
        .await;
    assert_eq!((answer.status / 100, answer.error()), (3, None), "{answer:?}");
    assert_eq!(app.appointment(&theirs).await.0, "confirmed");
    // The admin's tab is older.
    let cancel = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "closed that day"),
    ];
    let stale = everybody.admin.call("change-status", &cancel).await;
    assert_eq!((stale.status, stale.code().as_str()), (409, "STALE_VERSION"));
    let fresh = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "3"),
        ("reason", "closed that day"),
    ];
    let answer = everybody.admin.submit("/admin", "change-status", &fresh).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(app.appointment(&theirs).await.0, "cancelled");
    let again = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "4"),
        ("reason", ""),
    ];
    let again = everybody.patient.call("change-status", &again).await;
    assert_eq!((again.status, again.code().as_str()), (422, "INVALID_TRANSITION"));

    let active = [("doctor_id", &*doctor), ("version", "1"), ("active", "false")];
    let answer = everybody
        .admin
        .submit("/admin/doctors", "set-doctor-active", &active)
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(
        everybody.visitor.get(&format!("/doctors/{doctor}")).await.status,
        404
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn who_is_deactivated_is_nobody_from_the_next_request_on(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    app.sql("update staff set active = false; update patients set active = false;")
        .await;
    for (browser, page) in [
        (&everybody.patient, "/appointments"),
        (&everybody.doctor, "/doctor"),
        (&everybody.admin, "/admin"),
    ] {
        let answer = browser.get(page).await;
        assert!(answer.location().contains("sign-in"), "{page}: {}", answer.status);
    }
}
