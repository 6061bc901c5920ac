//! The second factor of staff (I6): the codes of an app, passkeys, and recovery codes for when both are lost. Who has one is
//! asked for it after the password; a policy says who has to have one.

mod challenge;
pub mod passkey;
pub mod recovery;
pub mod seal;
pub mod totp;

use sqlx::PgConnection;

use self::challenge::signing_in;
pub(super) use self::challenge::tidy;
pub use self::challenge::{Answered, Step, answer, confirm, enrolling, next_step};
use super::{Caller, Role, access::lock_staff, must_be_admin, own_sessions::end_all_but, session::SignedIn};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// The time for which somebody who has just proved who they are is not asked again, in minutes.
pub const FRESH_MINUTES: i64 = 10;

/// Who has to have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Nobody can have one, and nobody is asked for one.
    Off,
    /// Everybody can.
    #[default]
    Optional,
    /// Admins have to.
    Admins,
    /// All staff have to.
    Staff,
}

impl Policy {
    pub const ALL: [Self; 4] = [Self::Off, Self::Optional, Self::Admins, Self::Staff];

    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Admins => "admins",
            Self::Staff => "staff",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// Whether somebody in this role has to have one.
    pub fn requires(self, role: Role) -> bool {
        match self {
            Self::Off | Self::Optional => false,
            Self::Admins => role == Role::Admin,
            Self::Staff => role.is_staff(),
        }
    }
}

/// The factors that a member of staff has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    pub has_totp: bool,
    pub passkeys: i64,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
}

impl Factors {
    /// Whether there is one to ask for. Recovery codes stand in for one, and are none.
    pub fn is_any(self) -> bool {
        self.has_totp || self.passkeys > 0
    }
}

/// Looks up the factors that a member of staff has.
///
/// # Errors
/// Those of the database.
pub async fn factors(database: &Database, staff_id: i64) -> Result<Factors, AppError> {
    database
        .read("factor.all", move |mut connection| async move {
            load(&mut connection, staff_id).await
        })
        .await
}

async fn load(connection: &mut PgConnection, staff_id: i64) -> Result<Factors, Failure> {
    let row = sqlx::query!(
        r#"select exists (select from totp_factors where staff_id = $1 and confirmed_at is not null) as "has_totp!",
                  (select count(*) from passkeys where staff_id = $1) as "passkeys!",
                  (select count(*) from recovery_codes where staff_id = $1) as "recovery_codes!""#,
        staff_id,
    )
    .fetch_one(connection)
    .await?;
    Ok(Factors {
        has_totp: row.has_totp,
        passkeys: row.passkeys,
        recovery_codes: row.recovery_codes,
    })
}

/// Looks up the factors of whoever is asked for one.
///
/// # Errors
/// `UNAUTHENTICATED` for a challenge that is too old.
pub async fn of_challenge(database: &Database, challenge: &str, now: Timestamp) -> Result<Factors, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    factors(database, answered.staff_id).await
}

/// Makes sure that somebody may be without a factor that was just taken away.
///
/// # Errors
/// `FORBIDDEN` where it is the last one of somebody who has to have one.
async fn may_be_without(tx: &mut Tx, policy: Policy, staff_id: i64) -> Result<(), Failure> {
    let role = sqlx::query_scalar!("select role from staff where id = $1", staff_id)
        .fetch_one(&mut **tx)
        .await?;
    let left = load(tx, staff_id).await?;
    let is_required = Role::parse(&role).is_some_and(|role| policy.requires(role));
    if left.is_any() {
        return Ok(());
    }
    if is_required {
        return Err(AppError::Forbidden.into());
    }
    // They stand in for nothing any more.
    sqlx::query!("delete from recovery_codes where staff_id = $1", staff_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes all factors of somebody else away, who has lost them: whoever it is signs in by password alone, or sets up a new
/// one where one is required. They are signed out everywhere.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, where `caller` is not whoever has the command line of the server;
/// `FORBIDDEN` for one's own.
pub async fn reset(
    database: &Database,
    caller: Option<&Caller>,
    staff_id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    let note = Note::new(Kind::FactorChanged).of_staff(staff_id);
    let note = match caller {
        None => note.by_system().about("reset at the command line"),
        Some(caller) => {
            must_be_admin(caller)?;
            let by = caller
                .staff_id()
                .filter(|by| *by != staff_id)
                .ok_or(AppError::Forbidden)?;
            note.by_staff("admin", by).about("reset by an admin")
        }
    };
    let told = note.clone();
    database
        .write("factor.reset", move |mut tx| {
            let note = note.clone();
            async move {
                lock_staff(&mut tx, staff_id).await?;
                for table in [
                    sqlx::query!("delete from totp_factors where staff_id = $1", staff_id),
                    sqlx::query!("delete from passkeys where staff_id = $1", staff_id),
                    sqlx::query!("delete from recovery_codes where staff_id = $1", staff_id),
                    sqlx::query!("delete from factor_challenges where staff_id = $1", staff_id),
                ] {
                    table.execute(&mut *tx).await?;
                }
                end_all_but(&mut tx, SignedIn::Staff(staff_id), None, now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Ends the sessions of staff who have to have a second factor and have none: they set one up when they sign in again. To be
/// called when a server begins.
///
/// # Errors
/// Those of the database.
pub async fn enforce(database: &Database, policy: Policy) -> Result<u64, AppError> {
    let roles: Vec<String> = [Role::Admin, Role::Doctor, Role::Reception]
        .into_iter()
        .filter(|role| policy.requires(*role))
        .map(|role| role.as_str().to_owned())
        .collect();
    if roles.is_empty() {
        return Ok(0);
    }
    database
        .write("factor.enforce", move |mut tx| {
            let roles = roles.clone();
            async move {
                let without = sqlx::query_scalar!(
                    "select id from staff
                     where role = any($1)
                       and not exists (select from totp_factors where staff_id = staff.id and confirmed_at is not null)
                       and not exists (select from passkeys where staff_id = staff.id)",
                    &roles,
                )
                .fetch_all(&mut *tx)
                .await?;
                let ended = sqlx::query!("delete from sessions where staff_id = any($1)", &without)
                    .execute(&mut *tx)
                    .await?;
                let tokens = sqlx::query!(
                    "update tokens set revoked_at = $2 where staff_id = any($1) and name is null and revoked_at is null",
                    &without,
                    tx.now().to_sqlx(),
                );
                locking(Lock::Token, tokens.execute(&mut *tx)).await?;
                tx.commit().await?;
                Ok(ended.rows_affected())
            }
        })
        .await
}

/// Ends the transaction that took a factor away: all other sessions of its owner end.
///
/// # Errors
/// `NOT_FOUND` where nothing was taken away; `FORBIDDEN` where it was the last factor of somebody who has to have one.
async fn end_removal(
    mut tx: Tx,
    policy: Policy,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    removed: u64,
    note: &Note,
    now: Timestamp,
) -> Result<(), Failure> {
    if removed == 0 {
        return Err(AppError::NotFound.into());
    }
    may_be_without(&mut tx, policy, staff_id).await?;
    end_all_but(&mut tx, SignedIn::Staff(staff_id), own_session, now).await?;
    audit::write(&mut tx, note).await?;
    tx.commit().await
}

/// A note about a factor of one's own.
fn noted(staff_id: i64, about: &str) -> Note {
    Note::new(Kind::FactorChanged).of_staff(staff_id).about(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_who_has_to_have_a_factor() {
        for (policy, admin, doctor) in [
            (Policy::Off, false, false),
            (Policy::Optional, false, false),
            (Policy::Admins, true, false),
            (Policy::Staff, true, true),
        ] {
            assert_eq!(policy.requires(Role::Admin), admin);
            assert_eq!(policy.requires(Role::Doctor), doctor);
            assert!(!policy.requires(Role::Patient));
            assert_eq!(Policy::parse(policy.name()), Some(policy));
        }
        assert_eq!(Policy::parse("everybody"), None);
    }
}
