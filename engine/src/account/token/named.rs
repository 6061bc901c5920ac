//! The tokens that somebody creates for their programs, with a name and scopes. A token is shown once, and its owner
//! can revoke it (I5).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{PREFIX, hash, new_token, scopes};
use crate::{
    account::{Caller, Role, required, scope::Scope, secret::Holder, session::random_token},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key, Made},
    time::plus_minutes,
};

/// The length of a name, in characters.
pub const MAX_NAME: usize = 60;
/// The longest lifetime of a token, in days.
pub const MAX_DAYS: u16 = 366;
/// The lifetimes that the page offers, in days.
pub const USUAL_DAYS: [u16; 4] = [7, 30, 90, 365];
/// The number of valid tokens of one owner.
pub const MAX_LIVE: i64 = 50;

/// The number of tokens from signing in that are listed, the most recently used ones.
const MAX_SIGN_INS: i64 = 50;
/// The time for which a new token waits to be shown to its owner, in minutes. The page that shows it follows at once.
pub const WAITS_MINUTES: i64 = 10;

/// A token, as its owner sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    pub id: i64,
    /// Null for a token from signing in.
    pub name: Option<String>,
    /// Null for a token that may do whatever its owner may.
    pub scopes: Option<Vec<Scope>>,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    /// The last use, to within some minutes; null if never used.
    pub last_used_at: Option<Timestamp>,
}

/// A wish for a token.
#[derive(Clone, Debug)]
pub struct CreateToken {
    caller: Caller,
    name: String,
    scopes: Option<Vec<Scope>>,
    days: u16,
    /// The idempotency key (B6).
    pub key: Option<Key>,
    /// The browser in which [`tell`] shows it.
    pub browser: Option<Holder>,
}

impl CreateToken {
    /// # Errors
    /// `VALIDATION_FAILED`: a name is needed, at least one scope where any are named, and only those that are of use to the
    /// caller.
    pub fn new(caller: Caller, name: &str, scopes: Option<Vec<Scope>>, days: u16) -> Result<Self, AppError> {
        let name = required(Field::TokenName, name, MAX_NAME)?;
        let scopes = scopes.map(|scopes| checked(caller.role(), scopes)).transpose()?;
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(AppError::invalid(Field::Days, FieldProblem::Malformed));
        }
        Ok(Self {
            caller,
            // One line.
            name: name.replace('\n', " "),
            scopes,
            days,
            key: None,
            browser: None,
        })
    }
}

fn checked(role: Role, mut scopes: Vec<Scope>) -> Result<Vec<Scope>, AppError> {
    let wrong = |problem| AppError::invalid(Field::Scopes, problem);
    if scopes.is_empty() {
        return Err(wrong(FieldProblem::Missing));
    }
    scopes.sort_unstable();
    scopes.dedup();
    match scopes.iter().all(|scope| Scope::of_role(role).contains(scope)) {
        true => Ok(scopes),
        false => Err(wrong(FieldProblem::Malformed)),
    }
}

/// Makes a token, and answers with it: it is told here and by [`tell`], and nowhere else. Where the same request has made
/// it before, it is known and no longer told.
///
/// # Errors
/// `VALIDATION_FAILED` for who has too many; `UNAUTHENTICATED` for who is no longer active.
pub async fn make(
    database: &Database,
    command: CreateToken,
    now: Timestamp,
) -> Result<(Named, Option<String>), AppError> {
    let (token, salt) = match &command.browser {
        Some(browser) => {
            let salt = random_token();
            (of_halves(&salt, browser), Some(salt))
        }
        None => (new_token(), None),
    };
    let stored = Stored {
        hash: hash(&token),
        salt,
    };
    let (named, is_new) = database
        .write("token.make", move |tx| {
            attempt(tx, command.clone(), stored.clone(), now)
        })
        .await?;
    Ok((named, is_new.then_some(token)))
}

/// A token that can be told again to this browser, as long as the salt is there.
fn of_halves(salt: &str, browser: &Holder) -> String {
    format!("{PREFIX}{}", browser.secret(salt))
}

/// The row of a token.
#[derive(Clone)]
struct Stored {
    hash: Vec<u8>,
    salt: Option<String>,
}

/// Creates a token. The answer that is stored under the key does not contain it.
async fn attempt(
    mut tx: Tx,
    command: CreateToken,
    stored: Stored,
    now: Timestamp,
) -> Result<(Named, bool), Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok((first, false));
    }
    let (patient_id, staff_id) = (command.caller.patient_id(), command.caller.staff_id());
    lock_owner(&mut tx, patient_id, staff_id).await?;
    let live = sqlx::query_scalar!(
        r#"select count(*) as "count!" from tokens
           where (patient_id = $1 or staff_id = $2) and name is not null
             and revoked_at is null and expires_at > $3"#,
        patient_id,
        staff_id,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if live >= MAX_LIVE {
        return Err(AppError::invalid(Field::Tokens, FieldProblem::TooMany).into());
    }
    let expires_at = plus_minutes(now, i64::from(command.days) * 24 * 60);
    let names: Option<Vec<String>> = command
        .scopes
        .as_ref()
        .map(|scopes| scopes.iter().map(|scope| scope.name().to_owned()).collect());
    let id = sqlx::query_scalar!(
        "insert into tokens (hash, patient_id, staff_id, made_at, expires_at, name, scopes, salt)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        &stored.hash,
        patient_id,
        staff_id,
        now.to_sqlx(),
        expires_at.to_sqlx(),
        command.name,
        names.as_deref(),
        stored.salt,
    )
    .fetch_one(&mut *tx)
    .await?;
    let named = Named {
        id,
        name: Some(command.name),
        scopes: command.scopes,
        made_at: now,
        expires_at,
        last_used_at: None,
    };
    idempotency::answer(&mut tx, key, &named, &[Made::Token { token_id: id }]).await?;
    tx.commit().await?;
    Ok((named, true))
}

/// Locks the owner, so that concurrent calls for one owner count one after the other.
async fn lock_owner(tx: &mut Tx, patient_id: Option<i64>, staff_id: Option<i64>) -> Result<(), Failure> {
    let locked = match patient_id {
        Some(id) => {
            let patient = sqlx::query_scalar!(
                "select id from patients where id = $1 and active for no key update",
                id,
            );
            locking(Lock::Patient, patient.fetch_optional(&mut **tx)).await?
        }
        None => {
            let staff = sqlx::query_scalar!(
                "select id from staff where id = $1 and active for no key update",
                staff_id,
            );
            locking(Lock::Account, staff.fetch_optional(&mut **tx)).await?
        }
    };
    locked
        .map(drop)
        .ok_or(Failure::Refused(AppError::Unauthenticated))
}

/// The live tokens of somebody: those with a name, then those that programs signed in with, and of each the ones that were
/// used last.
///
/// # Errors
/// Those of the database.
pub async fn list(database: &Database, caller: &Caller, now: Timestamp) -> Result<Vec<Named>, AppError> {
    let (patient_id, staff_id) = (caller.patient_id(), caller.staff_id());
    database
        .read("token.list", move |mut connection| async move {
            let rows = sqlx::query!(
                "select id, name, scopes, made_at, expires_at, last_used_at from tokens
                 where (patient_id = $1 or staff_id = $2) and revoked_at is null and expires_at > $3
                 order by name is null, coalesce(last_used_at, made_at) desc, id desc
                 limit $4",
                patient_id,
                staff_id,
                now.to_sqlx(),
                MAX_LIVE + MAX_SIGN_INS,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Named {
                    id: row.id,
                    name: row.name,
                    scopes: row.scopes.map(|names| scopes(&names)),
                    made_at: row.made_at.to_jiff(),
                    expires_at: row.expires_at.to_jiff(),
                    last_used_at: row.last_used_at.map(|at| at.to_jiff()),
                })
                .collect())
        })
        .await
}

/// The token of this id, where it was just made in this browser and has not been shown yet: whoever asks is told once, and
/// of two who ask at once one.
///
/// # Errors
/// Those of the database.
pub async fn tell(
    database: &Database,
    caller: &Caller,
    id: i64,
    browser: Holder,
    now: Timestamp,
) -> Result<Option<String>, AppError> {
    let (patient_id, staff_id) = (caller.patient_id(), caller.staff_id());
    database
        .write("token.tell", move |mut tx| {
            let browser = browser.clone();
            async move {
                let locked = sqlx::query!(
                    r#"select hash, salt as "salt!" from tokens
                       where id = $1 and (patient_id = $2 or staff_id = $3) and salt is not null and made_at > $4
                       for no key update"#,
                    id,
                    patient_id,
                    staff_id,
                    plus_minutes(now, -WAITS_MINUTES).to_sqlx(),
                );
                let waiting = locking(Lock::Token, locked.fetch_optional(&mut *tx)).await?;
                let token = waiting.and_then(|waiting| {
                    // Another browser of theirs has another half, and leaves this one.
                    Some(of_halves(&waiting.salt, &browser)).filter(|token| hash(token) == waiting.hash)
                });
                if token.is_some() {
                    sqlx::query!("update tokens set salt = null where id = $1", id)
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                }
                Ok(token)
            }
        })
        .await
}

/// Ends a token of the caller's from this moment on. Of two who do so at once, the first one does.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else.
pub async fn revoke(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    let (patient_id, staff_id) = (caller.patient_id(), caller.staff_id());
    database
        .write("token.revoke_named", move |mut tx| async move {
            sqlx::query_scalar!(
                "update tokens set revoked_at = coalesce(revoked_at, $4), salt = null
                 where id = $1 and (patient_id = $2 or staff_id = $3) returning id",
                id,
                patient_id,
                staff_id,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(AppError::NotFound)?;
            tx.commit().await
        })
        .await
}
