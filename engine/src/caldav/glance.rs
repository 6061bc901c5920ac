//! A glance at all calendars of an account at once: those in which nothing was changed since are not asked.
//!
//! What a server says in this way is only ever compared with what it said when the calendar was read. What it does not say, or
//! says in another way, has the calendar asked by itself; and once a day it is, whatever is said.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    claim::{Claimed, keep_on},
    clock::{Clock, in_time},
    known::Collection,
    remote::{Access, Failed, Glimpse, Listed, Remote},
    rules::Trouble,
};
use crate::{database::Database, error::AppError};

/// What was seen of calendars, by their names.
#[derive(Default)]
pub(super) struct Glance(HashMap<String, Glimpse>);

impl Glance {
    /// Whether nothing was changed in a calendar since it was read last.
    pub fn is_unchanged(&self, collection: &Collection, now: Timestamp) -> bool {
        let seen = self
            .0
            .get(&collection.href)
            .and_then(|seen| match collection.can_sync {
                Some(false) => seen.tag.as_ref(),
                _ => seen.token.as_ref(),
            });
        seen.is_some()
            && seen == collection.token.as_ref()
            && !collection.has_unseen_writes
            && !collection.is_listed_whole(now)
    }

    /// What was listed, with what says later whether something was changed since, where the server says nothing better. It was seen
    /// before the list was made: what was changed in between is found the next time.
    pub fn tagged(&self, listed: Listed, collection: &Collection) -> Listed {
        match listed.can_sync {
            true => listed,
            false => Listed {
                token: self.0.get(&collection.href).and_then(|seen| seen.tag.clone()),
                ..listed
            },
        }
    }
}

/// Whether a glance may spare the calendar a request, now or the next time.
fn is_looked_at(collection: &Collection, now: Timestamp) -> bool {
    !collection.is_listed_whole(now) && (collection.token.is_some() || collection.can_sync == Some(false))
}

/// Looks at the calendars of an account. Who does not answer is asked of each calendar.
///
/// # Errors
/// Those of the database.
pub(super) async fn glance(
    database: &Database,
    claimed: &Claimed,
    (remote, access): (&dyn Remote, &Access),
    collections: &[Collection],
    clock: Clock,
) -> Result<Result<Glance, Failed>, AppError> {
    let now = clock.now();
    let names: Vec<String> = (collections.iter())
        .filter(|one| is_looked_at(one, now))
        .map(|one| one.href.clone())
        .collect();
    if names.len() < 2 || !keep_on(database, claimed, now).await? {
        return Ok(Ok(Glance::default()));
    }
    Ok(match in_time(remote.glance(access, &names)).await {
        Ok(seen) => Ok(Glance(
            seen.into_iter()
                .map(|one| (one.collection.clone(), one))
                .collect(),
        )),
        // It wants to be left alone.
        Err(failed) if failed.trouble == Trouble::Busy => Err(failed),
        // It may be this question alone that it does not answer, or lets nobody ask.
        Err(_) => Ok(Glance::default()),
    })
}
