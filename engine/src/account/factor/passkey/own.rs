//! The passkeys that somebody has: listed, added and removed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration, RegisterPublicKeyCredential, Uuid};

use super::{Asked, json, keep, keys, read, take, webauthn};
use crate::{
    account::{
        access::lock_staff,
        factor::{
            Policy,
            challenge::end_enrolling,
            end_removal, noted,
            recovery::{self, Codes},
        },
        link::PublicUrl,
        own_sessions::end_all_but,
        required,
        session::SignedIn,
    },
    audit,
    database::{Database, OnConstraint},
    error::{AppError, Field, FieldProblem},
};

/// The length of the name of a passkey, in characters.
pub const MAX_NAME: usize = 60;
/// The passkeys that somebody may have.
const MAX_PASSKEYS: usize = 20;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnPasskey {
    pub id: i64,
    pub name: String,
    pub made_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
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
