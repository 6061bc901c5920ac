//! Reports have connections of their own number, and nobody who books waits for them.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::support::{TestApp, VISIT};

#[tokio::test]
async fn reports_have_one_connection_of_sixteen_and_bookings_the_others() {
    let settings = engine::database::Settings {
        pool_size: 32,
        ..crate::support::settings()
    };
    let app = TestApp::with(settings).await;
    let (begun, mut beginnings) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let reports: Vec<_> = (0..20)
        .map(|_| {
            let (database, begun, gate) = (app.database.clone(), begun.clone(), gate.clone());
            tokio::spawn(async move {
                database
                    .report("test.report", move |tx| async move {
                        let _ = begun.send(());
                        let _open = gate.acquire().await;
                        drop(tx);
                        Ok(())
                    })
                    .await
            })
        })
        .collect();
    beginnings.recv().await;
    beginnings.recv().await;
    // All others wait for a place; whoever books does not.
    let patient = app.patient(1).await;
    app.requested(patient, app.wanted(0, VISIT, app.slot(1))).await;
    assert!(beginnings.try_recv().is_err());
    gate.add_permits(20);
    for report in reports {
        report.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_report_cannot_write() {
    let app = TestApp::new().await;
    let written = app
        .database
        .report("test.report", |mut tx| async move {
            sqlx::query("delete from offers").execute(&mut *tx).await?;
            tx.commit().await
        })
        .await;
    assert!(written.is_err());
    assert!(app.count("select count(*) from offers").await > 0);
}
