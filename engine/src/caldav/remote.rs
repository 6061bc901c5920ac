//! A server of calendars, as the worker speaks to it. Whoever knows its protocol implements this.

use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};

use super::{
    rules::{Kind, Trouble},
    secret::Password,
};

/// What is needed to sign in at a server.
#[derive(Clone, Debug)]
pub struct Access {
    pub account_id: i64,
    pub kind: Kind,
    pub url: String,
    pub username: String,
    pub password: Password,
}

/// An entry as it is to be.
#[derive(Clone, Debug)]
pub struct Put {
    pub appointment_id: i64,
    /// The version of the appointment that it is of.
    pub version: i32,
    /// The calendar, as the server says it.
    pub collection: String,
    /// The name of the entry: that of last time, or the one that it gets.
    pub href: String,
    /// What is known to be there; none where nothing is.
    pub etag: Option<String>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// As iCalendar.
    pub body: String,
}

/// An entry that is to be no more.
#[derive(Clone, Debug)]
pub struct Place {
    pub appointment_id: i64,
    pub href: String,
    pub etag: Option<String>,
}

/// An entry as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As the server says it.
    pub href: String,
    pub etag: String,
    pub body: String,
}

/// What became of writing an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is there, under this name and ETag.
    Done { href: String, etag: Option<String> },
    /// There is something else than what was known.
    Other(Entry),
    /// There is nothing any more.
    Gone,
}

/// What is asked of a calendar.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The calendar, as the server says it.
    pub collection: String,
    /// What the server gave last time; without it, every entry is listed.
    pub token: Option<String>,
    /// Whether it can be asked what has changed; none where nobody has tried.
    pub can_sync: Option<bool>,
}

/// The names and ETags of entries.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub entries: Vec<(String, String)>,
    pub removed: Vec<String>,
    /// Whether these are all entries: whatever is not among them is no more.
    pub is_whole: bool,
    pub token: Option<String>,
    pub can_sync: bool,
}

/// What a server says of a calendar at a glance: what was told before, and nothing else, says that nothing was changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// The calendar, by the name that it was asked by.
    pub collection: String,
    /// What whoever asks now what has changed is given for the next time.
    pub token: Option<String>,
    /// The same of servers that cannot say what has changed.
    pub tag: Option<String>,
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    pub trouble: Trouble,
    /// The time for which the server wants to be left alone.
    pub wait: Option<SignedDuration>,
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, wait: None }
    }
}

/// The future of what is done at a server.
pub type Remoting<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failed>> + Send + 'a>>;

/// A server of calendars. What is asked of it takes some seconds at most, reads no more than it needs, and goes to public addresses
/// alone unless the installation allows others. Everything can be asked again: an answer may be lost.
pub trait Remote: Send + Sync + 'static {
    /// Writes an entry, if what is known to be there is there.
    fn put<'a>(&'a self, access: &'a Access, put: &'a Put) -> Remoting<'a, Written>;

    /// Deletes an entry, whatever was changed in it. One that is not there is deleted.
    fn delete<'a>(&'a self, access: &'a Access, place: &'a Place) -> Remoting<'a, ()>;

    /// Looks at several calendars, where that takes fewer requests than to ask of each what has changed. Those of which the server
    /// says nothing in this way are left out.
    fn glance<'a>(&'a self, _access: &'a Access, _collections: &'a [String]) -> Remoting<'a, Vec<Glimpse>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Lists what has changed in a calendar, or all that is there.
    fn list<'a>(&'a self, access: &'a Access, asked: &'a Asked) -> Remoting<'a, Listed>;

    /// Reads entries of a calendar. Those that are not there are left out.
    fn read<'a>(
        &'a self,
        access: &'a Access,
        collection: &'a str,
        hrefs: &'a [String],
    ) -> Remoting<'a, Vec<Entry>>;
}
