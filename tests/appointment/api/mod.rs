//! Appointments by the API.

mod change;
mod list;
mod sorted;
mod version;

use crate::support::TestApp;

async fn ids(app: &TestApp, reference: &str) -> i64 {
    sqlx::query_scalar("select id from appointments where reference = $1")
        .bind(reference)
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap()
}
