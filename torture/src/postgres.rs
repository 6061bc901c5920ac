//! A PostgreSQL of our own, which keeps its promises (`fsync` is on) and can be killed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use engine::database::embedded::{Cluster, Settings};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Mutex;

use crate::{Fallible, measure::Processor};

const MAX_CONNECTIONS: u32 = 300;

/// A cluster in a folder that is thrown away with it.
pub struct Postgres {
    folder: PathBuf,
    url: String,
    /// `None` while it is dead.
    cluster: Mutex<Option<Cluster>>,
}

impl Postgres {
    /// Makes a cluster and starts it, with these settings beside Janji's own.
    pub async fn start(folder: &Path, settings: &[(&'static str, &'static str)]) -> Fallible<Self> {
        let folder = folder.join("data");
        let cluster = Cluster::start(&settings_of(&folder)).await?;
        let url = cluster.url().to_owned();
        let postgres = Self {
            folder,
            url,
            cluster: Mutex::new(Some(cluster)),
        };
        let mut connection = postgres.connect().await?;
        for (name, value) in settings {
            let statement = format!("alter system set {name} = '{value}'");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await?;
        }
        drop(connection);
        postgres.stop().await?;
        postgres.start_again().await?;
        Ok(postgres)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Another database beside the first one; its URL.
    pub async fn add_database(&self, name: &str) -> Fallible<String> {
        let statement = format!("create database {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut self.connect().await?)
            .await?;
        let (start, rest) = self.url.split_once("/janji?").ok_or("the URL has no database")?;
        Ok(format!("{start}/{name}?{rest}"))
    }

    /// How long its processes have been at work.
    pub fn processor(&self) -> Processor {
        Processor::of(&processes(&self.folder.join("postgres")))
    }

    pub fn options(&self) -> Fallible<PgConnectOptions> {
        Ok(self.url.parse::<PgConnectOptions>()?.disable_statement_logging())
    }

    /// The socket that it answers on.
    pub fn socket(&self) -> Fallible<PathBuf> {
        let options = self.options()?;
        let folder = options.get_socket().ok_or("the cluster has no socket")?;
        Ok(folder.join(".s.PGSQL.5432"))
    }

    /// A connection past all proxies.
    pub async fn connect(&self) -> Fallible<PgConnection> {
        let options = self.options()?.application_name("load");
        Ok(tokio::time::timeout(Duration::from_secs(10), options.connect()).await??)
    }

    /// The log of PostgreSQL.
    pub fn log(&self) -> String {
        fs::read(self.folder.join("postgres.log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    /// Ends all of its processes at once, as a power cut would.
    pub async fn kill(&self) {
        // Our share in it ends, too, so that the next start finds what a crash leaves behind.
        drop(self.cluster.lock().await.take());
        kill_all(&self.folder.join("postgres"));
    }

    /// The folder with the programs of the running PostgreSQL, pgbench among them.
    pub fn programs(&self) -> Fallible<PathBuf> {
        let data = self.folder.join("postgres");
        let pid = processes(&data)
            .into_iter()
            .next()
            .ok_or("PostgreSQL does not run")?;
        let program = fs::read_link(Path::new("/proc").join(pid.to_string()).join("exe"))?;
        Ok(program.parent().ok_or("PostgreSQL is nowhere")?.to_owned())
    }

    pub async fn start_again(&self) -> Fallible<()> {
        let cluster = Cluster::start(&settings_of(&self.folder)).await?;
        self.cluster.lock().await.replace(cluster);
        Ok(())
    }

    /// Does some work, while PostgreSQL is started again whenever it has died: as Janji does with its own.
    pub async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        let mut cluster = self.cluster.lock().await;
        let Some(cluster) = cluster.as_mut() else {
            return work.await;
        };
        tokio::select! {
            never = cluster.watch() => match never {},
            done = work => done,
        }
    }

    async fn stop(&self) -> Fallible<()> {
        if let Some(cluster) = self.cluster.lock().await.take() {
            cluster.stop().await?;
        }
        Ok(())
    }
}

impl Drop for Postgres {
    /// Nobody wants its data any more.
    fn drop(&mut self) {
        kill_all(&self.folder.join("postgres"));
    }
}

fn kill_all(data: &Path) {
    for pid in processes(data) {
        // It may have noticed by itself that the others are gone.
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

fn settings_of(folder: &Path) -> Settings {
    Settings {
        data_dir: folder.to_owned(),
        durable: true,
        max_connections: MAX_CONNECTIONS,
    }
}

fn processes(data: &Path) -> Vec<i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &i32| {
            let process = Path::new("/proc").join(pid.to_string());
            let is_postgres = fs::read_link(process.join("exe")).is_ok_and(|exe| {
                exe.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("postgres"))
            });
            is_postgres && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data)
        })
        .collect()
}
