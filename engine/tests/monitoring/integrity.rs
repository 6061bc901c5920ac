//! Checks of the whole database, of which one runs at a time.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;
use engine::monitoring::integrity::Integrity;

#[sqlx::test]
async fn many_requests_for_a_check_at_once_share_few_runs(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let integrity = Integrity::default();
    let asking = (0..20)
        .map(|_| {
            let (integrity, database) = (integrity.clone(), app.database.clone());
            async move { integrity.check(&database).await.map(|report| report.is_sound()) }
        })
        .collect();
    assert_eq!(app.race(asking).await, vec![Ok(true); 20]);
    let text = app.database.statistics().render();
    let checks = text
        .lines()
        .find_map(|line| line.strip_prefix("janji_integrity_checks_total "))
        .and_then(|count| count.parse::<u32>().ok());
    assert!(checks.is_some_and(|checks| checks <= 3), "{checks:?}");
}
