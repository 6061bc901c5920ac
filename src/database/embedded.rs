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

use std::{
    convert::Infallible,
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown},
        process::ExitStatusExt,
    },
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, SystemTime},
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid, User},
};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    time::{Instant, sleep},
};

/// The oldest PostgreSQL that Janji is tested with.
const OLDEST: u32 = 15;
/// The database in the cluster, and the role that owns it.
const NAME: &str = "janji";
/// PostgreSQL names its socket after a port, also where it listens on none.
const PORT: u16 = 5432;
/// What fits into `sockaddr_un` with its closing zero.
const LONGEST_SOCKET_PATH: usize = 107;
/// Replaying the log after a crash takes its time.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// How long another process may take to start or stop the cluster.
const LOCKED_WITHIN: Duration = Duration::from_secs(330);
/// A fast shutdown writes everything out first.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
/// An immediate one writes nothing.
const KILLED_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);
/// How often somebody looks whether the cluster is still there.
const WATCHED_EVERY: Duration = Duration::from_millis(500);
/// A log that has grown beyond this is put aside at the next start.
const LONGEST_LOG: u64 = 16 * 1024 * 1024;

/// How a cluster is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Janji's data directory; the cluster is one of the things in it.
    pub data_dir: PathBuf,
    /// Whether what was committed survives a power cut. Only tests do without.
    pub durable: bool,
    pub max_connections: u32,
}

/// Why there is no PostgreSQL.
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
        let place = Place::of(&data_dir);

        let start = open_lock(&place.start_lock)?;
        lock_within(&start, &place.start_lock).await?;
        let users = open_lock(&place.users_lock)?;
        // Nobody else starts or stops it now, so this also tells a cluster that was left behind from a used one.
        let alone = try_lock(&users, &place.users_lock)?;
        users
            .unlock()
            .and_then(|()| users.lock_shared())
            .map_err(file("lock", &place.users_lock))?;

        let url = place.url();
        let child = if place.postmaster(alone).await?.is_some() {
            tracing::info!(data_dir = %data_dir.display(), "joined the PostgreSQL that was already running");
            place.wait_until_ready(None).await?;
            None
        } else {
            Some(launch(&place, settings, alone).await?)
        };
        create_database(&place).await?;
        Ok(Self {
            place,
            settings: settings.clone(),
            url,
            child,
            users,
        })
    }

    /// Where to connect, for sqlx, psql and everything else that takes a PostgreSQL URL.
    pub fn url(&self) -> &str {
        &self.url
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

    /// The URL of the cluster in a data directory, whether it runs or not.
    pub fn url_of(data_dir: &Path) -> String {
        let absolute = data_dir
            .canonicalize()
            .or_else(|_| std::path::absolute(data_dir))
            .unwrap_or_else(|_| data_dir.to_owned());
        Place::of(&absolute).url()
    }
}

/// Runs a command against a fresh cluster that is thrown away afterwards, with its URL in `DATABASE_URL`, and
/// returns the code that the command ended with.
pub async fn run_with_scratch(command: &[OsString]) -> Result<i32, ClusterError> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(0);
    };
    let moment = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .subsec_nanos();
    let data_dir = std::env::temp_dir().join(format!("janji-scratch-{}-{moment}", std::process::id()));
    // From here on a signal ends the command, not us: the cluster has to be stopped and removed.
    let streams = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = streams else {
        return Err(ClusterError::Run {
            program: program.into(),
            source: io::Error::other("signals cannot be received"),
        });
    };

    let settings = Settings {
        data_dir: data_dir.clone(),
        durable: false,
        max_connections: 300,
    };
    let ended = match Cluster::start(&settings).await {
        Err(error) => Err(error),
        Ok(cluster) => {
            let ended = async {
                let run = |source| ClusterError::Run {
                    program: program.into(),
                    source,
                };
                let mut child = Command::new(program)
                    .args(arguments)
                    .env("DATABASE_URL", cluster.url())
                    .spawn()
                    .map_err(run)?;
                let pid = child.id();
                loop {
                    tokio::select! {
                        status = child.wait() => break status.map(code_of).map_err(run),
                        // The terminal has sent this one to the command as well.
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => pass_on(pid, Signal::SIGTERM),
                        _ = hangup.recv() => pass_on(pid, Signal::SIGHUP),
                    }
                }
            }
            .await;
            cluster.stop().await.and(ended)
        }
    };
    let removed = fs::remove_dir_all(&data_dir).map_err(file("remove", &data_dir));
    let code = ended?;
    removed.map(|()| code)
}

fn pass_on(pid: Option<u32>, signal: Signal) {
    if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()) {
        // It may have ended a moment ago.
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// As a shell counts.
fn code_of(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}

/// Where the parts of a cluster are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    data: PathBuf,
    socket_dir: PathBuf,
    log: PathBuf,
    start_lock: PathBuf,
    users_lock: PathBuf,
}

impl Place {
    /// `data_dir` is absolute, and without links in it if it exists: all who use it must find one socket.
    fn of(data_dir: &Path) -> Self {
        let beside = data_dir.join("run");
        let socket_dir = if socket_in(&beside).as_os_str().len() <= LONGEST_SOCKET_PATH {
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

    fn socket_is_elsewhere(&self) -> bool {
        self.socket_dir.parent() != self.data.parent()
    }

    fn url(&self) -> String {
        format!(
            "postgres:///{NAME}?host={}&port={PORT}&user={NAME}",
            percent_encoded(self.socket_dir.as_os_str())
        )
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_dir)
            .port(PORT)
            .username(NAME)
            .database(database)
            .disable_statement_logging()
    }

    /// The process id in the cluster's own lock file, whether or not such a process is there.
    fn recorded_pid(&self) -> Option<i32> {
        fs::read_to_string(self.data.join("postmaster.pid"))
            .ok()?
            .lines()
            .next()?
            .trim()
            .parse()
            .ok()
    }

    /// Whether the process that the cluster's own lock file names is there, and is one of this cluster.
    fn is_running(&self) -> bool {
        self.recorded_pid().is_some_and(|pid| {
            let cwd = Path::new("/proc").join(pid.to_string()).join("cwd");
            fs::read_link(cwd).is_ok_and(|cwd| cwd == self.data)
        })
    }

    /// The processes of this cluster. A number alone proves nothing: after a crash, or in a container, it soon
    /// belongs to another program.
    fn processes(&self) -> Vec<i32> {
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
    async fn postmaster(&self, alone: bool) -> Result<Option<i32>, ClusterError> {
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
    async fn wait_until_ready(&self, mut child: Option<&mut Child>) -> Result<(), ClusterError> {
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
    async fn shut_down(&self, mut child: Option<&mut Child>) -> Result<(), ClusterError> {
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

/// Starts a cluster that does not run, and waits until it answers.
async fn launch(place: &Place, settings: &Settings, alone: bool) -> Result<Child, ClusterError> {
    let account = Account::for_data(&place.data)?;
    account.check_reach(&place.data)?;
    let binaries = Binaries::find(&account, &place.data).await?;
    if !place.data.join("PG_VERSION").exists() {
        initialize(place, settings, &account, &binaries).await?;
    }
    prepare_socket_dir(place, &account)?;
    if alone {
        put_log_aside(&place.log);
    }

    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&place.log)
        .and_then(|log| {
            log.set_permissions(Permissions::from_mode(0o600))?;
            Ok((log.try_clone()?, log))
        })
        .map_err(file("open", &place.log))?;

    let program = binaries.folder.join("postgres");
    let mut command = account.command(&program);
    command.arg("-D").arg(&place.data);
    for setting in server_settings(place, settings) {
        command.arg("-c").arg(setting);
    }
    command
        // Ctrl-C in a terminal reaches its whole process group. Janji has work to finish before its database goes.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.0)
        .stderr(log.1);
    let started = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|source| ClusterError::Run { program, source })?;
    if let Err(error) = place.wait_until_ready(Some(&mut child)).await {
        // Nobody will use it; the error to report is the first one.
        let _ = place.shut_down(Some(&mut child)).await;
        return Err(error);
    }
    tracing::info!(
        version = binaries.version,
        user = account.name,
        data = %place.data.display(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "started PostgreSQL"
    );
    Ok(child)
}

/// What is not left to `postgresql.conf`: the promises that Janji makes, and who can connect. All else may be tuned
/// there.
fn server_settings(place: &Place, settings: &Settings) -> Vec<OsString> {
    let mut socket_dir = OsString::from("unix_socket_directories=");
    // A list, in which a quoted part may hold anything.
    socket_dir.push("\"");
    socket_dir.push(&place.socket_dir);
    socket_dir.push("\"");
    let promise = if settings.durable { "on" } else { "off" };
    let mut all = vec![socket_dir];
    all.extend(
        [
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
            "unix_socket_permissions=0700".to_owned(),
            format!("max_connections={}", settings.max_connections),
            format!("fsync={promise}"),
            format!("synchronous_commit={promise}"),
            format!("full_page_writes={promise}"),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
            "log_min_messages=warning".to_owned(),
            // The detail of a violated constraint quotes the row: names and phone numbers have no place in a log.
            "log_error_verbosity=terse".to_owned(),
            "log_min_error_statement=panic".to_owned(),
        ]
        .map(OsString::from),
    );
    all
}

/// Makes the cluster. It comes to its name only when it is complete, so that a start which is interrupted here
/// leaves nothing that looks like one.
async fn initialize(
    place: &Place,
    settings: &Settings,
    account: &Account,
    binaries: &Binaries,
) -> Result<(), ClusterError> {
    tracing::info!(data = %place.data.display(), "making a new PostgreSQL cluster");
    let unfinished = place.data.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(file("remove", &unfinished))?;
    }
    account.make_private_dir(&unfinished)?;
    let program = binaries.folder.join("initdb");
    let mut command = account.command(&program);
    command.arg("-D").arg(&unfinished).args([
        "--username",
        NAME,
        // Whoever can open the socket is the owner of the files, or root.
        "--auth=trust",
        "--encoding=UTF8",
        // Sorts by code point: an index does not depend on the system's language data, which changes with upgrades.
        "--locale=C.UTF-8",
        "--no-instructions",
    ]);
    if settings.durable {
        command.arg("--data-checksums");
    } else {
        command.arg("--no-sync");
    }
    let output = command
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|source| ClusterError::Run { program, source })?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let _ = fs::remove_dir_all(&unfinished);
        return Err(ClusterError::InitFailed {
            data: place.data.clone(),
            output: last_lines(&String::from_utf8_lossy(&text)),
        });
    }
    fs::rename(&unfinished, &place.data).map_err(file("create", &place.data))?;
    if let (true, Some(parent)) = (settings.durable, place.data.parent()) {
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(file("write", parent))?;
    }
    Ok(())
}

/// The database in the cluster, which a new cluster does not have yet.
async fn create_database(place: &Place) -> Result<(), ClusterError> {
    let mut connection: PgConnection = place.options("postgres").connect().await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(NAME)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        sqlx::query("create database janji")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}

/// Whom PostgreSQL runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Account {
    uid: u32,
    gid: u32,
    name: String,
    /// Whether it is another one than we are ourselves, so that processes and folders have to be handed over.
    other: bool,
}

impl Account {
    /// Ourselves; or, since PostgreSQL refuses to run as root, the owner of the data or else a user that is there for it.
    fn for_data(data: &Path) -> Result<Self, ClusterError> {
        let owner = fs::metadata(data)
            .ok()
            .map(|metadata| Uid::from_raw(metadata.uid()));
        let us = Uid::effective();
        if !us.is_root() {
            if owner.is_some_and(|owner| owner != us) {
                return Err(ClusterError::NotOurs(data.to_owned()));
            }
            return Ok(Self {
                uid: us.as_raw(),
                gid: nix::unistd::Gid::effective().as_raw(),
                name: User::from_uid(us)
                    .ok()
                    .flatten()
                    .map_or_else(|| us.to_string(), |user| user.name),
                other: false,
            });
        }
        let by_owner = owner
            .filter(|owner| !owner.is_root())
            .and_then(|owner| User::from_uid(owner).ok().flatten());
        let by_name = || {
            ["postgres", "nobody"]
                .iter()
                .find_map(|name| User::from_name(name).ok().flatten())
        };
        let user = by_owner.or_else(by_name).ok_or(ClusterError::NoUser)?;
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            name: user.name,
            other: true,
        })
    }

    /// A program, run as this user and without the settings that a shell may have for PostgreSQL's tools.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages that are looked up and quoted are in English. The folder we are in may be closed to this user.
        command.env("LC_ALL", "C").current_dir("/");
        if self.other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// A folder that only this user can enter.
    fn make_private_dir(&self, path: &Path) -> Result<(), ClusterError> {
        DirBuilder::new()
            .mode(0o700)
            .create(path)
            .map_err(file("create", path))?;
        if self.other {
            chown(path, Some(self.uid), Some(self.gid)).map_err(file("hand over", path))?;
        }
        Ok(())
    }

    /// Whether this user can get to where the data will be: root's home, for one, is closed to everybody else.
    fn check_reach(&self, data: &Path) -> Result<(), ClusterError> {
        for folder in data.ancestors().skip(1).collect::<Vec<_>>().into_iter().rev() {
            let metadata = fs::metadata(folder).map_err(file("look at", folder))?;
            if !may_enter(
                metadata.mode(),
                (metadata.uid(), metadata.gid()),
                (self.uid, self.gid),
            ) {
                return Err(ClusterError::Unreachable {
                    user: self.name.clone(),
                    folder: folder.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a folder of that mode and owner lets a user pass, who has no further groups.
fn may_enter(mode: u32, (owner, group): (u32, u32), (uid, gid): (u32, u32)) -> bool {
    if uid == owner {
        mode & 0o100 != 0
    } else if gid == group {
        mode & 0o010 != 0
    } else {
        mode & 0o001 != 0
    }
}

/// An installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// The PostgreSQL to run: the one that wrote the data, or, for new data, the first that is new enough.
    async fn find(account: &Account, data: &Path) -> Result<Self, ClusterError> {
        let written_by: Option<u32> = fs::read_to_string(data.join("PG_VERSION"))
            .ok()
            .and_then(|version| version.trim().parse().ok());
        let mut too_old = None;
        for folder in candidates() {
            let Some(version) = version_of(account, &folder).await else {
                continue;
            };
            if written_by.is_some_and(|wanted| wanted != version) {
                continue;
            }
            if version >= OLDEST {
                return Ok(Self { folder, version });
            }
            too_old.get_or_insert(ClusterError::TooOld {
                found: version,
                folder,
            });
        }
        Err(match (written_by, too_old) {
            (_, Some(too_old)) => too_old,
            (Some(version), None) => ClusterError::OtherVersion {
                data: data.to_owned(),
                version,
            },
            (None, None) => ClusterError::NotFound,
        })
    }
}

/// Where programs of PostgreSQL may be, best first.
fn candidates() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("JANJI_POSTGRES_BIN") {
        return vec![folder.into()];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&path)
        // A link to `postgres` says where `initdb` is, too.
        .filter_map(|folder| Some(folder.join("postgres").canonicalize().ok()?.parent()?.to_owned()))
        .collect();
    // Debian and Red Hat keep them out of the path, so that several versions can live side by side.
    let mut versions: Vec<(u32, PathBuf)> = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")]
        .iter()
        .flat_map(|(parent, prefix)| {
            fs::read_dir(parent)
                .into_iter()
                .flatten()
                .filter_map(move |entry| {
                    let entry = entry.ok()?;
                    let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
                    Some((version, entry.path().join("bin")))
                })
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    all.extend(versions.into_iter().map(|(_, folder)| folder));
    all
}

/// The major version of the server in a folder, if there is one that this user can run.
async fn version_of(account: &Account, folder: &Path) -> Option<u32> {
    if !folder.join("initdb").exists() {
        return None;
    }
    let output = account
        .command(&folder.join("postgres"))
        .arg("--version")
        .output()
        .await
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is version 15, and `17beta1` is 17.
fn parse_version(text: &str) -> Option<u32> {
    let version = text.split(')').nth(1)?.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Makes the data directory, passable for whoever PostgreSQL runs as, and resolves the links in its path.
fn prepare_data_dir(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    if !data_dir.exists() {
        fs::create_dir_all(data_dir).map_err(file("create", data_dir))?;
        let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(data_dir, Permissions::from_mode(mode)).map_err(file("create", data_dir))?;
    }
    data_dir.canonicalize().map_err(file("find", data_dir))
}

/// The folder of the socket: its mode is what keeps everybody else out of the database.
fn prepare_socket_dir(place: &Place, account: &Account) -> Result<(), ClusterError> {
    let folder = &place.socket_dir;
    match fs::symlink_metadata(folder) {
        // Under /tmp anybody may have made it before us.
        Ok(metadata) if !metadata.is_dir() || metadata.uid() != account.uid => {
            Err(ClusterError::NotOurs(folder.clone()))
        }
        Ok(_) => fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(file("close to others", folder)),
        Err(_) => account.make_private_dir(folder),
    }
}

fn put_log_aside(log: &Path) {
    if fs::metadata(log).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
        // Only a matter of space.
        let _ = fs::rename(log, log.with_extension("log.old"));
    }
}

fn open_lock(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        // A lock that others could open, others could hold.
        .mode(0o600)
        .open(path)
        .map_err(file("open", path))
}

fn try_lock(lock: &File, path: &Path) -> Result<bool, ClusterError> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(file("lock", path)(error)),
    }
}

async fn lock_within(lock: &File, path: &Path) -> Result<(), ClusterError> {
    let since = Instant::now();
    while !try_lock(lock, path)? {
        if since.elapsed() > LOCKED_WITHIN {
            return Err(ClusterError::Busy(path.parent().unwrap_or(path).to_owned()));
        }
        sleep(POLL).await;
    }
    Ok(())
}

fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
    let path = path.to_owned();
    move |source| ClusterError::File { doing, path, source }
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

fn percent_encoded(text: &OsStr) -> String {
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

fn tail(log: &Path) -> String {
    fs::read(log).map_or_else(
        |error| error.to_string(),
        |text| last_lines(&String::from_utf8_lossy(&text)),
    )
}

/// The end of what a program said, as one line.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_distributions_write_them() {
        for (text, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 17beta1\n", Some(17)),
            ("postgres: command not found\n", None),
            ("", None),
        ] {
            assert_eq!(parse_version(text), version, "{text:?}");
        }
    }

    #[test]
    fn a_url_names_the_socket_in_the_data_directory() {
        let place = Place::of(Path::new("/var/lib/janji"));
        assert_eq!(
            place.url(),
            "postgres:///janji?host=%2Fvar%2Flib%2Fjanji%2Frun&port=5432&user=janji"
        );
        assert!(!place.socket_is_elsewhere());
    }

    #[test]
    fn sqlx_reads_the_url_whatever_is_in_the_path() {
        let place = Place::of(Path::new("/srv/Klinik Sehat & Söhne/100%"));
        let options: PgConnectOptions = place.url().parse().unwrap();
        assert_eq!(options.get_socket(), Some(&place.socket_dir));
        assert_eq!(
            (options.get_username(), options.get_database()),
            ("janji", Some("janji"))
        );
    }

    #[test]
    fn a_long_path_gets_a_short_socket_that_is_always_the_same() {
        let long = Path::new("/srv").join("x".repeat(120));
        let place = Place::of(&long);
        assert!(place.socket_is_elsewhere());
        assert!(socket_in(&place.socket_dir).as_os_str().len() <= LONGEST_SOCKET_PATH);
        assert_eq!(place, Place::of(&long));
        assert_ne!(place.socket_dir, Place::of(&long.join("y")).socket_dir);
    }

    #[test]
    fn the_longest_path_that_fits_keeps_its_socket() {
        let room = LONGEST_SOCKET_PATH - "/run/.s.PGSQL.5432".len();
        let fits = PathBuf::from(format!("/{}", "x".repeat(room - 1)));
        assert!(!Place::of(&fits).socket_is_elsewhere());
        let too_long = PathBuf::from(format!("/{}", "x".repeat(room)));
        assert!(Place::of(&too_long).socket_is_elsewhere());
    }

    #[test]
    fn a_folder_is_entered_as_owner_or_group_or_other() {
        let (postgres, root) = ((101, 104), (0, 0));
        assert!(may_enter(0o755, root, postgres));
        assert!(may_enter(0o711, root, postgres));
        assert!(!may_enter(0o700, root, postgres));
        assert!(!may_enter(0o710, root, postgres));
        assert!(may_enter(0o710, (0, 104), postgres));
        assert!(may_enter(0o700, postgres, postgres));
        // The class that applies is the first that matches, also where a later one would allow more.
        assert!(!may_enter(0o071, (101, 104), postgres));
        assert!(!may_enter(0o701, (0, 104), postgres));
    }

    #[test]
    fn only_tests_do_without_durability() {
        let place = Place::of(Path::new("/var/lib/janji"));
        let mut settings = Settings {
            data_dir: "/var/lib/janji".into(),
            durable: true,
            max_connections: 64,
        };
        let durable = server_settings(&place, &settings);
        for promise in [
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "listen_addresses=",
        ] {
            assert!(durable.contains(&OsString::from(promise)), "{promise}");
        }
        settings.durable = false;
        assert!(server_settings(&place, &settings).contains(&OsString::from("fsync=off")));
    }

    #[test]
    fn an_error_quotes_the_end_of_what_was_said_on_one_line() {
        assert_eq!(last_lines("one\n\ntwo\n three \nfour\n"), "two; three; four");
        assert_eq!(last_lines(""), "");
    }

    /// A data directory of its own, gone with the test.
    struct Scratch(Settings);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder = format!("janji-cluster-{name}-{}", std::process::id());
            Self(Settings {
                data_dir: std::env::temp_dir().join(folder),
                durable: false,
                max_connections: 20,
            })
        }

        async fn start(&self) -> Cluster {
            Cluster::start(&self.0).await.unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.data_dir);
        }
    }

    async fn answers(url: &str) -> bool {
        let Ok(mut connection) = PgConnection::connect(url).await else {
            return false;
        };
        sqlx::query_scalar("select true")
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_last_to_leave_stops_the_cluster_that_two_shared() {
        let scratch = Scratch::new("shared");
        let (one, other) = tokio::join!(scratch.start(), scratch.start());
        let url = one.url().to_owned();
        assert_eq!(url, other.url());
        assert_eq!(url, Cluster::url_of(&scratch.0.data_dir));

        one.stop().await.unwrap();
        assert!(answers(&url).await);
        let place = other.place.clone();
        other.stop().await.unwrap();
        assert!(!answers(&url).await);
        assert!(place.processes().is_empty());
    }

    #[tokio::test]
    async fn a_cluster_that_outlived_its_janji_is_joined_and_stopped() {
        let scratch = Scratch::new("outlived");
        let killed = scratch.start().await;
        let pid = killed.place.recorded_pid();
        // What a `kill -9` leaves: the locks are gone, PostgreSQL is not.
        drop(killed);

        let next = scratch.start().await;
        assert_eq!(next.place.recorded_pid(), pid);
        assert!(answers(next.url()).await);
        let place = next.place.clone();
        next.stop().await.unwrap();
        assert!(place.processes().is_empty());
    }

    #[tokio::test]
    async fn a_cluster_that_was_killed_is_started_again_by_whoever_watches() {
        let scratch = Scratch::new("watched");
        let (mut one, mut other) = tokio::join!(scratch.start(), scratch.start());
        let (url, place) = (one.url().to_owned(), one.place.clone());
        let killed = place.recorded_pid().unwrap();
        kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
        let back = async {
            while place.recorded_pid() == Some(killed) || !answers(&url).await {
                sleep(POLL).await;
            }
        };
        tokio::select! {
            _ = one.watch() => {}
            _ = other.watch() => {}
            back = tokio::time::timeout(READY_WITHIN, back) => back.unwrap(),
        }
        one.stop().await.unwrap();
        assert!(answers(&url).await);
        other.stop().await.unwrap();
        assert!(place.processes().is_empty());
    }

    #[tokio::test]
    async fn what_a_crash_left_does_not_keep_the_cluster_from_starting() {
        let scratch = Scratch::new("crashed");
        let crashed = scratch.start().await;
        let place = crashed.place.clone();
        kill(Pid::from_raw(place.recorded_pid().unwrap()), Signal::SIGKILL).unwrap();
        drop(crashed);
        // As after a restart, when the old number belongs to some other process: here, to this test.
        let pid_file = place.data.join("postmaster.pid");
        let rest = fs::read_to_string(&pid_file)
            .unwrap()
            .split_once('\n')
            .unwrap()
            .1
            .to_owned();
        fs::write(&pid_file, format!("{}\n{rest}", std::process::id())).unwrap();

        let next = scratch.start().await;
        assert!(answers(next.url()).await);
        next.stop().await.unwrap();
    }
}
