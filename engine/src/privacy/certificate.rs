//! What became of an erasure, for whoever has its certificate: it says nothing of the person.

use jiff::{Timestamp, civil::Date};

use crate::{database::Database, error::AppError};

/// The state of an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub certificate: String,
    pub requested_at: Timestamp,
    /// `None` while it is under way.
    pub erased_at: Option<Timestamp>,
    /// Records of care that stay without a name, and until when.
    pub kept: i32,
    pub kept_until: Option<Date>,
}

/// Finds an erasure by its certificate.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn certificate(database: &Database, certificate: String) -> Result<Certificate, AppError> {
    database
        .read("privacy.certificate", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select requested_at as "requested_at: jiff_sqlx::Timestamp",
                          erased_at as "erased_at: jiff_sqlx::Timestamp", kept,
                          kept_until as "kept_until: jiff_sqlx::Date"
                   from erasures where certificate = $1"#,
                certificate,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok(Certificate {
                certificate,
                requested_at: row.requested_at.to_jiff(),
                erased_at: row.erased_at.map(jiff_sqlx::Timestamp::to_jiff),
                kept: row.kept,
                kept_until: row.kept_until.map(jiff_sqlx::Date::to_jiff),
            })
        })
        .await
}
