//! Reading what has changed in a calendar elsewhere: each entry is a transaction of its own.

use std::collections::HashSet;

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    busy,
    claim::{Claimed, keep, keep_on},
    clock::{Clock, in_time},
    dispatch::Dispatch,
    elsewhere,
    entry::Read,
    glance::Glance,
    known::{Collection, Known, has_name, known},
    reading::Reading,
    remote::{Access, Asked, Entry, Failed, Listed, Remote},
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The entries that are read at once: an answer has a limit.
const READ_AT_ONCE: usize = 20;

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
    (collection, glance): (&Collection, &Glance),
    clock: Clock,
) -> Result<Outcome, AppError> {
    let began = clock.now();
    let is_changes = collection.can_sync != Some(false) && !collection.is_listed_whole(began);
    let asked = Asked {
        collection: collection.href.clone(),
        token: collection.token.clone().filter(|_| is_changes),
        can_sync: collection.can_sync,
    };
    if !keep_on(&dispatch.database, claimed, began).await? {
        return Ok(Ok(()));
    }
    let mut listed = in_time(remote.list(access, &asked)).await;
    let known = known(&dispatch.database, claimed, collection).await?;
    if let Ok(changes) = &listed
        && collection.has_unseen_writes
        && !tells_all(changes, &known)
    {
        let whole = Asked { token: None, ..asked };
        listed = in_time(remote.list(access, &whole)).await;
    }
    let listed = match listed {
        Ok(listed) => glance.tagged(listed, collection),
        Err(failed) => return Ok(Err(failed)),
    };
    let new: Vec<(String, String)> = (listed.entries.iter())
        .filter(|(href, etag)| known.is_new(href, etag))
        .cloned()
        .collect();
    let removed = removed(&listed, &known);
    let reading = Reading {
        database: &dispatch.database,
        claimed,
        remote,
        access,
        collection,
        known: &known,
        clock,
    };
    for listed in new.chunks(READ_AT_ONCE) {
        let entries = match reading.read(listed).await? {
            Ok(Some(entries)) => entries,
            // Whoever has the account by now reads it.
            Ok(None) => return Ok(Ok(())),
            Err(failed) => return Ok(Err(failed)),
        };
        for entry in entries {
            take(
                dispatch,
                claimed,
                collection,
                &known,
                &removed,
                &entry,
                clock.now(),
            )
            .await?;
        }
    }
    take_removed((dispatch, claimed), collection, &known, &removed, clock).await?;
    finish(&dispatch.database, claimed, collection, listed, clock.now()).await?;
    Ok(Ok(()))
}

/// Whether changes are all that there are, as far as can be seen by what we wrote, which is new or gone since then. Where it is
/// neither, it was taken back: a server whose tokens are names of what is there compares that with what was there before, and knows
/// nothing of what came and went in between.
fn tells_all(changes: &Listed, known: &Known) -> bool {
    let told: HashSet<&String> = (changes.entries.iter())
        .map(|(href, _)| href)
        .chain(&changes.removed)
        .collect();
    changes.is_whole || known.fresh.iter().all(|href| told.contains(href))
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

/// Acts on what is no more.
async fn take_removed(
    (dispatch, claimed): (&Dispatch, &Claimed),
    collection: &Collection,
    known: &Known,
    removed: &HashSet<String>,
    clock: Clock,
) -> Result<(), AppError> {
    for href in removed {
        match known.own.get(href) {
            // It has another name by now.
            Some((appointment_id, _))
                if !has_name(&dispatch.database, claimed, *appointment_id, href).await? => {}
            Some((appointment_id, _)) => {
                elsewhere::gone(dispatch, claimed, *appointment_id, clock.now()).await?
            }
            None => put_other(&dispatch.database, claimed, collection, (href, None)).await?,
        }
    }
    Ok(())
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
        r#"select exists (select from calendar_accounts where id = $1 and claimed_by = $2 and state <> 'ending') as "is_ours!""#,
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
    let is_same = !listed.is_whole
        && !collection.has_unseen_writes
        && listed.token == collection.token
        && Some(listed.can_sync) == collection.can_sync;
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
                     set sync_token = $2, can_sync = $3, has_unseen_writes = false,
                         listed_at = case when $4 then $5 else listed_at end
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
