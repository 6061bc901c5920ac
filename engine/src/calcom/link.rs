//! Linking an account at Cal.com.

use jiff::Timestamp;

use super::hook::{HookSecret, put};
use crate::{
    account::{Caller, email_address, factor::seal::SecretKey},
    caldav::{self, Choice, Kind, LinkAccount, Offered, Password},
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    webhook::Target,
};

/// The command to link an account that was asked for its kind of bookings.
#[derive(Clone, Debug)]
pub struct LinkCalCom {
    pub caller: Caller,
    pub target: Target,
    /// The address to which Cal.com writes about what we book: the doctor's, and never a patient's.
    pub email: String,
    pub api_key: Password,
    /// The kind of bookings that appointments become.
    pub event_type: Offered,
    /// The secret by which what is posted to us is signed; without it, that of before. Where there is none, nothing that is posted is
    /// heard.
    pub hook_secret: Option<HookSecret>,
    pub language: Locale,
    /// The key of this installation, which seals both secrets.
    pub secret_key: Option<SecretKey>,
}

/// Links the account of a doctor, or brings the one that there is up to date: appointments become bookings there, and all bookings
/// there are busy times here. Answers with its id. A second request changes nothing; one that broke off is completed by it.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors; `VALIDATION_FAILED`, also where the installation has no key.
pub async fn link(database: &Database, command: LinkCalCom, now: Timestamp) -> Result<i64, AppError> {
    let email = email_address(&command.email)?;
    let href = command.event_type.href.clone();
    let account = LinkAccount {
        caller: command.caller.clone(),
        kind: Kind::CalCom,
        target: command.target,
        username: email,
        password: command.api_key,
        offered: vec![command.event_type],
        language: command.language,
        secret_key: command.secret_key.clone(),
    };
    let account_id = caldav::link(database, account, now).await?;
    let (secret, key) = (command.hook_secret, command.secret_key);
    let collection_id = database
        .write("calcom.put_hook", move |tx| {
            attempt(tx, account_id, href.clone(), secret.clone(), key.clone())
        })
        .await?;
    let choice = Choice {
        caller: command.caller,
        account_id,
        written: Some(collection_id),
        busy: vec![collection_id],
        details: false,
    };
    caldav::choose(database, choice, now).await?;
    Ok(account_id)
}

/// Puts the secret in place, and finds the calendar that stands for the kind of bookings.
async fn attempt(
    mut tx: Tx,
    account_id: i64,
    href: String,
    secret: Option<HookSecret>,
    key: Option<SecretKey>,
) -> Result<i64, Failure> {
    let collection_id = sqlx::query_scalar!(
        "select id from calendar_collections where account_id = $1 and href = $2",
        account_id,
        href,
    );
    // It was unlinked in between.
    let collection_id = collection_id
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(AppError::NotFound)?;
    put(&mut tx, account_id, secret.as_ref(), key.as_ref()).await?;
    tx.commit().await?;
    Ok(collection_id)
}
