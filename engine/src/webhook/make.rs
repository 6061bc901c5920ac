//! Making a webhook.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    owner::{staff_id, whose},
    secret::SigningSecret,
    tell::TELL_MINUTES,
    wishes::Wishes,
};
use crate::{
    account::{Caller, factor::seal::SecretKey, note_by, secret::Holder},
    audit::{self, Kind},
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    idempotency::{self, Key},
    organisation::Saved,
    time::plus_minutes,
};

/// The number of webhooks of one account that have not ended.
pub const MAX_WEBHOOKS: i64 = 20;

/// The command to make a webhook.
#[derive(Clone, Debug)]
pub struct MakeWebhook {
    pub caller: Caller,
    pub wishes: Wishes,
    /// The language in which its owner is told what became of it.
    pub language: Locale,
    /// The browser in which [`tell`](super::tell) shows the secret.
    pub browser: Option<Holder>,
    /// The key of this installation, which seals the secret.
    pub secret_key: Option<SecretKey>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Makes a webhook, and answers with its secret: it is told here and by [`tell`](super::tell), and nowhere else. Where the same
/// request has made it before, it is known and no longer told.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors and admins of all clinics; `VALIDATION_FAILED` for who has too many, and for a doctor
/// or a clinic that is not there or not theirs; `UNAUTHENTICATED` for who is no longer active; `IDEMPOTENCY_CONFLICT`.
pub async fn make(
    database: &Database,
    command: MakeWebhook,
    now: Timestamp,
) -> Result<(Saved, Option<SigningSecret>), AppError> {
    whose(&command.caller)?;
    command.wishes.must_be_for(&command.caller)?;
    let secret = SigningSecret::random();
    let owner = staff_id(&command.caller)?;
    let sealed = secret.seal(command.secret_key.as_ref(), owner)?;
    let note = note_by(&command.caller, Kind::WebhookChanged).about("made");
    let told = note.clone();
    let (saved, is_new) = database
        .write("webhook.make", move |tx| {
            let (command, sealed, note) = (command.clone(), sealed.clone(), note.clone());
            attempt(tx, command, owner, sealed, note, now)
        })
        .await?;
    if is_new {
        audit::tell(database, &told);
    }
    Ok((saved, is_new.then_some(secret)))
}

async fn attempt(
    mut tx: Tx,
    command: MakeWebhook,
    owner: i64,
    sealed: String,
    note: audit::Note,
    now: Timestamp,
) -> Result<(Saved, bool), Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok((first, false));
    }
    must_have_room(&mut tx, owner).await?;
    let Wishes {
        target,
        description,
        doctor_id,
        clinic_id,
        with_details,
        ..
    } = &command.wishes;
    let browser = command.browser.as_ref().map(Holder::digest);
    let tell_until = browser.as_ref().map(|_| plus_minutes(now, TELL_MINUTES));
    let id = sqlx::query_scalar!(
        "insert into webhooks
             (staff_id, url, description, events, doctor_id, clinic_id, with_details, language, secret, told_to, tell_until,
              made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id",
        owner,
        target.as_str(),
        description,
        &command.wishes.events(),
        *doctor_id,
        *clinic_id,
        *with_details,
        command.language.code(),
        sealed,
        browser,
        tell_until.map(ToSqlx::to_sqlx) as _,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("webhooks_doctor_id_fkey", NO_DOCTOR)
    .on_constraint("webhooks_clinic_id_fkey", NO_CLINIC)?;
    let saved = Saved { id, version: 1 };
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key, &saved, &[]).await?;
    tx.commit().await?;
    Ok((saved, true))
}

pub(super) const NO_DOCTOR: AppError = AppError::ValidationFailed {
    field: Field::Doctor,
    problem: FieldProblem::Malformed,
};
pub(super) const NO_CLINIC: AppError = AppError::ValidationFailed {
    field: Field::Clinic,
    problem: FieldProblem::Malformed,
};

/// Locks the owner, so that concurrent calls for one owner count one after the other, and refuses one webhook too many.
async fn must_have_room(tx: &mut Tx, owner: i64) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from staff where id = $1 and active for no key update",
        owner
    );
    let locked = locking(Lock::Account, locked.fetch_optional(&mut **tx)).await?;
    locked.ok_or(AppError::Unauthenticated)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from webhooks where staff_id = $1 and state <> 'ended'"#,
        owner,
    );
    match count.fetch_one(&mut **tx).await? < MAX_WEBHOOKS {
        true => Ok(()),
        false => Err(AppError::invalid(Field::Webhooks, FieldProblem::TooMany).into()),
    }
}
