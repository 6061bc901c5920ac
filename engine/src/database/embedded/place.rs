//! Where the parts of a cluster are, which processes are its own, and how they end.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

use super::{
    ClusterError, NAME, POLL, READY_WITHIN,
    files::{file, tail},
};

/// PostgreSQL names its socket after a port, also where it listens on none.
pub(super) const PORT: u16 = 5432;

/// The length that fits into `sockaddr_un` with its closing zero.
pub(super) const MAX_SOCKET_PATH: usize = 107;

/// A fast shutdown writes everything out first.
pub(super) const STOPPED_WITHIN: Duration = Duration::from_secs(60);

/// An immediate one writes nothing.
pub(super) const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// Where the parts of a cluster are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Without links in it: by this name the processes of the cluster are known.
    pub(super) data: PathBuf,
    pub(super) socket_dir: PathBuf,
    pub(super) log: PathBuf,
    pub(super) start_lock: PathBuf,
    pub(super) users_lock: PathBuf,
}

impl Place {
    /// `data_dir` is absolute, and without links in it if it exists: all who use it must find one socket.
    pub(super) fn of(data_dir: &Path) -> Self {
        let beside = data_dir.join("run");
        let socket_dir = if socket_in(&beside).as_os_str().len() <= MAX_SOCKET_PATH {
            beside
        } else {
            let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
            let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Path::new("/tmp").join(format!("janji-{name}"))
        };
        Self {
            data: data_dir.join("postgres"),
            socket_dir,
            log: data_dir.join("postgres.log"),
            start_lock: data_dir.join("start.lock"),
            users_lock: data_dir.join("users.lock"),
        }
    }

    /// Resolves the link by which the data may have been moved to another disk.
    pub(super) fn resolved(mut self) -> Self {
        let linked = || {
            // A link to where nothing is yet.
            let target = fs::read_link(&self.data).ok()?;
            let target = self.data.parent()?.join(target);
            Some(target.parent()?.canonicalize().ok()?.join(target.file_name()?))
        };
        if let Some(data) = self.data.canonicalize().ok().or_else(linked) {
            self.data = data;
        }
        self
    }

    pub(super) fn socket_is_elsewhere(&self) -> bool {
        self.socket_dir.parent() != self.start_lock.parent()
    }

    pub(super) fn url(&self, role: &str) -> String {
        format!(
            "postgres:///{NAME}?host={}&port={PORT}&user={role}",
            percent_encoded(self.socket_dir.as_os_str())
        )
    }

    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_dir)
            .port(PORT)
            .username(NAME)
            .database(database)
            .disable_statement_logging()
    }

    /// The process id in the cluster's own lock file, whether or not such a process is there.
    pub(super) fn recorded_pid(&self) -> Option<i32> {
        fs::read_to_string(self.data.join("postmaster.pid"))
            .ok()?
            .lines()
            .next()?
            .trim()
            .parse()
            .ok()
    }

    /// Whether the process that the cluster's own lock file names is there, and is one of this cluster.
    pub(super) fn is_running(&self) -> bool {
        self.recorded_pid().is_some_and(|pid| {
            let cwd = Path::new("/proc").join(pid.to_string()).join("cwd");
            fs::read_link(cwd).is_ok_and(|cwd| cwd == self.data)
        })
    }

    /// The processes of this cluster. A number alone proves nothing: after a crash, or in a container, it soon
    /// belongs to another program.
    pub(super) fn processes(&self) -> Vec<i32> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid: &i32| {
                let process = Path::new("/proc").join(pid.to_string());
                let is_postgres = fs::read_link(process.join("exe")).is_ok_and(|exe| {
                    exe.file_name()
                        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"postgres"))
                });
                is_postgres && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == self.data)
            })
            .collect()
    }

    /// The first process of the running cluster, if it runs. What a dead one has left is cleared away when we are
    /// `alone`.
    pub(super) async fn postmaster(&self, alone: bool) -> Result<Option<i32>, ClusterError> {
        let since = Instant::now();
        loop {
            let processes = self.processes();
            if let Some(pid) = self.recorded_pid().filter(|pid| processes.contains(pid)) {
                return Ok(Some(pid));
            }
            if processes.is_empty() {
                break;
            }
            // Either it has not written its file yet, or it was killed and its children are about to notice. A new
            // one must not start beside them: they still write.
            if since.elapsed() > KILLED_WITHIN {
                for pid in processes {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                }
            }
            sleep(POLL).await;
        }
        if alone {
            // PostgreSQL would refuse to start if the number in them belonged to any process of its user.
            let socket = socket_in(&self.socket_dir);
            let lock = socket.with_added_extension("lock");
            for stale in [self.data.join("postmaster.pid"), lock, socket] {
                match fs::remove_file(&stale) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(file("remove", &stale)(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Waits until the cluster answers, or has ended.
    pub(super) async fn wait_until_ready(&self, mut child: Option<&mut Child>) -> Result<(), ClusterError> {
        let since = Instant::now();
        loop {
            match self.options("postgres").connect().await {
                Ok(connection) => {
                    // It answered: whether it also hears the farewell does not matter.
                    let _ = connection.close().await;
                    return Ok(());
                }
                Err(error) => tracing::trace!(%error, "PostgreSQL is not ready yet"),
            }
            let ended = match &mut child {
                Some(child) => !matches!(child.try_wait(), Ok(None)),
                None => self.processes().is_empty(),
            };
            if ended {
                return Err(ClusterError::NotStarted {
                    output: tail(&self.log),
                    log: self.log.clone(),
                });
            }
            if since.elapsed() > READY_WITHIN {
                return Err(ClusterError::NotReady {
                    log: self.log.clone(),
                });
            }
            sleep(POLL).await;
        }
    }

    /// Ends the cluster: in order if it can be had, else at once, which PostgreSQL repairs at its next start.
    pub(super) async fn shut_down(&self, mut child: Option<&mut Child>) -> Result<(), ClusterError> {
        let Some(pid) = self.recorded_pid().filter(|pid| self.processes().contains(pid)) else {
            return Ok(());
        };
        for (signal, within) in [(Signal::SIGINT, STOPPED_WITHIN), (Signal::SIGQUIT, KILLED_WITHIN)] {
            match kill(Pid::from_raw(pid), signal) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => {
                    return Err(ClusterError::File {
                        doing: "stop",
                        path: self.data.clone(),
                        source: error.into(),
                    });
                }
            }
            let since = Instant::now();
            while since.elapsed() < within {
                // Our own child stays a process until it is asked for.
                if let Some(child) = &mut child {
                    let _ = child.try_wait();
                }
                if self.processes().is_empty() {
                    return Ok(());
                }
                sleep(POLL).await;
            }
            tracing::warn!(pid, %signal, "PostgreSQL did not stop");
        }
        Err(ClusterError::NotStopped {
            pid,
            log: self.log.clone(),
        })
    }
}

pub(super) fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

pub(super) fn percent_encoded(text: &OsStr) -> String {
    text.as_encoded_bytes()
        .iter()
        .map(|&byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
