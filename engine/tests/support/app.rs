//! The clinic of a test, in a database of its own, and the people who use it.

use std::time::Duration;

use jiff::{Timestamp, civil};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::command::{RULES, hold, submit};
use engine::{
    account::{
        Caller, Clinics,
        acquaintance::{Gift, give},
    },
    appointment::{ChangeStatus, Status, Summary, change_status},
    availability::{AnyDoctor, Except, Named, is_free, live::Live},
    booking::{self, Book, Wanted},
    database::{Database, Settings},
    error::AppError,
    time::{self, plus_minutes},
};

/// The password of all staff.
pub const PASSWORD: &str = "correct horse battery";

/// [`PASSWORD`] as it is kept. Hashing takes 46 MiB and a twentieth of a second on purpose, which few tests are about.
const HASH: &str =
    "$argon2id$v=19$m=47104,t=1,p=1$SCV3WJZx7Ec/vbjnz5rJQg$Dd2XjBhT6Xj+zfgrCBlJTmkkvuVUEvmmrpEmEWkFWXo";

/// The size of a test's connection pool.
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

/// The settings of a test's database. A busy machine is slow, and no test is about being fast.
pub fn settings() -> Settings {
    Settings {
        pool_size: CONNECTIONS,
        lock_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(60),
        acquire_timeout: Duration::from_secs(60),
    }
}

/// Takes everything out of a test's database, which may be a copy of one that was migrated.
pub async fn emptied(options: &PgConnectOptions) {
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql("drop schema public cascade; create schema public; grant usage on schema public to public")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// A database with a clinic, three services, four doctors and an admin.
pub struct TestApp {
    pub database: Database,
    pub live: Live,
    /// When the test began. Every time that a test passes on is this one or a later one.
    pub now: Timestamp,
    pub clinic: i64,
    pub services: Vec<i64>,
    pub doctors: Vec<Doctor>,
    pub admin_staff_id: i64,
    pub(super) pool_size: u32,
    options: PgConnectOptions,
}

impl TestApp {
    pub async fn new(options: PgConnectOptions) -> Self {
        Self::with(options, settings()).await
    }

    pub async fn with(options: PgConnectOptions, settings: Settings) -> Self {
        let database = Database::new(PgPoolOptions::new(), options.clone(), &settings);
        let live = Live::start(database.clone());
        let mut app = Self {
            database,
            live,
            now: Timestamp::now(),
            clinic: 0,
            services: Vec::new(),
            doctors: Vec::new(),
            admin_staff_id: 0,
            pool_size: settings.pool_size,
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

    /// Adds somebody of the staff of this role, with [`PASSWORD`] and no clinics yet.
    pub async fn staff(&self, role: &str, email: &str) -> i64 {
        sqlx::query_scalar(
            "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4) returning id",
        )
        .bind(role)
        .bind(email.split('@').next())
        .bind(email)
        .bind(HASH)
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

    /// The half hour of this number, counted from the next midnight that is not within the hour of the services' cut-off:
    /// late in the evening, a time after the very next one could no longer be cancelled.
    pub fn slot(&self, number: i64) -> Timestamp {
        const LATE: i64 = 2 * 3600;
        let midnight = ((self.now.as_second() + LATE).div_euclid(86_400) + 1) * 86_400;
        plus_minutes(Timestamp::from_second(midnight).unwrap(), 30 * number)
    }

    /// The date on which this half hour is, in UTC.
    pub fn day(&self, slot: i64) -> civil::Date {
        time::local_date(self.slot(slot), &jiff::tz::TimeZone::UTC)
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
        self.patients_from(0, count).await
    }

    /// So many patients, counted from this one on.
    pub async fn patients_from(&self, first: usize, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for number in first..first + count {
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

    /// An admin gives the patient to the doctor.
    pub async fn given(&self, doctor: usize, patient_id: i64) {
        let gift = Gift {
            staff_id: self.admin_staff_id,
            patient_id,
            doctor_id: self.doctors[doctor].id,
        };
        give(&self.database, gift, self.now).await.unwrap();
    }

    /// A clinic of which none of the doctors is, in the same zone; the same one each time.
    pub async fn another_clinic(&self) -> i64 {
        sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Other clinic', 'Street 2', 'Town', '+1 555 0200', 'UTC')
             on conflict (name) do update set name = excluded.name
             returning id",
        )
        .fetch_one(&mut self.connection().await)
        .await
        .unwrap()
    }

    /// The doctor offers and works at this clinic what they do at the other one.
    pub async fn works_at(&self, doctor: usize, clinic_id: i64) {
        let doctor_id = self.doctors[doctor].id;
        for statement in [
            "insert into offers select $1, $2, id from services",
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select $1, $2, weekday, 0, 1440 from generate_series(1, 7) as weekday",
        ] {
            sqlx::query(statement)
                .bind(doctor_id)
                .bind(clinic_id)
                .execute(&mut self.connection().await)
                .await
                .unwrap();
        }
    }

    /// Gives somebody at the desk these clinics.
    pub async fn give_clinics(&self, staff_id: i64, clinics: &[i64]) {
        sqlx::query("insert into staff_clinics (staff_id, clinic_id) select $1, unnest($2::bigint[])")
            .bind(staff_id)
            .bind(clinics)
            .execute(&mut self.connection().await)
            .await
            .unwrap();
    }

    /// The account of somebody at the reception of these clinics.
    pub async fn reception(&self, email: &str, clinics: &[i64]) -> i64 {
        let staff_id = self.staff("reception", email).await;
        self.give_clinics(staff_id, clinics).await;
        staff_id
    }

    /// Somebody at the reception of these clinics.
    pub async fn reception_caller(&self, email: &str, clinics: &[i64]) -> Caller {
        Caller::Reception {
            staff_id: self.reception(email, clinics).await,
            name: email.split('@').next().unwrap_or_default().to_owned(),
            clinics: Clinics::Named(clinics.to_vec()),
        }
    }

    pub fn admin_caller(&self) -> Caller {
        Caller::Admin {
            clinics: Clinics::All,
            staff_id: self.admin_staff_id,
            name: "admin".to_owned(),
        }
    }

    /// A service with whichever doctor is free.
    pub fn any_doctor(&self, service: usize) -> AnyDoctor {
        AnyDoctor {
            service: Named::Id(self.services[service]),
            clinic_id: None,
        }
    }

    /// A visitor chooses a time.
    pub async fn hold(&self, visitor: usize, wanted: Wanted, now: Timestamp) -> Result<String, AppError> {
        booking::hold(&self.database, hold(visitor, wanted), now).await
    }

    /// A patient books what this visitor holds.
    pub async fn submit(
        &self,
        visitor: usize,
        patient_id: i64,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, AppError> {
        booking::submit(&self.database, submit(visitor, patient_id, reference), now)
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
        change_status(&self.database, command, self.now).await.unwrap();
        reference
    }

    /// An admin books a free time for a patient.
    pub async fn books(&self, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
        let command = Book {
            caller: self.admin_caller(),
            wanted,
            patient_id,
            reason: "A cough".to_owned(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        booking::book(&self.database, command, self.now).await
    }

    /// An appointment whose visit is under way or over, as this status says.
    pub async fn visit(
        &self,
        patient_id: i64,
        doctor: usize,
        starts_at: Timestamp,
        status: Status,
    ) -> String {
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
            change_status(&self.database, command, self.now).await.unwrap();
        }
        reference
    }

    /// Whether the list of times has this one.
    pub async fn is_free(&self, wanted: Wanted) -> bool {
        is_free(&self.database, wanted, Except::default(), self.now)
            .await
            .unwrap()
    }

    /// Listed and bookable, or neither: what both say.
    pub async fn offers(&self, wanted: Wanted) -> bool {
        let is_listed = self.is_free(wanted).await;
        let held = self.hold(usize::MAX, wanted, self.now).await;
        assert_eq!(held.is_ok(), is_listed, "{wanted:?} {held:?}");
        self.sql("update appointments set held_until = created_at where status = 'held'")
            .await;
        is_listed
    }

    /// The version of a doctor, which a change of the schedule has to name.
    pub async fn doctor_version(&self, doctor: usize) -> i32 {
        sqlx::query_scalar("select version from doctors where id = $1")
            .bind(self.doctors[doctor].id)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    pub async fn id_of(&self, reference: &str) -> i64 {
        sqlx::query_scalar("select id from appointments where reference = $1")
            .bind(reference)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
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
        // A database that stays is no failure of the test.
        let _ = std::thread::spawn(move || run().map_err(|error: sqlx::Error| eprintln!("{error}"))).join();
    }
}
