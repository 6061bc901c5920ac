//! Linking an account, and giving it another password.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    account::{doctor, lock_doctor},
    rules::Kind,
    secret::Password,
};
use crate::{
    account::{Caller, factor::seal::SecretKey, note_by},
    audit::{self, Kind as Noted, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    event::Event,
    i18n::Locale,
    webhook::Target,
};

/// The length of a user's name, and of a password, in characters.
pub const MAX_USER: usize = 200;
pub const MAX_PASSWORD: usize = 500;

/// The calendars of an account that are known.
pub const MAX_COLLECTIONS: usize = 100;

/// A calendar that a server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// As the server says it.
    pub href: String,
    pub name: String,
    pub can_write: bool,
}

/// The command to link an account whose server was asked what it has.
#[derive(Clone, Debug)]
pub struct LinkAccount {
    pub caller: Caller,
    pub kind: Kind,
    pub target: Target,
    pub username: String,
    pub password: Password,
    pub offered: Vec<Offered>,
    /// In which language it is written there.
    pub language: Locale,
    /// The key of this installation, which seals the password.
    pub secret_key: Option<SecretKey>,
}

impl LinkAccount {
    fn check(&self) -> Result<(), AppError> {
        let long = |field, text: &str, most| match text.chars().count().saturating_sub(most) {
            0 => Ok(()),
            over => Err(AppError::invalid(field, FieldProblem::too_long_by(over))),
        };
        if self.password.expose().is_empty() {
            return Err(AppError::invalid(Field::CalendarPassword, FieldProblem::Missing));
        }
        if self.offered.is_empty() {
            return Err(AppError::invalid(Field::CalendarServer, FieldProblem::Unknown));
        }
        long(Field::CalendarUser, &self.username, MAX_USER)?;
        long(Field::CalendarPassword, self.password.expose(), MAX_PASSWORD)
    }
}

/// Links the account of a doctor, or brings the one that there is up to date: its address, password, and calendars. Answers with its
/// id. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors; `VALIDATION_FAILED`, also where the installation has no key, where the server has no
/// calendar, and while the account before is being unlinked.
pub async fn link(database: &Database, command: LinkAccount, now: Timestamp) -> Result<i64, AppError> {
    let doctor_id = doctor(&command.caller)?;
    command.check()?;
    let missing = AppError::invalid(Field::CalendarPassword, FieldProblem::Unknown);
    let sealed = command
        .password
        .seal(command.secret_key.as_ref().ok_or(missing)?, doctor_id)?;
    let note = note_by(&command.caller, Noted::CalendarChanged).about("linked");
    let told = note.clone();
    let id = database
        .write("caldav.link", move |tx| {
            attempt(tx, command.clone(), doctor_id, sealed.clone(), note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(id)
}

async fn attempt(
    mut tx: Tx,
    command: LinkAccount,
    doctor_id: i64,
    sealed: String,
    note: Note,
    now: Timestamp,
) -> Result<i64, Failure> {
    lock_doctor(&mut tx, doctor_id).await?;
    let is_elsewhere = is_elsewhere(&mut tx, &command, doctor_id).await?;
    let id = sqlx::query_scalar!(
        "insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict on constraint calendar_accounts_once do update set
             url = excluded.url, username = excluded.username, secret = excluded.secret, language = excluded.language,
             version = calendar_accounts.version + 1, trouble = '', failures = 0, failing_since = null, rest_until = null,
             pull_at = excluded.pull_at,
             state = case calendar_accounts.state when 'paused' then 'active' else calendar_accounts.state end
         where calendar_accounts.state <> 'ending'
         returning id",
        doctor_id,
        command.kind.as_str(),
        command.target.as_str(),
        command.username,
        sealed,
        command.language.code(),
        now.to_sqlx(),
    );
    let id = locking(Lock::CalendarAccounts, id.fetch_optional(&mut *tx)).await?;
    let id = id.ok_or(AppError::invalid(Field::CalendarServer, FieldProblem::Taken))?;
    let offered = &command.offered[..command.offered.len().min(MAX_COLLECTIONS)];
    let hrefs: Vec<String> = offered.iter().map(|one| one.href.clone()).collect();
    let names: Vec<String> = offered.iter().map(|one| one.name.clone()).collect();
    let can_write: Vec<bool> = offered.iter().map(|one| one.can_write).collect();
    sqlx::query!(
        "insert into calendar_collections (account_id, href, name, can_write)
         select $1, offered.href, offered.name, offered.can_write
         from unnest($2::text[], $3::text[], $4::boolean[]) with ordinality as offered (href, name, can_write, place)
         order by offered.place
         on conflict on constraint calendar_collections_once do update set
             name = excluded.name, can_write = excluded.can_write or calendar_collections.is_written, is_left = false",
        id,
        &hrefs,
        &names,
        &can_write,
    )
    .execute(&mut *tx)
    .await?;
    if is_elsewhere {
        leave(&mut tx, id, command.kind, &hrefs).await?;
    }
    audit::write(&mut tx, &note).await?;
    tx.tell(Event::CalendarDue);
    tx.commit().await?;
    Ok(id)
}

/// Whether there is an account that was somewhere else until now: at another server, or of another user. At Cal.com the user is
/// an address to write to, and says nothing of whose account it is.
async fn is_elsewhere(tx: &mut Tx, command: &LinkAccount, doctor_id: i64) -> Result<bool, Failure> {
    let before = sqlx::query!(
        "select url, username from calendar_accounts where doctor_id = $1 and kind = $2",
        doctor_id,
        command.kind.as_str(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(before.is_some_and(|before| {
        before.url != command.target.as_str()
            || command.kind == Kind::CalDav && before.username != command.username
    }))
}

/// Leaves the calendars that are not there any more, and what we wrote to them: the new password is not for who had the old one.
/// Whoever works on the account by what it was has it no more. The calendars of Cal.com have the same names at every server.
async fn leave(tx: &mut Tx, id: i64, kind: Kind, offered: &[String]) -> Result<(), Failure> {
    sqlx::query!(
        "with left_behind as (
             update calendar_collections
             set is_written = false, reads_busy = false, sync_token = null, listed_at = null, is_left = href <> all ($2)
             where account_id = $1 and ($3 or href <> all ($2))
             returning id)
         delete from calendar_events using left_behind where calendar_events.collection_id = left_behind.id",
        id,
        offered,
        kind == Kind::CalCom,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update calendar_accounts set claimed_by = null, claimed_until = null where id = $1",
        id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
