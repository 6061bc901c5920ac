//! The locks that PostgreSQL reports at this moment (C3).

use metrics::{counter, gauge};

use crate::{database::Database, error::AppError};

/// A table of Janji, and who is at it.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// Transactions that hold a lock in order to write, or have locked rows.
    pub held: i64,
    /// Transactions that wait for one of its rows, or for all of it.
    pub waiting: i64,
}

/// A transaction that waits for another one.
#[derive(Clone, Debug)]
pub struct Wait {
    pub pid: i32,
    pub seconds: f64,
    /// The table, if PostgreSQL names it: a wait for a row that is being inserted is one for a transaction.
    pub table: Option<String>,
    pub blocked_by: Vec<i32>,
}

/// The locks of this moment, of all servers together.
#[derive(Clone, Debug)]
pub struct Locks {
    pub tables: Vec<Table>,
    /// The longest waits.
    pub waits: Vec<Wait>,
    pub waiting: i64,
    /// The number in the whole database since its statistics were last reset.
    pub deadlocks: i64,
    pub commits: i64,
    pub rollbacks: i64,
    /// The number of open transactions.
    pub transactions: i64,
    pub oldest_transaction_seconds: f64,
}

/// The database connections of this server.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub most: u32,
    pub idle: u32,
    pub in_use: u32,
}

/// The connections of this server at this moment.
pub fn pool(database: &Database) -> Pool {
    let pool = database.pool();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    Pool {
        most: pool.options().get_max_connections(),
        idle,
        in_use: pool.size().saturating_sub(idle),
    }
}

/// Asks PostgreSQL.
///
/// # Errors
/// Those of the database.
pub async fn locks(database: &Database) -> Result<Locks, AppError> {
    database
        .read("monitoring.locks", |mut connection| async move {
            let tables = sqlx::query_as!(
                Table,
                r#"select relname::text as "name!",
                          count(distinct pid) filter (
                              where granted and locktype = 'relation' and mode <> 'AccessShareLock'
                          ) as "held!",
                          count(distinct pid) filter (
                              where not granted or locktype = 'tuple'
                          ) as "waiting!"
                   from pg_class
                   left join pg_locks
                     on relation = pg_class.oid and pid <> pg_backend_pid()
                        and database = (select oid from pg_database where datname = current_database())
                   where relkind = 'r' and relname not like '\_sqlx%'
                     and relnamespace = (select oid from pg_namespace where nspname = current_schema())
                   group by relname
                   order by relname"#
            )
            .fetch_all(&mut *connection)
            .await?;
            let rows = sqlx::query!(
                r#"select activity.pid as "pid!",
                          coalesce(extract(epoch from clock_timestamp() - waitstart), 0)::float8 as "seconds!",
                          (select relname::text from pg_locks as at join pg_class on pg_class.oid = at.relation
                           where at.pid = activity.pid and (at.locktype = 'tuple' or not at.granted)
                           limit 1) as "table",
                          pg_blocking_pids(activity.pid) as "blocked_by!",
                          count(*) over () as "waiting!"
                   from pg_stat_activity as activity
                   join pg_locks as wanted on wanted.pid = activity.pid and not wanted.granted
                   where activity.datname = current_database()
                   order by 2 desc
                   limit 20"#
            )
            .fetch_all(&mut *connection)
            .await?;
            let waiting = rows.first().map_or(0, |row| row.waiting);
            let waits = rows
                .into_iter()
                .map(|row| Wait {
                    pid: row.pid,
                    seconds: row.seconds,
                    table: row.table,
                    blocked_by: row.blocked_by,
                })
                .collect();
            let whole = sqlx::query!(
                r#"select deadlocks as "deadlocks!", xact_commit as "commits!", xact_rollback as "rollbacks!",
                          (select count(*) from pg_stat_activity
                           where datname = current_database() and xact_start is not null
                             and pid <> pg_backend_pid()) as "transactions!",
                          coalesce((select extract(epoch from max(clock_timestamp() - xact_start))
                                    from pg_stat_activity
                                    where datname = current_database() and backend_type = 'client backend'
                                      and pid <> pg_backend_pid()), 0)::float8 as "oldest!"
                   from pg_stat_database
                   where datname = current_database()"#
            )
            .fetch_one(&mut *connection)
            .await?;
            Ok(Locks {
                tables,
                waits,
                waiting,
                deadlocks: whole.deadlocks,
                commits: whole.commits,
                rollbacks: whole.rollbacks,
                transactions: whole.transactions,
                oldest_transaction_seconds: whole.oldest,
            })
        })
        .await
}

/// Puts what was read among the numbers of the database.
#[expect(
    clippy::cast_precision_loss,
    reason = "gauges are floats, and these are small numbers"
)]
pub fn publish(database: &Database, locks: Option<&Locks>) {
    let pool = pool(database);
    let total = |count: i64| u64::try_from(count).unwrap_or(0);
    database.statistics().record(|| {
        gauge!("janji_pool_connections_most").set(pool.most);
        gauge!("janji_pool_connections", "state" => "idle").set(pool.idle);
        gauge!("janji_pool_connections", "state" => "in_use").set(pool.in_use);
        gauge!("janji_clock_ahead_seconds").set(database.clock_ahead().as_secs_f64());
        gauge!("janji_database_up").set(if locks.is_some() { 1.0 } else { 0.0 });
        let Some(locks) = locks else { return };
        for table in &locks.tables {
            gauge!("janji_database_locks_held", "table" => table.name.clone()).set(table.held as f64);
            gauge!("janji_database_locks_waiting", "table" => table.name.clone()).set(table.waiting as f64);
        }
        let longest = locks.waits.first().map_or(0.0, |wait| wait.seconds);
        gauge!("janji_database_waiting").set(locks.waiting as f64);
        gauge!("janji_database_longest_wait_seconds").set(longest);
        gauge!("janji_database_transactions").set(locks.transactions as f64);
        gauge!("janji_database_oldest_transaction_seconds").set(locks.oldest_transaction_seconds);
        counter!("janji_database_deadlocks_total").absolute(total(locks.deadlocks));
        counter!("janji_database_commits_total").absolute(total(locks.commits));
        counter!("janji_database_rollbacks_total").absolute(total(locks.rollbacks));
    });
}
