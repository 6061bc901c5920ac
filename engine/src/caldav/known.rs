//! What is known of the calendars of an account, before they are read.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::claim::Claimed;
use crate::{database::Database, error::AppError, time::plus_minutes};

/// The minutes after which all that is in a calendar is listed again: a server may answer an old token with nothing.
const WHOLE_MINUTES: i64 = 24 * 60;

/// A calendar of an account that is read.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub id: i64,
    pub href: String,
    pub reads_busy: bool,
    /// What the server gave when it was read last: what it is asked by the next time, or, where it cannot say what has changed, what
    /// is another one after each change.
    pub token: Option<String>,
    pub can_sync: Option<bool>,
    /// Whether we have written something there since it was read: then what is there is not what it was, whatever token says so.
    pub has_unseen_writes: bool,
    pub listed_at: Option<Timestamp>,
}

impl Collection {
    /// Whether all that is in it is to be listed, whatever the server says of it.
    pub fn is_listed_whole(&self, now: Timestamp) -> bool {
        (self.listed_at).is_none_or(|at| at <= plus_minutes(now, -WHOLE_MINUTES))
    }
}

/// What is known of the entries of a calendar.
#[derive(Default)]
pub(super) struct Known {
    pub installation: String,
    /// Our own, of the whole account, by the names that they have there.
    pub own: HashMap<String, (i64, Option<String>)>,
    /// The names of our own that were written since the calendar was read, and of some that were written shortly before.
    pub fresh: HashSet<String>,
    /// The names of our own by their UID.
    pub names: HashMap<String, String>,
    pub others: HashMap<String, String>,
}

impl Known {
    pub fn is_new(&self, href: &str, etag: &str) -> bool {
        match self.own.get(href) {
            Some((_, known)) => known.as_deref() != Some(etag),
            None => self.others.get(href).is_none_or(|known| known != etag),
        }
    }
}

/// The calendars of an account that are read.
///
/// # Errors
/// Those of the database.
pub(super) async fn collections(database: &Database, claimed: &Claimed) -> Result<Vec<Collection>, AppError> {
    let id = claimed.id;
    database
        .read("caldav.collections", move |mut connection| async move {
            let rows = sqlx::query!(
                "select id, href, reads_busy, sync_token, can_sync, has_unseen_writes, listed_at from calendar_collections
                 where account_id = $1 and (is_written or reads_busy) order by not is_written, id",
                id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let collections = rows.into_iter().map(|row| Collection {
                id: row.id,
                href: row.href,
                reads_busy: row.reads_busy,
                token: row.sync_token,
                can_sync: row.can_sync,
                has_unseen_writes: row.has_unseen_writes,
                listed_at: row.listed_at.map(jiff_sqlx::Timestamp::to_jiff),
            });
            Ok(collections.collect())
        })
        .await
}

/// What is known of the entries of a calendar, and of ours in it.
///
/// # Errors
/// Those of the database.
pub(super) async fn known(
    database: &Database,
    claimed: &Claimed,
    collection: &Collection,
) -> Result<Known, AppError> {
    let (account_id, collection_id) = (claimed.id, collection.id);
    database
        .read("caldav.known", move |mut connection| async move {
            let mut known = Known {
                installation: sqlx::query_scalar!(r#"select id::text as "id!" from installation"#)
                    .fetch_one(&mut *connection)
                    .await?,
                ..Known::default()
            };
            let own = sqlx::query!(
                r#"select href, etag, appointment_id, reference,
                          -- By the clocks of two servers, perhaps.
                          coalesce(written_at > pulled_at - interval '1 minute', true) as "is_fresh!"
                   from calendar_events
                   join appointments on appointments.id = appointment_id
                   join calendar_accounts on calendar_accounts.id = account_id
                   where account_id = $1 and collection_id = $2"#,
                account_id,
                collection_id,
            );
            for row in own.fetch_all(&mut *connection).await? {
                known.names.insert(
                    format!("{}@{}", row.reference, known.installation),
                    row.href.clone(),
                );
                if row.is_fresh {
                    known.fresh.insert(row.href.clone());
                }
                known.own.insert(row.href, (row.appointment_id, row.etag));
            }
            let others = sqlx::query!(
                r#"select href as "href!", etag as "etag!" from calendar_items where collection_id = $1
                   union all
                   -- What took times before the calendar was chosen anew: it is read again, or is no more.
                   select href, '' from external_items
                   where collection_id = $1
                     and not exists (select from calendar_items
                                     where calendar_items.collection_id = $1 and calendar_items.href = external_items.href)"#,
                collection_id,
            );
            for row in others.fetch_all(&mut *connection).await? {
                known.others.insert(row.href, row.etag);
            }
            Ok(known)
        })
        .await
}

/// Whether an appointment of ours still has this name there.
///
/// # Errors
/// Those of the database.
pub(super) async fn has_name(
    database: &Database,
    claimed: &Claimed,
    appointment_id: i64,
    href: &str,
) -> Result<bool, AppError> {
    let (account_id, href) = (claimed.id, href.to_owned());
    database
        .read("caldav.has_name", move |mut connection| async move {
            let has_name = sqlx::query_scalar!(
                r#"select exists (select from calendar_events
                                  where account_id = $1 and appointment_id = $2 and href = $3) as "has_name!""#,
                account_id,
                appointment_id,
                href,
            );
            Ok(has_name.fetch_one(&mut *connection).await?)
        })
        .await
}
