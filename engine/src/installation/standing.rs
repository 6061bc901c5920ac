//! How the installation stands.

use jiff::Timestamp;

use crate::{database::Database, error::AppError};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupMade {
    pub ended_at: Timestamp,
    /// The name of its file.
    pub name: String,
    pub bytes: i64,
    pub rows: i64,
}

/// How the installation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Since when it is a copy from which nothing leaves.
    pub paused_since: Option<Timestamp>,
    /// The moment of the backup that it was restored from.
    pub restored_from: Option<Timestamp>,
    pub last_backup: Option<BackupMade>,
    /// The messages that waited in the backup and are due by now. The first installation may have sent them.
    pub waiting: i64,
    /// The backups that began after the last one that was made, and failed.
    pub failed: i64,
}

/// Reads how the installation stands.
///
/// # Errors
/// Those of the database.
pub async fn standing(database: &Database) -> Result<Standing, AppError> {
    database
        .read("installation.standing", |mut connection| async move {
            let row = sqlx::query!(
                r#"select paused_since, restored_from,
                          case when paused_since is null then 0
                               else (select count(*) from messages
                                     where state in ('due', 'claimed') and due_at <= now() and created_at < paused_since)
                          end as "waiting!",
                          (select count(*) from backups
                           where name is null and ended_at is not null
                             and ended_at > coalesce((select max(ended_at) from backups where name is not null),
                                                     '-infinity')) as "failed!"
                   from installation"#
            )
            .fetch_one(&mut *connection)
            .await?;
            let last = sqlx::query!(
                r#"select ended_at as "ended_at!", name as "name!", bytes as "bytes!", rows as "rows!" from backups
                   where name is not null order by ended_at desc limit 1"#
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(Standing {
                paused_since: row.paused_since.map(jiff_sqlx::Timestamp::to_jiff),
                restored_from: row.restored_from.map(jiff_sqlx::Timestamp::to_jiff),
                last_backup: last.map(|last| BackupMade {
                    ended_at: last.ended_at.to_jiff(),
                    name: last.name,
                    bytes: last.bytes,
                    rows: last.rows,
                }),
                waiting: row.waiting,
                failed: row.failed,
            })
        })
        .await
}
