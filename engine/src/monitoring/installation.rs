//! The machine room of an installation: what PostgreSQL says of itself, and how much room is left.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jiff::SignedDuration;

use crate::{
    database::{Database, newest_migration},
    error::AppError,
};

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub version: String,
    /// The shortest of three round trips.
    pub latency: Duration,
    /// Settings that make data depend on luck, and how they should be.
    pub unsafe_settings: Vec<(&'static str, &'static str)>,
    /// Connections that the server takes, and those that are open.
    pub most_connections: i32,
    pub connections: i64,
    pub bytes: i64,
    /// The last migration that was done, and the last one that this program knows.
    pub migration: i64,
    pub newest_migration: i64,
    /// Migrations that began and did not come to their end.
    pub broken_migrations: i64,
    /// The time by which the clock of this machine is ahead of the database's; negative where it is behind.
    pub ahead: SignedDuration,
}

/// The number of round trips that are timed.
const ROUND_TRIPS: usize = 3;

/// Asks the database about itself.
///
/// # Errors
/// Those of the database.
pub async fn look(database: &Database) -> Result<Installation, AppError> {
    database.read_clock().await?;
    let ahead = database.clock_ahead();
    database
        .read("monitoring.installation", move |mut connection| async move {
            let mut latency = Duration::MAX;
            for _ in 0..ROUND_TRIPS {
                let asked = Instant::now();
                sqlx::raw_sql("select 1").execute(&mut *connection).await?;
                latency = latency.min(asked.elapsed());
            }
            let row = sqlx::query!(
                r#"select current_setting('server_version') as "version!",
                          current_setting('fsync')::boolean as "fsync!",
                          current_setting('full_page_writes')::boolean as "full_page_writes!",
                          current_setting('max_connections')::integer as "most!",
                          (select count(*) from pg_stat_activity where backend_type = 'client backend') as "connections!",
                          pg_database_size(current_database()) as "bytes!""#,
            )
            .fetch_one(&mut *connection)
            .await?;
            // The table is sqlx's: it is there wherever Janji has been.
            let (migration, broken): (i64, i64) = sqlx::query_as(
                "select coalesce(max(version) filter (where success), 0), count(*) filter (where not success)
                 from _sqlx_migrations",
            )
            .fetch_one(&mut *connection)
            .await?;
            let unsafe_settings = [
                ("fsync", row.fsync),
                ("full_page_writes", row.full_page_writes),
            ]
            .into_iter()
            .filter(|(_, is_on)| !is_on)
            .map(|(name, _)| (name, "on"))
            .collect();
            Ok(Installation {
                version: row.version,
                latency,
                unsafe_settings,
                most_connections: row.most,
                connections: row.connections,
                bytes: row.bytes,
                migration,
                newest_migration: newest_migration(),
                broken_migrations: broken,
                ahead,
            })
        })
        .await
}

/// The room on the disk that a folder is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub free_bytes: u64,
    pub total_bytes: u64,
}

/// The room for whoever runs the program; none where the folder cannot be asked.
pub fn room(folder: &Path) -> Option<Room> {
    let disk = nix::sys::statvfs::statvfs(folder).ok()?;
    let block = disk.fragment_size();
    Some(Room {
        free_bytes: disk.blocks_available().saturating_mul(block),
        total_bytes: disk.blocks().saturating_mul(block),
    })
}
