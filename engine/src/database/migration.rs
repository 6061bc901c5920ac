//! Bringing the tables up to date while other servers work.
//!
//! A migration waits for a lock for a moment only, since whoever comes after it waits as well; then it lets the others go
//! and tries again. What takes longer than a second says so. Servers that run go on while a newer one does its migrations:
//! each release works with the tables of the next one (`docs/recipes.md`). But nobody begins on tables of which there are
//! migrations that it does not know: nobody can say how far ahead they are.
//!
//! An index of a large table is built concurrently, for minutes, while everybody goes on. PostgreSQL waits for all older
//! transactions then; so whoever waits for its turn to migrate must not wait inside of one for long.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection,
    migrate::{AppliedMigration, Migrate, MigrateError, Migration, Migrator},
    postgres::PgConnectOptions,
};

use super::{
    failure::milliseconds_since,
    hosts::Hosts,
    roles::{self, Address},
    startup::{self, StartError, Use, one_line},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// The table in which sqlx keeps the migrations that were done.
const TABLE: &str = "_sqlx_migrations";

/// Time that a migration waits for a lock, and how often it tries: five minutes altogether, with the pauses.
const LOCK_TIMEOUT: &str = "set lock_timeout = '2s'";

/// Nobody waits behind an index that is built concurrently, which itself waits for whoever was there before.
const NO_LOCK_TIMEOUT: &str = "set lock_timeout = 0";

/// The wait for another server's migration, in parts that end before PostgreSQL takes it for one half of a deadlock: the
/// statement that waits is a transaction, for which the other server's index may be waiting.
const TURN_TIMEOUT: &str = "set lock_timeout = '200ms'";
const TURN_PAUSE: Duration = Duration::from_millis(300);
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(3);

/// What takes longer says so, again and again.
const SLOW: Duration = Duration::from_secs(1);
const SLOW_STILL: Duration = Duration::from_secs(10);

/// The number of the last migration that this program knows.
pub fn newest_migration() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Brings the tables up to date, under an advisory lock: of servers that start together, one does
/// it and the others wait for it.
///
/// # Errors
/// One line for whoever starts the server.
pub async fn migrate(url: &str) -> Result<(), StartError> {
    bring(url, None, Upgrade::Run).await
}

/// What is to be done about tables that are not up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// They are brought up to date.
    Run,
    /// They stay as they are, and nobody works with them.
    Check,
}

impl Address {
    /// Makes the tables ready for whoever serves: up to date, by their owner, who gives the role that serves its rights.
    ///
    /// # Errors
    /// One line for whoever starts the program.
    pub async fn make_ready(&self, upgrade: Upgrade) -> Result<(), StartError> {
        let served = Hosts::parse(&self.url).ok_or(StartError::BadUrl)?;
        let Some(owner_url) = &self.owner_url else {
            return bring(&self.url, None, upgrade).await;
        };
        bring(owner_url, Some(served.first().get_username()), upgrade)
            .await
            .map_err(|error| match error {
                StartError::BadUrl => StartError::BadMigrateUrl,
                error => error,
            })
    }
}

async fn bring(url: &str, role: Option<&str>, upgrade: Upgrade) -> Result<(), StartError> {
    let hosts = Hosts::parse(url).ok_or(StartError::BadUrl)?;
    let (_, options) = hosts.writable().await?;
    startup::check(options, Use::Writing).await?;
    // On a connection of its own, without the timeouts of the pool: the wait for another server's
    // migration may be long.
    let mut connection = startup::connect(options).await?;
    let ready = match upgrade {
        Upgrade::Run => run(&mut connection, &MIGRATIONS, role)
            .await
            .map_err(|error| failure(&error, options)),
        Upgrade::Check => compare(&mut connection, role, options).await,
    };
    // A goodbye that fails changes nothing for us; it gives up the advisory lock.
    let _ = connection.close().await;
    ready
}

/// Checks that the tables are up to date, and leaves them alone.
///
/// # Errors
/// One line for whoever starts the server.
pub async fn must_be_migrated(url: &str) -> Result<(), StartError> {
    bring(url, None, Upgrade::Check).await
}

/// Compares the tables with what they should be, and gives the role that serves its rights on them.
async fn compare(
    connection: &mut PgConnection,
    role: Option<&str>,
    options: &PgConnectOptions,
) -> Result<(), StartError> {
    let said = |error: MigrateError| failure(&error, options);
    let applied = match connection.list_applied_migrations(TABLE).await {
        Ok(applied) => applied,
        // Without the table, nothing has been done.
        Err(MigrateError::Execute(sqlx::Error::Database(error)))
            if error.code().as_deref() == Some("42P01") =>
        {
            Vec::new()
        }
        Err(error) => return Err(said(error)),
    };
    refuse_newer(&MIGRATIONS, &applied).map_err(said)?;
    let missing = pending(&MIGRATIONS, &applied).map_err(said)?;
    if let Some(first) = missing.first() {
        return Err(StartError::NotMigrated(first.version));
    }
    if let Some(role) = role {
        wait_for_turn(connection).await.map_err(said)?;
        roles::grant(connection, role).await.map_err(said)?;
    }
    Ok(())
}

/// What a failed migration means to whoever starts the server.
fn failure(error: &MigrateError, options: &PgConnectOptions) -> StartError {
    if let MigrateError::VersionMissing(found) = error {
        return StartError::Newer {
            found: *found,
            known: newest_migration(),
        };
    }
    match code(error).as_deref() {
        Some("42501") => StartError::NotOwner(options.get_username().to_owned(), reason(error)),
        _ => StartError::Migration(reason(error)),
    }
}

/// The code that PostgreSQL gave to an error.
fn code(error: &MigrateError) -> Option<String> {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return None;
    };
    error.as_database_error()?.code().map(Into::into)
}

/// The first line of the innermost reason.
fn reason(error: &MigrateError) -> String {
    match error {
        MigrateError::ExecuteMigration(error, version) => format!("migration {version}: {}", one_line(error)),
        error => one_line(error),
    }
}

async fn run(
    connection: &mut PgConnection,
    migrations: &Migrator,
    role: Option<&str>,
) -> Result<(), MigrateError> {
    saying(
        "waiting for another server that brings the tables up to date",
        wait_for_turn(connection),
    )
    .await?;
    // A role that may make no tables is welcome where they are all there.
    let is_there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(TABLE)
        .fetch_one(&mut *connection)
        .await?;
    if !is_there {
        connection.ensure_migrations_table(TABLE).await?;
    }
    // First of all: also one that broke off is not for us to mend.
    let applied = connection.list_applied_migrations(TABLE).await?;
    refuse_newer(migrations, &applied)?;
    if let Some(version) = connection.dirty_version(TABLE).await? {
        return Err(MigrateError::Dirty(version));
    }
    connection.execute(LOCK_TIMEOUT).await?;
    for migration in pending(migrations, &applied)? {
        apply(connection, migration).await?;
    }
    if let Some(role) = role {
        roles::grant(connection, role).await?;
    }
    connection.unlock().await
}

/// Makes the tables that these migrations make, in an empty database. The caller has the lock of those who migrate.
pub(super) async fn run_only(
    connection: &mut PgConnection,
    versions: &BTreeSet<i64>,
) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    connection.execute(LOCK_TIMEOUT).await?;
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| versions.contains(&migration.version))
    {
        apply(connection, migration).await?;
    }
    Ok(())
}

/// The digest of a migration, if this program has it.
pub(super) fn checksum(version: i64) -> Option<Cow<'static, [u8]>> {
    let migration = MIGRATIONS.iter().find(|migration| migration.version == version)?;
    Some(migration.checksum.clone())
}

/// Takes the lock of those who migrate.
pub(super) async fn wait_for_turn(connection: &mut PgConnection) -> Result<(), MigrateError> {
    connection.execute(TURN_TIMEOUT).await?;
    loop {
        match connection.lock().await {
            Err(error) if is_locked_out(&error) => tokio::time::sleep(TURN_PAUSE).await,
            result => {
                connection.execute(NO_LOCK_TIMEOUT).await?;
                return result;
            }
        }
    }
}

/// The migrations that have not been done, in their order.
fn pending<'a>(
    migrations: &'a Migrator,
    applied: &[AppliedMigration],
) -> Result<Vec<&'a Migration>, MigrateError> {
    let applied: HashMap<_, _> = applied.iter().map(|done| (done.version, done)).collect();
    let mut pending = Vec::new();
    for migration in migrations.iter() {
        match applied.get(&migration.version) {
            Some(done) if done.checksum != migration.checksum => {
                return Err(MigrateError::VersionMismatch(migration.version));
            }
            Some(_) => {}
            None => pending.push(migration),
        }
    }
    Ok(pending)
}

/// Refuses tables on which a newer program has worked.
fn refuse_newer(migrations: &Migrator, applied: &[AppliedMigration]) -> Result<(), MigrateError> {
    let newest = applied
        .iter()
        .map(|done| done.version)
        .filter(|version| !migrations.version_exists(*version))
        .max();
    newest.map_or(Ok(()), |version| Err(MigrateError::VersionMissing(version)))
}

/// Applies a migration. Where it does not get a lock in time, it takes everything back, lets those go on who wait
/// behind it, and tries again.
async fn apply(connection: &mut PgConnection, migration: &Migration) -> Result<(), MigrateError> {
    let (version, started) = (migration.version, Instant::now());
    let what = format!("migration {version} ({})", migration.description);
    let mut tries = 0;
    if migration.no_tx {
        connection.execute(NO_LOCK_TIMEOUT).await?;
    }
    loop {
        tries += 1;
        if let Some(index) = concurrent_index(migration.sql.as_str()) {
            drop_unfinished(connection, index).await?;
        }
        match saying(&what, connection.apply(TABLE, migration)).await {
            Ok(_) => break,
            Err(error) if is_locked_out(&error) && tries < TRIES => {
                tracing::info!(
                    version,
                    tries,
                    "{what} waits for work that is under way, and tries again"
                );
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
    if migration.no_tx {
        connection.execute(LOCK_TIMEOUT).await?;
    }
    let duration_ms = milliseconds_since(started);
    if started.elapsed() > SLOW {
        tracing::info!(version, duration_ms, tries, "{what} is done");
    } else {
        tracing::debug!(version, duration_ms, "{what} is done");
    }
    Ok(())
}

/// The name of the index that a migration builds concurrently.
fn concurrent_index(sql: &str) -> Option<&str> {
    let (_, after) = sql.split_once("index concurrently ")?;
    after
        .trim_start_matches("if not exists ")
        .split_ascii_whitespace()
        .next()
}

/// Drops what is left of an index whose making was interrupted. It is kept up to date by every write, and read by nobody.
async fn drop_unfinished(connection: &mut PgConnection, index: &str) -> Result<(), MigrateError> {
    let unfinished: Option<String> = sqlx::query_scalar(
        "select format('%I.%I', nspname, relname)
         from pg_index
         join pg_class on pg_class.oid = indexrelid
         join pg_namespace on pg_namespace.oid = relnamespace
         where relname = $1 and nspname = current_schema() and not indisvalid",
    )
    .bind(index)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(unfinished) = unfinished {
        tracing::info!(index, "an index that was not finished is made anew");
        connection
            .execute(AssertSqlSafe(format!("drop index concurrently {unfinished}")))
            .await?;
    }
    Ok(())
}

fn is_locked_out(error: &MigrateError) -> bool {
    // A lock that was not had in time, or a deadlock with work that is under way.
    matches!(code(error).as_deref(), Some("55P03" | "40P01"))
}

/// Waits for something, and says so while it lasts.
async fn saying<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let mut pause = SLOW;
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(pause, &mut work).await {
            Ok(done) => return done,
            Err(_) => {
                tracing::info!(seconds = started.elapsed().as_secs(), "{what}: not done yet");
                pause = SLOW_STILL;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_built_concurrently_is_the_only_statement_of_its_migration() {
        for migration in MIGRATIONS.iter() {
            let version = migration.version;
            let index = concurrent_index(migration.sql.as_str());
            assert_eq!(index.is_some(), migration.no_tx, "migration {version}");
            let statements = migration
                .sql
                .as_str()
                .lines()
                .filter(|line| !line.starts_with("--"));
            let ends = statements.filter(|line| line.contains(';')).count();
            assert!(index.is_none() || ends == 1, "migration {version}");
        }
    }

    #[test]
    fn the_name_of_an_index_is_read_from_its_statement() {
        let name = |sql| concurrent_index(sql);
        assert_eq!(
            name("create index concurrently if not exists a_idx on a (b);"),
            Some("a_idx")
        );
        assert_eq!(
            name("create unique index concurrently a_key\n    on a (b);"),
            Some("a_key")
        );
        assert_eq!(name("create index a_idx on a (b);"), None);
    }
}
