//! Calendars elsewhere: what is written there, what was changed there, and that neither is lost or done twice.

mod busy;
mod elsewhere;
mod erased;
mod jobs;
mod meanwhile;
mod own;
mod quiet;
mod race;
mod server;

use std::sync::Arc;

use engine::{
    account::{Caller, factor::seal::SecretKey},
    appointment::{AppointmentName, ChangeStatus, Status, change_status},
    booking::{Reschedule, reschedule},
    caldav::{
        self, AccountView, Choice, Dispatch, Kind, LinkAccount, Offered, PULL_MINUTES, Password, Remotes,
        round,
    },
    error::{AppError, Field},
    i18n::Locale,
    time::plus_minutes,
    webhook::Target,
};
use jiff::Timestamp;

pub use self::server::Server;
use crate::support::{RULES, TestApp};

/// The calendars that a server has.
pub const HOME: &str = "https://dav.example.com/sari/";
pub const WORK: &str = "https://dav.example.com/sari/work/";
pub const FAMILY: &str = "https://dav.example.com/sari/family/";

pub fn key() -> Option<SecretKey> {
    SecretKey::parse(&"k".repeat(32))
}

/// A clinic whose calendars elsewhere hear of everything.
pub async fn clinic() -> TestApp {
    let app = TestApp::crowded().await;
    caldav::listen(&app.database);
    app
}

pub fn dispatch(app: &TestApp, server: &Arc<Server>) -> Dispatch {
    Dispatch {
        database: app.database.clone(),
        remotes: Remotes::default().with(Kind::CalDav, server.clone()),
        secret_key: key(),
        origin: Some("https://clinic.example".to_owned()),
        rules: RULES,
    }
}

pub fn link_of(caller: Caller) -> LinkAccount {
    let offered = |href: &str, name: &str, can_write| Offered {
        href: href.to_owned(),
        name: name.to_owned(),
        can_write,
    };
    LinkAccount {
        caller,
        kind: Kind::CalDav,
        target: Target::of_field(Field::CalendarServer, HOME, false).unwrap(),
        username: "sari".to_owned(),
        password: Password::new("secret"),
        offered: vec![
            offered(WORK, "Work", true),
            offered(FAMILY, "Family", true),
            offered("https://dav.example.com/holidays/", "Holidays", false),
        ],
        language: Locale::En,
        secret_key: key(),
    }
}

pub async fn choose(app: &TestApp, written: Option<&str>, busy: &[&str]) -> Result<(), AppError> {
    let account = account(app).await;
    let id_of = |name: &&str| {
        let found = account.collections.iter().find(|one| one.name == **name);
        found.map_or(-1, |one| one.id)
    };
    let choice = Choice {
        caller: app.doctor_caller(0),
        account_id: account.id,
        written: written.as_ref().map(id_of),
        busy: busy.iter().map(id_of).collect(),
        details: false,
    };
    caldav::choose(&app.database, choice, app.database.now()).await
}

/// The account of the first doctor, whose appointments are written to one of its calendars.
pub async fn linked(app: &TestApp) -> i64 {
    let id = caldav::link(&app.database, link_of(app.doctor_caller(0)), app.database.now())
        .await
        .unwrap();
    choose(app, Some("Work"), &["Family"]).await.unwrap();
    id
}

pub async fn account(app: &TestApp) -> AccountView {
    let mut accounts = caldav::accounts(&app.database, &app.doctor_caller(0))
        .await
        .unwrap();
    accounts.remove(0)
}

/// Some minutes later than the clock of the database.
pub fn later(app: &TestApp, minutes: i64) -> Timestamp {
    plus_minutes(app.database.now(), minutes)
}

/// Works until there is nothing to do at this moment.
pub async fn settle_at(dispatch: &Dispatch, now: Timestamp) {
    for _ in 0..200 {
        if round(dispatch, now).await.unwrap() == 0 {
            return;
        }
    }
    panic!("there is no end of it");
}

/// Works, and asks what was changed there: the next time, and once more for what that led to.
pub async fn settle(app: &TestApp, dispatch: &Dispatch) {
    // Earlier turns were in the future.
    app.sql(
        "update calendar_accounts set pull_at = now() - interval '1 second', rest_until = null;
         update calendar_jobs set due_at = now() - interval '1 second'",
    )
    .await;
    for turn in 1..=3 {
        settle_at(dispatch, later(app, turn * (PULL_MINUTES + 1))).await;
    }
}

pub async fn moved(
    app: &TestApp,
    reference: &str,
    version: Option<i32>,
    to: Timestamp,
) -> Result<(), AppError> {
    let command = Reschedule {
        caller: app.doctor_caller(0),
        which: AppointmentName::from(reference.to_owned()),
        version,
        starts_at: to,
        visitor: None,
        rules: RULES,
        key: None,
    };
    reschedule(&app.database, command, app.database.now())
        .await
        .map(drop)
}

pub async fn cancelled(app: &TestApp, reference: &str) {
    let command = ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: reference.to_owned().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Ill".to_owned(),
    };
    change_status(&app.database, command, app.database.now())
        .await
        .unwrap();
}

/// The starts of the first doctor's appointments that are not called off, in the order of their references.
pub async fn own_starts(app: &TestApp) -> Vec<(String, Timestamp)> {
    let rows: Vec<(String, jiff_sqlx::Timestamp)> = sqlx::query_as(
        "select reference, starts_at from appointments
         where doctor_id = $1 and status in ('pending', 'confirmed') order by reference",
    )
    .bind(app.doctors[0].id)
    .fetch_all(app.database.pool())
    .await
    .unwrap();
    rows.into_iter()
        .map(|(reference, start)| (reference, start.to_jiff()))
        .collect()
}
