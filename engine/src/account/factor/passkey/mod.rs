//! Passkeys (WebAuthn): keys in a phone, a computer or a stick, which prove who somebody is to this site and to no other.
//!
//! What an authenticator was asked is kept on the server, for some minutes and one answer. It belongs to the host of the
//! public URL: at another host, the passkeys of this one are good for nothing.

mod own;
mod prove;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{Passkey, Url, Webauthn, WebauthnBuilder};

pub use self::{
    own::{MAX_NAME, OwnPasskey, add, begin_adding, list, remove},
    prove::{answer, begin, begin_answer, confirm},
};
use super::challenge;
use crate::{
    account::{link::PublicUrl, session::random_token},
    database::Database,
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

/// The time in which an authenticator answers, in minutes.
const LIFETIME_MINUTES: i64 = 5;

/// The longest answer of an authenticator, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What an authenticator is asked.
#[derive(Clone)]
pub struct Asked {
    /// What the browser's session keeps, and shows with the answer.
    pub token: String,
    /// The options for the browser, as JSON.
    pub options: String,
}

/// Hides the token.
impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asked(…)")
    }
}

/// The side of the site, at the host of its public URL.
fn webauthn(site: &PublicUrl) -> Result<Webauthn, AppError> {
    let origin = Url::parse(site.as_str()).map_err(|_| AppError::Internal)?;
    WebauthnBuilder::new(site.host(), &origin)
        .map(|builder| builder.rp_name("Janji"))
        .and_then(WebauthnBuilder::build)
        .map_err(|error| {
            tracing::warn!(%error, "there are no passkeys at this public URL: it needs the name of a host");
            AppError::NotFound
        })
}

/// Whether there can be passkeys at this address: they belong to the name of a host, and not to a number.
pub fn is_possible_at(site: &PublicUrl) -> bool {
    webauthn(site).is_ok()
}

/// Reads what the browser brought from an authenticator.
fn read<T: DeserializeOwned>(answer: &str) -> Result<T, AppError> {
    let malformed = AppError::invalid(Field::Body, FieldProblem::Malformed);
    if answer.len() > MAX_ANSWER {
        return Err(malformed);
    }
    serde_json::from_str(answer).map_err(|_| malformed)
}

fn json(value: &impl Serialize) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(value).map_err(|_| AppError::Internal)
}

/// The passkeys of somebody, with their keys.
async fn keys(database: &Database, staff_id: i64) -> Result<Vec<Passkey>, AppError> {
    let rows = database
        .read("passkey.keys", move |mut connection| async move {
            let rows = sqlx::query_scalar!(
                "select passkey from passkeys where staff_id = $1 order by id",
                staff_id
            );
            Ok(rows.fetch_all(&mut *connection).await?)
        })
        .await?;
    rows.into_iter()
        .map(|row| serde_json::from_value(row).map_err(|_| AppError::Internal))
        .collect()
}

/// Keeps what an authenticator was asked.
async fn keep(
    database: &Database,
    staff_id: i64,
    state: serde_json::Value,
    now: Timestamp,
) -> Result<String, AppError> {
    let token = random_token();
    let hash = challenge::hash(&token);
    database
        .write("passkey.ask", move |mut tx| {
            let (hash, state) = (hash.clone(), state.clone());
            async move {
                sqlx::query!(
                    "insert into factor_challenges (hash, staff_id, purpose, state, made_at, expires_at)
                     values ($1, $2, 'passkey', $3, $4, $5)",
                    &hash,
                    staff_id,
                    state,
                    now.to_sqlx(),
                    plus_minutes(now, LIFETIME_MINUTES).to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await?;
    Ok(token)
}

/// Takes what an authenticator was asked: of several who answer at once, one. It is used up whatever the answer is.
async fn take<T: DeserializeOwned>(
    database: &Database,
    staff_id: i64,
    token: &str,
    now: Timestamp,
) -> Result<T, AppError> {
    let hash = challenge::hash(token);
    let state = database
        .write("passkey.take", move |mut tx| {
            let hash = hash.clone();
            async move {
                let state = sqlx::query_scalar!(
                    "delete from factor_challenges
                     where hash = $1 and staff_id = $2 and purpose = 'passkey' and expires_at > $3
                     returning state",
                    &hash,
                    staff_id,
                    now.to_sqlx(),
                )
                .fetch_optional(&mut *tx)
                .await?
                .flatten();
                tx.commit().await?;
                Ok(state)
            }
        })
        .await?
        .ok_or(AppError::WrongCode)?;
    // What was asked for another purpose is no answer to this one.
    serde_json::from_value(state).map_err(|_| AppError::WrongCode)
}
