//! Reading everything as it was at one moment.

use std::time::Duration;

use sqlx::Executor;

use crate::support::TestApp;
use engine::error::AppError;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_snapshot_cannot_write() {
    let app = TestApp::new().await;
    let result: Result<(), AppError> = app
        .database
        .snapshot("test.snapshot", PATIENCE, |mut tx| async move {
            (&mut *tx).execute("update doctors set name = 'x'").await?;
            Ok(())
        })
        .await;
    assert_eq!(result, Err(AppError::Internal));
}
