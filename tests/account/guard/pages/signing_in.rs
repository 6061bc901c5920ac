//! The way from a page through signing in and back, and out again.

use crate::support::{Everybody, PASSWORD, TestApp};

#[tokio::test]
async fn signing_in_leads_back_to_the_page_that_asked_for_it() {
    let app = TestApp::new().await;
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
        ("password", PASSWORD),
        ("next", "/admin/doctors"),
    ];
    let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert_eq!(answer.location(), "/admin/doctors");
}

#[tokio::test]
async fn the_other_door_leads_to_the_same_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for (page, first, other) in [
        ("/tokens", "/sign-in?next=/tokens", "/staff/sign-in?next=/tokens"),
        (
            "/doctor?date=2026-11-24",
            "/staff/sign-in?next=/doctor%3Fdate%3D2026-11-24",
            "/sign-in?next=/doctor%3Fdate%3D2026-11-24",
        ),
        ("/sign-in?next=//evil.example", "", "/staff/sign-in"),
    ] {
        let door = match visitor.get(page).await {
            answer if answer.status == 200 => page.to_owned(),
            answer => answer.location(),
        };
        assert!(first.is_empty() || door == first, "{page}: {door}");
        let links = visitor.get(&door).await.links("main a");
        assert!(links.iter().any(|link| link == other), "{page}: {links:?}");
    }
    let fields = [
        ("email", "doctor1@test.example"),
        ("password", PASSWORD),
        ("next", "/tokens"),
    ];
    let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert_eq!(answer.location(), "/tokens");
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let visitor = site.visitor();
        let fields = [
            ("email", "admin@test.example"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
        assert_eq!(answer.location(), "/admin", "{next}");
    }
}

#[tokio::test]
async fn a_deactivated_person_is_signed_out_at_the_next_request() {
    let app = TestApp::new().await;
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
