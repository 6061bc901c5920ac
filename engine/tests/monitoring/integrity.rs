//! Checks of the whole database, of which one runs at a time.

use crate::support::TestApp;
use engine::{
    appointment::integrity::HISTORY_END,
    monitoring::integrity::{Integrity, overdue_by},
};

#[tokio::test]
async fn many_requests_for_a_check_at_once_share_few_runs() {
    let app = TestApp::crowded().await;
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

impl TestApp {
    fn checks(&self) -> Option<u32> {
        let text = self.database.statistics().render();
        text.lines()
            .find_map(|line| line.strip_prefix("janji_integrity_checks_total "))
            .and_then(|count| count.parse().ok())
    }
}

#[tokio::test]
async fn servers_share_their_checks_and_what_they_found() {
    let app = TestApp::crowded().await;
    let servers: Vec<Integrity> = (0..4).map(|_| Integrity::default()).collect();
    assert!(servers[0].latest(&app.database).await.unwrap().is_none());
    let patients = app.patients(1).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    app.sql("update appointments set status = 'in_progress'").await;
    let asking = (0..20)
        .map(|number| {
            let (integrity, database) = (servers[number % 4].clone(), app.database.clone());
            async move { integrity.check(&database).await.map(|report| report.is_sound()) }
        })
        .collect();
    assert_eq!(app.race(asking).await, vec![Ok(false); 20]);
    let checks = app.checks();
    assert!(checks.is_some_and(|checks| checks <= 8), "{checks:?}");
    let last = Integrity::default().latest(&app.database).await.unwrap().unwrap();
    assert_eq!(last.appointments, 1);
    let broken: Vec<_> = last.broken().collect();
    assert_eq!(broken.len(), 1);
    assert_eq!((broken[0].rule, broken[0].total), (HISTORY_END, 1));
    assert!(
        broken[0].rows[0].starts_with("appointment "),
        "{:?}",
        broken[0].rows
    );
}

#[tokio::test]
async fn a_check_is_made_when_it_is_due_and_no_other_server_is_at_it() {
    let app = TestApp::new().await;
    let integrity = Integrity::default();
    let latest = async || {
        let report = integrity.latest(&app.database).await.unwrap();
        report.map(|report| report.checked_at)
    };
    // The lock of another server.
    let mut other = app.connection().await;
    sqlx::raw_sql("select pg_advisory_lock(7665529444070616939)")
        .execute(&mut other)
        .await
        .unwrap();
    integrity.check_if_due(&app.database).await.unwrap();
    assert_eq!(latest().await, None);
    sqlx::raw_sql("select pg_advisory_unlock(7665529444070616939)")
        .execute(&mut other)
        .await
        .unwrap();
    integrity.check_if_due(&app.database).await.unwrap();
    let first = latest().await;
    assert!(first.is_some());
    integrity.check_if_due(&app.database).await.unwrap();
    assert_eq!(latest().await, first);
    app.sql("update integrity_checks set checked_at = checked_at - interval '61 minutes'")
        .await;
    integrity.check_if_due(&app.database).await.unwrap();
    assert!(latest().await > first);
}

#[tokio::test]
async fn a_check_is_missed_after_three_hours() {
    let app = TestApp::new().await;
    let overdue = async || {
        let overdue = overdue_by(&app.database, app.database.now()).await.unwrap();
        overdue.map(|age| age.as_hours())
    };
    app.database.read_clock().await.unwrap();
    app.sql("update integrity_checks set awaited_since = now()").await;
    assert_eq!(overdue().await, None);
    app.sql("update integrity_checks set awaited_since = now() - interval '5 hours 1 minute'")
        .await;
    assert_eq!(overdue().await, Some(5));
    Integrity::default().check(&app.database).await.unwrap();
    assert_eq!(overdue().await, None);
    app.sql("update integrity_checks set checked_at = now() - interval '2 hours 50 minutes'")
        .await;
    assert_eq!(overdue().await, None);
    app.sql("update integrity_checks set checked_at = now() - interval '3 hours 10 minutes'")
        .await;
    assert_eq!(overdue().await, Some(3));
}
