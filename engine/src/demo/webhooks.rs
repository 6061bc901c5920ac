//! A webhook that was paused after its receiver broke: the demo tells nobody anything, and shows what one would see.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;

use crate::{
    account::secret::hex,
    database::{Failure, Tx},
};

/// Adds the webhook, and what it was told of the latest confirmations.
///
/// # Errors
/// Those of the database.
pub(super) async fn insert(tx: &mut Tx, admin: i64, now: Timestamp) -> Result<(), Failure> {
    // As a secret is kept that no key seals.
    let secret = format!("0:{}", hex(&rand::rng().random::<[u8; 32]>()));
    let id = sqlx::query_scalar!(
        "insert into webhooks (staff_id, url, description, events, language, state, because, secret, made_at, failures)
         values ($1, 'https://hooks.example.com/janji', 'Billing of the clinic',
                 array['appointment.confirmed', 'appointment.cancelled'], 'en', 'paused', 'by_hand', $2, $3, 2)
         returning id",
        admin,
        secret,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into webhook_deliveries
             (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at, state,
              due_at, attempts, first_tried_at, tried_at, trouble, answer_status, answer, took_ms, ended_at)
         select $1, 'appointment.confirmed', appointments.id, changes.version, 'confirmed', doctor_id, clinic_id, starts_at,
                ends_at, changed_at, case when failed then 'failed' else 'delivered' end, changed_at, 1, changed_at, changed_at,
                case when failed then 'refused' else '' end, case when failed then 503 else 204 end,
                case when failed then 'The cash desk is closed.' else '' end, 140, changed_at
         from (select appointment_changes.*, row_number() over (order by changed_at desc, id desc) <= 2 as failed
               from appointment_changes where to_status = 'confirmed' and from_starts_at is null
               order by changed_at desc, id desc limit 6) as changes
         join appointments on appointments.id = changes.appointment_id
         order by changed_at, changes.id",
        id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
