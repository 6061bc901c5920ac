//! The search for what breaks.
//!
//! Clients of every kind use several servers at once, change their minds, hang up and ask again, while servers and
//! PostgreSQL are killed and what is between them fails in every way that it can. All answers are written down. In
//! the end, when it is quiet, the database is held to them: what was promised is there, once; what was refused is
//! not.
//!
//! With `--rolling`, servers are restarted in order instead, and nobody is to notice. With `--outages`, the network goes silent
//! and the disk is full for a while, and everything comes back by itself.

mod actor;
mod burst;
mod chaos;
mod check;
mod deed;
mod ledger;
mod outage;
mod rolling;
mod thread;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicI64},
    time::{Duration, SystemTime},
};

use clap::Args;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

pub use self::deed::Deed;
use self::ledger::Ledger;
use crate::{
    Fallible,
    disk::Disk,
    postgres::Postgres,
    proxy::Proxy,
    server::Server,
    world::{Doors, Person, World},
};

const DOCTORS: usize = 12;
/// So many of them are asked for by everybody, at so many half hours of one day.
const HOT_DOCTORS: usize = 3;
const HOT_TIMES: i64 = 4;
/// How far ahead people book otherwise, in half hours.
const HALF_HOURS: i64 = 20 * 48;

/// How many races there are at the same time.
const RACES: u64 = 3;
/// How many set traps for single transactions.
const TRAPS: u64 = 2;

/// How long a statement of the servers waits for a lock: short, so that waiting in vain happens.
const LOCK_TIMEOUT_MS: u64 = 1500;

#[derive(Args)]
pub struct Options {
    /// How long clients and chaos go on
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// A run of 25 seconds, as part of other checks; with --rolling, one restart of each server; with --outages, of nine seconds
    /// each and not of thirty
    #[arg(long)]
    short: bool,
    /// Instead of faults, servers that are restarted one after the other, and clients who ask twice at most
    #[arg(long)]
    rolling: bool,
    /// Instead of faults at random, outages that last: a network that goes silent, and a disk that is full, for which root is
    /// needed
    #[arg(long, conflicts_with = "rolling")]
    outages: bool,
    /// The seed of the plans of clients and chaos; by default, the clock
    #[arg(long)]
    seed: Option<u64>,
    /// By default 64, 60 with --rolling and 24 with --outages
    #[arg(long)]
    clients: Option<usize>,
    /// By default 2, and 3 with --rolling
    #[arg(long)]
    servers: Option<usize>,
    /// Leave data, logs and all behind in /tmp
    #[arg(long)]
    keep: bool,
    /// Without faults: what is found then is found among the clients alone
    #[arg(long)]
    calm: bool,
}

/// A server and its way to PostgreSQL.
struct Node {
    server: Server,
    proxy: Proxy,
}

/// An appointment that somebody may do something with.
#[derive(Clone, Debug)]
struct Known {
    id: i64,
    doctor: i64,
    patient: i64,
    status: String,
    version: i32,
    starts_at: Timestamp,
    has_prescription: bool,
    has_rating: bool,
}

impl Known {
    fn is_over(&self) -> bool {
        match self.status.as_str() {
            "pending" | "confirmed" | "in_progress" => false,
            "completed" => self.has_prescription && self.has_rating,
            _ => true,
        }
    }
}

/// The state that all parts of a run share.
struct Run {
    seed: u64,
    nodes: Vec<Node>,
    postgres: Postgres,
    /// The disk of PostgreSQL, where it can be filled. It is given back after PostgreSQL.
    disk: Option<Disk>,
    /// Past all proxies.
    database: PgPool,
    world: World,
    ledger: Ledger,
    known: Mutex<Vec<Known>>,
    /// Stays that were booked, each with its patient.
    stays: Mutex<Vec<(i64, i64)>>,
    /// The next half hour that only a race is about.
    fresh: AtomicI64,
    threads: Mutex<Vec<Arc<thread::Conversation>>>,
    /// The metrics of servers that have ended, and of all of them at the end.
    metrics: Mutex<BTreeMap<String, f64>>,
    ends_at: Instant,
}

/// Runs it. Whether nothing was found.
pub async fn run(options: Options) -> Fallible<bool> {
    let seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        now.as_secs() * 1000 + u64::from(now.subsec_millis())
    });
    println!("seed {seed}");
    let folder = std::env::temp_dir().join(format!("janji-torture-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    // PostgreSQL runs as another user when root runs this.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
    let result = tokio::select! {
        result = in_folder(&options, seed, &folder) => result,
        () = crate::told_to_stop() => Err("interrupted".into()),
    };
    if options.keep {
        println!("everything is left in {}", folder.display());
    } else {
        fs::remove_dir_all(&folder)?;
    }
    result
}

async fn in_folder(options: &Options, seed: u64, folder: &Path) -> Fallible<bool> {
    // When something was committed tells what was late from what was lost.
    let disk = match options.outages {
        true => Disk::mount(&folder.join("data"))?,
        false => None,
    };
    let settings = [("track_commit_timestamp", "on"), ("deadlock_timeout", "200ms")];
    let postgres = Postgres::start(folder, &settings).await?;
    let database = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with(postgres.options()?.application_name("torture"));
    let mut nodes = Vec::new();
    let (clients, servers) = options.size();
    for number in 1..=servers {
        let proxy = Proxy::start(postgres.socket()?).await?;
        let url = format!("postgres://janji@{}/janji?sslmode=disable", proxy.address);
        let server = Server::new(
            folder,
            &format!("server-{number}"),
            &url,
            &[
                ("JANJI_LOCK_TIMEOUT_MS", LOCK_TIMEOUT_MS.to_string()),
                ("JANJI_POOL_SIZE", "8".to_owned()),
                // The shortest there is, so that holds run out while others want their time.
                ("JANJI_HOLD_MINUTES", "1".to_owned()),
                ("JANJI_SHUTDOWN_PAUSE", rolling::PAUSE.to_string()),
                ("JANJI_DRAIN", rolling::DRAIN.to_string()),
            ],
        )?;
        server.start().await?;
        nodes.push(Node { server, proxy });
    }
    let is_plain = options.rolling || options.outages;
    let writers = if is_plain { 0 } else { thread::AT_ONCE };
    let mut world = World::seed(&database, DOCTORS, clients + writers).await?;
    let doors = if is_plain { Doors::Api } else { Doors::Both };
    world.sign_in(&database, nodes[0].server.address, doors).await?;
    world.plan_groups(nodes[0].server.address).await?;
    let length = options.length();
    match options.outages {
        true => println!(
            "{clients} clients, {servers} servers, outages of {} s",
            length.as_secs()
        ),
        false => println!("{clients} clients, {servers} servers, {} s", length.as_secs()),
    }
    let run = Arc::new(Run {
        seed,
        nodes,
        postgres,
        disk,
        database,
        world,
        ledger: Ledger::default(),
        known: Mutex::default(),
        stays: Mutex::default(),
        fresh: AtomicI64::new(HALF_HOURS),
        threads: Mutex::default(),
        metrics: Mutex::default(),
        ends_at: Instant::now() + length,
    });
    let mut tasks = match (options.rolling, options.outages) {
        (true, _) => roll(&run),
        (_, true) => cut_off(&run, length),
        _ => disturb(&run, options.calm),
    };
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    check::everything(&run).await?;
    print!("{}", run.ledger.report());
    println!("seed {seed}");
    Ok(run.ledger.is_clean())
}

/// Starts clients of every kind, and everything that goes wrong around them.
fn disturb(run: &Arc<Run>, calm: bool) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for number in 0..run.world.patients.len() - thread::AT_ONCE {
        tasks.spawn(actor::live(run.clone(), number));
    }
    for number in 0..thread::AT_ONCE {
        tasks.spawn(thread::go_on(run.clone(), number));
    }
    for number in 0..RACES {
        tasks.spawn(burst::go_on(run.clone(), number));
    }
    if !calm {
        tasks.spawn(chaos::go_on(run.clone()));
        for number in 0..TRAPS {
            tasks.spawn(chaos::set_traps(run.clone(), number));
        }
    }
    tasks
}

/// Starts clients who ask twice at most, and the restarts of the servers.
fn roll(run: &Arc<Run>) -> JoinSet<()> {
    let load = Arc::new(rolling::Load::default());
    let mut tasks = JoinSet::new();
    for number in 0..run.world.patients.len() {
        tasks.spawn(rolling::ask_on(run.clone(), load.clone(), number));
    }
    tasks.spawn(rolling::restart_all(run.clone(), load));
    tasks
}

/// Starts clients who ask until there is an answer, and outages that last.
fn cut_off(run: &Arc<Run>, length: Duration) -> JoinSet<()> {
    let over = Arc::new(outage::Over::default());
    let mut tasks = JoinSet::new();
    for number in 0..run.world.patients.len() {
        tasks.spawn(outage::ask_on(run.clone(), over.clone(), number));
    }
    tasks.spawn(outage::happen(run.clone(), over, length));
    tasks
}

impl Options {
    /// How many clients and servers there are.
    fn size(&self) -> (usize, usize) {
        let (clients, servers) = match (self.rolling, self.outages) {
            (true, _) => (60, 3),
            (_, true) => (24, 2),
            _ => (64, 2),
        };
        let (clients, servers) = (self.clients.unwrap_or(clients), self.servers.unwrap_or(servers));
        // With one server alone, a restart leaves nobody who could answer.
        (clients.max(8), servers.max(if self.rolling { 2 } else { 1 }))
    }

    fn length(&self) -> Duration {
        if self.outages {
            return outage::length(self.short);
        }
        match (self.short, self.rolling) {
            (true, true) => Duration::ZERO,
            (true, false) => Duration::from_secs(25),
            (false, _) => Duration::from_secs_f64(self.minutes * 60.0),
        }
    }
}

impl Run {
    /// The plan of one part of the run, which the seed makes.
    fn plan(&self, part: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(part))
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.ends_at
    }

    fn doctor(&self, id: i64) -> &Person {
        self.world
            .doctors
            .iter()
            .find(|doctor| doctor.id == id)
            .unwrap_or(&self.world.admin)
    }

    fn patient(&self, id: i64) -> &Person {
        self.world
            .patients
            .iter()
            .find(|patient| patient.id == id)
            .unwrap_or(&self.world.admin)
    }

    /// A doctor and a time: one that everybody wants, or any.
    fn wanted(&self, rng: &mut StdRng, hot: bool) -> (i64, Timestamp) {
        let (doctors, times) = match hot {
            true => (HOT_DOCTORS, 20..20 + HOT_TIMES),
            false => (self.world.doctors.len(), 48..HALF_HOURS),
        };
        let doctor = &self.world.doctors[rng.random_range(0..doctors)];
        (doctor.id, self.world.half_hour(rng.random_range(times)))
    }

    /// Any appointment that will do.
    fn pick(&self, rng: &mut StdRng, will_do: impl Fn(&Known) -> bool) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let choice: Vec<&Known> = known.iter().filter(|known| will_do(known)).collect();
        (!choice.is_empty()).then(|| choice[rng.random_range(0..choice.len())].clone())
    }

    fn remember_stay(&self, id: i64, patient: i64) {
        let mut stays = self.stays.lock().unwrap_or_else(PoisonError::into_inner);
        stays.push((id, patient));
    }

    /// Any stay that was booked, with its patient; it may be cancelled already.
    fn pick_stay(&self, rng: &mut StdRng) -> Option<(i64, i64)> {
        let stays = self.stays.lock().unwrap_or_else(PoisonError::into_inner);
        (!stays.is_empty()).then(|| stays[rng.random_range(0..stays.len())])
    }

    /// Looks an appointment up in the database, past everything that is under test, and remembers it.
    async fn look(&self, reference: &str) -> Option<Known> {
        self.look_where("reference = $1", reference).await
    }

    async fn look_up(&self, id: i64) -> Option<Known> {
        self.look_where("appointments.id = $1::bigint", &id.to_string())
            .await
    }

    async fn look_where(&self, condition: &'static str, value: &str) -> Option<Known> {
        let query = format!(
            "select appointments.id, doctor_id, coalesce(patient_id, 0), status, version,
                    extract(epoch from starts_at)::bigint,
                    exists (select from prescriptions where appointment_id = appointments.id),
                    exists (select from ratings where appointment_id = appointments.id)
             from appointments where {condition}"
        );
        type Row = (i64, i64, i64, String, i32, i64, bool, bool);
        let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(value)
            .fetch_optional(&self.database)
            .await
            .ok()??;
        let (id, doctor, patient, status, version, second, has_prescription, has_rating) = row;
        let found = Known {
            id,
            doctor,
            patient,
            status,
            version,
            starts_at: Timestamp::from_second(second).ok()?,
            has_prescription,
            has_rating,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other| other.id != id);
        if !found.is_over() {
            known.push(found.clone());
        }
        Some(found)
    }

    /// Keeps others from using an appointment.
    fn forget(&self, id: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.id != id);
    }

    /// Keeps what a server has counted.
    async fn collect(&self, server: &Server) {
        let counted = server.metrics().await;
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        for (series, value) in counted {
            *metrics.entry(series).or_default() += value;
        }
    }

    /// The sum of the series of this name that have all of these labels.
    fn counted(&self, name: &str, labels: &[&str]) -> f64 {
        let metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics
            .iter()
            .filter(|(series, _)| {
                series.split('{').next() == Some(name) && labels.iter().all(|label| series.contains(label))
            })
            .map(|(_, value)| value)
            .sum()
    }

    /// Sleeps, but not beyond the end of the run.
    async fn pause(&self, time: Duration) {
        let left = self.ends_at.saturating_duration_since(Instant::now());
        sleep(time.min(left)).await;
    }
}
