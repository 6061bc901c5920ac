//! The clinic of a test, in a database of its own, and the people who use it.

mod acts;
mod people;
mod sight;
mod spare;

use std::time::Duration;

use jiff::{Timestamp, civil};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use super::database::TestDatabase;
use engine::{
    availability::{AnyDoctor, Named, live::Live},
    booking::Wanted,
    database::{Database, Settings},
    time::{self, plus_minutes},
};

/// The password of all staff.
pub const PASSWORD: &str = "correct horse battery";

/// [`PASSWORD`] with the least that argon2 can do. Janji's own hashes take 46 MiB and a twentieth of a second on purpose,
/// which few tests are about.
const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$saeQPRHYr22e4lSXelr2Fg$N3ROWXXUwruZ2N06hdqlubUG2e6quKwDjEn60nyN8sg";

/// The size of a test's connection pool: enough for who does one thing after the other. What is given back is there again a
/// moment later, so each test would open some more, and PostgreSQL reads its catalogue anew for each.
const CONNECTIONS: u32 = 3;

/// The same for many at once.
pub(super) const CROWD: u32 = 25;

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

/// [`settings`] for many at once.
pub fn crowded() -> Settings {
    Settings {
        pool_size: CROWD,
        ..settings()
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
    /// When the test began. Every time that a test passes on is this one or a later one.
    pub now: Timestamp,
    pub clinic: i64,
    pub services: Vec<i64>,
    pub doctors: Vec<Doctor>,
    pub admin_staff_id: i64,
    pub(super) pool_size: u32,
    /// Its database, and how to reach it.
    pub options: TestDatabase,
    idle: spare::Idle,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    /// For many at once.
    pub async fn crowded() -> Self {
        Self::with(crowded()).await
    }

    /// In a database of its own.
    pub async fn with(settings: Settings) -> Self {
        Self::on(TestDatabase::new().await, settings).await
    }

    /// In a database that is there.
    pub async fn on(options: TestDatabase, settings: Settings) -> Self {
        let database = options.open(&settings);
        let mut app = Self {
            database,
            now: Timestamp::now(),
            clinic: 0,
            services: Vec::new(),
            doctors: Vec::new(),
            admin_staff_id: 0,
            pool_size: settings.pool_size,
            options,
            idle: spare::Idle::default(),
        };
        app.furnish().await;
        app
    }

    async fn furnish(&mut self) {
        let mut connection = self.spare().await;
        self.clinic = sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC') returning id",
        )
        .fetch_one(&mut *connection)
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
        .fetch_all(&mut *connection)
        .await
        .unwrap();
        let doctors: Vec<(i64, i64)> = sqlx::query_as(
            "with people as (
                 insert into staff (role, name, email, password_hash)
                 select 'doctor', 'doctor' || number, 'doctor' || number || '@test.example', $1
                 from generate_series(1, 4) as number
                 order by number
                 returning id, name
             )
             insert into doctors (staff_id, name, speciality)
             select id, replace(name, 'doctor', 'Dr '), 'General practice' from people order by id
             returning id, staff_id",
        )
        .bind(HASH)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
        self.doctors = doctors
            .into_iter()
            .map(|(id, staff_id)| Doctor { id, staff_id })
            .collect();
        sqlx::raw_sql(
            "insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services;
             insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, clinics.id, weekday, 0, 1440 from doctors, clinics, generate_series(1, 7) as weekday",
        )
        .execute(&mut *connection)
        .await
        .unwrap();
        drop(connection);
        self.admin_staff_id = self.staff("admin", "admin@test.example").await;
    }

    /// A connection of its own, for a transaction or settings.
    pub async fn connection(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }

    /// What open pages hear from now on; it listens already.
    pub async fn live(&self) -> Live {
        let live = Live::start(self.database.clone());
        // It says so when it listens.
        live.overhear(0).next().await.unwrap();
        live
    }

    /// Runs statements that need no arguments.
    pub async fn sql(&self, statements: &'static str) {
        sqlx::raw_sql(statements)
            .execute(&mut *self.spare().await)
            .await
            .unwrap();
    }

    /// A number that SQL can tell.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    /// Moves the clinic to where hours of its day lie ahead, at whatever time the test runs.
    pub async fn hours_before_midnight(&self) {
        self.sql(
            "update clinics set time_zone = case
                 when extract(hour from now() at time zone 'UTC') > 20 then 'Etc/GMT+11' else 'UTC' end",
        )
        .await;
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

    /// A service with whichever doctor is free.
    pub fn any_doctor(&self, service: usize) -> AnyDoctor {
        AnyDoctor {
            service: Named::Id(self.services[service]),
            clinic_id: None,
        }
    }
}
