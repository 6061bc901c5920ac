//! Making a backup: everything as it was at one moment.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::{
    BackupError, FORMAT, HEAD, Head, LEFT_OUT, MIGRATIONS_TABLE, Migrated, SETTINGS, Table,
    file::{Made, Target, Writer},
    quoted,
};
use crate::database::{
    StartError, clock,
    hosts::Hosts,
    startup::{self, Use},
};

/// Writes a backup of the database to this place. Whoever works with the database goes on working; a standby will do, too.
///
/// # Errors
/// One line for the operator. What was begun of the file is deleted.
pub async fn back_up(url: &str, target: Target) -> Result<Made, BackupError> {
    let hosts = Hosts::parse(url).ok_or(StartError::BadUrl)?;
    let (_, options) = hosts.writable().await?;
    startup::check(options, Use::Reading).await?;
    let mut connection = startup::connect(options).await?;
    let made = write_all(&mut connection, target).await;
    // The transaction has only read.
    let _ = connection.close().await;
    made
}

async fn write_all(connection: &mut PgConnection, target: Target) -> Result<Made, BackupError> {
    let head = begin(connection).await?;
    let mut writer = Writer::open(&target, head.taken_at)?;
    let json = serde_json::to_string(&head).map_err(|error| sqlx::Error::Encode(error.into()))?;
    writer.write(format!("{HEAD}{json}\n").as_bytes()).await?;
    let mut rows = BTreeMap::new();
    for table in &head.tables {
        let count = write_table(connection, &mut writer, table).await?;
        rows.insert(table.name.clone(), count);
    }
    // After the rows: each number that one of them has was given before.
    let sequences = sequences(connection).await?;
    writer.finish(rows, sequences).await
}

/// Begins the transaction that sees one moment, and keeps the tables from being changed until it has read them.
async fn begin(connection: &mut PgConnection) -> Result<Head, BackupError> {
    sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
    sqlx::raw_sql("begin isolation level repeatable read, read only")
        .execute(&mut *connection)
        .await?;
    let (microseconds, postgres): (i64, String) = sqlx::query_as(
        "select (extract(epoch from now()) * 1000000)::bigint, current_setting('server_version')",
    )
    .fetch_one(&mut *connection)
    .await?;
    let tables = tables(connection).await?;
    if tables.is_empty() {
        return Err(BackupError::NoTables);
    }
    let names: Vec<String> = tables.iter().map(|table| quoted(&table.name)).collect();
    let lock = format!("lock table {} in access share mode", names.join(", "));
    sqlx::raw_sql(AssertSqlSafe(lock))
        .execute(&mut *connection)
        .await?;
    Ok(Head {
        format: FORMAT,
        janji: env!("CARGO_PKG_VERSION").to_owned(),
        postgres,
        taken_at: clock::timestamp(microseconds)?,
        migrations: migrated(connection).await?,
        tables,
    })
}

/// The tables with the columns that are written: what PostgreSQL makes of others by itself is not.
async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, BackupError> {
    let is_migrated: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(MIGRATIONS_TABLE)
        .fetch_one(&mut *connection)
        .await?;
    if !is_migrated {
        return Ok(Vec::new());
    }
    let left_out = LEFT_OUT.map(ToOwned::to_owned).to_vec();
    let rows = sqlx::query(
        "select relname::text, array_agg(attname::text order by attnum)
         from pg_class
         join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
         where relnamespace = (select oid from pg_namespace where nspname = current_schema())
           and relkind in ('r', 'p') and not relispartition and relpersistence = 'p' and relname <> all ($1)
           and not exists (select from pg_depend
                           where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
         group by pg_class.oid
         order by relname",
    )
    .bind(left_out)
    .fetch_all(connection)
    .await?;
    let tables = rows.into_iter().map(|row| {
        Ok(Table {
            name: row.try_get(0)?,
            columns: row.try_get(1)?,
        })
    });
    tables.collect()
}

async fn migrated(connection: &mut PgConnection) -> Result<Vec<Migrated>, BackupError> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select version, encode(checksum, 'hex') from _sqlx_migrations where success order by version",
    )
    .fetch_all(connection)
    .await?;
    let migrated = rows
        .into_iter()
        .map(|(version, checksum)| Migrated { version, checksum });
    Ok(migrated.collect())
}

/// Writes the rows of a table, and answers with their number.
async fn write_table(
    connection: &mut PgConnection,
    writer: &mut Writer,
    table: &Table,
) -> Result<u64, BackupError> {
    let (name, columns) = table.quoted();
    // Of a table in parts, all of them.
    let columns = columns.trim_matches(['(', ')']);
    let statement = format!("copy (select {columns} from {name}) to stdout");
    writer.write(table.line().as_bytes()).await?;
    let mut count = 0;
    let mut rows = connection.copy_out_raw(&statement).await?;
    while let Some(chunk) = rows.next().await {
        let chunk = chunk?;
        // A line break within a value is written as two other characters.
        count += chunk.iter().map(|&byte| u64::from(byte == b'\n')).sum::<u64>();
        writer.write(&chunk).await?;
    }
    drop(rows);
    writer.write(super::END_OF_ROWS).await?;
    Ok(count)
}

/// The last number of each sequence that has given one.
async fn sequences(connection: &mut PgConnection) -> Result<BTreeMap<String, i64>, BackupError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select sequencename::text, last_value from pg_sequences
         where schemaname = current_schema() and last_value is not null order by sequencename",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().collect())
}
