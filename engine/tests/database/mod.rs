//! Transactions: retries, timeouts, callers who leave, servers and networks that fail.

mod aborted;
pub mod backup;
mod caller;
mod clock;
mod connection;
mod events;
mod growth;
mod hosts;
mod lock_order;
mod migrations;
mod network;
mod outage;
mod pooler;
mod retry;
mod roles;
mod snapshot;
mod startup;
mod timeout;

use std::time::Duration;

use crate::support::TestApp;
use engine::database::{Failure, Settings, Tx};

async fn add_one(tx: &mut Tx, id: i64) -> Result<(), Failure> {
    sqlx::query("update counters set value = value + 1 where id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn with_counters(settings: Settings) -> TestApp {
    let app = TestApp::with(settings).await;
    app.sql(
        "create table counters (id bigint primary key, value bigint not null);
         insert into counters select id, 0 from generate_series(0, 99) as id;",
    )
    .await;
    app
}

fn quick() -> Settings {
    Settings {
        pool_size: 4,
        lock_timeout: Duration::from_millis(40),
        statement_timeout: Duration::from_millis(400),
        acquire_timeout: Duration::from_millis(400),
    }
}
