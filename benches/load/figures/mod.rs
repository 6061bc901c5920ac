//! The figures of the product, as ratios between things that took turns in one run: this machine is not that one, and
//! neither is what it was an hour ago.

mod clients;
pub mod growth;
mod pages;
mod pgbench;
mod statements;

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
    client::{Ask, Client},
    measure::{Times, milliseconds},
    postgres::Postgres,
    run::Deed,
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

/// Measures everything and prints it as Markdown.
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
    result.map(|()| true)
}

async fn in_folder(options: &Options, folder: &Path) -> Fallible<()> {
    let postgres = Postgres::start(folder, &[]).await?;
    let database = PgPoolOptions::new().connect_lazy_with(postgres.options()?.application_name("bench"));
    let server = Server::new(folder, "server", postgres.url(), &[])?;
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
        return Ok(());
    }
    bench.print_machine().await?;
    let bench = Arc::new(bench);
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
    Ok(())
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

    /// The least time of a commit at this moment, by pg_test_fsync.
    async fn fsync(&self) -> Fallible<String> {
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

    /// Everybody books times that nobody else wants, in hours in which nobody else books at that moment: two in one
    /// hour of a doctor wait for each other.
    async fn book(self: &Arc<Self>, clients: usize) -> Fallible<Round> {
        let (base, round) = (self.next_free().await?, self.round.fetch_add(1, Relaxed));
        let deed = move |bench: &Self, client: usize, count: usize| {
            let doctor = (client + count * clients) % bench.size.doctors;
            let at = bench.world.half_hour(base + count as i64);
            bench.booking(client, doctor, at, &format!("{round}-{client}-{count}"))
        };
        self.load(clients, deed).await
    }

    fn booking(&self, patient: usize, doctor: usize, at: Timestamp, key: &str) -> Ask {
        let (patient, doctor) = (&self.world.patients[patient], self.world.doctors[doctor].id);
        Deed::book(key, patient, doctor, Service::Visit, at).ask
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

    /// Booking over HTTP, the same statements by pgbench, and the bare row.
    async fn bookings(self: &Arc<Self>) -> Fallible<()> {
        // Warm.
        self.book(CLIENTS).await?;
        self.pgbench(Script::Book, CLIENTS).await?;
        let (mut http, mut same, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        let mut cost = String::new();
        for _ in 0..self.rounds {
            let round = self.book(CLIENTS).await?;
            cost = round.cost();
            http.push(round.rate());
            same.push(self.pgbench(Script::Book, CLIENTS).await?.rate());
            bare.push(self.pgbench(Script::Insert, CLIENTS).await?.rate());
        }
        println!(
            "| booking over HTTP against the same SQL by pgbench, {CLIENTS} clients | **{:.2}** ({:.0}/s, {:.0}/s) |",
            ratio(&http, &same),
            median(http.clone()),
            median(same.clone()),
        );
        println!(
            "| a booking costs the server and PostgreSQL, on all cores together | {cost} |\n\
             | guarded booking against a bare insert of the row, both by pgbench | **{:.2}** ({:.0}/s, {:.0}/s) |",
            ratio(&same, &bare),
            median(same),
            median(bare),
        );
        Ok(())
    }

    async fn latency(self: &Arc<Self>) -> Fallible<()> {
        for clients in [20, 50, 200]
            .into_iter()
            .filter(|clients| *clients <= self.size.patients)
        {
            let round = self.book(clients).await?;
            println!(
                "| {clients} clients, different times | {}, {:.0}/s, {:.2} % errors |",
                in_words(&round.times),
                round.rate(),
                100.0 * round.errors(),
            );
        }
        Ok(())
    }

    /// Everybody wants one time, at once.
    async fn one_time(self: &Arc<Self>) -> Fallible<()> {
        let mut lost = Times::default();
        let (mut winners, mut with_alternatives) = (Vec::new(), true);
        for _ in 0..self.rounds {
            let (at, round) = (
                self.world.half_hour(self.next_free().await?),
                self.round.fetch_add(1, Relaxed),
            );
            let asks = (0..self.size.patients)
                .map(|client| self.booking(client, 0, at, &format!("{round}-{client}")));
            let answers = self.at_once(asks.collect()).await?;
            let mut won = 0;
            for answer in answers {
                match answer.status {
                    201 => won += 1,
                    409 => {
                        lost.add(answer.took);
                        let offers = answer.json()["details"]["alternatives"]
                            .as_array()
                            .map_or(0, Vec::len);
                        with_alternatives &= offers > 0;
                    }
                    status => return Err(format!("{status} for a lost race: {answer:?}").into()),
                }
            }
            winners.push(won.to_string());
        }
        println!(
            "| {} clients, one time | winners: {}; losers, {} alternatives: {} |",
            self.size.patients,
            winners.join(", "),
            if with_alternatives {
                "all with"
            } else {
                "NOT all with"
            },
            in_words(&lost),
        );
        Ok(())
    }

    /// One doctor's hours against those of many doctors. Nobody has booked in any of them before.
    async fn one_doctor(self: &Arc<Self>) -> Fallible<()> {
        let (mut one, mut spread) = (Vec::new(), Vec::new());
        let start = 48 * (OPEN_DAYS + 10);
        for turn in 0..self.rounds.min(self.size.patients / CLIENTS) {
            for is_one in [true, false] {
                let round = self.round.fetch_add(1, Relaxed);
                let deed = move |bench: &Self, client: usize, count: usize| {
                    let number = count * CLIENTS + client;
                    let doctor = if is_one {
                        turn
                    } else {
                        (number + turn * 7) % bench.size.doctors
                    };
                    // Two in an hour would wait for each other.
                    let half = start + 2 * number as i64 + i64::from(!is_one);
                    let patient = turn * CLIENTS + client;
                    bench.booking(
                        patient,
                        doctor,
                        bench.world.half_hour(half),
                        &format!("{round}-{client}-{count}"),
                    )
                };
                let rate = self.load(CLIENTS, deed).await?.rate();
                if is_one { one.push(rate) } else { spread.push(rate) }
            }
        }
        println!(
            "| bookings on one doctor, different hours, against {} doctors | **{:.2}** ({:.0}/s, {:.0}/s) |",
            self.size.doctors,
            ratio(&one, &spread),
            median(one),
            median(spread),
        );
        Ok(())
    }

    /// Appointments that go to and fro between the same two hours.
    async fn moves(self: &Arc<Self>) -> Fallible<()> {
        // So late that they are in nobody's way.
        let base = 48 * 600;
        let (http_doctor, second) = (self.size.doctors - 2, self.world.half_hour(base).as_second());
        let at = move |client: usize, count: usize| {
            let hour = (client / 12 * 2 + count % 2) as i64;
            let second = second + hour * 3600 + (client % 12) as i64 * 300;
            Timestamp::from_second(second).unwrap_or_default()
        };
        let mut ids = Vec::new();
        for (doctor, first_patient) in [(http_doctor, 0), (http_doctor + 1, CLIENTS)] {
            for client in 0..CLIENTS {
                let patient = &self.world.patients[first_patient + client];
                let key = format!("move-{doctor}-{client}");
                let doctor = self.world.doctors[doctor].id;
                let deed = Deed::book(&key, patient, doctor, Service::Short, at(client, 0));
                let answer = Client::default().send(self.server.address, &deed.ask).await;
                let answer = answer.map_err(|silence| format!("{silence:?}"))?;
                ids.push(
                    answer.json()["data"]["id"]
                        .as_i64()
                        .ok_or_else(|| format!("{answer:?}"))?,
                );
            }
        }
        let (ours, theirs) = ids.split_at(CLIENTS);
        if theirs.windows(2).any(|pair| pair[1] != pair[0] + 1) {
            return Err("the appointments for pgbench have no consecutive ids".into());
        }
        let before = self.deadlocks().await?;
        let (mut http, mut same, mut cost) = (Vec::new(), Vec::new(), String::new());
        let made: Arc<Vec<AtomicU64>> = Arc::new((0..CLIENTS).map(|_| AtomicU64::new(0)).collect());
        for _ in 0..self.rounds {
            let round = self.round.fetch_add(1, Relaxed);
            let (ours, made) = (ours.to_vec(), made.clone());
            let deed = move |bench: &Self, client: usize, count: usize| {
                let times = made[client].fetch_add(1, Relaxed);
                let key = format!("{round}-{client}-{count}");
                let to = at(client, usize::try_from(times + 1).unwrap_or_default());
                Deed::moving(&key, &bench.world.patients[client], ours[client], to, None).ask
            };
            let moved = self.load(CLIENTS, deed).await?;
            cost = moved.cost();
            http.push(moved.rate());
            let mut variables = self.variables(base);
            let round = self.round.load(Relaxed);
            let own = [
                ("first_own", theirs[0].to_string()),
                ("first_patient", self.world.patients[CLIENTS].id.to_string()),
                ("doctor", self.world.doctors[http_doctor + 1].id.to_string()),
                ("service", Service::Short.id().to_string()),
                ("version", (round * 1_000_000).to_string()),
            ];
            variables.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
            variables.extend(own);
            same.push(
                pgbench::run(self, Script::Move, CLIENTS, &variables)
                    .await?
                    .rate(),
            );
        }
        println!(
            "| a move costs the server and PostgreSQL | {cost} |\n\
             | moving under contention against the same SQL by pgbench | **{:.2}** ({:.0}/s, {:.0}/s), {} deadlocks |",
            ratio(&http, &same),
            median(http),
            median(same),
            self.deadlocks().await? - before,
        );
        Ok(())
    }

    async fn deadlocks(&self) -> Fallible<i64> {
        // What backends know they tell a little later.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let count =
            sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()");
        Ok(count.fetch_one(&self.database).await?)
    }

    /// Asking again under the same key.
    async fn replays(&self) -> Fallible<()> {
        let mut client = Client::default();
        let (mut first, mut again) = (Times::default(), Times::default());
        let (base, round) = (
            self.next_free().await?.min(48 * 500),
            self.round.fetch_add(1, Relaxed),
        );
        for count in 0..60 * self.rounds {
            let at = self.world.half_hour(base + count as i64);
            let ask = self.booking(
                count % self.size.patients,
                self.size.doctors - 3,
                at,
                &format!("{round}-{count}"),
            );
            for times in [&mut first, &mut again] {
                let answer = client
                    .send(self.server.address, &ask)
                    .await
                    .map_err(|silence| format!("{silence:?}"))?;
                if answer.status != 201 {
                    return Err(format!("no booking: {answer:?}").into());
                }
                times.add(answer.took);
            }
        }
        println!(
            "| replay under the same key against the first request, medians | **{:.2}** ({} ms, {} ms) |",
            again.quantile(0.5).as_secs_f64() / first.quantile(0.5).as_secs_f64(),
            milliseconds(again.quantile(0.5)),
            milliseconds(first.quantile(0.5)),
        );
        Ok(())
    }

    /// A month of a doctor who has 10,000 appointments.
    async fn month(&self) -> Fallible<()> {
        let (doctor, patients) = (&self.world.doctors[self.size.doctors - 4], self.size.patients);
        self.sql(format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'M' || number, {}, 1, 1, 1 + number % {patients}, 'confirmed', at, at + interval '30 minutes', at,
                    at + interval '30 minutes', 30, 'in_person'
             from generate_series(1, 10000) as number,
                  lateral (select date_trunc('day', now(), 'UTC') - interval '280 days'
                                  + number * interval '45 minutes' as at) as times
             where number % 16 <> 0
             on conflict do nothing;
             analyze appointments;",
            doctor.id,
        ))
        .await?;
        let day = |days: i64| self.world.half_hour(48 * days).strftime("%Y-%m-%d").to_string();
        let path = format!(
            "/api/v1/doctors/{}/slots?service=visit&from={}&to={}",
            doctor.id,
            day(0),
            day(30)
        );
        let (times, free) = self.ask_for_times(&path).await?;
        println!(
            "| a month of a doctor with 10,000 appointments ({free} free times) | {} |",
            in_words(&times),
        );
        Ok(())
    }

    /// How long the answers of this list of times take, and how many times are in it.
    async fn ask_for_times(&self, path: &str) -> Fallible<(Times, usize)> {
        let mut client = Client::default();
        let mut times = Times::default();
        let mut free = 0;
        for _ in 0..100 * self.rounds {
            let answer = client.send(self.server.address, &Ask::get(path)).await;
            let answer = answer.map_err(|silence| format!("{silence:?}"))?;
            free = answer.json()["data"].as_array().map_or(0, Vec::len);
            if answer.status != 200 || free == 0 {
                return Err(format!("no free times: {answer:?}").into());
            }
            times.add(answer.took);
        }
        Ok((times, free))
    }

    /// The first ten free times among all doctors, who are booked out for three days, and nearly all on the fourth: it
    /// takes the server more than one look.
    async fn first_free(&self) -> Fallible<()> {
        let Size {
            doctors, patients, ..
        } = self.size;
        self.sql(format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'F' || doctor || '-' || number, doctor, 1, 1, 1 + (doctor + number) % {patients}, 'confirmed', at,
                    at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
             from generate_series(1, {doctors}) as doctor, generate_series(1, 192) as number,
                  lateral (select date_trunc('day', now(), 'UTC') + number * interval '30 minutes' as at) as times
             where number < 144 or doctor % 40 <> 0
             on conflict do nothing",
        ))
        .await?;
        // As the server of a clinic does by itself.
        self.sql("vacuum analyze appointments".to_owned()).await?;
        let (times, free) = self.ask_for_times("/api/v1/slots?service=visit&limit=10").await?;
        println!(
            "| the first {free} free times among {doctors} doctors, booked out for three days | {} |",
            in_words(&times),
        );
        Ok(())
    }
}
