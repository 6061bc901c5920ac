//! Where somebody is signed in, for themselves to see and to end (I8).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::session::SignedIn;
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// A browser that somebody is signed in with.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// SHA-256 of the session's id, in hexadecimal digits: a name for it, by which nobody can step into it.
    pub name: String,
    /// What the browser said that it is; empty where it was not noted.
    pub agent: String,
    /// The network address that it signed in from; empty where it was not noted.
    pub address: String,
    pub signed_in_at: Timestamp,
    /// The last request, within some minutes.
    pub used_at: Option<Timestamp>,
}

/// Lists the browsers that somebody is signed in with, the one used last first.
///
/// # Errors
/// Those of the database.
pub async fn list(database: &Database, who: SignedIn, now: Timestamp) -> Result<Vec<OwnSession>, AppError> {
    let (patient_id, staff_id) = who.ids();
    database
        .read("session.own", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select encode(id, 'hex') as "name!", coalesce(data -> 'signed_in_from' ->> 'agent', '') as "agent!",
                          coalesce(data -> 'signed_in_from' ->> 'address', '') as "address!",
                          signed_in_at as "signed_in_at!: jiff_sqlx::Timestamp",
                          used_at as "used_at?: jiff_sqlx::Timestamp"
                   from sessions
                   where (patient_id = $1 or staff_id = $2) and expires_at > $3 and signed_in_at is not null
                     and not exists (select from staff where staff.id = sessions.staff_id
                                     and staff.access_since > sessions.signed_in_at)
                     and not exists (select from patients where patients.id = sessions.patient_id
                                     and patients.access_since > sessions.signed_in_at)
                   order by used_at desc nulls last, signed_in_at desc
                   limit 100"#,
                patient_id,
                staff_id,
                now.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| OwnSession {
                    name: row.name,
                    agent: row.agent,
                    address: row.address,
                    signed_in_at: row.signed_in_at.to_jiff(),
                    used_at: row.used_at.map(jiff_sqlx::Timestamp::to_jiff),
                })
                .collect())
        })
        .await
}

/// Ends a session of one's own.
///
/// # Errors
/// `NOT_FOUND` for one that is not there, or somebody else's.
pub async fn end(database: &Database, who: SignedIn, name: String) -> Result<(), AppError> {
    let (patient_id, staff_id) = who.ids();
    database
        .write("session.end", move |mut tx| {
            let name = name.clone();
            async move {
                let ended = sqlx::query!(
                    "delete from sessions where encode(id, 'hex') = $1 and (patient_id = $2 or staff_id = $3)",
                    name,
                    patient_id,
                    staff_id,
                )
                .execute(&mut *tx)
                .await?;
                if ended.rows_affected() == 0 {
                    return Err(AppError::NotFound.into());
                }
                tx.commit().await
            }
        })
        .await
}

/// Ends all sessions of one's own but this one, and the tokens that programs were given for signing in.
///
/// # Errors
/// Those of the database.
pub async fn end_others(
    database: &Database,
    who: SignedIn,
    own: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("session.end_others", move |mut tx| {
            let own = own.clone();
            async move {
                end_all_but(&mut tx, who, own, now).await?;
                tx.commit().await
            }
        })
        .await
}

/// The same, in the caller's transaction. What programs were given by name stays.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_all_but(
    tx: &mut Tx,
    who: SignedIn,
    own: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), Failure> {
    let (patient_id, staff_id) = who.ids();
    sqlx::query!(
        "delete from sessions where (patient_id = $1 or staff_id = $2) and id <> coalesce($3, ''::bytea)",
        patient_id,
        staff_id,
        own,
    )
    .execute(&mut **tx)
    .await?;
    let tokens = sqlx::query!(
        "update tokens set revoked_at = $3
         where (patient_id = $1 or staff_id = $2) and name is null and revoked_at is null",
        patient_id,
        staff_id,
        now.to_sqlx(),
    );
    locking(Lock::Token, tokens.execute(&mut **tx)).await?;
    Ok(())
}
