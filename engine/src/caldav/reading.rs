//! Reading entries that are new or changed, some at once.

use super::{
    claim::{Claimed, keep_on},
    clock::{Clock, in_time},
    foreign::MAX_BYTES,
    known::{Collection, Known},
    remote::{Access, Entry, Failed, Remote},
    rules::Trouble,
};
use crate::{database::Database, error::AppError};

/// How entries of a calendar are read.
pub(super) struct Reading<'a> {
    pub database: &'a Database,
    pub claimed: &'a Claimed,
    pub remote: &'a dyn Remote,
    pub access: &'a Access,
    pub collection: &'a Collection,
    pub known: &'a Known,
    pub clock: Clock,
}

/// What was read; none where the account is no more this worker's.
pub(super) type Entries = Result<Option<Vec<Entry>>, Failed>;

impl Reading<'_> {
    /// Reads entries that were listed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(&self, listed: &[(String, String)]) -> Result<Entries, AppError> {
        let hrefs: Vec<String> = listed.iter().map(|(href, _)| href.clone()).collect();
        match self.ask(&hrefs).await? {
            // One of them may be too long for all.
            Err(failed) if failed.trouble == Trouble::TooLong => self.one_by_one(listed).await,
            read => Ok(read),
        }
    }

    /// Each request may take long: the account is kept for it.
    async fn ask(&self, hrefs: &[String]) -> Result<Entries, AppError> {
        if !keep_on(self.database, self.claimed, self.clock.now()).await? {
            return Ok(Ok(None));
        }
        let read = self.remote.read(self.access, &self.collection.href, hrefs);
        Ok(in_time(read).await.map(Some))
    }

    /// Reads all of them or none: what is left out would not be listed again.
    async fn one_by_one(&self, listed: &[(String, String)]) -> Result<Entries, AppError> {
        let mut entries = Vec::new();
        for (href, etag) in listed {
            match self.ask(std::slice::from_ref(href)).await? {
                Ok(Some(found)) => entries.extend(found),
                // Of ours there is nothing to be read in what somebody has made of it.
                Err(failed) if failed.trouble == Trouble::TooLong && self.known.own.contains_key(href) => {}
                // It is told as one that is too large.
                Err(failed) if failed.trouble == Trouble::TooLong => entries.push(Entry {
                    href: href.clone(),
                    etag: etag.clone(),
                    body: " ".repeat(MAX_BYTES + 1),
                }),
                other => return Ok(other),
            }
        }
        Ok(Ok(Some(entries)))
    }
}
