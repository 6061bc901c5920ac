//! Demo data.
use crate::{database::Database, error::AppError};
/// The password of everybody in the demo.
pub const PASSWORD: &str = "janji-demo";
/// # Errors
/// Those of the database.
pub async fn seed(_database: &Database) -> Result<(), AppError> { Ok(()) }
