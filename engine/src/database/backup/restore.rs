//! Restoring a backup, into an empty database only.
//!
//! The tables are made by the migrations that those of the backup had seen; then all rows are read in one transaction, which
//! also says that this is a copy from which nothing leaves. A database into which a backup could not be read is as empty as
//! it was before.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    BackupError, Foot, Head, SETTINGS, Table,
    empty::{empty, must_be_empty},
    quoted,
    read::{Reader, check},
};
use crate::database::{
    StartError,
    hosts::Hosts,
    migration,
    roles::Address,
    startup::{self, Use, one_line},
};

/// The migration by which an installation can be paused: rows are not read into tables without it.
const PAUSED_BY: i64 = 360;

/// What a restored database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The same installation, in another place.
    Same,
    /// Another one beside the first, such as for trying things out: it has an id of its own.
    Copy,
}

/// A backup that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The moment that it is of.
    pub taken_at: Timestamp,
    /// The version of Janji that made it.
    pub janji: String,
    pub rows: u64,
}

/// Reads a backup into an empty database, brings the tables up to date and leaves the installation paused.
///
/// # Errors
/// One line for the operator. The database is as empty as before then; only where the tables could not be brought up to
/// date, it is not.
pub async fn restore(address: &Address, file: &Path, kind: Kind) -> Result<Restored, BackupError> {
    let path = file.to_owned();
    let checked = tokio::task::spawn_blocking(move || check(&path)).await;
    let (head, foot) = checked.map_err(|error| BackupError::NotRestored(one_line(&error)))??;
    let versions = known_versions(&head)?;

    let hosts = Hosts::parse(address.of_owner()).ok_or(StartError::BadUrl)?;
    let (_, options) = hosts.writable().await?;
    startup::check(options, Use::Writing).await?;
    let mut connection = startup::connect(options).await?;
    migration::wait_for_turn(&mut connection)
        .await
        .map_err(|error| StartError::Migration(one_line(&error)))?;
    must_be_empty(&mut connection).await?;
    if let Err(error) = fill(&mut connection, file, (&head, &foot), &versions, kind).await {
        // The transaction may be open, and its connection broken.
        let _ = connection.close().await;
        let mut connection = startup::connect(options).await?;
        empty(&mut connection).await?;
        return Err(match error {
            BackupError::Database(error) => BackupError::NotRestored(one_line(&error)),
            error => error,
        });
    }
    // It gives up the lock of those who migrate.
    let _ = connection.close().await;
    address.make_ready(migration::Upgrade::Run).await?;
    Ok(Restored {
        taken_at: head.taken_at,
        janji: head.janji,
        rows: foot.total(),
    })
}

/// The migrations to begin with: those of the backup, if this program knows them all.
fn known_versions(head: &Head) -> Result<BTreeSet<i64>, BackupError> {
    for done in &head.migrations {
        if migration::checksum(done.version).is_none_or(|checksum| super::hex(&checksum) != done.checksum) {
            return Err(BackupError::Newer(head.janji.clone()));
        }
    }
    let versions = head.migrations.iter().map(|done| done.version);
    Ok(versions.chain([PAUSED_BY]).collect())
}

async fn fill(
    connection: &mut PgConnection,
    file: &Path,
    (head, foot): (&Head, &Foot),
    versions: &BTreeSet<i64>,
    kind: Kind,
) -> Result<(), BackupError> {
    migration::run_only(connection, versions)
        .await
        .map_err(|error| StartError::Migration(one_line(&error)))?;
    sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
    let mut tx = connection.begin().await?;
    let keys = foreign_keys(&mut tx).await?;
    prepare(&mut tx, &head.tables, &keys).await?;
    read_rows(&mut tx, file, foot).await?;
    settle(&mut tx, &head.tables, &keys).await?;
    for (sequence, last) in &foot.sequences {
        sqlx::query(
            "select setval(to_regclass(quote_ident($1)), $2) where to_regclass(quote_ident($1)) is not null",
        )
        .bind(sequence)
        .bind(last)
        .execute(&mut *tx)
        .await?;
    }
    leave_gaps(&mut tx).await?;
    if kind == Kind::Copy {
        let_go(&mut tx).await?;
    }
    sqlx::query(
        "update installation
         set paused_since = now(), restored_from = $1, id = case when $2 then gen_random_uuid() else id end",
    )
    .bind(head.taken_at.to_sqlx())
    .bind(kind == Kind::Copy)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    // Plans are made by what is known of the rows.
    sqlx::raw_sql("analyze").execute(connection).await?;
    Ok(())
}

/// The numbers that others know, and how many of them may have been given since the backup: the provider takes those of payments
/// for the ones that it has, and answers with the page of somebody else; and a receipt has a number that no other one has.
const KNOWN_OUTSIDE: [(&str, i64); 2] = [("payments_id_seq", 1_000_000), ("receipt_numbers", 10_000)];

/// Leaves out the numbers that were given since the backup.
async fn leave_gaps(connection: &mut PgConnection) -> Result<(), BackupError> {
    for (sequence, gap) in KNOWN_OUTSIDE {
        sqlx::query(
            "select setval(sequence, coalesce(pg_sequence_last_value(sequence), 0) + $2)
             from (select to_regclass(quote_ident($1)) as sequence) as named where sequence is not null",
        )
        .bind(sequence)
        .bind(gap)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// What a copy beside the first one must not go on with: the first one's entries in the calendars of doctors, and its webhooks.
/// Doctors link their calendars anew, and somebody lets the webhooks go on that are meant.
const LET_GO: [(&str, &str); 4] = [
    ("calendar_jobs", "delete from calendar_jobs"),
    ("calendar_events", "delete from calendar_events"),
    (
        "calendar_accounts",
        "update calendar_accounts set state = 'paused', trouble = 'unauthorized', secret = ''",
    ),
    (
        "webhooks",
        "update webhooks set state = 'paused', because = 'by_hand' where state = 'active'",
    ),
];

/// Lets go of what belongs to the first one, also of tables that are older than some of it.
async fn let_go(connection: &mut PgConnection) -> Result<(), BackupError> {
    for (table, statement) in LET_GO {
        let is_there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(table)
            .fetch_one(&mut *connection)
            .await?;
        if is_there {
            run(connection, statement.to_owned()).await?;
        }
    }
    Ok(())
}

/// The foreign keys: the table, the name and the definition of each.
async fn foreign_keys(connection: &mut PgConnection) -> Result<Vec<[String; 3]>, BackupError> {
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint
         where contype = 'f' and conparentid = 0
           and connamespace = (select oid from pg_namespace where nspname = current_schema())
         order by conrelid::regclass::text, conname",
    )
    .fetch_all(connection)
    .await?;
    Ok(keys
        .into_iter()
        .map(|(table, name, definition)| [table, name, definition])
        .collect())
}

/// Makes the tables take the rows as they are: in any order, and without what triggers would make of them.
async fn prepare(
    connection: &mut PgConnection,
    tables: &[Table],
    keys: &[[String; 3]],
) -> Result<(), BackupError> {
    let names: Vec<String> = tables.iter().map(|table| quoted(&table.name)).collect();
    for [table, name, _] in keys {
        run(connection, format!("alter table {table} drop constraint {name}")).await?;
    }
    for name in &names {
        run(connection, format!("alter table {name} disable trigger user")).await?;
    }
    // Rows that migrations made are in the backup, as they were by then.
    run(connection, format!("truncate {}", names.join(", "))).await
}

/// Puts back what [`prepare`] took away. PostgreSQL holds the rows to each foreign key.
async fn settle(
    connection: &mut PgConnection,
    tables: &[Table],
    keys: &[[String; 3]],
) -> Result<(), BackupError> {
    run(connection, "set constraints all immediate".to_owned()).await?;
    for table in tables {
        let name = quoted(&table.name);
        run(connection, format!("alter table {name} enable trigger user")).await?;
    }
    for [table, name, definition] in keys {
        run(
            connection,
            format!("alter table {table} add constraint {name} {definition}"),
        )
        .await?;
    }
    Ok(())
}

/// Runs a statement that is made of names which PostgreSQL itself has quoted, or we.
async fn run(connection: &mut PgConnection, statement: String) -> Result<(), BackupError> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// What is read of a file, on a thread of its own.
enum Part {
    Table(Table),
    Rows(Vec<u8>),
    EndOfTable,
}

/// The pieces that may wait for the database: the file waits then.
const PARTS: usize = 8;

/// Reads all rows into their tables, and holds the file to what it was when it was checked.
async fn read_rows(connection: &mut PgConnection, file: &Path, checked: &Foot) -> Result<(), BackupError> {
    let (sender, mut parts) = mpsc::channel(PARTS);
    let path = file.to_owned();
    let reading: JoinHandle<Result<Foot, BackupError>> =
        tokio::task::spawn_blocking(move || read_file(path, &sender));
    while let Some(part) = parts.recv().await {
        if let Part::Table(table) = part
            && !copy_table(connection, &table, &mut parts).await?
        {
            break;
        }
    }
    let read = reading.await;
    let foot = read.map_err(|error| BackupError::NotRestored(one_line(&error)))??;
    if &foot != checked {
        return Err(BackupError::Broken(file.to_owned(), "it was changed meanwhile"));
    }
    Ok(())
}

/// Reads the rows of one table into it. Answers whether they came to their end.
async fn copy_table(
    connection: &mut PgConnection,
    table: &Table,
    parts: &mut mpsc::Receiver<Part>,
) -> Result<bool, BackupError> {
    let (name, columns) = table.quoted();
    let statement = format!("copy {name} {columns} from stdin");
    let mut copy = connection.copy_in_raw(&statement).await?;
    while let Some(part) = parts.recv().await {
        match part {
            Part::Rows(rows) => {
                copy.send(rows).await?;
            }
            _ => {
                copy.finish().await?;
                return Ok(true);
            }
        }
    }
    // The file cannot be read on, and whoever reads it says why.
    copy.abort("the file cannot be read").await?;
    Ok(false)
}

fn read_file(path: PathBuf, parts: &mpsc::Sender<Part>) -> Result<Foot, BackupError> {
    // Whoever restores has given up, and says why.
    let gone = |_| BackupError::NotRestored("it was given up".to_owned());
    let (mut reader, head) = Reader::open(&path)?;
    let mut rows = BTreeMap::new();
    for table in head.tables {
        parts.blocking_send(Part::Table(table.clone())).map_err(gone)?;
        let count = reader.table(&table, |chunk| {
            parts.blocking_send(Part::Rows(chunk)).map_err(gone)
        })?;
        parts.blocking_send(Part::EndOfTable).map_err(gone)?;
        rows.insert(table.name, count);
    }
    reader.foot(&rows)
}
