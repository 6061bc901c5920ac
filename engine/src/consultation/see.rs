//! Noting that messages were shown.

use super::{Side, must_be_by, side_of};
use crate::{
    account::Caller,
    appointment::{AppointmentName, peek},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
};

/// Notes that a caller has been shown the thread of an appointment up to a message. It can be repeated, and never goes back.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's two people, and where it is no text consultation.
pub async fn see(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    position: i32,
) -> Result<(), AppError> {
    database
        .write("consultation.see", move |tx| {
            attempt(tx, caller.clone(), which.clone(), position)
        })
        .await
}

async fn attempt(mut tx: Tx, caller: Caller, which: AppointmentName, position: i32) -> Result<(), Failure> {
    let appointment = peek(&mut tx, &which).await?;
    let side = side_of(&appointment, &caller)?;
    must_be_by(&mut tx, "text", appointment.id).await?;
    let seen = match side {
        Side::Patient => {
            let seen = sqlx::query!(
                "update consultations set patient_read_to = least($2, last_position)
                 where appointment_id = $1 and patient_read_to < least($2, last_position)",
                appointment.id,
                position,
            );
            locking(Lock::Consultation, seen.execute(&mut *tx)).await?
        }
        Side::Doctor => {
            let seen = sqlx::query!(
                "update consultations set doctor_read_to = least($2, last_position)
                 where appointment_id = $1 and doctor_read_to < least($2, last_position)",
                appointment.id,
                position,
            );
            locking(Lock::Consultation, seen.execute(&mut *tx)).await?
        }
    };
    if seen.rows_affected() > 0 {
        tx.tell(Event::ConsultationSeen {
            appointment_id: appointment.id,
        });
        tx.commit().await?;
    }
    Ok(())
}
