//! Is this a database that Janji can work with? And bring it up to date.

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

/// The oldest PostgreSQL that Janji is tested with, as `server_version_num` has it.
const OLDEST: i32 = 150_000;

/// The reason why the server does not start: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("DATABASE_URL is not a PostgreSQL URL (postgres://user:password@host/database)")]
    BadUrl,
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    #[error("PostgreSQL is too old: version {0}, and Janji needs 15 or newer")]
    TooOld(String),
    #[error(
        "PostgreSQL lacks the extension btree_gist, which keeps appointments from overlapping, or pg_trgm, which finds names: install postgresql-contrib, or have an administrator run `create extension btree_gist; create extension pg_trgm`"
    )]
    NoExtensions,
    #[error("the tables could not be brought up to date: {0}")]
    Migration(String),
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StartError> {
    let options = options.clone().application_name("janji-start");
    let connecting = options.connect();
    match tokio::time::timeout(std::time::Duration::from_secs(10), connecting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(StartError::Unreachable(one_line(&error))),
        Err(_) => Err(StartError::Unreachable("no answer in 10 seconds".into())),
    }
}

fn one_line(error: &dyn std::error::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

pub(super) async fn check(options: &PgConnectOptions) -> Result<(), StartError> {
    let mut connection = connect(options).await?;
    let facts = sqlx::query!(
        r#"select current_setting('server_version_num')::int as "number!",
                  current_setting('server_version') as "version!",
                  (select count(*) = 2 from pg_available_extensions
                   where name in ('btree_gist', 'pg_trgm')) as "has_extensions!""#
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| StartError::Unreachable(one_line(&error)))?;
    // A goodbye that fails changes nothing for us.
    let _ = connection.close().await;
    if facts.number < OLDEST {
        return Err(StartError::TooOld(facts.version));
    }
    if !facts.has_extensions {
        return Err(StartError::NoExtensions);
    }
    Ok(())
}

/// Brings the tables up to date, under an advisory lock: of servers that start together, one does
/// it and the others wait for it.
///
/// # Errors
/// One line for whoever starts the server.
pub async fn migrate(url: &str) -> Result<(), StartError> {
    let options: PgConnectOptions = url.parse().map_err(|_| StartError::BadUrl)?;
    // On a connection of its own, without the timeouts of the pool: the wait for another server's
    // migration may be long.
    let mut connection = connect(&options).await?;
    sqlx::migrate!("../migrations")
        .run(&mut connection)
        .await
        .map_err(|error| StartError::Migration(one_line(&error)))?;
    let _ = connection.close().await;
    Ok(())
}
