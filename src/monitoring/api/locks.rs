//! The call for locks and conflicts (C3).

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Done, RequestTexts, found, only_admins},
    openapi::WATCHING,
};
use engine::monitoring::locks::{locks, pool};
use engine::monitoring::numbers::{Distribution, Numbers};

/// The locks of this moment, and the measurements of this server since it started. Times are in seconds.
#[derive(Serialize, ToSchema)]
pub struct LockNumbers {
    active_locks: i64,
    waiting_locks: i64,
    lock_wait: Spread,
    /// The number in the whole database since its statistics were last reset.
    deadlocks: i64,
    retries: f64,
    rollbacks: f64,
    conflicts_prevented: f64,
    pool: PoolNumbers,
    /// The number of open transactions.
    transactions: i64,
    oldest_transaction_seconds: f64,
    database_commits: i64,
    database_rollbacks: i64,
    waits: Vec<WaitNumbers>,
    tables: Vec<TableNumbers>,
    operations: BTreeMap<String, OperationNumbers>,
    conflicts: BTreeMap<String, f64>,
    failures: BTreeMap<String, f64>,
    constraints: BTreeMap<String, f64>,
}

/// A distribution of durations, in seconds; null if nothing was measured.
#[derive(Serialize, ToSchema)]
pub struct Spread {
    count: f64,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

impl From<&Distribution> for Spread {
    fn from(distribution: &Distribution) -> Self {
        Self {
            count: distribution.count(),
            p50: distribution.quantile(0.5),
            p95: distribution.quantile(0.95),
            p99: distribution.quantile(0.99),
        }
    }
}

/// The database connections of this server.
#[derive(Serialize, ToSchema)]
pub struct PoolNumbers {
    most: u32,
    idle: u32,
    in_use: u32,
}

/// A transaction that waits for another one.
#[derive(Serialize, ToSchema)]
pub struct WaitNumbers {
    pid: i32,
    seconds: f64,
    table: Option<String>,
    blocked_by: Vec<i32>,
}

/// The numbers of transactions that hold locks on a table, and that wait for one.
#[derive(Serialize, ToSchema)]
pub struct TableNumbers {
    name: String,
    held: i64,
    waiting: i64,
}

/// The outcomes of an operation.
#[derive(Serialize, ToSchema)]
pub struct OperationNumbers {
    attempts: f64,
    done: f64,
    refused: f64,
    failed: f64,
    retries: f64,
    give_ups: f64,
    lock_wait: Spread,
    lock_hold: Spread,
    duration: Spread,
}

/// Returns the locks of this moment, and the measurements of this server since it started.
#[utoipa::path(
    get, path = "/v1/admin/locks", tag = WATCHING, security(("token" = ["read"])),
    responses((status = 200, description = "Numbers; times are in seconds", body = Done<LockNumbers>)),
)]
pub async fn admin_locks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let now = locks(&state.database).await?;
    let pool = pool(&state.database);
    let numbers = Numbers::parse(&state.database.statistics().render());
    let mut lock_wait = Distribution::default();
    for operation in numbers.operations.values() {
        lock_wait.merge(&operation.lock_wait);
    }
    let retries = numbers.sum(|operation| operation.retries);
    let operations = numbers.operations.into_iter().map(|(name, operation)| {
        let numbers = OperationNumbers {
            attempts: operation.attempts,
            done: operation.done,
            refused: operation.refused,
            failed: operation.failed,
            retries: operation.retries,
            give_ups: operation.give_ups,
            lock_wait: (&operation.lock_wait).into(),
            lock_hold: (&operation.lock_hold).into(),
            duration: (&operation.duration).into(),
        };
        (name, numbers)
    });
    let waits = now.waits.into_iter().map(|wait| WaitNumbers {
        pid: wait.pid,
        seconds: wait.seconds,
        table: wait.table,
        blocked_by: wait.blocked_by,
    });
    let data = LockNumbers {
        active_locks: now.tables.iter().map(|table| table.held).sum(),
        waiting_locks: now.waiting,
        lock_wait: (&lock_wait).into(),
        deadlocks: now.deadlocks,
        retries,
        rollbacks: numbers.rollbacks,
        conflicts_prevented: numbers.conflicts.values().sum(),
        pool: PoolNumbers {
            most: pool.most,
            idle: pool.idle,
            in_use: pool.in_use,
        },
        transactions: now.transactions,
        oldest_transaction_seconds: now.oldest_transaction_seconds,
        database_commits: now.commits,
        database_rollbacks: now.rollbacks,
        waits: waits.collect(),
        tables: now
            .tables
            .into_iter()
            .map(|table| TableNumbers {
                name: table.name,
                held: table.held,
                waiting: table.waiting,
            })
            .collect(),
        operations: operations.collect(),
        conflicts: numbers.conflicts,
        failures: numbers.failures,
        constraints: numbers.constraints,
    };
    Ok(found(texts, data))
}
