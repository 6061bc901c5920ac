//! Calendars elsewhere: how their servers are spoken to over HTTP, and the page on which a doctor links one.

mod client;
mod form;
mod quiet;
mod server;

use std::{sync::Arc, time::Duration};

use engine::{
    account::factor::seal::SecretKey,
    caldav::{self, Access, Dispatch, Kind, Password, Remotes, round},
    time::plus_minutes,
};
use janji::caldav::client::Http;

pub use self::server::Dav;
use crate::support::{Setup, TestApp};

pub fn key() -> Option<SecretKey> {
    SecretKey::parse(&"k".repeat(32))
}

/// A client that gives up within two seconds.
pub fn http(allows_private: bool) -> Http {
    Http::new(allows_private).unwrap().within(Duration::from_secs(2))
}

pub fn access(url: String) -> Access {
    Access {
        account_id: 1,
        kind: Kind::CalDav,
        url,
        username: "sari".to_owned(),
        password: Password::new("secret"),
    }
}

/// A clinic whose calendars elsewhere hear of everything, and may be of its own network.
pub async fn clinic(has_key: bool) -> TestApp {
    let mut app = TestApp::with(Setup::default()).await;
    app.configure(|config| {
        config.operation.caldav_private = true;
        config.accounts.secret_key = key().filter(|_| has_key);
    });
    caldav::listen(&app.database);
    app
}

/// Works until nothing is due, now and some minutes later.
pub async fn settle(app: &TestApp) {
    let dispatch = Dispatch {
        database: app.database.clone(),
        remotes: Remotes::default().with(Kind::CalDav, Arc::new(http(true))),
        secret_key: key(),
        origin: None,
        rules: app.state.config.rules.booking,
    };
    app.sql(
        "update calendar_accounts set pull_at = now() - interval '1 second', rest_until = null;
         update calendar_jobs set due_at = now() - interval '1 second'",
    )
    .await;
    for turn in 0..4 {
        let now = plus_minutes(app.database.now(), turn * 6);
        while round(&dispatch, now).await.unwrap() > 0 {}
    }
}
