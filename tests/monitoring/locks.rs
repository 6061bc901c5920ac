//! The page that draws the locks.

use crate::support::{TestApp, VISIT};

#[tokio::test]
async fn only_admins_see_the_page_of_locks() {
    let app = TestApp::new().await;
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
