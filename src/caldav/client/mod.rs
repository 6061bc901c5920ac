//! A small client of CalDAV (RFC 4791, 6578): what Janji needs, and what servers really do.

mod address;
mod discover;
mod glance;
mod http;
mod list;
mod put;
mod xml;

use engine::caldav::{
    Access, Asked, Entry, Failed, Glimpse, Listed, Place, Put, Remote, Remoting, Trouble, Written,
};

use self::{address::resolved, xml::Node};

pub use self::http::Http;

impl Remote for Http {
    fn put<'a>(&'a self, access: &'a Access, put: &'a Put) -> Remoting<'a, Written> {
        Box::pin(self.put_entry(access, put))
    }

    fn delete<'a>(&'a self, access: &'a Access, place: &'a Place) -> Remoting<'a, ()> {
        Box::pin(self.delete_entry(access, place))
    }

    fn glance<'a>(&'a self, access: &'a Access, collections: &'a [String]) -> Remoting<'a, Vec<Glimpse>> {
        Box::pin(self.look_at(access, collections))
    }

    fn list<'a>(&'a self, access: &'a Access, asked: &'a Asked) -> Remoting<'a, Listed> {
        Box::pin(self.list_entries(access, asked))
    }

    fn read<'a>(
        &'a self,
        access: &'a Access,
        collection: &'a str,
        hrefs: &'a [String],
    ) -> Remoting<'a, Vec<Entry>> {
        Box::pin(self.read_entries(access, collection, hrefs))
    }
}

/// A multistatus, as a tree.
fn multistatus(body: &str) -> Result<Node, Failed> {
    let root = Node::parse(body).filter(|root| root.name == "multistatus");
    root.ok_or_else(|| Trouble::Unreadable.into())
}

/// The name that a response is about.
fn name_of(base: &str, response: &Node) -> Option<String> {
    resolved(base, response.said("href")?)
}

/// An ETag that can be compared: some servers say a weak one where a strong one is meant.
fn comparable(etag: &str) -> String {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).to_owned()
}

/// The entry that a response has.
fn entry_of(base: &str, response: &Node) -> Option<Entry> {
    let body = response.property("calendar-data")?.text.clone();
    Some(Entry {
        href: name_of(base, response)?,
        etag: comparable(&response.property("getetag")?.text),
        body,
    })
    .filter(|entry| !entry.body.trim().is_empty())
}
