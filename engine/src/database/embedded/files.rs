//! Folders, lock files, and what is said when one cannot be had.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::unistd::Uid;
use tokio::time::{Instant, sleep};

use super::{ClusterError, POLL};

/// Limit for another process to start or stop the cluster.
pub(super) const LOCKED_WITHIN: Duration = Duration::from_secs(330);

/// Makes the data directory, passable for whoever PostgreSQL runs as, and resolves the links in its path.
pub(super) fn prepare_data_dir(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    if !data_dir.exists() {
        fs::create_dir_all(data_dir).map_err(file("create", data_dir))?;
        let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(data_dir, Permissions::from_mode(mode)).map_err(file("create", data_dir))?;
    }
    data_dir.canonicalize().map_err(file("find", data_dir))
}

pub(super) fn open_lock(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        // A lock that others could open, others could hold.
        .mode(0o600)
        .open(path)
        .map_err(file("open", path))
}

pub(super) fn try_lock(lock: &File, path: &Path) -> Result<bool, ClusterError> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

pub(super) async fn lock_within(lock: &File, path: &Path) -> Result<(), ClusterError> {
    let since = Instant::now();
    while !try_lock(lock, path)? {
        if since.elapsed() > LOCKED_WITHIN {
            return Err(ClusterError::Busy(path.parent().unwrap_or(path).to_owned()));
        }
        sleep(POLL).await;
    }
    Ok(())
}

pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
    let path = path.to_owned();
    move |source| ClusterError::File { doing, path, source }
}

pub(super) fn tail(log: &Path) -> String {
    fs::read(log).map_or_else(
        |error| error.to_string(),
        |text| last_lines(&String::from_utf8_lossy(&text)),
    )
}

/// The end of what a program said, as one line.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}
