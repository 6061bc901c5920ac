//! A patient's new phone number: proved by a code that was sent to it, and told to the old one.

use jiff::Timestamp;

use super::{mail, otp, own_sessions::end_all_but, session::SignedIn};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Lock, OnConstraint, locking},
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
};

/// Gives the holder of a phone, and all who share it, the number that this code was sent to. The old number is told, and all
/// other sessions end.
///
/// # Errors
/// `UNAUTHENTICATED` for a wrong code, which counts; `VALIDATION_FAILED` where somebody else has the number: the clinic puts
/// that right; `RATE_LIMITED`.
pub async fn change_phone(
    database: &Database,
    (patient_id, own_session): (i64, Option<Vec<u8>>),
    (challenge, code): (&str, &str),
    texts: Texts,
    now: Timestamp,
) -> Result<(), AppError> {
    let checked = otp::check(database, challenge, code, now).await?;
    let note = Note::new(Kind::FactorChanged)
        .by_patient(patient_id)
        .of_patient(patient_id)
        .about("phone changed");
    let told = note.clone();
    let is_another = database
        .write("phone.change", move |mut tx| {
            let (checked, note, own_session) = (checked.clone(), note.clone(), own_session.clone());
            async move {
                let proved = otp::use_up(&mut tx, &checked, now).await?;
                // Those who share it follow by themselves.
                let old = sqlx::query_scalar!(
                    "select phone from patients where id = $1 and holder_id is null and active for update",
                    patient_id
                );
                let old = locking(Lock::Patient, old.fetch_optional(&mut *tx))
                    .await?
                    .ok_or(AppError::NotFound)?;
                if old == proved.phone {
                    tx.commit().await?;
                    return Ok(false);
                }
                sqlx::query!(
                    "update patients set phone = $2, phone_is_read = true where id = $1",
                    patient_id,
                    proved.phone,
                )
                .execute(&mut *tx)
                .await
                .on_constraint(
                    "patients_holder_phone_key",
                    AppError::invalid(Field::Phone, FieldProblem::Taken),
                )?;
                let text = texts.text("sms-phone-changed");
                mail::tell_phone(&mut tx, (patient_id, &old), (texts.locale(), &text), now).await?;
                end_all_but(&mut tx, SignedIn::Patient(patient_id), own_session, now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await?;
                Ok(true)
            }
        })
        .await?;
    if is_another {
        audit::tell(database, &told);
    }
    Ok(())
}
