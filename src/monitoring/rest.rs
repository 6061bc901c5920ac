//! What locks cost and what collides, for programs (C3).

use std::collections::BTreeMap;

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    locks::{locks, pool},
    numbers::{Distribution, Numbers},
};
use crate::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    server::{
        AppState,
        rest::{Answer, Authenticated, found},
    },
};

/// The locks of this moment, and what this server measured since it began. Times are in seconds.
pub async fn admin_locks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    texts: Texts,
) -> Answer {
    let Caller::Admin { .. } = caller else {
        return Err(AppError::Forbidden.into());
    };
    let now = locks(&state.database).await?;
    let pool = pool(&state.database);
    let numbers = Numbers::parse(&state.database.statistics().render());
    let waits: Vec<Value> = now
        .waits
        .iter()
        .map(|wait| {
            json!({
                "pid": wait.pid,
                "seconds": wait.seconds,
                "table": wait.table,
                "blocked_by": wait.blocked_by,
            })
        })
        .collect();
    let tables: Vec<Value> = now
        .tables
        .iter()
        .map(|table| json!({ "name": table.name, "held": table.held, "waiting": table.waiting }))
        .collect();
    let operations: BTreeMap<&String, Value> = numbers
        .operations
        .iter()
        .map(|(name, operation)| {
            let numbers = json!({
                "attempts": operation.attempts,
                "done": operation.done,
                "refused": operation.refused,
                "failed": operation.failed,
                "retries": operation.retries,
                "give_ups": operation.give_ups,
                "lock_wait": spread(&operation.lock_wait),
                "lock_hold": spread(&operation.lock_hold),
                "duration": spread(&operation.duration),
            });
            (name, numbers)
        })
        .collect();
    let mut lock_wait = Distribution::default();
    for operation in numbers.operations.values() {
        lock_wait.merge(&operation.lock_wait);
    }
    let data = json!({
        "active_locks": now.tables.iter().map(|table| table.held).sum::<i64>(),
        "waiting_locks": now.waiting,
        "lock_wait": spread(&lock_wait),
        "deadlocks": now.deadlocks,
        "retries": numbers.sum(|operation| operation.retries),
        "rollbacks": numbers.rollbacks,
        "conflicts_prevented": numbers.conflicts.values().sum::<f64>(),
        "pool": { "most": pool.most, "idle": pool.idle, "in_use": pool.in_use },
        "transactions": now.transactions,
        "oldest_transaction_seconds": now.oldest_transaction_seconds,
        "database_commits": now.commits,
        "database_rollbacks": now.rollbacks,
        "waits": waits,
        "tables": tables,
        "operations": operations,
        "conflicts": numbers.conflicts,
        "failures": numbers.failures,
        "constraints": numbers.constraints,
    });
    Ok(found(texts, data))
}

fn spread(distribution: &Distribution) -> Value {
    json!({
        "count": distribution.count(),
        "p50": distribution.quantile(0.5),
        "p95": distribution.quantile(0.95),
        "p99": distribution.quantile(0.99),
    })
}
