//! Backups by hand, the restoring of one, and the release of the copy that comes of it.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

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

use super::{
    VERIFY_TIMEOUT,
    database::{Tables, must_be_there, with_database},
    failure::Failure,
};

/// What the names of backups by hand begin with.
const PREFIX: &str = "janji";

/// What is so after a backup was restored.
const RESTORED: &str = "Every rule is kept. The copy is paused: no message, payment or webhook leaves it, and nothing for calendars \
                        elsewhere, until an admin has released it, at /admin/backups or with `janji release`. What somebody does \
                        by hand is not held back. Erase again before you release it, with the ledger beside the backups: \
                        `janji erase-again < erased.ledger`.";

/// Makes a backup at this place: a file, a folder, `-` for standard output; without one, where the daily ones are, or here.
/// Says what is in it.
pub(super) async fn back_up(config: Config, to: Option<PathBuf>) -> Result<String, Failure> {
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
    let made = made?;
    let place = made
        .path
        .map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
    Ok(format!(
        "Backed up {} rows of {} to {place}.",
        made.rows, made.taken_at
    ))
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

/// Restores a backup into the database that is named, or into a new one, and checks every rule on what came of it. Prints what
/// it did and found.
pub(super) async fn restore(config: Config, file: &Path, as_copy: bool) -> Result<ExitCode, Failure> {
    let kind = match as_copy {
        true => Kind::Copy,
        false => Kind::Same,
    };
    let (cluster, address) = open_database(&config).await?;
    let restored = checked(&config, &address, file, kind).await;
    if let Some(cluster) = cluster {
        cluster.stop().await.map_err(ServeError::from)?;
    }
    let (restored, report) = restored?;
    println!(
        "Restored {} rows of {}, as Janji {} had them.",
        restored.rows, restored.taken_at, restored.janji
    );
    if !report.is_sound() {
        print!("{}", report.to_text());
        return Ok(ExitCode::FAILURE);
    }
    println!("{RESTORED}");
    Ok(ExitCode::SUCCESS)
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
pub(super) async fn release_copy(config: Config, sends: bool) -> Result<String, Failure> {
    must_be_there(&config)?;
    with_database(config, Tables::UpToDate, |database| async move {
        released(&database, sends).await
    })
    .await
}

async fn released(database: &Database, sends: bool) -> Result<String, AppError> {
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
