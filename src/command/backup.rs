//! Backups by hand, the restoring of one, and the release of the copy that comes of it.

use std::path::{Path, PathBuf};

use engine::{
    database::{
        Address, Database,
        backup::{self, Kind, Made, Restored, Target},
    },
    error::AppError,
    installation::{Release, Waiting, begin_backup, finish_backup, release},
    monitoring::verify::{Report, verify},
};
use janji::server::{Config, ServeError, open_database};

use super::{VERIFY_TIMEOUT, database::must_be_there, failure::Failure};

/// What the names of backups by hand begin with.
const PREFIX: &str = "janji";

/// Makes a backup at this place: a file, a folder, `-` for standard output; without one, where the daily ones are, or here.
pub(super) async fn back_up(config: Config, to: Option<PathBuf>) -> Result<Made, Failure> {
    must_be_there(&config)?;
    let target = match to {
        Some(path) if path == Path::new("-") => Target::StandardOutput,
        Some(path) if path.is_dir() => Target::Folder(path, PREFIX),
        Some(path) => Target::File(path),
        None => Target::Folder(
            config.backup_folder().unwrap_or_else(|| PathBuf::from(".")),
            PREFIX,
        ),
    };
    let (cluster, address) = open_database(&config).await?;
    let made = recorded(&config, &address, target).await;
    if let Some(cluster) = cluster {
        cluster.stop().await.map_err(ServeError::from)?;
    }
    made
}

async fn recorded(config: &Config, address: &Address, target: Target) -> Result<Made, Failure> {
    let url = address.of_owner();
    let database = Database::connect(url, &config.database)
        .await
        .map_err(ServeError::from)?;
    // Tables that have not been brought up to date yet have no record. They are backed up all the same, before they are.
    let id = begin_backup(&database).await.ok();
    let made = backup::back_up(url, target).await;
    if let Some(id) = id
        && let Err(error) = finish_backup(&database, id, made.as_ref().ok()).await
    {
        tracing::warn!(%error, "the backup could not be recorded");
    }
    database.close().await;
    Ok(made?)
}

/// Restores a backup into the database that is named, or into a new one, and checks every rule on what came of it.
pub(super) async fn restore(config: Config, file: &Path, kind: Kind) -> Result<(Restored, Report), Failure> {
    let (cluster, address) = open_database(&config).await?;
    let restored = checked(&config, &address, file, kind).await;
    if let Some(cluster) = cluster {
        cluster.stop().await.map_err(ServeError::from)?;
    }
    restored
}

async fn checked(
    config: &Config,
    address: &Address,
    file: &Path,
    kind: Kind,
) -> Result<(Restored, Report), Failure> {
    let restored = backup::restore(address, file, kind).await?;
    let database = Database::connect(address.of_owner(), &config.database)
        .await
        .map_err(ServeError::from)?;
    let report = verify(&database, VERIFY_TIMEOUT).await;
    database.close().await;
    Ok((restored, report?))
}

/// Releases the copy, and says in a sentence what is so now.
pub(super) async fn release_copy(database: &Database, sends: bool) -> Result<String, AppError> {
    let waiting = match sends {
        true => Waiting::Send,
        false => Waiting::Drop,
    };
    let command = Release {
        caller: None,
        waiting,
    };
    Ok(match release(database, command).await? {
        None => "This installation is at work already.".to_owned(),
        Some(dropped) => format!(
            "This installation is at work now: it tells people and asks providers. {dropped} messages from before are not sent."
        ),
    })
}
