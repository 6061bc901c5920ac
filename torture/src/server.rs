//! A running Janji.

use std::{
    env,
    fs::{self, File},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::{Instant, sleep, timeout},
};

use crate::{
    Fallible,
    client::{Ask, Client},
};

/// The program that is driven: `janji` beside this one, or one folder further up where this is a bench.
///
/// # Errors
/// When this program does not know where it is.
pub fn program() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let program = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("janji"))
        .find(|program| program.is_file());
    program.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "janji is not built beside this program"))
}

/// How long a server may take to start: its PostgreSQL may be coming up, too.
const STARTED_WITHIN: Duration = Duration::from_secs(60);

pub struct Server {
    pub address: SocketAddr,
    environment: Vec<(&'static str, String)>,
    folder: PathBuf,
    log: PathBuf,
    /// `None` while it is dead.
    child: Mutex<Option<Child>>,
}

impl Server {
    /// A server on this database, not started yet.
    pub fn new(
        folder: &Path,
        name: &str,
        database_url: &str,
        settings: &[(&'static str, String)],
    ) -> Fallible<Self> {
        // Free at this moment, and nobody else is given it soon.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut environment = vec![
            ("DATABASE_URL", database_url.to_owned()),
            ("JANJI_ADDR", address.to_string()),
            // Everybody comes from one address.
            ("JANJI_OTP_PER_PHONE", "0".to_owned()),
            ("JANJI_OTP_PER_ADDRESS", "0".to_owned()),
            ("JANJI_OTP_OVERALL", "0".to_owned()),
            ("JANJI_OTP_PER_PREFIX", "0".to_owned()),
            ("JANJI_SIGN_INS", "0".to_owned()),
            ("JANJI_OPEN_REQUESTS", "0".to_owned()),
            ("JANJI_OPEN_APPOINTMENTS", "0".to_owned()),
            ("JANJI_PHONES_PER_STAFF", "0".to_owned()),
            ("JANJI_HOLDS_PER_ADDRESS", "0".to_owned()),
            ("JANJI_SESSIONS_PER_ADDRESS", "0".to_owned()),
            ("JANJI_CONNECTIONS_PER_ADDRESS", "0".to_owned()),
        ];
        environment.extend_from_slice(settings);
        Ok(Self {
            address,
            environment,
            folder: folder.to_owned(),
            log: folder.join(format!("{name}.log")),
            child: Mutex::new(None),
        })
    }

    /// Starts it, again and again while its database cannot be reached, and waits until it answers.
    pub async fn start(&self) -> Fallible<()> {
        let since = Instant::now();
        loop {
            let log = File::options().create(true).append(true).open(&self.log)?;
            let child = Command::new(program()?)
                .arg("serve")
                .envs(self.environment.clone())
                // The configuration of whoever runs this is not for it.
                .current_dir(&self.folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .kill_on_drop(true)
                .spawn()?;
            self.child.lock().await.replace(child);
            while !self.has_ended().await {
                let answer = Client::default().send(self.address, &Ask::get("/healthz")).await;
                if answer.is_ok_and(|answer| answer.status == 200) {
                    return Ok(());
                }
                if since.elapsed() > STARTED_WITHIN {
                    return Err(format!("a server did not start: {}", self.last_words()).into());
                }
                sleep(Duration::from_millis(50)).await;
            }
            if since.elapsed() > STARTED_WITHIN {
                return Err(format!("a server did not start: {}", self.last_words()).into());
            }
            sleep(Duration::from_millis(300)).await;
        }
    }

    async fn has_ended(&self) -> bool {
        match self.child.lock().await.as_mut() {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => true,
        }
    }

    pub async fn pid(&self) -> Fallible<i32> {
        let id = self.child.lock().await.as_ref().and_then(Child::id);
        Ok(i32::try_from(id.ok_or("the server does not run")?)?)
    }

    /// The memory that it has now, in kilobytes.
    pub async fn memory(&self) -> Fallible<u64> {
        let pid = self.pid().await?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(kilobytes.ok_or("there is no VmRSS")?)
    }

    pub async fn kill(&self) {
        if let Some(mut child) = self.child.lock().await.take() {
            // It may have ended by itself.
            let _ = child.kill().await;
        }
    }

    /// Tells it to stop, as a service manager does, and waits. Whether it has ended in order and in time; else it is
    /// killed.
    pub async fn stop_in_order(&self, within: Duration) -> Fallible<bool> {
        let pid = Pid::from_raw(self.pid().await?);
        let Some(mut child) = self.child.lock().await.take() else {
            return Ok(false);
        };
        kill(pid, Signal::SIGTERM)?;
        if let Ok(status) = timeout(within, child.wait()).await {
            return Ok(status?.success());
        }
        child.kill().await?;
        Ok(false)
    }

    /// The answer of `/readyz`; `None` where there is none.
    pub async fn readiness(&self) -> Option<u16> {
        let ask = Ask::get("/readyz");
        let mut client = Client::default();
        let asking = timeout(Duration::from_secs(5), client.send(self.address, &ask));
        asking.await.ok()?.ok().map(|answer| answer.status)
    }

    /// Reads `/metrics`, line by line: a series and its value.
    pub async fn metrics(&self) -> Vec<(String, f64)> {
        let answer = Client::default().send(self.address, &Ask::get("/metrics")).await;
        let Ok(answer) = answer else {
            return Vec::new();
        };
        String::from_utf8_lossy(&answer.body)
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let (series, value) = line.rsplit_once(' ')?;
                Some((series.to_owned(), value.parse().ok()?))
            })
            .collect()
    }

    /// The log of the server.
    pub fn log(&self) -> String {
        fs::read(&self.log)
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    fn last_words(&self) -> String {
        self.log().lines().next_back().unwrap_or_default().to_owned()
    }
}
