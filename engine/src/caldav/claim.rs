//! Claiming: a worker takes an account for some time, and nobody else works on it meanwhile.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sqlx::PgConnection;

use super::{
    account::kind_of,
    remote::Access,
    rules::{Kind, State},
    secret::{Password, resealed},
};
use crate::{
    account::{Caller, factor::seal::SecretKey, secret::hex},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::Locale,
    time::plus_minutes,
};

/// The minutes for which a worker may have an account without being heard of, longer than what it asks of a server takes.
pub const LEASE_MINUTES: i64 = 2;

/// An account that this worker has.
#[derive(Clone)]
pub struct Claimed {
    pub id: i64,
    pub doctor_id: i64,
    pub kind: Kind,
    pub state: State,
    /// Whether it is to be asked what has changed.
    pub is_pull_due: bool,
    /// Whether names are written, and in which language.
    pub(super) details: bool,
    /// How often people have changed the account.
    pub(super) version: i32,
    pub(super) language: Locale,
    pub(super) url: String,
    pub(super) username: String,
    pub(super) secret: String,
    /// The doctor, in whose name an appointment is moved.
    pub(super) doctor: Caller,
    /// The name of the claim.
    pub(super) claim: String,
}

/// Hides the password.
impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claimed({}, {})", self.id, self.kind.as_str())
    }
}

impl Claimed {
    /// What is needed to sign in there.
    ///
    /// # Errors
    /// `INTERNAL` where the key that sealed the password is missing.
    pub(super) fn access(&self, key: Option<&SecretKey>) -> Result<Access, AppError> {
        Ok(Access {
            account_id: self.id,
            kind: self.kind,
            url: self.url.clone(),
            username: self.username.clone(),
            password: Password::open(key, &self.secret, self.doctor_id)?,
        })
    }

    /// The password sealed anew, where the key has been replaced.
    pub(super) fn resealed(&self, key: Option<&SecretKey>) -> Option<String> {
        resealed(key, &self.secret, self.doctor_id)
    }
}

/// Claims the account of one of these kinds that has waited longest since it was worked on, of those for which there is something
/// to do. One that was claimed before and whose worker has not been heard of is free again.
///
/// # Errors
/// Those of the database.
pub async fn claim(database: &Database, kinds: &[Kind], now: Timestamp) -> Result<Option<Claimed>, AppError> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let looked_for = kinds.clone();
    let is_any = database
        .read("caldav.look", move |mut connection| async move {
            is_any_due(&mut connection, &looked_for, now).await
        })
        .await?;
    if !is_any {
        return Ok(None);
    }
    let claim = hex(&rand::rng().random::<[u8; 16]>());
    database
        .write("caldav.claim", move |tx| {
            attempt(tx, kinds.clone(), claim.clone(), now)
        })
        .await
}

/// The look is cheap, and is taken again under the lock.
async fn is_any_due(
    connection: &mut PgConnection,
    kinds: &[String],
    now: Timestamp,
) -> Result<bool, Failure> {
    let is_any = sqlx::query_scalar!(
        r#"select exists (
               select from calendar_accounts as accounts
               where kind = any ($2) and state in ('active', 'ending')
                 and (claimed_until is null or claimed_until <= $1) and (rest_until is null or rest_until <= $1)
                 and (pull_at <= $1
                      or exists (select from calendar_jobs where account_id = accounts.id and due_at <= $1))
           ) as "is_any!""#,
        now.to_sqlx(),
        kinds,
    );
    Ok(is_any.fetch_one(connection).await?)
}

/// Nothing is done for a doctor who has left, but what is unlinked is taken out.
async fn attempt(
    mut tx: Tx,
    kinds: Vec<String>,
    claim: String,
    now: Timestamp,
) -> Result<Option<Claimed>, Failure> {
    let free = sqlx::query!(
        r#"select id, doctor_id, kind, url, username, secret, state, details, language, version, pull_at <= $1 as "is_pull_due!"
           from calendar_accounts as accounts
           where kind = any ($2) and state in ('active', 'ending')
             and (claimed_until is null or claimed_until <= $1) and (rest_until is null or rest_until <= $1)
             and (state = 'ending'
                  or exists (select from doctors join staff on staff.id = staff_id
                             where doctors.id = accounts.doctor_id and staff.active))
             and (pull_at <= $1
                  or exists (select from calendar_jobs where account_id = accounts.id and due_at <= $1))
           order by tried_at nulls first, id
           limit 1
           for no key update skip locked"#,
        now.to_sqlx(),
        &kinds,
    );
    let Some(free) = locking(Lock::CalendarAccounts, free.fetch_optional(&mut *tx)).await? else {
        return Ok(None);
    };
    sqlx::query!(
        "update calendar_accounts set claimed_by = $2, claimed_until = $3, tried_at = $4 where id = $1",
        free.id,
        claim,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    let doctor = sqlx::query!(
        r#"select staff_id as "staff_id!", name from doctors where id = $1"#,
        free.doctor_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(Claimed {
        id: free.id,
        doctor_id: free.doctor_id,
        kind: kind_of(&free.kind)?,
        state: State::parse(&free.state).ok_or(AppError::Internal)?,
        is_pull_due: free.is_pull_due,
        details: free.details,
        version: free.version,
        language: Locale::parse(&free.language).unwrap_or_default(),
        url: free.url,
        username: free.username,
        secret: free.secret,
        doctor: Caller::Doctor {
            staff_id: doctor.staff_id,
            doctor_id: free.doctor_id,
            name: doctor.name,
        },
        claim,
    }))
}

/// Keeps an account for some more time, until the end of the transaction at least. Answers whether it is still this worker's, and
/// not unlinked since it was claimed: nothing is decided any more by how it was then.
///
/// # Errors
/// Those of the database.
pub(super) async fn keep(tx: &mut Tx, claimed: &Claimed, now: Timestamp) -> Result<bool, Failure> {
    let kept = sqlx::query!(
        "update calendar_accounts set claimed_until = $3
         where id = $1 and claimed_by = $2 and (state = 'ending') = $4",
        claimed.id,
        claimed.claim,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
        claimed.state == State::Ending,
    );
    let kept = locking(Lock::CalendarAccounts, kept.execute(&mut **tx)).await?;
    Ok(kept.rows_affected() > 0)
}

/// Keeps an account while a server is asked one thing after the other. Answers as [`keep`] does.
///
/// # Errors
/// Those of the database.
pub(super) async fn keep_on(
    database: &Database,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<bool, AppError> {
    let claimed = claimed.clone();
    database
        .write("caldav.keep", move |mut tx| {
            let claimed = claimed.clone();
            async move {
                let is_kept = keep(&mut tx, &claimed, now).await?;
                tx.commit().await?;
                Ok(is_kept)
            }
        })
        .await
}
