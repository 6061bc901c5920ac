//! The ledger of who was erased, and applying it again to a database that was restored from before.

use std::io::Read;

use engine::{database::Database, error::AppError, privacy};

/// The ledger as lines, to be kept beside the backups.
pub(super) async fn ledger(database: &Database) -> Result<String, AppError> {
    Ok(privacy::to_text(&privacy::ledger(database).await?))
}

/// Applies a ledger from standard input again, and says what it has done.
pub(super) async fn again(database: &Database) -> Result<String, AppError> {
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
