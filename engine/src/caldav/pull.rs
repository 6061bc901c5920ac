//! Reading what has changed in a calendar elsewhere: each entry is a transaction of its own.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    busy,
    claim::{Claimed, keep},
    dispatch::Dispatch,
    elsewhere,
    entry::Read,
    remote::{Access, Asked, Entry, Failed, Listed, Remote},
    rules::Trouble,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

/// The minutes after which all that is in a calendar is listed again: a server may answer an old token with nothing.
const WHOLE_MINUTES: i64 = 24 * 60;

/// The entries that are read at once: an answer has a limit.
const READ_AT_ONCE: usize = 20;

/// A calendar of an account that is read.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    id: i64,
    href: String,
    reads_busy: bool,
    token: Option<String>,
    can_sync: Option<bool>,
    listed_at: Option<Timestamp>,
}

/// What is known of the entries of a calendar.
#[derive(Default)]
struct Known {
    installation: String,
    /// Our own, of the whole account, by the names that they have there.
    own: HashMap<String, (i64, Option<String>)>,
    /// The names of our own by their UID.
    names: HashMap<String, String>,
    others: HashMap<String, String>,
}

impl Known {
    fn is_new(&self, href: &str, etag: &str) -> bool {
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
                "select id, href, reads_busy, sync_token, can_sync, listed_at from calendar_collections
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
                listed_at: row.listed_at.map(jiff_sqlx::Timestamp::to_jiff),
            });
            Ok(collections.collect())
        })
        .await
}

/// What reading a calendar came to, where it did not fail by the database.
type Outcome = Result<(), Failed>;

/// Reads what has changed in a calendar, and acts on it.
///
/// # Errors
/// Those of the database.
pub(super) async fn pull(
    dispatch: &Dispatch,
    claimed: &Claimed,
    (remote, access): (&dyn Remote, &Access),
    collection: &Collection,
    now: Timestamp,
) -> Result<Outcome, AppError> {
    let is_old = (collection.listed_at).is_none_or(|at| at <= plus_minutes(now, -WHOLE_MINUTES));
    let asked = Asked {
        collection: collection.href.clone(),
        token: collection.token.clone().filter(|_| !is_old),
        can_sync: collection.can_sync,
    };
    let listed = match remote.list(access, &asked).await {
        Ok(listed) => listed,
        Err(failed) => return Ok(Err(failed)),
    };
    let known = known(&dispatch.database, claimed, collection).await?;
    let new: Vec<String> = (listed.entries.iter())
        .filter(|(href, etag)| known.is_new(href, etag))
        .map(|(href, _)| href.clone())
        .collect();
    let removed = removed(&listed, &known);
    for hrefs in new.chunks(READ_AT_ONCE) {
        let entries = match remote.read(access, &collection.href, hrefs).await {
            Ok(entries) => entries,
            // One of them may be too long for all.
            Err(failed) if failed.trouble == Trouble::TooLong => {
                one_by_one((remote, access), collection, hrefs).await
            }
            Err(failed) => return Ok(Err(failed)),
        };
        for entry in entries {
            take(dispatch, claimed, collection, &known, &removed, &entry, now).await?;
        }
    }
    for href in &removed {
        match known.own.get(href) {
            // It has another name by now.
            Some((appointment_id, _))
                if !has_name(&dispatch.database, claimed, *appointment_id, href).await? => {}
            Some((appointment_id, _)) => elsewhere::gone(dispatch, claimed, *appointment_id, now).await?,
            None => put_other(&dispatch.database, claimed, collection, (href, None)).await?,
        }
    }
    finish(&dispatch.database, claimed, collection, listed, now).await?;
    Ok(Ok(()))
}

/// What is no more, by its name: as the server says it, and of our own what is nowhere any more.
fn removed(listed: &Listed, known: &Known) -> HashSet<String> {
    let mut removed: HashSet<String> = listed.removed.iter().cloned().collect();
    if listed.is_whole {
        let there: HashSet<&String> = listed.entries.iter().map(|(href, _)| href).collect();
        // What was never found there is not missed.
        let own = (known.own.iter()).filter_map(|(href, (_, etag))| etag.is_some().then_some(href));
        removed.extend(
            own.chain(known.others.keys())
                .filter(|href| !there.contains(href))
                .cloned(),
        );
    }
    removed.retain(|href| known.own.contains_key(href) || known.others.contains_key(href));
    removed
}

async fn one_by_one(
    (remote, access): (&dyn Remote, &Access),
    collection: &Collection,
    hrefs: &[String],
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for href in hrefs {
        if let Ok(found) = remote
            .read(access, &collection.href, std::slice::from_ref(href))
            .await
        {
            entries.extend(found);
        }
    }
    entries
}

async fn known(database: &Database, claimed: &Claimed, collection: &Collection) -> Result<Known, AppError> {
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
                "select href, etag, appointment_id, reference from calendar_events
                 join appointments on appointments.id = appointment_id
                 where account_id = $1 and collection_id = $2",
                account_id,
                collection_id,
            );
            for row in own.fetch_all(&mut *connection).await? {
                known.names.insert(
                    format!("{}@{}", row.reference, known.installation),
                    row.href.clone(),
                );
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
async fn has_name(
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

/// Acts on an entry that is new or changed.
async fn take(
    dispatch: &Dispatch,
    claimed: &Claimed,
    collection: &Collection,
    known: &Known,
    removed: &HashSet<String>,
    entry: &Entry,
    now: Timestamp,
) -> Result<(), AppError> {
    if let Some((appointment_id, _)) = known.own.get(&entry.href) {
        return elsewhere::changed(dispatch, claimed, *appointment_id, entry, now).await;
    }
    let uid = Read::of(&entry.body, &TimeZone::UTC).uid;
    // Ours under another name, as some programs give it when they change it.
    if let Some(name) = known.names.get(&uid)
        && removed.contains(name)
        && let Some((appointment_id, _)) = known.own.get(name)
    {
        return elsewhere::changed(dispatch, claimed, *appointment_id, entry, now).await;
    }
    // A copy of ours takes no time of its own.
    let is_ours = uid.ends_with(&format!("@{}", known.installation));
    let body = (collection.reads_busy && !is_ours).then_some(entry);
    let taken = put_other(
        &dispatch.database,
        claimed,
        collection,
        (&entry.href, Some((entry, body))),
    )
    .await;
    match taken {
        Err(error) if !error.is_transient() && !matches!(error, AppError::Unavailable) => {
            // One that is broken holds up no other.
            tracing::warn!(%error, calendar.account = claimed.id, "an entry of a calendar elsewhere could not be taken");
            put_other(
                &dispatch.database,
                claimed,
                collection,
                (&entry.href, Some((entry, None))),
            )
            .await
        }
        taken => taken,
    }
}

/// An entry of somebody else: whether it is there, and what is in it where that takes times.
type Other<'a> = (&'a str, Option<(&'a Entry, Option<&'a Entry>)>);

async fn put_other(
    database: &Database,
    claimed: &Claimed,
    collection: &Collection,
    (href, found): Other<'_>,
) -> Result<(), AppError> {
    let (claimed, collection, href) = (claimed.clone(), collection.clone(), href.to_owned());
    let etag = found.map(|(entry, _)| entry.etag.clone());
    let body = found.and_then(|(_, body)| body).map(|entry| entry.body.clone());
    database
        .write("caldav.put_other", move |tx| {
            let (claimed, collection) = (claimed.clone(), collection.clone());
            attempt(tx, claimed, collection, href.clone(), etag.clone(), body.clone())
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    claimed: Claimed,
    collection: Collection,
    href: String,
    etag: Option<String>,
    body: Option<String>,
) -> Result<(), Failure> {
    match (&etag, &body) {
        (Some(etag), Some(body)) => {
            busy::put(&mut tx, collection.id, claimed.doctor_id, &href, etag, body).await?
        }
        _ => busy::gone(&mut tx, collection.id, &href).await?,
    }
    // Without its lock, for which whoever has an appointment may wait: who is free now may be offered a time in this transaction.
    if !is_still_ours(&mut tx, &claimed).await? {
        return Ok(());
    }
    match etag {
        Some(etag) => {
            sqlx::query!(
                "insert into calendar_items (collection_id, href, etag) values ($1, $2, $3)
                 on conflict on constraint calendar_items_once do update set etag = excluded.etag",
                collection.id,
                href,
                etag,
            )
            .execute(&mut *tx)
            .await?;
        }
        None => {
            sqlx::query!(
                "delete from calendar_items where collection_id = $1 and href = $2",
                collection.id,
                href,
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await
}

/// Whether a worker has the account still, as far as can be seen without its lock.
async fn is_still_ours(tx: &mut Tx, claimed: &Claimed) -> Result<bool, Failure> {
    let is_ours = sqlx::query_scalar!(
        r#"select exists (select from calendar_accounts where id = $1 and claimed_by = $2) as "is_ours!""#,
        claimed.id,
        claimed.claim,
    );
    Ok(is_ours.fetch_one(&mut **tx).await?)
}

/// Notes how far the calendar was read.
async fn finish(
    database: &Database,
    claimed: &Claimed,
    collection: &Collection,
    listed: Listed,
    now: Timestamp,
) -> Result<(), AppError> {
    // A quiet round writes nothing here.
    let is_same =
        !listed.is_whole && listed.token == collection.token && Some(listed.can_sync) == collection.can_sync;
    if is_same {
        return Ok(());
    }
    let (claimed, collection_id) = (claimed.clone(), collection.id);
    database
        .write("caldav.read_to", move |mut tx| {
            let (claimed, listed) = (claimed.clone(), listed.clone());
            async move {
                if !keep(&mut tx, &claimed, now).await? {
                    return Ok(());
                }
                sqlx::query!(
                    "update calendar_collections
                     set sync_token = $2, can_sync = $3, listed_at = case when $4 then $5 else listed_at end
                     where id = $1
                       -- Who has chosen otherwise meanwhile has it read anew.
                       and exists (select from calendar_accounts where calendar_accounts.id = account_id and version = $6)",
                    collection_id,
                    listed.token,
                    listed.can_sync,
                    listed.is_whole,
                    now.to_sqlx() as _,
                    claimed.version,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}
