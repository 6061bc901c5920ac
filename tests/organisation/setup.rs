//! A new installation, which leads on to what is still missing.

use crate::support::{PASSWORD, TestApp};
use engine::{
    account::{Role, put_staff},
    organisation::setup,
};

/// Leaves nobody and nothing to book.
async fn emptied() -> TestApp {
    let app = TestApp::new().await;
    for table in ["offers", "working_hours", "doctors", "services", "clinics"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("truncate {table} cascade")))
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
    }
    put_staff(
        &app.database,
        Role::Admin,
        "First".to_owned(),
        "first@test.example".to_owned(),
        PASSWORD.to_owned(),
    )
    .await
    .unwrap();
    app
}

#[tokio::test]
async fn the_board_of_an_empty_installation_leads_to_a_clinic() {
    let app = emptied().await;
    assert!(!setup(&app.database).await.unwrap().is_complete());
    let site = app.serve().await;
    let board = site.staff("first@test.example").await.get("/admin").await.body;
    assert!(board.contains("First steps"), "{board}");
    assert!(board.contains(r#"href="/admin/clinics/new""#), "{board}");
    assert!(board.contains("A way to phones"), "{board}");
    // The name is a step, too, and nothing waits for it.
    assert!(board.contains("Your name"), "{board}");
    assert!(!setup(&app.database).await.unwrap().has_name);
}

#[tokio::test]
async fn the_start_page_of_an_empty_installation_does_not_ask_for_other_words() {
    let app = emptied().await;
    let page = app.serve().await.visitor().get("/").await.body;
    assert!(page.contains("Nothing can be booked here yet"), "{page}");
    assert!(!page.contains("Try fewer words"), "{page}");
}

#[tokio::test]
async fn an_installation_with_times_to_book_is_set_up() {
    let app = TestApp::new().await;
    assert!(setup(&app.database).await.unwrap().is_complete());
}
