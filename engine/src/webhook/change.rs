//! Changing what a webhook is told, and where.

use jiff::Timestamp;

use super::{
    make::{NO_CLINIC, NO_DOCTOR},
    owner::lock,
    wishes::Wishes,
};
use crate::{
    account::{Caller, note_by},
    audit::{self, Kind},
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
    idempotency::{self, Key},
    organisation::Saved,
};

/// The command to change a webhook.
#[derive(Clone, Debug)]
pub struct ChangeWebhook {
    pub caller: Caller,
    pub id: i64,
    /// The version that the caller has read (C7).
    pub version: i32,
    pub wishes: Wishes,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Changes a webhook. What waits for it already is posted to the new address, and told as it was when it happened.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else; `STALE_VERSION` where somebody changed it since the caller read it;
/// `VALIDATION_FAILED`, also where it has ended; `IDEMPOTENCY_CONFLICT`.
pub async fn change(database: &Database, command: ChangeWebhook, now: Timestamp) -> Result<Saved, AppError> {
    let note = note_by(&command.caller, Kind::WebhookChanged).about("changed");
    let told = note.clone();
    let (saved, is_new) = database
        .write("webhook.change", move |tx| {
            attempt(tx, command.clone(), note.clone(), now)
        })
        .await?;
    if is_new {
        audit::tell(database, &told);
    }
    Ok(saved)
}

async fn attempt(
    mut tx: Tx,
    command: ChangeWebhook,
    note: audit::Note,
    now: Timestamp,
) -> Result<(Saved, bool), Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok((first, false));
    }
    let webhook = lock(&mut tx, &command.caller, command.id).await?;
    webhook.must_not_have_ended()?;
    command.wishes.must_be_for(&command.caller)?;
    if webhook.version != command.version {
        return Err(AppError::StaleOrganisation.into());
    }
    let wishes = &command.wishes;
    let saved = Saved {
        id: command.id,
        version: command.version + 1,
    };
    // Another address may well be there: it is not left alone for what the one before did.
    sqlx::query!(
        "update webhooks
         set url = $2, description = $3, events = $4, doctor_id = $5, clinic_id = $6, with_details = $7, version = $8,
             failures = case when url = $2 then failures else 0 end,
             rest_until = case when url = $2 then rest_until end
         where id = $1",
        command.id,
        wishes.target.as_str(),
        wishes.description,
        &wishes.events(),
        wishes.doctor_id,
        wishes.clinic_id,
        wishes.with_details,
        saved.version,
    )
    .execute(&mut *tx)
    .await
    .on_constraint("webhooks_doctor_id_fkey", NO_DOCTOR)
    .on_constraint("webhooks_clinic_id_fkey", NO_CLINIC)?;
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key, &saved, &[]).await?;
    tx.commit().await?;
    Ok((saved, true))
}
