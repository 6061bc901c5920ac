//! Passkeys (WebAuthn): keys in a phone, a computer or a stick, which prove who somebody is to this site and to no other.
//!
//! What an authenticator was asked is kept on the server, for some minutes and one answer. It belongs to the host of the
//! public URL: at another host, the passkeys of this one are good for nothing.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use serde::{Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};

use super::{
    Policy, challenge,
    challenge::{Answered, end_enrolling, signing_in, use_up},
    end_removal, noted,
    recovery::{self, Codes},
};
use crate::{
    account::{
        access::lock_staff,
        link::PublicUrl,
        own_sessions::end_all_but,
        required,
        session::{SignedIn, random_token},
    },
    audit::{self, Kind, Note},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

/// The time in which an authenticator answers, in minutes.
const LIFETIME_MINUTES: i64 = 5;
/// The length of the name of a passkey, in characters.
pub const MAX_NAME: usize = 60;
/// The passkeys that somebody may have.
const MAX_PASSKEYS: usize = 20;
/// The longest answer of an authenticator, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnPasskey {
    pub id: i64,
    pub name: String,
    pub made_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

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

/// Lists the passkeys of somebody.
///
/// # Errors
/// Those of the database.
pub async fn list(database: &Database, staff_id: i64) -> Result<Vec<OwnPasskey>, AppError> {
    database
        .read("passkey.list", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select id, name, made_at, last_used_at as "last_used_at?: jiff_sqlx::Timestamp"
                   from passkeys where staff_id = $1 order by id"#,
                staff_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| OwnPasskey {
                    id: row.id,
                    name: row.name,
                    made_at: row.made_at.to_jiff(),
                    last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
                })
                .collect())
        })
        .await
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

/// Asks an authenticator for a new passkey.
///
/// # Errors
/// `FORBIDDEN` where nobody can have a second factor; `NOT_FOUND` where the host of the public URL can have no passkeys;
/// `VALIDATION_FAILED` for who has too many.
pub async fn begin_adding(
    database: &Database,
    policy: Policy,
    site: &PublicUrl,
    staff_id: i64,
    now: Timestamp,
) -> Result<Asked, AppError> {
    if policy == Policy::Off {
        return Err(AppError::Forbidden);
    }
    let there: Vec<CredentialID> = keys(database, staff_id)
        .await?
        .iter()
        .map(|key| key.cred_id().clone())
        .collect();
    if there.len() >= MAX_PASSKEYS {
        return Err(AppError::invalid(Field::PasskeyName, FieldProblem::TooMany));
    }
    let email = database
        .read("passkey.whose", move |mut connection| async move {
            let email = sqlx::query_scalar!("select email from staff where id = $1", staff_id);
            Ok(email.fetch_one(&mut *connection).await?)
        })
        .await?;
    // A random name for the account: an authenticator shows it to nobody, and it tells nobody a number.
    let handle = Uuid::from_bytes(rand::rng().random());
    let (options, state) = webauthn(site)?
        .start_passkey_registration(handle, &email, &email, Some(there))
        .map_err(|_| AppError::Internal)?;
    Ok(Asked {
        token: keep(database, staff_id, json(&state)?, now).await?,
        options: json(&options)?.to_string(),
    })
}

/// Takes a new passkey over. All other sessions of its owner end.
///
/// # Errors
/// `UNAUTHENTICATED` for an answer that does not fit, or comes too late; `VALIDATION_FAILED` without a name, and for a
/// passkey that is there already.
pub async fn add(
    database: &Database,
    site: &PublicUrl,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    (token, answer, name): (&str, &str, &str),
    codes: Option<Codes>,
    now: Timestamp,
) -> Result<(), AppError> {
    let name = required(Field::PasskeyName, name, MAX_NAME)?;
    let answer: RegisterPublicKeyCredential = read(answer)?;
    let state: PasskeyRegistration = take(database, staff_id, token, now).await?;
    let key = webauthn(site)?
        .finish_passkey_registration(&answer, &state)
        .map_err(|_| AppError::WrongCode)?;
    let (id, key) = (key.cred_id().to_vec(), json(&key)?);
    let note = noted(staff_id, "passkey added");
    let told = note.clone();
    database
        .write("passkey.add", move |mut tx| {
            let (id, key, name) = (id.clone(), key.clone(), name.clone());
            let (codes, note, own_session) = (codes.clone(), note.clone(), own_session.clone());
            async move {
                lock_staff(&mut tx, staff_id).await?;
                sqlx::query!(
                    "insert into passkeys (staff_id, credential_id, passkey, name, made_at) values ($1, $2, $3, $4, $5)",
                    staff_id,
                    &id,
                    key,
                    name,
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await
                .on_constraint(
                    "passkeys_credential_id_key",
                    AppError::invalid(Field::PasskeyName, FieldProblem::Taken),
                )?;
                if let Some(codes) = &codes {
                    recovery::put(&mut tx, staff_id, codes).await?;
                }
                end_enrolling(&mut tx, staff_id).await?;
                end_all_but(&mut tx, SignedIn::Staff(staff_id), own_session, now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Takes a passkey of one's own away. All other sessions end.
///
/// # Errors
/// `NOT_FOUND` for one that is not there, or somebody else's; `FORBIDDEN` for the last factor of somebody who has to have
/// one.
pub async fn remove(
    database: &Database,
    policy: Policy,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    let note = noted(staff_id, "passkey removed");
    let told = note.clone();
    database
        .write("passkey.remove", move |mut tx| {
            let (note, own_session) = (note.clone(), own_session.clone());
            async move {
                lock_staff(&mut tx, staff_id).await?;
                let removed = sqlx::query!(
                    "delete from passkeys where id = $1 and staff_id = $2",
                    id,
                    staff_id
                )
                .execute(&mut *tx)
                .await?;
                let removed = removed.rows_affected();
                end_removal(tx, policy, (staff_id, own_session), removed, &note, now).await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Asks the authenticators of somebody to prove who they are.
///
/// # Errors
/// `NOT_FOUND` for who has no passkey.
pub async fn begin(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    now: Timestamp,
) -> Result<Asked, AppError> {
    let keys = keys(database, staff_id).await?;
    if keys.is_empty() {
        return Err(AppError::NotFound);
    }
    let (options, state) = webauthn(site)?
        .start_passkey_authentication(&keys)
        .map_err(|_| AppError::Internal)?;
    Ok(Asked {
        token: keep(database, staff_id, json(&state)?, now).await?,
        options: json(&options)?.to_string(),
    })
}

/// The same in the second step of a sign-in.
///
/// # Errors
/// `UNAUTHENTICATED` for a challenge that is too old; those of [`begin`].
pub async fn begin_answer(
    database: &Database,
    site: &PublicUrl,
    challenge: &str,
    now: Timestamp,
) -> Result<Asked, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    begin(database, site, answered.staff_id, now).await
}

/// Checks the answer of an authenticator, and notes that it was used.
async fn check(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    (token, answer): (&str, &str),
    now: Timestamp,
) -> Result<(Vec<u8>, serde_json::Value), AppError> {
    let answer: PublicKeyCredential = read(answer)?;
    let state: PasskeyAuthentication = take(database, staff_id, token, now).await?;
    let result = webauthn(site)?
        .finish_passkey_authentication(&answer, &state)
        .map_err(|_| AppError::WrongCode);
    if result.is_err() {
        let note = Note::new(Kind::CodeFailed).of_staff(staff_id).about("passkey");
        audit::note(database, note).await;
    }
    let result = result?;
    let id = result.cred_id().to_vec();
    let mut used = keys(database, staff_id)
        .await?
        .into_iter()
        .find(|key| key.cred_id().as_slice() == id.as_slice())
        // It was taken away while it answered.
        .ok_or(AppError::WrongCode)?;
    used.update_credential(&result);
    Ok((id, json(&used)?))
}

async fn note_use(
    tx: &mut Tx,
    staff_id: i64,
    (id, key): (&[u8], &serde_json::Value),
    now: Timestamp,
) -> Result<(), Failure> {
    let used = sqlx::query!(
        "update passkeys set passkey = $3, last_used_at = $4 where staff_id = $1 and credential_id = $2",
        staff_id,
        id,
        key,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    match used.rows_affected() {
        0 => Err(AppError::WrongCode.into()),
        _ => Ok(()),
    }
}

/// Takes the second step of a sign-in with a passkey.
///
/// # Errors
/// `UNAUTHENTICATED` for an answer that does not fit, or comes too late.
pub async fn answer(
    database: &Database,
    site: &PublicUrl,
    challenge: &str,
    answer: (&str, &str),
    now: Timestamp,
) -> Result<Answered, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    let used = check(database, site, answered.staff_id, answer, now).await?;
    let hash = challenge::hash(challenge);
    database
        .write("passkey.answer", move |mut tx| {
            let (hash, used) = (hash.clone(), used.clone());
            async move {
                use_up(&mut tx, &hash).await?;
                note_use(&mut tx, answered.staff_id, (&used.0, &used.1), now).await?;
                tx.commit().await?;
                Ok(answered)
            }
        })
        .await
}

/// Proves again who one is, with a passkey.
///
/// # Errors
/// `UNAUTHENTICATED` for an answer that does not fit, or comes too late.
pub async fn confirm(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    answer: (&str, &str),
    now: Timestamp,
) -> Result<(), AppError> {
    let used = check(database, site, staff_id, answer, now).await?;
    database
        .write("passkey.confirm", move |mut tx| {
            let used = used.clone();
            async move {
                note_use(&mut tx, staff_id, (&used.0, &used.1), now).await?;
                tx.commit().await
            }
        })
        .await
}
