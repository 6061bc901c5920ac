//! Booking without JavaScript.

use crate::support::{PHONE, TestApp, VISIT, book, borrowed, choose, of_wanted};
use engine::error::AppError;

#[tokio::test]
async fn a_patient_books_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = book(
        &site,
        &browser,
        app.wanted(0, VISIT, app.slot(20)),
        "Dewi",
        "A cough",
    )
    .await;
    assert_eq!(app.appointment(&reference).await.0, "pending");
    let mine = browser.get("/appointments").await;
    assert!(
        mine.body.contains(&reference) || mine.body.contains("Dr 1"),
        "{}",
        mine.body
    );
    // A second click, and Back, change nothing.
    let check = format!("/book/{reference}/check");
    let again = browser
        .submit(&check, "submit", &[("reference", &reference)])
        .await;
    assert_eq!(again.location(), format!("/appointments/{reference}/done"));
    assert_eq!(browser.get(&check).await.status / 100, 3);
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert_eq!(
        app.count("select count(*) from patients where name = 'Dewi'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_visitor_who_is_too_late_is_shown_the_conflict() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    choose(&site.visitor(), wanted).await;
    let late = site.visitor();
    let page = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    let answer = late.submit(&page, "hold", &borrowed(&of_wanted(wanted))).await;
    assert!(
        matches!(answer.error(), Some(AppError::BookingFailed { .. })),
        "{answer:?}"
    );
    let path = answer.location().split('#').next().unwrap().to_owned();
    assert!(path.starts_with(&page));
    let told = late.get(&path).await;
    assert_eq!(told.status, 200);
    // The alternatives are buttons that work.
    let as_program = late.call("hold", &borrowed(&of_wanted(wanted))).await;
    assert_eq!(
        (as_program.status, as_program.code().as_str()),
        (409, "BOOKING_FAILED")
    );
    assert_eq!(as_program.json()["details"]["reason"], "slot_taken");
}

#[tokio::test]
async fn a_hold_of_something_that_is_no_time_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let good = of_wanted(app.wanted(0, VISIT, app.slot(20)));
    for (field, value, status, code) in [
        ("starts_at", "1700000000", 409, "BOOKING_FAILED"),
        ("starts_at", "9223372036854775807", 409, "BOOKING_FAILED"),
        ("starts_at", "-9223372036854775808", 409, "BOOKING_FAILED"),
        ("starts_at", "9223372036854775808", 422, "VALIDATION_FAILED"),
        ("starts_at", "tomorrow", 422, "VALIDATION_FAILED"),
        ("starts_at", "", 422, "VALIDATION_FAILED"),
        ("doctor_id", "999", 404, "NOT_FOUND"),
        ("doctor_id", "1 or 1=1", 422, "VALIDATION_FAILED"),
        ("clinic_id", "-1", 404, "NOT_FOUND"),
        ("service_id", "0", 404, "NOT_FOUND"),
    ] {
        let mut fields = good.clone();
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value.to_owned();
        let answer = visitor.call("hold", &borrowed(&fields)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{field}={value}"
        );
    }
    let missing = visitor.call("hold", &borrowed(&good[..3])).await;
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (422, "VALIDATION_FAILED")
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn sql_and_html_in_every_field_are_text() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let name = "<script>alert(1)</script>'; drop table patients; --";
    let reason = "\"><img src=x onerror=alert(1)>{{7*7}} $1 %s \\";
    let browser = site.visitor();
    let reference = book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), name, reason).await;
    let (stored_name, stored_reason): (String, String) =
        sqlx::query_as("select name, reason from patients join appointments on patient_id = patients.id")
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
    assert_eq!((stored_name.as_str(), stored_reason.as_str()), (name, reason));
    let (doctor, admin) = (
        site.staff("doctor1@test.example").await,
        site.staff("admin@test.example").await,
    );
    // The patient sees the text that staff write.
    let fields = [
        ("reference", &*reference),
        ("to", "rejected"),
        ("version", "2"),
        ("reason", reason),
    ];
    let answer = doctor.submit("/doctor", "change-status", &fields).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let attack = "%3Cscript%3Ealert(1)%3C/script%3E";
    for (who, path) in [
        (&browser, "/appointments".to_owned()),
        (&browser, format!("/appointments/{reference}")),
        (&doctor, "/doctor".to_owned()),
        (&doctor, format!("/doctor?q={attack}")),
        (&doctor, format!("/doctor/appointments/{reference}")),
        (&admin, format!("/admin?q={attack}&status={attack}")),
        (
            &admin,
            format!("/admin/appointments/{reference}?changed={attack}"),
        ),
        (
            &browser,
            format!("/?q={attack}&speciality={attack}&language={attack}&clinic={attack}"),
        ),
        (
            &browser,
            format!("/doctors/1?from={attack}&service={attack}&__err={attack}"),
        ),
        (&browser, format!("/{attack}")),
        (&site.visitor(), format!("/sign-in?next=/{attack}")),
    ] {
        let page = who.get(&path).await;
        assert!(matches!(page.status, 200 | 404), "{path}: {}", page.status);
        assert!(
            !page.body.contains("<script>alert(1)") && !page.body.contains("<img src=x"),
            "{path}"
        );
    }
    let page = browser.get(&format!("/appointments/{reference}")).await;
    assert!(page.body.contains("&lt;img src=x"), "{}", page.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn details_that_are_empty_or_too_long_are_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let (long_name, long_reason) = ("n".repeat(121), "ä".repeat(501));
    for (phone, name, reason, field, problem) in [
        (PHONE, "", "", "name", "missing"),
        (PHONE, "\u{0}\u{7}", "", "name", "missing"),
        (PHONE, &*long_name, "", "name", "too-long"),
        (PHONE, "Dewi", &*long_reason, "reason", "too-long"),
        ("", "Dewi", "", "phone", "missing"),
        ("12", "Dewi", "", "phone", "malformed"),
        ("+62 812'; --", "Dewi", "", "phone", "malformed"),
    ] {
        let fields = [
            ("reference", &*reference),
            ("phone", phone),
            ("name", name),
            ("reason", reason),
        ];
        let answer = browser.call("details", &fields).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "VALIDATION_FAILED")
        );
        assert_eq!(answer.json()["details"][field], problem, "{}", answer.body);
    }
    assert_eq!(app.count("select count(*) from messages").await, 0);
}
