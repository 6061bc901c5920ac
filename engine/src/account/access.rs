//! Ending the access of an account: with a new password, and when the account is closed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Caller, Phone, must_be_admin, note_of, session::SignedIn};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    idempotency::{self, Key},
};

/// Ends all sessions, tokens and calendar addresses of an account, also those that are being made at this moment: what
/// began before now is void.
///
/// # Errors
/// Those of the database.
pub async fn end_access(tx: &mut Tx, who: SignedIn, now: Timestamp) -> Result<(), Failure> {
    end_sessions_and_tokens(tx, who, now).await?;
    end_addresses(tx, who).await
}

/// The first half of [`end_access`], for whoever locks other tokens as well, which come before calendar addresses.
///
/// # Errors
/// Those of the database.
pub(crate) async fn end_sessions_and_tokens(
    tx: &mut Tx,
    who: SignedIn,
    now: Timestamp,
) -> Result<(), Failure> {
    let (patient_id, staff_id) = who.ids();
    sqlx::query!(
        "update patients set access_since = greatest(access_since, $2) where id = $1",
        patient_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update staff set access_since = greatest(access_since, $2) where id = $1",
        staff_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from sessions where patient_id = $1 or staff_id = $2",
        patient_id,
        staff_id,
    )
    .execute(&mut **tx)
    .await?;
    let tokens = sqlx::query!(
        "update tokens set revoked_at = $3, salt = null
         where (patient_id = $1 or staff_id = $2) and revoked_at is null",
        patient_id,
        staff_id,
        now.to_sqlx(),
    );
    locking(Lock::Token, tokens.execute(&mut **tx)).await?;
    Ok(())
}

/// The second half of [`end_access`]: calendar addresses, and all that has no lock of its own.
///
/// # Errors
/// Those of the database.
pub(crate) async fn end_addresses(tx: &mut Tx, who: SignedIn) -> Result<(), Failure> {
    let (patient_id, staff_id) = who.ids();
    // Whoever was let in may have made an address that tells what the account could see.
    let feeds = sqlx::query!(
        "delete from calendar_feeds
         where patient_id = $1 or doctor_id in (select id from doctors where staff_id = $2)",
        patient_id,
        staff_id,
    );
    locking(Lock::CalendarFeed, feeds.execute(&mut **tx)).await?;
    sqlx::query!(
        "delete from sign_in_places where patient_id = $1 or staff_id = $2",
        patient_id,
        staff_id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from account_links where patient_id = $1 or staff_id = $2",
        patient_id,
        staff_id,
    )
    .execute(&mut **tx)
    .await?;
    // Who began to set a factor up, or was about to show one, did so by what is good no more.
    sqlx::query!("delete from factor_challenges where staff_id = $1", staff_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "delete from totp_factors where staff_id = $1 and confirmed_at is null",
        staff_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The account of a member of staff, locked with those of all admins: two of them cannot lose each other's accounts at the
/// same time.
pub(super) struct LockedStaff {
    pub account: StaffRow,
    /// Whether there is another admin who can sign in.
    pub has_other_admins: bool,
}

/// The row of a member of staff.
pub(super) struct StaffRow {
    pub role: String,
    pub name: String,
    pub email: String,
    pub password_hash: String,
    pub active: bool,
    /// Whether the first password has not been chosen yet.
    pub is_invited: bool,
}

/// Locks the account of a member of staff.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock_staff(tx: &mut Tx, id: i64) -> Result<LockedStaff, Failure> {
    let locked = sqlx::query!(
        r#"select id, role, name, email, password_hash, active, invited_at is not null as "is_invited!"
           from staff where id = $1 or role = 'admin' order by id for no key update"#,
        id,
    );
    let mut rows = locking(Lock::Account, locked.fetch_all(&mut **tx)).await?;
    // After the lock: who was given clinics meanwhile has them by now.
    let limited = sqlx::query_scalar!("select distinct staff_id from staff_clinics")
        .fetch_all(&mut **tx)
        .await?;
    let has_other_admins = rows.iter().any(|row| {
        row.id != id && row.role == "admin" && row.active && !row.is_invited && !limited.contains(&row.id)
    });
    let at = rows
        .iter()
        .position(|row| row.id == id)
        .ok_or(AppError::NotFound)?;
    let row = rows.swap_remove(at);
    Ok(LockedStaff {
        account: StaffRow {
            role: row.role,
            name: row.name,
            email: row.email,
            password_hash: row.password_hash,
            active: row.active,
            is_invited: row.is_invited,
        },
        has_other_admins,
    })
}

/// The command to close an account, or to open it again.
#[derive(Clone, Debug)]
pub struct SetAccess {
    /// `None`: whoever has the command line of the server.
    pub caller: Option<Caller>,
    pub who: SignedIn,
    pub active: bool,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Closes an account: its owner cannot sign in, and all that they had opened is closed. Opening it again revives none of
/// that. Appointments stay as they are.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for an account that does not exist; `FORBIDDEN` for admins' own
/// account and for the last admin of all clinics, since nobody could open it again, and for opening one whose owner has not chosen a
/// password yet; `RECORD_MERGED` for opening a record that is part of another one; `IDEMPOTENCY_CONFLICT`.
pub async fn set_access(database: &Database, command: SetAccess, now: Timestamp) -> Result<(), AppError> {
    if let Some(caller) = &command.caller {
        must_be_admin(caller)?;
    }
    let note = database
        .write("account.set_access", move |tx| attempt(tx, command.clone(), now))
        .await?;
    if let Some(note) = note {
        audit::tell(database, &note);
    }
    Ok(())
}

/// Closes or opens the account, and returns the note about it; none where that was done before.
async fn attempt(mut tx: Tx, command: SetAccess, now: Timestamp) -> Result<Option<Note>, Failure> {
    let SetAccess {
        caller,
        who,
        active,
        key,
    } = command;
    if idempotency::claim::<bool>(&mut tx, key.as_ref(), now)
        .await?
        .is_some()
    {
        return Ok(None);
    }
    let is_own = who.ids().1.is_some() && caller.as_ref().and_then(Caller::staff_id) == who.ids().1;
    if is_own && !active {
        return Err(AppError::Forbidden.into());
    }
    let changed = match who {
        SignedIn::Staff(id) => {
            let staff = lock_staff(&mut tx, id).await?;
            let is_last = staff.account.role == "admin" && !staff.has_other_admins;
            // Who was invited opens the account themselves, by choosing a password.
            if !active && is_last || active && staff.account.is_invited {
                return Err(AppError::Forbidden.into());
            }
            sqlx::query!(
                "update staff set active = $2 where id = $1 and active <> $2",
                id,
                active
            )
            .execute(&mut *tx)
            .await?
        }
        SignedIn::Patient(id) => {
            let locked = sqlx::query_scalar!(
                r#"select merged_into is not null as "is_merged!" from patients
                   where id = $1 and erasing_since is null for no key update"#,
                id
            );
            let is_merged = locking(Lock::Patient, locked.fetch_optional(&mut *tx))
                .await?
                .ok_or(AppError::NotFound)?;
            if active && is_merged {
                return Err(AppError::RecordMerged.into());
            }
            sqlx::query!(
                "update patients set active = $2 where id = $1 and active <> $2",
                id,
                active
            )
            .execute(&mut *tx)
            .await?
        }
    };
    // Also where it was closed already: in earlier days that did not end everything.
    if !active || changed.rows_affected() > 0 {
        end_access(&mut tx, who, now).await?;
    }
    let note = note_of(caller.as_ref(), Kind::AccountChanged).about(match active {
        true => "opened",
        false => "closed",
    });
    let note = match who {
        SignedIn::Staff(id) => note.of_staff(id),
        SignedIn::Patient(id) => note.of_patient(id),
    };
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key.as_ref(), &active, &[]).await?;
    tx.commit().await?;
    Ok(Some(note))
}

/// Finds an account by what its owner signs in with.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn find_account(database: &Database, account: Account) -> Result<SignedIn, AppError> {
    database
        .read("account.find", move |mut connection| async move {
            let who = match &account {
                Account::Staff(email) => {
                    let email = email.trim().to_lowercase();
                    let id = sqlx::query_scalar!("select id from staff where email = $1", email);
                    id.fetch_optional(&mut *connection).await?.map(SignedIn::Staff)
                }
                Account::Patient(phone) => {
                    let id = sqlx::query_scalar!(
                        "select id from patients where phone = $1 and holder_id is null",
                        phone.as_str()
                    );
                    id.fetch_optional(&mut *connection).await?.map(SignedIn::Patient)
                }
                Account::Doctor(id) => {
                    let id = sqlx::query_scalar!(
                        r#"select staff_id as "staff_id!" from doctors where id = $1 and staff_id is not null"#,
                        id
                    );
                    id.fetch_optional(&mut *connection).await?.map(SignedIn::Staff)
                }
            };
            Ok(who.ok_or(AppError::NotFound)?)
        })
        .await
}

/// An account, as its owner signs in.
#[derive(Clone, Debug)]
pub enum Account {
    /// By e-mail address.
    Staff(String),
    Patient(Phone),
    /// By the id of the doctor.
    Doctor(i64),
}

/// Whether a doctor can sign in.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn has_access(database: &Database, doctor_id: i64) -> Result<bool, AppError> {
    database
        .read("account.has_access", move |mut connection| async move {
            let active = sqlx::query_scalar!(
                "select staff.active from staff join doctors on doctors.staff_id = staff.id where doctors.id = $1",
                doctor_id
            );
            Ok(active.fetch_optional(&mut *connection).await?.ok_or(AppError::NotFound)?)
        })
        .await
}
