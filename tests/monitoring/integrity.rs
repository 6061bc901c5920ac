//! The page on which an admin checks the database.

use crate::support::TestApp;

#[tokio::test]
async fn an_admin_runs_a_check_and_sees_what_is_broken() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/integrity").await;
    assert!(page.body.contains("Not checked yet"));
    // A check that takes longer than anybody waits.
    let page = admin
        .get(&format!("/admin/integrity?asked={}", app.now.as_millisecond()))
        .await;
    assert!(page.body.contains("has not ended"), "{}", page.body);
    let answer = admin.submit("/admin/integrity", "verify", &[]).await;
    assert!(answer.location().starts_with("/admin/integrity?asked="));
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("Every rule is kept."), "{}", page.body);
    assert!(!page.body.contains("has not ended"), "{}", page.body);
    app.sql("update integrity_checks set checked_at = now() - interval '4 hours 1 minute'")
        .await;
    let page = admin.get("/admin/integrity").await;
    assert!(
        page.body.contains("The last check is 4 hours old."),
        "{}",
        page.body
    );

    app.sql("update appointments set status = 'in_progress'").await;
    let reference: String = sqlx::query_scalar("select reference from appointments")
        .fetch_one(&mut *app.spare().await)
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
