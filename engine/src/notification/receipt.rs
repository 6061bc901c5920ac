//! Receipts: what a provider says later about a message that it took.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{kind::Trouble, stops};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// A receipt that is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The name that the provider gave the message.
    pub provider_id: String,
    /// `Ok` where it arrived.
    pub arrived: Result<(), Trouble>,
}

/// Writes down what a provider says, and answers whether it is about a message that is known. A receipt that comes again
/// changes nothing, and what has arrived has arrived whatever is said later.
///
/// # Errors
/// Those of the database.
pub async fn take_receipt(database: &Database, receipt: Receipt, now: Timestamp) -> Result<bool, AppError> {
    database
        .write("messages.receipt", move |tx| attempt(tx, receipt.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, receipt: Receipt, now: Timestamp) -> Result<bool, Failure> {
    let known = sqlx::query!(
        "select id, recipient, state from messages where provider_id = $1 for update",
        receipt.provider_id
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(message) = known else {
        return Ok(false);
    };
    match receipt.arrived {
        // A phone that was off has it after all.
        Ok(()) if message.state == "sent" || message.state == "failed" => {
            sqlx::query!(
                "update messages set state = 'delivered', delivered_at = $2, last_error = '' where id = $1",
                message.id,
                now.to_sqlx(),
            )
            .execute(&mut *tx)
            .await?;
        }
        Err(trouble) if message.state == "sent" => {
            sqlx::query!(
                "update messages set state = 'failed', last_error = $2 where id = $1",
                message.id,
                trouble.as_str(),
            )
            .execute(&mut *tx)
            .await?;
            if matches!(trouble, Trouble::OptedOut | Trouble::NoSuchRecipient) {
                stops::count(&mut tx, &message.recipient, trouble, now).await?;
            }
        }
        _ => return Ok(true),
    }
    tx.commit().await?;
    Ok(true)
}
