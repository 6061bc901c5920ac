//! Bearer tokens, by which a program acts for somebody (I5). They are stored hashed, expire, and can be revoked
//! before. A program signs in with a code or a password, or its owner creates a token for it ([`named`]).

pub mod named;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};

use super::{
    Caller, Role,
    factor::FRESH_MINUTES,
    name_patient,
    scope::{Reach, Scope},
    session::{SignedIn, random_token},
};
use crate::{
    account::staff_caller,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::plus_minutes,
};

/// The prefix of a token, by which people and scanners for leaked secrets recognise it.
const PREFIX: &str = "janji_";
/// The lifetime of a token from signing in, in minutes.
const LIFETIME_MINUTES: i64 = 30 * 24 * 60;
/// The same for staff, in minutes: as long as their sessions in a browser.
const STAFF_LIFETIME_MINUTES: i64 = 7 * 24 * 60;
/// The age of the recorded last use, in minutes, after which a use is recorded again.
const NOTED_MINUTES: i64 = 5;

fn new_token() -> String {
    format!("{PREFIX}{}", random_token())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// A token that was just made, and the role of whoever it acts for.
#[derive(Clone)]
pub struct Issued {
    pub token: String,
    pub role: Role,
    pub expires_at: Timestamp,
}

/// Makes a token for somebody who has just proved who they are. A patient without a name is given this
/// one.
///
/// # Errors
/// `UNAUTHENTICATED` for who is no longer active.
pub async fn issue(
    database: &Database,
    who: SignedIn,
    name: Option<String>,
    now: Timestamp,
) -> Result<Issued, AppError> {
    let token = new_token();
    let hash = hash(&token);
    let minutes = match who {
        SignedIn::Patient(_) => LIFETIME_MINUTES,
        SignedIn::Staff(_) => STAFF_LIFETIME_MINUTES,
    };
    let expires_at = plus_minutes(now, minutes);
    let role = database
        .write("token.issue", move |tx| {
            insert(tx, who, name.clone(), hash.clone(), now, expires_at)
        })
        .await?;
    Ok(Issued {
        token,
        role,
        expires_at,
    })
}

async fn insert(
    mut tx: Tx,
    who: SignedIn,
    name: Option<String>,
    hash: Vec<u8>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Role, Failure> {
    let (patient_id, staff_id) = who.ids();
    if let (Some(id), Some(name)) = (patient_id, name) {
        name_patient(&mut tx, id, &name).await?;
    }
    let role = sqlx::query_scalar!(
        r#"with made as (
               insert into tokens (hash, patient_id, staff_id, made_at, expires_at, last_used_at)
               select $1, $2, $3, $4, $5, $4
               where exists (select from patients where id = $2 and active)
                  or exists (select from staff where id = $3 and active)
               returning staff_id
           )
           select coalesce((select role from staff where id = staff_id), 'patient') as "role!" from made"#,
        &hash,
        patient_id,
        staff_id,
        now.to_sqlx(),
        expires_at.to_sqlx(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::Unauthenticated)?;
    tx.commit().await?;
    Ok(Role::parse(&role).ok_or(AppError::Internal)?)
}

/// A token that was shown: whom it acts for, and how far it reaches.
#[derive(Clone, Debug)]
pub struct PresentedToken {
    pub id: i64,
    pub caller: Caller,
    pub name: Option<String>,
    pub reach: Reach,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
}

impl PresentedToken {
    /// Refuses a token of staff from a sign-in that is some minutes ago: what it asks for opens doors.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`.
    pub fn must_be_fresh(&self, now: Timestamp) -> Result<(), AppError> {
        let is_fresh = self.made_at >= plus_minutes(now, -FRESH_MINUTES);
        match is_fresh || self.caller.staff_id().is_none() {
            true => Ok(()),
            false => Err(AppError::StepUpRequired),
        }
    }
}

/// Looks a token up: one statement, since every request asks.
///
/// # Errors
/// `UNAUTHENTICATED` for a token that is unknown, expired or revoked, or whose owner is no longer active.
pub async fn find(database: &Database, token: &str, now: Timestamp) -> Result<PresentedToken, AppError> {
    if !token.starts_with(PREFIX) {
        return Err(AppError::Unauthenticated);
    }
    let hash = hash(token);
    let (shown, last_used_at) = database
        .read("token.find", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select tokens.id, tokens.name, scopes, made_at, expires_at, last_used_at,
                          patients.id as "patient_id?", patients.name as patient_name,
                          array(select id from patients as others
                                where others.holder_id = patients.id and others.active order by created_at, id) as "family!",
                          opened_since(patients.id) as opened_since,
                          staff.id as "staff_id?", staff.role as "role?", staff.name as "staff_name?",
                          doctors.id as "doctor_id?",
                          array(select clinic_id from staff_clinics
                                where staff_clinics.staff_id = tokens.staff_id order by clinic_id) as "clinics!"
                   from tokens
                   left join patients on patients.id = tokens.patient_id and patients.active
                       and patients.access_since <= made_at
                   left join staff on staff.id = tokens.staff_id and staff.active
                       and staff.access_since <= made_at
                   left join doctors on doctors.staff_id = staff.id
                   where hash = $1 and revoked_at is null and expires_at > $2"#,
                &hash,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::Unauthenticated)?;
            let caller = match (row.patient_id, row.staff_id, row.role, row.staff_name) {
                (Some(id), ..) => Some(Caller::Patient {
                    id,
                    name: row.patient_name,
                    family: row.family,
                    opened_since: row.opened_since.map(jiff_sqlx::Timestamp::to_jiff),
                }),
                (_, Some(id), Some(role), Some(name)) => staff_caller(id, &role, name, row.doctor_id, row.clinics),
                _ => None,
            };
            let shown = PresentedToken {
                id: row.id,
                caller: caller.ok_or(AppError::Unauthenticated)?,
                reach: match row.name {
                    None => Reach::SignIn,
                    Some(_) => Reach::Program(row.scopes.map(|names| scopes(&names))),
                },
                name: row.name,
                made_at: row.made_at.to_jiff(),
                expires_at: row.expires_at.to_jiff(),
            };
            Ok((shown, row.last_used_at.map(|at| at.to_jiff())))
        })
        .await?;
    let noted_before = plus_minutes(now, -NOTED_MINUTES);
    if last_used_at.is_none_or(|last_used_at| last_used_at <= noted_before) {
        // Beside the request, which does not wait for it.
        tokio::spawn(note_use(database.clone(), shown.id, noted_before, now));
    }
    Ok(shown)
}

/// As the database writes them.
fn scopes(names: &[String]) -> Vec<Scope> {
    names.iter().filter_map(|name| Scope::parse(name)).collect()
}

async fn note_use(database: Database, id: i64, noted_before: Timestamp, now: Timestamp) {
    let noted = database
        .write("token.note_use", move |mut tx| async move {
            // Who finds it locked leaves it: somebody else is just noting it.
            let unlocked = sqlx::query!(
                "update tokens set last_used_at = $2
                 where id = (select id from tokens where id = $1 and (last_used_at is null or last_used_at <= $3)
                             for no key update skip locked)",
                id,
                now.to_sqlx(),
                noted_before.to_sqlx(),
            );
            locking(Lock::Token, unlocked.execute(&mut *tx)).await?;
            tx.commit().await
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "that a token was used could not be noted");
    }
}

/// Ends the token of this request.
///
/// # Errors
/// Those of the database.
pub async fn revoke(database: &Database, token: &str, now: Timestamp) -> Result<(), AppError> {
    let hash = hash(token);
    database
        .write("token.revoke", move |mut tx| {
            let hash = hash.clone();
            async move {
                sqlx::query!(
                    "update tokens set revoked_at = $2, salt = null where hash = $1 and revoked_at is null",
                    &hash,
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}
