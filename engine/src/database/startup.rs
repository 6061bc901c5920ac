//! Is this a database that Janji can work with?

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};

use super::{
    Settings,
    session::{self, Session},
};

/// The oldest PostgreSQL that Janji is tested with, as `server_version_num` has it.
const OLDEST: i32 = 150_000;

/// The reason why the server does not start: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("DATABASE_URL is not a PostgreSQL URL (postgres://user:password@host/database)")]
    BadUrl,
    #[error("JANJI_MIGRATE_URL is not a PostgreSQL URL (postgres://user:password@host/database)")]
    BadMigrateUrl,
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    #[error("PostgreSQL is too old: version {0}, and Janji needs 15 or newer")]
    TooOld(String),
    #[error(
        "this PostgreSQL cannot be written to: it is a standby, or read-only by default; give DATABASE_URL the \
         address of the primary, or wait until this one is promoted"
    )]
    ReadOnly,
    #[error(
        "PostgreSQL lacks the extension btree_gist, which keeps appointments from overlapping, or pg_trgm, which \
         finds names: install postgresql-contrib, or have an administrator run `create extension btree_gist; create extension pg_trgm`"
    )]
    NoExtensions,
    #[error(
        "between Janji and PostgreSQL is a pooler in {0} mode, such as PgBouncer with pool_mode = {0}, where no setting, \
         lock or notification stays with its connection: set pool_mode = session for this database, or give DATABASE_URL \
         the address of PostgreSQL itself"
    )]
    Pooler(&'static str),
    #[error(
        "PostgreSQL, or a pooler in front of it, does not keep the settings that Janji relies on ({0}): give DATABASE_URL \
         the address of PostgreSQL itself, or a pooler in session mode"
    )]
    Settings(String),
    #[error(
        "the pooler in front of PostgreSQL refuses a connection of Janji ({0}): give DATABASE_URL the address of \
         PostgreSQL itself, or allow that in the pooler"
    )]
    Refused(String),
    #[error("the tables could not be brought up to date: {0}")]
    Migration(String),
    #[error(
        "the tables are not up to date: migration {0} has not been done; run `janji migrate`, or start without --no-migrate"
    )]
    NotMigrated(i64),
    #[error(
        "the tables are those of a newer Janji: they have migration {found}, and this program knows migrations up to {known}; \
         nothing was changed: install the newer release here, or restore a backup from before it (docs/install.md, Upgrade)"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the role {0} may not read or change Janji's tables as is needed ({1}): run `janji migrate` with the URL of their \
         owner in JANJI_MIGRATE_URL, and this role in DATABASE_URL"
    )]
    NotOwner(String, String),
}

impl StartError {
    /// The reason that an error gives. A pooler is recognised by what only poolers say.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let text = one_line(error);
        if let sqlx::Error::Configuration(swallowed) = error
            && swallowed.is::<session::Swallowed>()
        {
            return Self::Settings(swallowed.to_string());
        }
        let code = error.as_database_error().and_then(|error| error.code());
        if text.contains("statement pooling mode") {
            return Self::Pooler("statement");
        }
        if text.contains("unsupported startup parameter") {
            return Self::Refused(text);
        }
        match code.as_deref() {
            // A prepared statement that exists already, or exists no more: another connection than a moment ago.
            Some("42P05" | "26000") => Self::Pooler("transaction"),
            Some("25006") => Self::ReadOnly,
            _ => Self::Unreachable(text),
        }
    }
}

/// Connects, in bounded time.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    let options = adapted(options.clone()).application_name("janji-start");
    let connecting = options.connect();
    match tokio::time::timeout(Duration::from_secs(10), connecting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(StartError::of(&error)),
        Err(_) => Err(StartError::Unreachable("no answer in 10 seconds".into())),
    }
}

/// Options that every pooler lets pass: it is no use to ask for what has been the default for years.
pub(super) fn adapted(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None)
}

/// Options of a connection of the pool.
pub(super) fn for_serving(options: PgConnectOptions) -> PgConnectOptions {
    adapted(options).application_name("janji")
}

/// Whether this connection leads to a database that can be written to.
pub(super) async fn can_write(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let rows = sqlx::raw_sql("select not current_setting('transaction_read_only')::boolean")
        .fetch_all(connection)
        .await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
}

pub(super) fn one_line(error: &dyn std::error::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What the database is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Reading,
    Writing,
}

/// Checks that this is a PostgreSQL that Janji can work with, and that nothing in between makes one connection out of
/// several.
pub(super) async fn check(options: &PgConnectOptions, what_for: Use) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    let facts = "select current_setting('server_version_num')::int,
                        current_setting('server_version'),
                        (select count(*) = 2 from pg_available_extensions where name in ('btree_gist', 'pg_trgm')),
                        pg_is_in_recovery() or current_setting('transaction_read_only')::boolean";
    let rows = sqlx::raw_sql(facts).fetch_all(&mut connection).await;
    let (number, version, has_extensions, is_read_only): (i32, String, bool, bool) = rows
        .and_then(|rows| {
            let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
        })
        .map_err(|error| StartError::of(&error))?;
    if number < OLDEST {
        return Err(StartError::TooOld(version));
    }
    if !has_extensions {
        return Err(StartError::NoExtensions);
    }
    if is_read_only && what_for == Use::Writing {
        return Err(StartError::ReadOnly);
    }
    let mut other = connect(options).await?;
    session::stays(&mut connection, &mut other).await?;
    // A goodbye that fails changes nothing for us.
    let _ = tokio::join!(connection.close(), other.close());
    Ok(())
}

/// Checks that a connection keeps what Janji sets on it.
pub(super) async fn check_settings(
    options: &PgConnectOptions,
    settings: &Settings,
) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    Session::new(settings)
        .set(&mut connection)
        .await
        .map_err(|error| StartError::of(&error))?;
    let _ = connection.close().await;
    Ok(())
}
