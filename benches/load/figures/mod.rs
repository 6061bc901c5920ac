//! The figures of the product, as ratios between things that took turns in one run: this machine is not that one, and
//! neither is what it was an hour ago.

mod bookings;
mod clients;
mod day;
pub mod growth;
mod moves;
mod pages;
mod pgbench;
mod phone;
mod rooms;
mod seats;
mod statements;
mod times;
mod waiting;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use tokio::process::Command;

pub use self::pages::serve_file;
use self::{
    clients::Round,
    statements::{Script, Scripts},
};
use torture::{
    Fallible,
    measure::{Times, milliseconds},
    postgres::Postgres,
    server::Server,
    world::{Doors, Service, World},
};

/// How many book at once where nothing else is said.
const CLIENTS: usize = 20;
/// How long a round of the shortest form takes, in seconds.
const SHORT: f64 = 0.5;
/// So far ahead, in days, the hours of all calendars are there before anybody books.
const OPEN_DAYS: i64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Figure {
    // Before the bare inserts, which leave PostgreSQL busy tidying up.
    Latency,
    Bookings,
    OneTime,
    OneDoctor,
    Moves,
    Replays,
    Month,
    FirstFree,
    Day,
    Nights,
    Opposite,
    Stays,
    Phone,
    Waiting,
    Seats,
    Pages,
}

#[derive(Args)]
pub struct Options {
    /// How long a round takes
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How often two things take turns
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measure only these
    #[arg(long, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Print the statements that the server sends for a booking and for a move, as scripts for pgbench, and end
    #[arg(long)]
    statements: bool,
    /// Measure everything once and briefly, among few people: that it can be measured, and not how much it is
    #[arg(long)]
    short: bool,
}

/// How large the clinic is.
#[derive(Clone, Copy)]
struct Size {
    doctors: usize,
    patients: usize,
    /// How many appointments there have been before: with empty tables, PostgreSQL would plan for empty tables.
    past: usize,
}

const WHOLE: Size = Size {
    doctors: 200,
    patients: 200,
    past: 20_000,
};

/// Two patients for each client are the fewest that the figures can do with.
const SMALL: Size = Size {
    doctors: 40,
    patients: 2 * CLIENTS,
    past: 2_000,
};

/// Rounds over HTTP, and rounds of the same statements by pgbench, which took turns.
#[derive(Default)]
struct Beside {
    http: Vec<f64>,
    same: Vec<f64>,
    /// The last one over HTTP.
    last: Round,
}

impl Beside {
    fn add(&mut self, http: Round, same: &Round) {
        self.http.push(http.rate());
        self.same.push(same.rate());
        self.last = http;
    }

    fn print(self, what: &str) {
        println!(
            "| {what} | {}, {:.0}/s, {:.2} % errors; costs the server and PostgreSQL {} |\n\
             | … over HTTP against the same SQL by pgbench | **{:.2}** ({:.0}/s, {:.0}/s) |",
            in_words(&self.last.times),
            median(self.http.clone()),
            100.0 * self.last.errors(),
            self.last.cost(),
            ratio(&self.http, &self.same),
            median(self.http),
            median(self.same),
        );
    }
}

/// The state that the figures share.
struct Bench {
    seconds: Duration,
    rounds: usize,
    size: Size,
    scripts: Scripts,
    postgres: Postgres,
    database: PgPool,
    server: Server,
    world: World,
    /// The folder with the programs of PostgreSQL.
    programs: PathBuf,
    folder: PathBuf,
    /// The next half hour that nobody has booked with any doctor.
    next: AtomicI64,
    /// Counts rounds, so that no key is used twice.
    round: AtomicU64,
}

/// Measures everything and prints it as Markdown. Whether the figures that have a limit are held.
pub async fn run(options: Options) -> Fallible<bool> {
    let folder = std::env::temp_dir().join(format!("janji-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    // PostgreSQL runs as another user when root runs this.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
    let result = tokio::select! {
        result = in_folder(&options, &folder) => result,
        () = torture::told_to_stop() => Err("interrupted".into()),
    };
    fs::remove_dir_all(&folder)?;
    // What is measured shortly says nothing.
    result.map(|is_held| is_held || options.short)
}

async fn in_folder(options: &Options, folder: &Path) -> Fallible<bool> {
    let postgres = Postgres::start(folder, &[]).await?;
    let database = PgPoolOptions::new().connect_lazy_with(postgres.options()?.application_name("bench"));
    let server = Server::new(folder, "server", postgres.url(), &phone::settings())?;
    server.start().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = server.memory().await?;
    let size = if options.short { SMALL } else { WHOLE };
    let mut world = World::seed(&database, size.doctors, size.patients).await?;
    world.sign_in(&database, server.address, Doors::Api).await?;
    let signed_in = server.memory().await?;
    let programs = postgres.programs()?;
    let mut bench = Bench {
        seconds: Duration::from_secs_f64(if options.short { SHORT } else { options.seconds }),
        rounds: if options.short { 1 } else { options.rounds },
        size,
        scripts: Scripts::default(),
        postgres,
        database,
        server,
        world,
        programs,
        folder: folder.to_owned(),
        next: AtomicI64::new(48),
        round: AtomicU64::new(1),
    };
    bench.prepare().await?;
    bench.scripts = bench.hear_scripts().await?;
    if options.statements {
        bench.print_scripts();
        return Ok(true);
    }
    bench.print_machine().await?;
    let bench = Arc::new(bench);
    bench.warm_up().await?;
    let mut is_held = true;
    let only = |figure| options.only.is_empty() || options.only.contains(&figure);
    for figure in Figure::value_variants()
        .iter()
        .copied()
        .filter(|figure| only(*figure))
    {
        match figure {
            Figure::Bookings => bench.bookings().await?,
            Figure::Latency => bench.latency().await?,
            Figure::OneTime => bench.one_time().await?,
            Figure::OneDoctor => bench.one_doctor().await?,
            Figure::Moves => bench.moves().await?,
            Figure::Replays => bench.replays().await?,
            Figure::Month => bench.month().await?,
            Figure::FirstFree => bench.first_free().await?,
            Figure::Day => is_held &= bench.day().await?,
            Figure::Nights => is_held &= bench.nights().await?,
            Figure::Opposite => is_held &= bench.opposite().await?,
            Figure::Stays => is_held &= bench.stays().await?,
            Figure::Phone => is_held &= bench.phone().await?,
            Figure::Waiting => is_held &= bench.waiting().await?,
            Figure::Seats => bench.seats().await?,
            Figure::Pages => bench.pages().await?,
        }
    }
    println!("| memory of the server, idle | {:.0} MB |", megabytes(idle));
    println!(
        "| memory of the server, after {} people have signed in | {:.0} MB |",
        size.doctors + size.patients + 1,
        megabytes(signed_in),
    );
    println!(
        "| memory of the server, after all this | {:.0} MB |",
        megabytes(bench.server.memory().await?)
    );
    Ok(is_held)
}

fn megabytes(kilobytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let megabytes = kilobytes as f64 / 1024.0;
    megabytes
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The median of what the first ones come to by the second ones, round by round.
fn ratio(ones: &[f64], others: &[f64]) -> f64 {
    median(ones.iter().zip(others).map(|(one, other)| one / other).collect())
}

fn in_words(times: &Times) -> String {
    format!(
        "p50 {} ms, p95 {} ms, p99 {} ms",
        milliseconds(times.quantile(0.5)),
        milliseconds(times.quantile(0.95)),
        milliseconds(times.quantile(0.99)),
    )
}

impl Bench {
    async fn sql(&self, statements: String) -> Fallible<()> {
        sqlx::raw_sql(AssertSqlSafe(statements))
            .execute(&self.database)
            .await?;
        Ok(())
    }

    /// Gives everybody a past, opens the hours of all calendars as if somebody had booked in each before, and lets
    /// pgbench in.
    async fn prepare(&self) -> Fallible<()> {
        let Size {
            doctors,
            patients,
            past,
        } = self.size;
        self.sql(format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'P' || number, 1 + number % {doctors}, 1, 1, 1 + (number + number / {doctors}) % {patients}, 'completed',
                    at, at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
             from generate_series(1, {past}) as number,
                  lateral (select date_trunc('day', now(), 'UTC')
                                  - (1 + number / {doctors}) * interval '30 minutes' as at) as times;
             insert into calendar_hours
             select id, hour from doctors, generate_series(
                 date_trunc('day', now(), 'UTC'), now() + interval '{OPEN_DAYS} days', '1 hour') as hour;
             insert into tokens (hash, patient_id, made_at, expires_at, last_used_at)
             select convert_to(id::text, 'UTF8'), id, now(), now() + interval '1 day', now() from patients;
             analyze;",
        ))
        .await
    }

    async fn print_machine(&self) -> Fallible<()> {
        let version: String = sqlx::query_scalar("show server_version")
            .fetch_one(&self.database)
            .await?;
        let cores = std::thread::available_parallelism()?;
        println!("{cores} cores, PostgreSQL {version}, {}.\n", self.fsync().await?);
        println!("{} rounds of {:?} each, in turns.\n", self.rounds, self.seconds);
        println!("| what | figure |\n|---|---|");
        Ok(())
    }

    /// The least time of a commit at this moment, by pg_test_fsync. It takes some 12 seconds, so not in the shortest form.
    async fn fsync(&self) -> Fallible<String> {
        if self.seconds <= Duration::from_secs_f64(SHORT) {
            return Ok("shortly".to_owned());
        }
        let output = Command::new(self.programs.join("pg_test_fsync"))
            .args(["-s", "1", "-f"])
            .arg(self.folder.join("fsync"))
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with("fdatasync"));
        let line = line.ok_or("pg_test_fsync said nothing about fdatasync")?;
        Ok(format!(
            "pg_test_fsync: {}",
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        ))
    }

    /// Times after the last one that is booked are free.
    async fn next_free(&self) -> Fallible<i64> {
        let last: Option<i64> =
            sqlx::query_scalar("select extract(epoch from max(starts_at))::bigint from appointments")
                .fetch_one(&self.database)
                .await?;
        let after = last.map_or(0, |last| {
            (last - self.world.tomorrow.as_second()).div_euclid(1800) + 2
        });
        let next = after.max(self.next.load(Relaxed));
        self.next.store(next, Relaxed);
        Ok(next)
    }

    /// The variables of a script of pgbench.
    fn variables(&self, base: i64) -> Vec<(&'static str, String)> {
        let now = Timestamp::now().as_second();
        let text = |text: &str| text.to_owned();
        vec![
            ("i", text("0")),
            ("base", self.world.half_hour(base).as_second().to_string()),
            ("round", self.round.fetch_add(1, Relaxed).to_string()),
            ("doctors", self.size.doctors.to_string()),
            ("clients", CLIENTS.to_string()),
            ("clinic", text("1")),
            ("service", Service::Visit.id().to_string()),
            ("now", now.to_string()),
            ("later", (now + 86_400).to_string()),
            ("request", text("01234567890123456789012345678901")),
            ("status", text("pending")),
            ("minutes", text("30")),
            ("mode", text("in_person")),
            ("reason", text("Load")),
            ("version", text("1")),
            ("actor", text("patient")),
            ("no", text("f")),
            ("none", text("{}")),
            (
                "answer",
                text(
                    r#"{"id": 1, "status": "pending", "version": 1, "clinic_id": 1, "doctor_id": 1, "patient_id": 1, "reference": "S4K5-SFUX", "starts_at": "2026-11-23T08:30:00Z", "ends_at": "2026-11-23T09:00:00Z", "service_id": 1}"#,
                ),
            ),
            (
                "made",
                text(
                    r#"[{"appointment_id": 1, "doctor_id": 1, "clinic_id": 1, "service_id": 1, "patient_id": 1, "starts_at": "2026-11-23T08:30:00Z", "status": null, "until": null}]"#,
                ),
            ),
        ]
    }

    async fn pgbench(&self, script: Script, clients: usize) -> Fallible<Round> {
        let base = self.next_free().await?;
        let variables = self.variables(base);
        pgbench::run(self, script, clients, &variables).await
    }
}
