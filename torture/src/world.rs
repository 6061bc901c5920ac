//! A clinic that is open around the clock, and the people who come to it.

use std::net::SocketAddr;

use engine::account::hash_password;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    Fallible,
    client::{Ask, Client},
};

const PASSWORD: &str = "correct horse battery";

/// How many sign in at once: each costs the server two slow hashes.
const AT_ONCE: usize = 8;

/// A service of the test clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Half an hour, which the doctor has to confirm.
    Visit,
    /// Half an hour, booked at once.
    Instant,
    /// Three quarters of an hour with buffers, every quarter of an hour.
    Long,
    /// Five minutes: twelve of them share an hour of a calendar.
    Short,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::Visit, Self::Instant, Self::Long, Self::Short];

    /// The `type` of the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Instant => "instant",
            Self::Long => "long",
            Self::Short => "short",
        }
    }

    /// They are made in this order.
    pub fn id(self) -> i64 {
        match self {
            Self::Visit => 1,
            Self::Instant => 2,
            Self::Long => 3,
            Self::Short => 4,
        }
    }
}

/// The only clinic there is, and its only kind of rooms.
pub const CLINIC: i64 = 1;
pub const ROOM_TYPE: i64 = 1;

/// Somebody who can be both a program with a token and a browser with a session.
pub struct Person {
    /// The id of the patient or the doctor; 0 for the admin.
    pub id: i64,
    pub token: String,
    /// The cookie. Who uses it locks it: a browser fills in one form at a time.
    pub session: Mutex<String>,
}

impl Person {
    fn new(id: i64) -> Self {
        Self {
            id,
            token: String::new(),
            session: Mutex::default(),
        }
    }
}

pub struct World {
    /// The midnight that the first bookable day begins with.
    pub tomorrow: Timestamp,
    pub doctors: Vec<Person>,
    pub patients: Vec<Person>,
    pub admin: Person,
    /// The ids of group sessions.
    pub groups: Vec<i64>,
}

/// So many group sessions there are, and so many seats in each.
const GROUPS: i64 = 6;
const SEATS: i64 = 8;
/// They begin after this number of half hours, when nobody books anything else.
const GROUPS_AFTER: i64 = 600 * 48;

impl World {
    /// Fills empty tables.
    pub async fn seed(database: &PgPool, doctors: usize, patients: usize) -> Fallible<Self> {
        let hash = hash_password(PASSWORD)?;
        let statements = format!(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC');
             insert into services
                 (key, name, mode, duration_minutes, buffer_before_minutes, buffer_after_minutes,
                  slot_interval_minutes, horizon_days, cutoff_minutes, instant)
             values ('visit', 'Visit', 'in_person', 30, 0, 0, 30, 700, 0, false),
                    ('instant', 'Vaccination', 'in_person', 30, 0, 0, 30, 700, 0, true),
                    ('long', 'Long visit', 'in_person', 45, 5, 10, 15, 700, 0, false),
                    ('short', 'Short visit', 'in_person', 5, 0, 0, 5, 700, 0, false);
             insert into staff (role, name, email, password_hash)
             select 'doctor', 'Dr ' || number, 'doctor' || number || '@load.example', '{hash}'
             from generate_series(1, {doctors}) as number order by number;
             insert into staff (role, name, email, password_hash)
             values ('admin', 'Admin', 'admin@load.example', '{hash}');
             insert into doctors (staff_id, name, speciality)
             select id, name, 'General practice' from staff where role = 'doctor' order by id;
             insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services;
             insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, clinics.id, weekday, 0, 1440
             from doctors, clinics, generate_series(1, 7) as weekday;
             -- Numbered, so that the figures can count them.
             insert into patients (id, phone, name)
             select number, '+62812555' || lpad(number::text, 5, '0'), 'Patient ' || number
             from generate_series(1, {patients}) as number order by number;
             insert into room_types (clinic_id, name, rooms, price_minor, currency)
             select id, 'Room', 5, 4500, 'EUR' from clinics;
             analyze;"
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(database).await?;
        let ids = async |query: &'static str| sqlx::query_scalar::<_, i64>(query).fetch_all(database).await;
        let people = |ids: Vec<i64>| ids.into_iter().map(Person::new).collect();
        let midnight = Timestamp::now().to_zoned(TimeZone::UTC).start_of_day()?;
        Ok(Self {
            tomorrow: midnight.checked_add(1.day())?.timestamp(),
            doctors: people(ids("select id from doctors order by id").await?),
            patients: people(ids("select id from patients order by id").await?),
            admin: Person::new(0),
            groups: Vec::new(),
        })
    }

    /// The half hour of this number, from tomorrow's midnight on.
    pub fn half_hour(&self, number: i64) -> Timestamp {
        Timestamp::from_second(self.tomorrow.as_second() + 1800 * number).unwrap_or(self.tomorrow)
    }

    /// Publishes the group sessions. The admin has signed in.
    pub async fn plan_groups(&mut self, server: SocketAddr) -> Fallible<()> {
        let mut client = Client::default();
        for number in 0..GROUPS {
            let doctor = &self.doctors[usize::try_from(number)? % self.doctors.len()];
            let body = json!({
                "doctor_id": doctor.id, "clinic_id": CLINIC, "type": "instant", "title": format!("Class {number}"),
                "starts_at": self.half_hour(GROUPS_AFTER + 4 * number).to_string(), "minutes": 60, "capacity": SEATS,
                "publish": true,
            });
            let ask = Ask::json("/groups", &body).bearer(&self.admin.token);
            let answer = client
                .send(server, &ask)
                .await
                .map_err(|silence| format!("{silence:?}"))?;
            let id = answer.json()["data"][0]["id"].as_i64();
            self.groups
                .push(id.ok_or_else(|| format!("no session: {answer:?}"))?);
        }
        Ok(())
    }

    /// Signs everybody in, by the doors that people use.
    pub async fn sign_in(&mut self, database: &PgPool, server: SocketAddr, doors: Doors) -> Fallible<()> {
        let mut waiting: Vec<(Who, &mut Person)> =
            vec![(Who::Staff("admin@load.example".to_owned()), &mut self.admin)];
        for (number, doctor) in (1..).zip(&mut self.doctors) {
            waiting.push((Who::Staff(format!("doctor{number}@load.example")), doctor));
        }
        for (number, patient) in (1..).zip(&mut self.patients) {
            waiting.push((Who::Patient(format!("+62812555{number:05}")), patient));
        }
        let mut tasks = JoinSet::new();
        let mut people: Vec<&mut Person> = Vec::new();
        let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        for (who, person) in waiting {
            let (database, permits, place) = (database.clone(), permits.clone(), people.len());
            people.push(person);
            tasks.spawn(async move {
                let _permit = permits.acquire_owned().await?;
                let mut client = Client::default();
                let token = who.token(&mut client, server, &database).await?;
                let session = match doors {
                    Doors::Api => String::new(),
                    Doors::Both => who.session(&mut client, server, &database).await?,
                };
                Fallible::Ok((place, token, session))
            });
        }
        while let Some(done) = tasks.join_next().await {
            let (place, token, session) = done??;
            people[place].token = token;
            *people[place].session.get_mut() = session;
        }
        Ok(())
    }
}

/// How people will come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doors {
    Api,
    Both,
}

/// A way to sign in.
pub enum Who {
    /// By e-mail and the password of all staff.
    Staff(String),
    /// By phone.
    Patient(String),
}

impl Who {
    async fn token(&self, client: &mut Client, server: SocketAddr, database: &PgPool) -> Fallible<String> {
        let ask = match self {
            Self::Staff(email) => Ask::json("/auth/login", &json!({ "email": email, "password": PASSWORD })),
            Self::Patient(phone) => {
                let challenge = challenge(client, server, phone).await?;
                let code = newest_code(database, phone).await?;
                Ask::json(
                    "/auth/otp/verify",
                    &json!({ "challenge": challenge, "code": code }),
                )
            }
        };
        let answer = client
            .send(server, &ask)
            .await
            .map_err(|silence| format!("{silence:?}"))?;
        let token = answer.json()["data"]["token"].as_str().map(str::to_owned);
        Ok(token.ok_or_else(|| format!("no token: {answer:?}"))?)
    }

    async fn session(&self, client: &mut Client, server: SocketAddr, database: &PgPool) -> Fallible<String> {
        let ask = match self {
            Self::Staff(email) => Ask::form("staff-sign-in", &[("email", email), ("password", PASSWORD)]),
            Self::Patient(phone) => {
                let ask = Ask::form("request-code", &[("phone", phone)]);
                let answer = client
                    .send(server, &ask)
                    .await
                    .map_err(|silence| format!("{silence:?}"))?;
                let cookie = answer
                    .session()
                    .ok_or_else(|| format!("no session: {answer:?}"))?;
                let code = newest_code(database, phone).await?;
                Ask::form("verify-code", &[("code", &code)]).cookie(&cookie)
            }
        };
        let answer = client
            .send(server, &ask)
            .await
            .map_err(|silence| format!("{silence:?}"))?;
        Ok(answer
            .session()
            .ok_or_else(|| format!("no session: {answer:?}"))?)
    }
}

/// Asks for a code.
pub async fn challenge(client: &mut Client, server: SocketAddr, phone: &str) -> Fallible<String> {
    let ask = Ask::json("/auth/otp", &json!({ "phone": phone }));
    let answer = client
        .send(server, &ask)
        .await
        .map_err(|silence| format!("{silence:?}"))?;
    let challenge = answer.json()["data"]["challenge"].as_str().map(str::to_owned);
    Ok(challenge.ok_or_else(|| format!("no challenge: {answer:?}"))?)
}

/// Reads the newest code that was sent to a phone.
pub async fn newest_code(database: &PgPool, phone: &str) -> Fallible<String> {
    let body: String =
        sqlx::query_scalar("select body from messages where recipient = $1 order by id desc limit 1")
            .bind(phone)
            .fetch_one(database)
            .await?;
    Ok(body.chars().filter(char::is_ascii_digit).take(6).collect())
}
