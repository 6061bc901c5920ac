//! The ledger of who was erased, and applying it again to a database that was restored from before.

use std::io::Read;

use super::{
    database::{Tables, must_be_there, with_database},
    failure::Failure,
};
use engine::{database::Database, error::AppError, privacy};
use janji::server::Config;

/// The ledger as lines, to be kept beside the backups.
pub(super) async fn ledger(config: Config) -> Result<String, Failure> {
    must_be_there(&config)?;
    with_database(config, Tables::UpToDate, |database| async move {
        Ok(privacy::to_text(&privacy::ledger(&database).await?))
    })
    .await
}

/// Applies a ledger from standard input again, and says what it has done.
pub(super) async fn erase_again(config: Config) -> Result<String, Failure> {
    must_be_there(&config)?;
    with_database(config, Tables::UpToDate, |database| async move {
        again(&database).await
    })
    .await
}

async fn again(database: &Database) -> Result<String, AppError> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|_| AppError::Internal)?;
    let entries = privacy::of_text(&text)?;
    let all = entries.len();
    let closed = privacy::replay(database, entries, database.now()).await?;
    Ok(format!(
        "{closed} of {all} records were closed again, and are erased when the server runs; the others were erased or are not there."
    ))
}
