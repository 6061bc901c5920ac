//! Backups of the whole database, and databases that are made of them (O2).
//!
//! A backup is the rows of all tables as they were at one moment, read in one transaction while everybody goes on working:
//! a compressed text that `zcat` shows. The tables themselves are those of the migrations, so a backup needs no program
//! beside this one, and can be restored by a newer PostgreSQL and a newer Janji.
//!
//! It is a text of lines: the [`Head`], then each table as PostgreSQL's `copy` writes and reads it, and the [`Foot`] with
//! what proves that it is whole.

mod dump;
mod empty;
mod file;
mod read;
mod restore;

use std::{collections::BTreeMap, io, path::PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    dump::back_up,
    file::{Made, Target, add_lines, prune},
    read::check,
    restore::{Kind, Restored, restore},
};
use super::StartError;

/// The form of the text. A program reads its own and older ones.
const FORMAT: u32 = 1;

/// What the first line begins with, before the [`Head`] as JSON.
const HEAD: &str = "-- Janji backup ";

/// What the last line begins with, before the [`Foot`] as JSON.
const FOOT: &str = "-- Janji end ";

/// The line that ends the rows of a table.
const END_OF_ROWS: &[u8] = b"\\.\n";

/// The table in which the program keeps what it has done to the others: it is made anew, not copied.
const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// The tables that are of this very database: a copy begins without their rows.
const LEFT_OUT: [&str; 2] = [MIGRATIONS_TABLE, "backups"];

/// The settings by which rows are written and read, whatever the server has. Nothing hurries: a table may be large.
const SETTINGS: &str = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '10s';
     set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
     set extra_float_digits = 3; set row_security = off; set client_encoding = 'UTF8'";

/// The beginning of a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub format: u32,
    /// The version of Janji that made it.
    pub janji: String,
    pub postgres: String,
    /// The moment that it is of, by the clock of the database.
    pub taken_at: Timestamp,
    /// The migrations that its tables have seen.
    pub migrations: Vec<Migrated>,
    pub tables: Vec<Table>,
}

/// A migration, by the digest of its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    pub version: i64,
    pub checksum: String,
}

/// A table, and the columns that are written of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// The end of a backup: what it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foot {
    /// The number of rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The last number that each sequence has given.
    pub sequences: BTreeMap<String, i64>,
    /// The SHA-256 of the text before this line, in hexadecimal.
    pub sha256: String,
}

impl Foot {
    /// The rows of all tables.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

impl Table {
    /// The names as SQL has them: the table, and its columns in parentheses.
    fn quoted(&self) -> (String, String) {
        let columns: Vec<String> = self.columns.iter().map(|column| quoted(column)).collect();
        (quoted(&self.name), format!("({})", columns.join(", ")))
    }

    /// The line before the rows, as it could be given to `psql`.
    fn line(&self) -> String {
        let (name, columns) = self.quoted();
        format!("copy {name} {columns} from stdin;\n")
    }
}

/// The reason why a backup was not made or not restored: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the database said no: {0}")]
    Database(#[from] sqlx::Error),
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} exists already: name another file", .0.display())]
    Exists(PathBuf),
    #[error("{} is no backup of Janji", .0.display())]
    NoBackup(PathBuf),
    #[error("{} is not whole ({why}): nothing was changed; take another backup", .0.display(), why = .1)]
    Broken(PathBuf, &'static str),
    #[error(
        "the backup was made by Janji {0}, whose tables this program does not know: restore it by that version or a newer one"
    )]
    Newer(String),
    #[error("this database is not empty: a backup is restored into an empty one only; nothing was changed")]
    NotEmpty,
    #[error("a server is at work on this database: stop it first; nothing was changed")]
    InUse,
    #[error("there are no tables of Janji to back up")]
    NoTables,
    #[error("the backup could not be restored ({0}); the database is as empty as before")]
    NotRestored(String),
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
