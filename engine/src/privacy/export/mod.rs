//! A copy of one's own data, to take along: asked for, made by a worker, and there for a day.

mod ask;
mod collect;
mod make;
mod pack;
mod page;
mod read;

use jiff::Timestamp;

pub use self::{
    ask::{AskExport, ask},
    make::make,
    read::{content, state},
};
use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The minutes for which a copy is there.
pub const KEEP_MINUTES: i64 = 24 * 60;

/// The largest copy, in bytes, as the table has it.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The version of the schema of `janji.json`, which `docs/privacy.md` describes.
pub const SCHEMA: i32 = 1;

/// What became of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked for one, or it is no longer there.
    None,
    /// It is being made.
    Waiting { asked_at: Timestamp },
    Ready {
        made_at: Timestamp,
        until: Timestamp,
        bytes: i32,
    },
    /// It could not be made.
    Failed,
}

/// Deletes copies that have been there for a day, made or not.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    use jiff_sqlx::ToSqlx;

    sqlx::query!(
        "delete from patient_exports where coalesce(made_at, asked_at) <= $1",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
