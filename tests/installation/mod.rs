//! Backups and restored copies as people see them.

use crate::support::TestApp;

const PAGE: &str = "/admin/backups";

const PAUSE: &str = "update installation set paused_since = now(), restored_from = now() - interval '1 day'";

#[tokio::test]
async fn staff_of_a_paused_copy_are_told_and_an_admin_releases_it() {
    let app = TestApp::new().await;
    app.sql(PAUSE).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = admin.get("/admin").await;
    assert!(page.body.contains("Nothing leaves it"), "{}", page.body);
    assert!(doctor.get("/doctor").await.body.contains("Nothing leaves it"));
    assert!(!site.visitor().get("/").await.body.contains("Nothing leaves it"));

    let page = admin.get(PAGE).await;
    assert_eq!(page.status, 200);
    let answer = admin.submit(PAGE, "release-copy", &[("waiting", "drop")]).await;
    assert_eq!(answer.location(), "/admin/backups?done=released");
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("leave again"), "{}", page.body);
    assert!(page.form("release-copy").is_empty());
    assert!(!page.body.contains("Nothing leaves it"));
    assert_eq!(
        app.count(
            "select count(*) from security_notes where kind = 'copy_released' and by_staff_id is not null"
        )
        .await,
        1
    );
    // Somebody whose page is older is told.
    let answer = admin.call("release-copy", &[("waiting", "send")]).await;
    assert_eq!(answer.location(), "/admin/backups?done=late");
}

#[tokio::test]
async fn the_last_backup_is_shown_and_one_that_failed_is_said() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    assert!(admin.get(PAGE).await.body.contains("There is no backup yet"));
    app.sql(
        "insert into backups (began_at, ended_at, name, bytes, rows)
         values (now() - interval '1 hour', now() - interval '1 hour', 'daily-one.sql.gz', 1234567, 4321)",
    )
    .await;
    let page = admin.get(PAGE).await;
    for shown in ["daily-one.sql.gz", "2 MB", "4,321 rows"] {
        assert!(
            page.body.replace("4321", "4,321").contains(shown),
            "{shown}: {}",
            page.body
        );
    }
    app.sql("insert into backups (began_at, ended_at) values (now(), now())")
        .await;
    assert!(admin.get(PAGE).await.body.contains("The last backup failed"));
}

#[tokio::test]
async fn nobody_but_an_admin_of_all_releases_a_copy() {
    let app = TestApp::new().await;
    app.sql(PAUSE).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    doctor.call("release-copy", &[("waiting", "drop")]).await;
    site.visitor().call("release-copy", &[("waiting", "drop")]).await;
    assert_eq!(
        app.count("select count(*) from installation where paused_since is not null")
            .await,
        1
    );
}
