//! Growth: a database of years, filled by statements about sets, and what pages and calls take in it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Stdio, sync::Arc, time::Duration};

use clap::Args;
use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};
use tokio::{process::Command, time::Instant};

use super::{Bench, CLIENTS, SHORT, Size, in_words, statements::Scripts};
use torture::{
    Fallible,
    client::{Ask, Client},
    measure::{Times, milliseconds},
    postgres::Postgres,
    server::{Server, program},
    world::{Doors, World},
};

#[derive(Args)]
pub struct Options {
    /// How many appointments there have been
    #[arg(long, default_value_t = 2_000_000)]
    appointments: u64,
    /// Over how many days these are: with more, each day has less
    #[arg(long, default_value_t = 500)]
    days: u64,
    /// How often each page is asked for
    #[arg(long, default_value_t = 60)]
    times: usize,
    /// Few appointments and few requests: that it can be measured, and not how much it is
    #[arg(long)]
    short: bool,
}

/// The p95 that every page and call of staff holds, whatever the number of appointments.
const PAGE: Duration = Duration::from_millis(300);
/// What a report of thirty days may take for each appointment in them: with a million over ten years it holds what any page does.
const REPORTED: Duration = Duration::from_micros(30);
/// The p95 of a booking under 20 clients, and of a month of a doctor's times.
const BOOKING: Duration = Duration::from_millis(150);
const MONTH: Duration = Duration::from_millis(20);

/// With fewer appointments, some pages would be empty.
const FEWEST: u64 = 20_000;
/// The appointments of a doctor on a day, and those of a patient.
const OF_DAY: u64 = 8;
const OF_PATIENT: u64 = 10;
/// The doctors and patients who sign in; the others have only a past.
const SIGNED_IN: Size = Size {
    doctors: CLIENTS,
    patients: 2 * CLIENTS,
    past: 0,
};

/// Who asks.
#[derive(Clone, Copy, Debug)]
enum Who {
    Nobody,
    Patient,
    Doctor,
    Admin,
}

/// Pages, by the session of who asks, and calls of the API, by a token.
const ASKED: [(&str, Who, &str); 41] = [
    ("the start page", Who::Nobody, "/"),
    ("doctors, as a call", Who::Nobody, "/api/v1/doctors"),
    ("the appointments of a patient", Who::Patient, "/appointments"),
    ("… as a call", Who::Patient, "/api/v1/appointments"),
    ("a doctor's day", Who::Doctor, "/doctor"),
    ("a doctor's search by name", Who::Doctor, "/doctor?search=Maya"),
    ("… by phone number", Who::Doctor, "/doctor?search=81000000"),
    (
        "a doctor's appointments, as a call",
        Who::Doctor,
        "/api/v1/appointments",
    ),
    ("the board, from today", Who::Admin, "/admin"),
    ("… of all time", Who::Admin, "/admin?from="),
    ("… the requests", Who::Admin, "/admin?status=pending"),
    (
        "… those who did not come",
        Who::Admin,
        "/admin?from=&status=no_show",
    ),
    (
        "… of a status that nothing has",
        Who::Admin,
        "/admin?from=&status=in_progress",
    ),
    ("… of a doctor", Who::Admin, "/admin?from=&doctor=7"),
    ("… of a clinic", Who::Admin, "/admin?clinic=3"),
    ("… of a small clinic", Who::Admin, "/admin?from=&clinic=10"),
    (
        "… of a few days",
        Who::Admin,
        "/admin?from={month_ago}&until={month_ago}",
    ),
    (
        "… a page in the middle",
        Who::Admin,
        "/admin?from=&after={middle}",
    ),
    (
        "… and back from there",
        Who::Admin,
        "/admin?from=&before={middle}",
    ),
    ("… by a name", Who::Admin, "/admin?from=&search=Maya A"),
    (
        "… by a name that many have",
        Who::Admin,
        "/admin?from=&search=Maya",
    ),
    ("… by two letters", Who::Admin, "/admin?from=&search=zo"),
    (
        "… by a name that nobody has",
        Who::Admin,
        "/admin?from=&search=Xerxes",
    ),
    (
        "… by a phone number",
        Who::Admin,
        "/admin?from=&search=081000001999",
    ),
    ("… by half a reference", Who::Admin, "/admin?from=&search=K7QM"),
    (
        "appointments, as a call",
        Who::Admin,
        "/api/v1/appointments?from=2020-01-01",
    ),
    ("… the newest", Who::Admin, "/api/v1/appointments?sort=-id"),
    (
        "… the requests",
        Who::Admin,
        "/api/v1/appointments?status=pending",
    ),
    (
        "… of a rare service",
        Who::Admin,
        "/api/v1/appointments?type=short&sort=-starts_at",
    ),
    ("… by a name", Who::Admin, "/api/v1/appointments?q=Maya+A"),
    (
        "the log of changes, as a call",
        Who::Admin,
        "/api/v1/admin/changes",
    ),
    (
        "… of a member of staff",
        Who::Admin,
        "/api/v1/admin/changes?staff=7",
    ),
    (
        "… of who changed nothing",
        Who::Admin,
        "/api/v1/admin/changes?staff={admin}",
    ),
    (
        "… of a day",
        Who::Admin,
        "/api/v1/admin/changes?from={month_ago}&to={month_ago}",
    ),
    (
        "patients by a name, as a call",
        Who::Admin,
        "/api/v1/patients?q=Wijaya",
    ),
    (
        "appointments, counted, by FHIR",
        Who::Admin,
        "/fhir/r4/Appointment?date=ge2020-01-01&_count=20",
    ),
    (
        "… of a rare service",
        Who::Admin,
        "/fhir/r4/Appointment?service-type=short&status=booked&_count=20",
    ),
    (
        "patients, counted, by FHIR",
        Who::Admin,
        "/fhir/r4/Patient?_count=20",
    ),
    ("a report of thirty days", Who::Admin, "/admin/report"),
    ("… by way of booking", Who::Admin, "/admin/report?by=channel"),
    ("the readiness of the server", Who::Nobody, "/readyz"),
];

/// Fills a database, and prints as Markdown what it takes to ask it. Whether every figure is held.
pub async fn run(options: Options) -> Fallible<bool> {
    let folder = std::env::temp_dir().join(format!("janji-growth-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    // PostgreSQL runs as another user when root runs this.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
    let result = tokio::select! {
        result = in_folder(&options, &folder) => result,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    fs::remove_dir_all(&folder)?;
    // What is measured shortly says nothing.
    result.map(|is_held| is_held || options.short)
}

async fn in_folder(options: &Options, folder: &Path) -> Fallible<bool> {
    let appointments = if options.short {
        FEWEST
    } else {
        options.appointments.max(FEWEST)
    };
    let postgres = Postgres::start(folder, &[]).await?;
    let database = PgPoolOptions::new().connect_lazy_with(postgres.options()?.application_name("bench"));
    let server = Server::new(folder, "server", postgres.url(), &[])?;
    server.start().await?;
    let mut world = World::seed(&database, SIGNED_IN.doctors, SIGNED_IN.patients).await?;
    world.sign_in(&database, server.address, Doors::Both).await?;
    let programs = postgres.programs()?;
    let bench = Arc::new(Bench {
        seconds: Duration::from_secs_f64(if options.short { SHORT } else { 3.0 }),
        rounds: 1,
        size: SIGNED_IN,
        scripts: Scripts::default(),
        postgres,
        database,
        server,
        world,
        programs,
        folder: folder.to_owned(),
        next: 48.into(),
        round: 1.into(),
    });
    let began = Instant::now();
    bench.grow(appointments, options.days).await?;
    println!(
        "{}, {appointments} appointments over {} days, filled in {} s.\n\n| what | figure | wanted |\n|---|---|---|",
        bench.fsync().await?,
        options.days,
        began.elapsed().as_secs(),
    );
    let times = if options.short { 3 } else { options.times };
    let reported = u32::try_from(30 * appointments / options.days.max(1)).unwrap_or(u32::MAX);
    let pages = bench.ask_all(times, PAGE.max(reported * REPORTED)).await?;
    let bookings = bench.book_and_look().await?;
    let check = bench.verify().await?;
    Ok(pages && bookings && check)
}

/// Prints a row, and says whether its figure is held.
fn row(what: &str, times: &Times, most: Duration) -> bool {
    let is_held = times.quantile(0.95) <= most;
    println!(
        "| {what} | {}{} | p95 {} ms |",
        in_words(times),
        if is_held { "" } else { " **NOT HELD**" },
        milliseconds(most)
    );
    is_held
}

impl Bench {
    /// Fills the database.
    async fn grow(&self, appointments: u64, days: u64) -> Fallible<()> {
        let known = self.size.doctors as u64;
        let doctors = (appointments / days.max(1) / OF_DAY).max(known);
        let statements = include_str!("growth.sql")
            .replace("{appointments}", &appointments.to_string())
            .replace("{doctors}", &doctors.to_string())
            .replace("{more_doctors}", &(doctors - known).to_string())
            .replace("{patients}", &(appointments / OF_PATIENT).to_string());
        self.sql(statements).await?;
        // As the server of a clinic does by itself.
        self.sql("vacuum analyze".to_owned()).await
    }

    /// Asks for every page and call. A page may take [`PAGE`] at p95, and one with a report as long as `report`.
    async fn ask_all(&self, times: usize, report: Duration) -> Fallible<bool> {
        let middle: String = self
            .text(
                "select (extract(epoch from starts_at) * 1000000)::bigint || '_' || id from appointments
                 order by starts_at, id offset (select count(*) / 2 from appointments) limit 1",
            )
            .await?;
        let month_ago = self.text("select (current_date - 30)::text").await?;
        let admin = self
            .text("select max(id)::text from staff where role = 'admin'")
            .await?;
        let mut all_held = true;
        for (what, who, path) in ASKED {
            let path = path
                .replace("{middle}", &middle)
                .replace("{month_ago}", &month_ago)
                .replace("{admin}", &admin);
            let mut client = Client::default();
            let mut took = Times::default();
            let ask = match path.split_once("search=") {
                None => self.asked_by(who, Ask::get(&*path)).await,
                // The words are posted, and kept in the session: what is measured is the page that is led to.
                Some((filter, words)) => {
                    let (form, fields) = match who {
                        Who::Doctor => ("search-day", vec![("search", words)]),
                        _ => ("search-board", vec![("search", words), ("from", "")]),
                    };
                    let posted = self.asked_by(who, Ask::form(form, &fields)).await;
                    let answer = client.send(self.server.address, &posted).await;
                    let answer = answer.map_err(|silence| format!("{filter}: {silence:?}"))?;
                    self.asked_by(who, Ask::get(answer.location())).await
                }
            };
            for _ in 0..times {
                let answer = client.send(self.server.address, &ask).await;
                let answer = answer.map_err(|silence| format!("{path}: {silence:?}"))?;
                if answer.status != 200 {
                    return Err(format!("{path}: {answer:?}").into());
                }
                took.add(answer.took);
            }
            let most = match path.starts_with("/admin/report") {
                true => report,
                false => PAGE,
            };
            all_held &= row(what, &took, most);
        }
        Ok(all_held)
    }

    async fn asked_by(&self, who: Who, ask: Ask) -> Ask {
        let person = match who {
            Who::Nobody => return ask,
            Who::Patient => &self.world.patients[0],
            Who::Doctor => &self.world.doctors[6],
            Who::Admin => &self.world.admin,
        };
        match ask.path().starts_with("/api/") || ask.path().starts_with("/fhir/") {
            true => ask.bearer(&person.token),
            false => ask.cookie(&person.session.lock().await),
        }
    }

    /// Bookings, and the times of a month.
    async fn book_and_look(self: &Arc<Self>) -> Fallible<bool> {
        let day = |days: i64| self.world.half_hour(48 * days).strftime("%Y-%m-%d").to_string();
        let path = format!(
            "/api/v1/doctors/7/slots?service=visit&from={}&to={}",
            day(0),
            day(30)
        );
        let (times, _) = self.ask_for_times(&path).await?;
        let month = row("a month of a doctor's times, as a call", &times, MONTH);
        let round = self.book(CLIENTS).await?;
        let booking = row(
            &format!("booking, {CLIENTS} clients on different times"),
            &round.times,
            BOOKING,
        );
        Ok(month && booking)
    }

    /// The check of everything, which also holds it to this bench that its past is one that could have been.
    async fn verify(&self) -> Fallible<bool> {
        let began = Instant::now();
        let output = Command::new(program()?)
            .arg("verify")
            .env("DATABASE_URL", self.postgres.url())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .await?;
        if !output.status.success() {
            return Err(format!(
                "the database breaks a rule, or could not be checked: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
        let took = began.elapsed();
        println!("| `janji verify` | {} s | ends |", took.as_secs());
        Ok(true)
    }

    async fn text(&self, query: &'static str) -> Fallible<String> {
        Ok(sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&self.database)
            .await?)
    }
}
