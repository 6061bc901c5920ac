//! A Janji of its own for a test, and the people who use it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::HeaderValue;
use jiff::Timestamp;
use leptos::config::LeptosOptions;
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{net::TcpListener, sync::Barrier};

use crate::{
    account::{Caller, Limits, limit::Requests, service::hash_password},
    appointment::Status,
    availability::live::Live,
    booking::{
        Wanted,
        service::{self as booking, Hold, Submit},
    },
    database::{Database, Settings},
    error::{AppError, Refusal},
    monitoring::integrity::Integrity,
    server::{AppState, Config, config::Rules, router::router},
    time::plus_minutes,
};

/// The password of all staff.
pub const PASSWORD: &str = "correct horse battery";

/// How many connections a test's pool has.
const CONNECTIONS: u32 = 25;

/// Services of the fixture, in their order.
pub const VISIT: usize = 0;
/// Three quarters of an hour, every quarter of an hour, with buffers.
pub const LONG: usize = 1;
/// Booked at once.
pub const INSTANT: usize = 2;

/// A doctor who works around the clock, in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Doctor {
    pub id: i64,
    pub staff_id: i64,
}

/// What to set up differently.
#[derive(Clone, Debug)]
pub struct Setup {
    pub settings: Settings,
    pub limits: Limits,
    /// In a minute.
    pub requests_per_token: u32,
    /// Whose pages may call the API.
    pub cors_origins: Vec<HeaderValue>,
    pub demo: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            // A busy machine is slow, and no test is about being fast.
            settings: Settings {
                pool_size: CONNECTIONS,
                lock_timeout: Duration::from_secs(30),
                statement_timeout: Duration::from_secs(60),
                acquire_timeout: Duration::from_secs(60),
            },
            limits: Limits::default(),
            requests_per_token: 0,
            cors_origins: Vec::new(),
            demo: true,
        }
    }
}

/// A Janji with a clinic, three services, four doctors and an admin.
pub struct TestApp {
    pub state: AppState,
    pub database: Database,
    pub live: Live,
    /// When the test began. Whatever takes a time is given this one or one after it.
    pub now: Timestamp,
    pub clinic: i64,
    pub services: Vec<i64>,
    pub doctors: Vec<Doctor>,
    pub admin_staff_id: i64,
    options: PgConnectOptions,
}

impl TestApp {
    pub async fn new(options: PgConnectOptions) -> Self {
        Self::with(options, Setup::default()).await
    }

    pub async fn with(options: PgConnectOptions, setup: Setup) -> Self {
        let database = Database::new(PgPoolOptions::new(), options.clone(), &setup.settings);
        let live = Live::start(database.clone());
        let state = AppState {
            database: database.clone(),
            live: live.clone(),
            integrity: Integrity::default(),
            requests: Requests::new(setup.requests_per_token),
            config: Arc::new(Config {
                file: None,
                database_url: None,
                data_dir: PathBuf::new(),
                addr: None,
                demo: setup.demo,
                database: setup.settings,
                rules: Rules {
                    hold_minutes: HOLD_MINUTES,
                    answer_minutes: ANSWER_MINUTES,
                    country_code: "+62".to_owned(),
                },
                limits: setup.limits,
                requests_per_token: setup.requests_per_token,
                cors_origins: setup.cors_origins,
                // So that a test can come from several addresses.
                trust_proxy: true,
                secure_cookies: false,
                metrics_token: None,
                log_json: false,
            }),
            leptos: LeptosOptions::builder()
                .output_name("janji")
                .site_root("target/site")
                .site_pkg_dir("pkg")
                .hash_files(false)
                .build(),
        };
        let mut app = Self {
            state,
            database,
            live,
            now: Timestamp::now(),
            clinic: 0,
            services: Vec::new(),
            doctors: Vec::new(),
            admin_staff_id: 0,
            options,
        };
        app.furnish().await;
        app
    }

    async fn furnish(&mut self) {
        let mut connection = self.connection().await;
        self.clinic = sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC') returning id",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        self.services = sqlx::query_scalar(
            "insert into services
                 (key, name, mode, duration_minutes, buffer_before_minutes, buffer_after_minutes,
                  slot_interval_minutes, horizon_days, cutoff_minutes, instant)
             values ('visit', 'Visit', 'in_person', 30, 0, 0, 30, 60, 60, false),
                    ('long', 'Long visit', 'in_person', 45, 5, 10, 15, 60, 60, false),
                    ('instant', 'Vaccination', 'in_person', 30, 0, 0, 30, 60, 60, true)
             returning id",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        for number in 1..=4 {
            let staff_id = self
                .staff("doctor", &format!("doctor{number}@test.example"))
                .await;
            let id: i64 = sqlx::query_scalar(
                "insert into doctors (staff_id, name, speciality) values ($1, $2, 'General practice') returning id",
            )
            .bind(staff_id)
            .bind(format!("Dr {number}"))
            .fetch_one(&mut connection)
            .await
            .unwrap();
            self.doctors.push(Doctor { id, staff_id });
        }
        for statement in [
            "insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services",
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, clinics.id, weekday, 0, 1440 from doctors, clinics, generate_series(1, 7) as weekday",
        ] {
            sqlx::query(statement).execute(&mut connection).await.unwrap();
        }
        self.admin_staff_id = self.staff("admin", "admin@test.example").await;
    }

    async fn staff(&self, role: &str, email: &str) -> i64 {
        static HASH: OnceLock<String> = OnceLock::new();
        sqlx::query_scalar(
            "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4) returning id",
        )
        .bind(role)
        .bind(email.split('@').next())
        .bind(email)
        .bind(HASH.get_or_init(|| hash_password(PASSWORD).unwrap()))
        .fetch_one(&mut self.connection().await)
        .await
        .unwrap()
    }

    /// A connection that is none of the pool's.
    pub async fn connection(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }

    /// Runs statements that need no arguments.
    pub async fn sql(&self, statements: &'static str) {
        sqlx::raw_sql(statements)
            .execute(&mut self.connection().await)
            .await
            .unwrap();
    }

    /// A number that SQL can tell.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    /// Takes the second layer away, so that a test is about the locks alone.
    pub async fn without_constraints(&self) {
        self.sql(
            "alter table appointments drop constraint appointments_no_overlap;
             alter table appointments drop constraint appointments_patient_no_overlap;",
        )
        .await;
    }

    /// Makes the hours be there that bookings lock, as if somebody had booked in each of them before:
    /// otherwise the one who inserts an hour keeps the others waiting.
    pub async fn open_hours(&self) {
        self.sql(
            "insert into calendar_hours
             select id, hour
             from doctors, generate_series(date_trunc('hour', now(), 'UTC'), now() + interval '10 days', '1 hour') as hour",
        )
        .await;
    }

    /// The half hour of this number, counted from tomorrow's midnight.
    pub fn slot(&self, number: i64) -> Timestamp {
        let midnight = (self.now.as_second().div_euclid(86_400) + 1) * 86_400;
        plus_minutes(Timestamp::from_second(midnight).unwrap(), 30 * number)
    }

    pub fn wanted(&self, doctor: usize, service: usize, starts_at: Timestamp) -> Wanted {
        Wanted {
            doctor_id: self.doctors[doctor].id,
            clinic_id: self.clinic,
            service_id: self.services[service],
            starts_at: starts_at.as_second(),
        }
    }

    pub async fn patient(&self, number: usize) -> i64 {
        sqlx::query_scalar("insert into patients (phone, name) values ($1, $2) returning id")
            .bind(format!("+6281255500{number:03}"))
            .bind(format!("Patient {number}"))
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    pub async fn patients(&self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for number in 0..count {
            ids.push(self.patient(number).await);
        }
        ids
    }

    pub fn doctor_caller(&self, doctor: usize) -> Caller {
        let Doctor { id, staff_id } = self.doctors[doctor];
        Caller::Doctor {
            staff_id,
            doctor_id: id,
            name: format!("Dr {}", doctor + 1),
        }
    }

    pub fn admin_caller(&self) -> Caller {
        Caller::Admin {
            staff_id: self.admin_staff_id,
            name: "admin".to_owned(),
        }
    }

    /// A visitor chooses a time.
    pub async fn hold(&self, visitor: usize, wanted: Wanted, now: Timestamp) -> Result<String, AppError> {
        booking::hold(&self.database, &self.live, hold(visitor, wanted), now).await
    }

    /// A patient books what this visitor holds.
    pub async fn submit(
        &self,
        visitor: usize,
        patient_id: i64,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, AppError> {
        booking::submit(
            &self.database,
            &self.live,
            submit(visitor, patient_id, reference),
            now,
        )
        .await
        .map(|booked| booked.reference)
    }

    /// A request of a patient, which waits for its answer.
    pub async fn requested(&self, patient_id: i64, wanted: Wanted) -> String {
        // Nobody else's token.
        let visitor = usize::try_from(patient_id).unwrap() + 1_000_000;
        let held = self.hold(visitor, wanted, self.now).await.unwrap();
        self.submit(visitor, patient_id, &held, self.now).await.unwrap()
    }

    /// An appointment that the doctor has confirmed.
    pub async fn confirmed(&self, patient_id: i64, doctor: usize, starts_at: Timestamp) -> String {
        use crate::appointment::service::{ChangeStatus, change_status};

        let reference = self
            .requested(patient_id, self.wanted(doctor, VISIT, starts_at))
            .await;
        let command = ChangeStatus {
            key: None,
            caller: self.doctor_caller(doctor),
            which: reference.clone().into(),
            to: Status::Confirmed,
            version: Some(2),
            reason: String::new(),
        };
        change_status(&self.database, &self.live, command, self.now)
            .await
            .unwrap();
        reference
    }

    /// An appointment whose visit is under way or over, as this status says.
    pub async fn visit(
        &self,
        patient_id: i64,
        doctor: usize,
        starts_at: Timestamp,
        status: Status,
    ) -> String {
        use crate::appointment::service::{ChangeStatus, change_status};

        let reference = self.confirmed(patient_id, doctor, starts_at).await;
        let steps = [Status::InProgress, Status::Completed];
        let last = steps.iter().position(|step| *step == status).unwrap();
        for (version, &to) in (3..).zip(&steps[..=last]) {
            let command = ChangeStatus {
                key: None,
                caller: self.doctor_caller(doctor),
                which: reference.clone().into(),
                to,
                version: Some(version),
                reason: String::new(),
            };
            change_status(&self.database, &self.live, command, self.now)
                .await
                .unwrap();
        }
        reference
    }

    /// Status, version and start of an appointment.
    pub async fn appointment(&self, reference: &str) -> (String, i32, Timestamp) {
        let (status, version, starts_at): (String, i32, jiff_sqlx::Timestamp) =
            sqlx::query_as("select status, version, starts_at from appointments where reference = $1")
                .bind(reference)
                .fetch_one(&mut self.connection().await)
                .await
                .unwrap();
        (status, version, starts_at.to_jiff())
    }

    /// Releases everybody at once, and answers with what became of each, in their order. Connections
    /// are there before: nobody is late for having to open one.
    pub async fn race<T, Fut>(&self, racers: Vec<Fut>) -> Vec<T>
    where
        T: Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let mut connections = Vec::new();
        for _ in 0..self
            .state
            .config
            .database
            .pool_size
            .min(u32::try_from(racers.len()).unwrap())
        {
            connections.push(self.database.pool().acquire().await.unwrap());
        }
        drop(connections);
        let start = Arc::new(Barrier::new(racers.len()));
        let racers: Vec<_> = racers
            .into_iter()
            .map(|racer| {
                let start = start.clone();
                tokio::spawn(async move {
                    start.wait().await;
                    racer.await
                })
            })
            .collect();
        let mut results = Vec::new();
        for racer in racers {
            results.push(racer.await.unwrap());
        }
        results
    }

    /// As [`Self::race`], but what releases everybody is a lock that all of them come to: `gate` takes it,
    /// and gives it back when they wait there, as many as there are connections. Those of a wave come
    /// before those of the next.
    pub async fn race_behind<T, Fut>(&self, gate: &'static str, waves: Vec<Vec<Fut>>) -> Vec<T>
    where
        T: Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let mut keeper = self.connection().await;
        let mut gate_of_keeper = keeper.begin().await.unwrap();
        sqlx::raw_sql(gate).execute(&mut *gate_of_keeper).await.unwrap();
        let (mut racers, mut waiting) = (Vec::new(), 0);
        for wave in waves {
            waiting += i64::try_from(wave.len()).unwrap();
            racers.extend(wave.into_iter().map(tokio::spawn));
            self.until_waiting(waiting.min(i64::from(self.state.config.database.pool_size)))
                .await;
        }
        gate_of_keeper.rollback().await.unwrap();
        let mut results = Vec::new();
        for racer in racers {
            results.push(racer.await.unwrap());
        }
        results
    }

    /// Waits until this many transactions wait for a lock.
    pub async fn until_waiting(&self, count: i64) {
        let mut connection = self.connection().await;
        let look = async {
            loop {
                let waiting: i64 = sqlx::query_scalar(
                    "select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'",
                )
                .fetch_one(&mut connection)
                .await
                .unwrap();
                if waiting >= count {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), look)
            .await
            .expect("nobody waits");
    }

    /// What must hold whatever happened: nobody is in two places, and every history is a walk that
    /// leads to what is there now.
    pub async fn assert_sound(&self) {
        for (what, query) in [
            (
                "two appointments of one doctor at once",
                "select count(*) from appointments a join appointments b
                 on a.id < b.id and a.doctor_id = b.doctor_id
                    and tstzrange(a.blocks_from, a.blocks_until) && tstzrange(b.blocks_from, b.blocks_until)
                 where a.status not in ('cancelled', 'rejected', 'expired')
                   and b.status not in ('cancelled', 'rejected', 'expired')
                   and a.overbooked_because is null and b.overbooked_because is null",
            ),
            (
                "two appointments of one patient at once",
                "select count(*) from appointments a join appointments b
                 on a.id < b.id and a.patient_id = b.patient_id
                    and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
                 where a.status not in ('held', 'cancelled', 'rejected', 'expired')
                   and b.status not in ('held', 'cancelled', 'rejected', 'expired')",
            ),
            (
                "histories that do not count from 1 to the version",
                "select count(*) from appointments
                 where (select array_agg(version order by version) from appointment_changes
                        where appointment_id = appointments.id)
                       is distinct from (select array_agg(n) from generate_series(1, version) as n)",
            ),
            (
                "histories that do not end at what is there",
                "select count(*) from appointments
                 where not exists (select from appointment_changes c
                                   where c.appointment_id = appointments.id and c.version = appointments.version
                                     and c.to_status = appointments.status and c.to_starts_at = appointments.starts_at)",
            ),
            (
                "steps that do not begin where the one before ended",
                "select count(*) from appointment_changes a join appointment_changes b
                 on a.appointment_id = b.appointment_id and b.version = a.version + 1
                 where b.from_status is distinct from a.to_status",
            ),
        ] {
            assert_eq!(self.count(query).await, 0, "{what}");
        }
    }

    /// The text of the newest message to this phone.
    pub async fn newest_message(&self, phone: &str) -> String {
        sqlx::query_scalar("select body from messages where recipient = $1 order by id desc limit 1")
            .bind(phone)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    /// The code that was sent to this phone last.
    pub async fn newest_code(&self, phone: &str) -> String {
        let message = self.newest_message(phone).await;
        let digits: String = message.chars().filter(char::is_ascii_digit).collect();
        digits[..6].to_owned()
    }

    /// Runs the server, and answers with where it is.
    pub async fn serve(&self) -> Site<'_> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(self.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Site { app: self, address }
    }
}

impl Drop for TestApp {
    /// Throws the database away with the connections that it still has: without, sqlx waits five seconds for
    /// them and gives up. After a failure it stays, to be looked at.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let name = self.options.get_database().unwrap().to_owned();
        let options = self.options.clone().database("postgres");
        let throw_away = async move {
            let mut connection = options.connect().await?;
            let statement = format!("drop database if exists \"{name}\" with (force)");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await?;
            connection.close().await
        };
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(throw_away)
        };
        // Whatever goes wrong here is no failure of the test.
        let _ = std::thread::spawn(move || run().map_err(|error: sqlx::Error| eprintln!("{error}"))).join();
    }
}

pub const HOLD_MINUTES: i64 = 10;
pub const ANSWER_MINUTES: i64 = 24 * 60;

/// Every booking and every move comes to its doctor first.
pub const DOCTORS: &str = "select from doctors for update";
/// Every change comes to its appointment.
pub const APPOINTMENTS: &str = "select from appointments for update";

/// The hash of a visitor's token.
pub fn visitor(number: usize) -> Vec<u8> {
    number.to_be_bytes().repeat(4)
}

pub fn hold(number: usize, wanted: Wanted) -> Hold {
    Hold {
        key: None,
        keeps: Vec::new(),
        wanted,
        visitor: visitor(number),
        patient_id: None,
        address: "192.0.2.1".to_owned(),
        holds_per_address: 0,
        hold_minutes: HOLD_MINUTES,
    }
}

pub fn submit(number: usize, patient_id: i64, reference: &str) -> Submit {
    Submit {
        instead_of: None,
        key: None,
        reference: reference.to_owned(),
        visitor: visitor(number),
        patient_id,
        name: "Somebody".to_owned(),
        reason: "A cough".to_owned(),
        hold_minutes: HOLD_MINUTES,
        answer_minutes: ANSWER_MINUTES,
    }
}

/// Why a booking failed, if that is why.
pub fn refusal<T>(result: &Result<T, AppError>) -> Option<Refusal> {
    match result {
        Err(AppError::BookingFailed { reason, .. }) => Some(*reason),
        _ => None,
    }
}

/// The results of a race in which one wins; everybody else's errors.
pub fn one_winner<T: Clone + std::fmt::Debug>(results: &[Result<T, AppError>]) -> (T, Vec<AppError>) {
    let winners: Vec<&T> = results.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    let losers = results
        .iter()
        .filter_map(|result| result.as_ref().err().copied())
        .collect();
    (winners[0].clone(), losers)
}

/// A running server.
pub struct Site<'a> {
    pub app: &'a TestApp,
    address: SocketAddr,
}

impl Site<'_> {
    /// Somebody with an empty cookie jar.
    pub fn visitor(&self) -> Browser {
        self.visitor_from("192.0.2.1")
    }

    pub fn visitor_from(&self, address: &str) -> Browser {
        let jar = Arc::new(reqwest::cookie::Jar::default());
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("x-forwarded-for", address.parse().unwrap());
        let http = reqwest::Client::builder()
            .cookie_provider(jar.clone())
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Browser {
            http,
            jar,
            site: format!("http://{}", self.address),
        }
    }

    /// Somebody who has signed in with this phone number.
    pub async fn patient(&self, phone: &str) -> Browser {
        let browser = self.visitor();
        let answer = browser
            .submit("/sign-in", "request-code", &[("phone", phone), ("next", "")])
            .await;
        assert_eq!(answer.location(), "/sign-in/code");
        let code = self.app.newest_code(phone).await;
        let answer = browser
            .submit("/sign-in/code", "verify-code", &[("code", &code)])
            .await;
        assert_eq!(answer.location(), "/appointments");
        browser
    }

    /// Somebody of staff who has signed in.
    pub async fn staff(&self, email: &str) -> Browser {
        let browser = self.visitor();
        let fields = [("email", email), ("password", PASSWORD), ("next", "")];
        let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
        assert!(
            matches!(answer.location().as_str(), "/doctor" | "/admin"),
            "{}",
            answer.location()
        );
        browser
    }
}

/// Somebody with a browser.
#[derive(Clone)]
pub struct Browser {
    pub http: reqwest::Client,
    jar: Arc<reqwest::cookie::Jar>,
    pub site: String,
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.url(path)).header("accept", "text/html")).await
    }

    /// Submits a form of this page the way a browser does.
    pub async fn submit(&self, page: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(
            self.http
                .post(self.url(&format!("/form/{form}")))
                .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("referer", self.url(page))
                .header("origin", &self.site)
                .header("sec-fetch-site", "same-origin")
                .form(fields),
        )
        .await
    }

    /// Sends a form the way a program does, which is told by status and problem+json.
    pub async fn call(&self, form: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.http.post(self.url(&format!("/form/{form}"))).form(fields)).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// What the jar would send.
    pub fn cookies(&self) -> String {
        use reqwest::cookie::CookieStore;

        self.jar
            .cookies(&self.site.parse().unwrap())
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    pub fn set_cookie(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.site.parse().unwrap());
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let answer = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        assert!(!answer.body.contains("Unknown localization"), "{}", answer.body);
        answer
    }

    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    pub fn location(&self) -> String {
        self.header("location")
    }

    /// The error that a page is told of in its URL.
    pub fn error(&self) -> Option<AppError> {
        use leptos::server_fn::error::ServerFnUrlError;

        let location = self.location();
        let encoded = location
            .split("__err=")
            .nth(1)?
            .split(['#', '&'])
            .next()?
            .replace("%3D", "=");
        Some(ServerFnUrlError::<AppError>::decode_err(&encoded))
    }

    /// What a browser would send with a form of this page: the fields, as they are filled.
    pub fn form(&self, name: &str) -> Vec<(String, String)> {
        use scraper::{Html, Selector};

        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(&format!(
            "form[action='/form/{name}'] input, form[action='/form/{name}'] textarea"
        ));
        page.select(&selector.unwrap())
            .filter_map(|element| {
                let input = element.value();
                if input.attr("type") == Some("radio") && input.attr("checked").is_none() {
                    return None;
                }
                let value = match input.name() {
                    "textarea" => element.text().collect(),
                    _ => input.attr("value").unwrap_or_default().to_owned(),
                };
                Some((input.attr("name")?.to_owned(), value))
            })
            .collect()
    }

    /// Where the links that a selector finds lead.
    pub fn links(&self, selector: &str) -> Vec<String> {
        use scraper::{Html, Selector};

        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.value().attr("href").map(str::to_owned))
            .collect()
    }

    /// The texts of the elements that a selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        use scraper::{Html, Selector};

        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse(selector).unwrap())
            .map(|element| {
                element
                    .text()
                    .collect::<String>()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of an error, as programs are told; checks that it is said the same way everywhere.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert_eq!(json["success"], false);
        assert!(json["error"].as_str().is_some_and(|text| !text.is_empty()));
        json["code"].as_str().unwrap().to_owned()
    }
}
