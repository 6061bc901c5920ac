//! The PostgreSQL that Janji runs itself, where nobody gave it another one.
//!
//! A cluster lives in the folder `postgres` of Janji's data directory, and is reached by a unix socket
//! that only its owner can open; it never listens on the network. The processes of Janji that use one
//! data directory share its cluster: whoever comes first starts it, and the last to leave stops it.
//!
//! Two lock files say who is there. `start.lock` is held while somebody starts or stops the cluster,
//! `users.lock` is shared by all who use it. The kernel lets go of both when a process dies, however it
//! dies, so a `kill -9` leaves nothing behind that the next start would have to believe. PostgreSQL itself
//! may well survive its Janji; the next start then joins it.

mod files;
mod launch;
mod memory;
mod place;
mod programs;
mod scratch;
#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::unistd::{Uid, User};
use tokio::{process::Child, time::sleep};

pub use self::scratch::run_with_scratch;
use self::{
    files::{file, lock_within, open_lock, prepare_data_dir, try_lock},
    launch::{create_database, create_server_role, launch},
    place::Place,
    programs::OLDEST,
};
use super::roles::Address;

/// The database in the cluster, and the role that owns it and changes its tables.
const NAME: &str = "janji";

/// The role that serves: it works with the rows.
const SERVER_ROLE: &str = "janji_server";

/// Replaying the log after a crash takes its time.
const READY_WITHIN: Duration = Duration::from_secs(300);

const POLL: Duration = Duration::from_millis(50);

/// Interval at which the cluster is checked.
const WATCHED_EVERY: Duration = Duration::from_millis(500);

/// Settings of a cluster.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Janji's data directory; the cluster is one of the things in it.
    pub data_dir: PathBuf,
    /// Whether what was committed survives a power cut. Only tests do without.
    pub durable: bool,
    pub max_connections: u32,
}

/// The reason why there is no PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "no PostgreSQL found: install it (Debian: apt-get install postgresql), name its program folder in \
         JANJI_POSTGRES_BIN, or give Janji a DATABASE_URL"
    )]
    NotFound,
    #[error("PostgreSQL {found} in {} is too old: Janji needs {OLDEST} or newer", .folder.display())]
    TooOld { found: u32, folder: PathBuf },
    #[error(
        "{} was written by PostgreSQL {version}, which is not installed: install it, or move the data with \
         pg_dump or pg_upgrade", .data.display()
    )]
    OtherVersion { data: PathBuf, version: u32 },
    #[error("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")]
    NoUser,
    #[error(
        "PostgreSQL would run as the user {user}, who may not enter {}: choose another data directory \
         with JANJI_DATA_DIR", .folder.display()
    )]
    Unreachable { user: String, folder: PathBuf },
    #[error("{} belongs to another user", .0.display())]
    NotOurs(PathBuf),
    #[error("initdb failed in {}: {output}", .data.display())]
    InitFailed { data: PathBuf, output: String },
    #[error("PostgreSQL did not start: {output} (see {})", .log.display())]
    NotStarted { output: String, log: PathBuf },
    #[error("PostgreSQL did not become ready within {} s (see {})", READY_WITHIN.as_secs(), .log.display())]
    NotReady { log: PathBuf },
    #[error("PostgreSQL, process {pid}, did not stop (see {})", .log.display())]
    NotStopped { pid: i32, log: PathBuf },
    #[error("another Janji has been starting or stopping PostgreSQL in {} for too long", .0.display())]
    Busy(PathBuf),
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("cannot run {}: {source}", .program.display())]
    Run { program: PathBuf, source: io::Error },
    #[error("the embedded PostgreSQL refused: {0}")]
    Database(#[from] sqlx::Error),
}

/// A running cluster, and our share in it. Dropped without [`stop`](Self::stop), it goes on running until the
/// next process on the same data directory has joined and left it.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    settings: Settings,
    url: String,
    /// Where this process started the cluster: what has to be waited for in the end.
    child: Option<Child>,
    /// Held, shared, for as long as this process uses the cluster.
    users: File,
}

impl Cluster {
    /// Joins the cluster of the data directory, or starts it, making it first where there is none.
    pub async fn start(settings: &Settings) -> Result<Self, ClusterError> {
        let data_dir = prepare_data_dir(&settings.data_dir)?;
        let place = Place::of(&data_dir).resolved();

        let start = open_lock(&place.start_lock)?;
        lock_within(&start, &place.start_lock).await?;
        let users = open_lock(&place.users_lock)?;
        // Nobody else starts or stops it now, so this also tells a cluster that was left behind from a used one.
        let alone = try_lock(&users, &place.users_lock)?;
        users
            .unlock()
            .and_then(|()| users.lock_shared())
            .map_err(file("lock", &place.users_lock))?;

        let url = place.url(NAME);
        let child = if place.postmaster(alone).await?.is_some() {
            tracing::info!(data_dir = %data_dir.display(), "joined the PostgreSQL that was already running");
            place.wait_until_ready(None).await?;
            None
        } else {
            Some(launch(&place, settings, alone).await?)
        };
        create_database(&place).await?;
        create_server_role(&place).await?;
        Ok(Self {
            place,
            settings: settings.clone(),
            url,
            child,
            users,
        })
    }

    /// Where its owner connects, for sqlx, psql and everything else that takes a PostgreSQL URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where to connect to serve, by a role that owns nothing, and to change tables.
    pub fn address(&self) -> Address {
        Address {
            url: self.place.url(SERVER_ROLE),
            owner_url: Some(self.url.clone()),
        }
    }

    /// Starts the cluster again whenever it has died, as long as this is awaited. What was acknowledged is in its
    /// log, and there again after it.
    pub async fn watch(&mut self) -> Infallible {
        loop {
            sleep(WATCHED_EVERY).await;
            if let Some(child) = &mut self.child {
                // Our own child stays a process until it is asked for.
                let _ = child.try_wait();
            }
            if self.place.is_running() {
                continue;
            }
            tracing::error!(log = %self.place.log.display(), "PostgreSQL has died, starting it again");
            match self.start_again().await {
                Ok(()) => tracing::warn!("PostgreSQL is there again"),
                Err(error) => tracing::error!(%error, "PostgreSQL could not be started again"),
            }
        }
    }

    async fn start_again(&mut self) -> Result<(), ClusterError> {
        let start = open_lock(&self.place.start_lock)?;
        lock_within(&start, &self.place.start_lock).await?;
        // Whoever shares the cluster with us may have come first. What a dead one has left is nobody's: who starts
        // one has the lock.
        self.child = if self.place.postmaster(true).await?.is_some() {
            self.place.wait_until_ready(None).await?;
            None
        } else {
            Some(launch(&self.place, &self.settings, false).await?)
        };
        Ok(())
    }

    /// Leaves the cluster, and stops it unless another process still uses it.
    pub async fn stop(self) -> Result<(), ClusterError> {
        let Self {
            place,
            users,
            mut child,
            ..
        } = self;
        let start = open_lock(&place.start_lock)?;
        lock_within(&start, &place.start_lock).await?;
        users.unlock().map_err(file("unlock", &place.users_lock))?;
        if !try_lock(&users, &place.users_lock)? {
            tracing::info!("left PostgreSQL running: another Janji uses it");
            return Ok(());
        }
        place.shut_down(child.as_mut()).await?;
        if place.socket_is_elsewhere() {
            // It is made anew by the next start.
            let _ = fs::remove_dir_all(&place.socket_dir);
        }
        Ok(())
    }

    /// Where Janji keeps its data when nobody says where: `/var/lib/janji` for root, else
    /// `$XDG_DATA_HOME/janji` or `~/.local/share/janji`.
    pub fn default_data_dir() -> PathBuf {
        if Uid::effective().is_root() {
            return PathBuf::from("/var/lib/janji");
        }
        let absolute = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = || {
            absolute("HOME").or_else(|| {
                User::from_uid(Uid::effective())
                    .ok()
                    .flatten()
                    .map(|user| user.dir)
            })
        };
        absolute("XDG_DATA_HOME")
            .or_else(|| home().map(|home| home.join(".local/share")))
            .unwrap_or_else(|| PathBuf::from("."))
            .join("janji")
    }

    /// Whether there is a cluster in a data directory.
    pub fn is_in(data_dir: &Path) -> bool {
        Place::of(data_dir).data.join("PG_VERSION").exists()
    }

    /// The URL of the owner of the cluster in a data directory, whether it runs or not.
    pub fn url_of(data_dir: &Path) -> String {
        let absolute = data_dir
            .canonicalize()
            .or_else(|_| std::path::absolute(data_dir))
            .unwrap_or_else(|_| data_dir.to_owned());
        Place::of(&absolute).url(NAME)
    }
}
