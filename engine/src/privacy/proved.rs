//! Proving anew who a patient is, before a copy of their data is made or they are erased.

use jiff::Timestamp;

use crate::{account::otp, database::Database, error::AppError};

/// Checks a code that was sent to the phone of a patient just now.
///
/// # Errors
/// `UNAUTHENTICATED` for a wrong code, and one that was sent to somebody else; `RATE_LIMITED`, `SIGN_IN_GUARDED`.
pub async fn prove(
    database: &Database,
    patient_id: i64,
    (challenge, code): (&str, &str),
    now: Timestamp,
) -> Result<(), AppError> {
    match otp::verify(database, challenge, code, now).await? == patient_id {
        true => Ok(()),
        false => Err(AppError::WrongCode),
    }
}

/// The phone of a patient who holds one, to send a code to.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn phone_of(database: &Database, patient_id: i64) -> Result<String, AppError> {
    database
        .read("privacy.phone", move |mut connection| async move {
            let phone = sqlx::query_scalar!(
                "select phone from patients where id = $1 and holder_id is null and active",
                patient_id
            );
            Ok(phone
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?)
        })
        .await
}
