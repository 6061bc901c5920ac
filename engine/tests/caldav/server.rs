//! A server of calendars in memory, which loses answers, changes what is told it, and forgets tokens.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use engine::caldav::{
    Access, Asked, Entry, Failed, Glimpse, Listed, Place, Put, Remote, Remoting, Trouble, Written,
};
use jiff::{Timestamp, civil, tz::TimeZone};

/// What is in it.
#[derive(Default)]
struct Inside {
    /// By name: the revision, and the body; none where it was deleted.
    entries: BTreeMap<String, (u64, Option<String>)>,
    revision: u64,
    /// Tokens of before are unknown.
    tokens_since: u64,
    requests: usize,
    /// Loses the answers of these next requests, counted from now; the work is done.
    losing: Vec<usize>,
    refuses: Option<Trouble>,
    refuses_deletes: bool,
    /// What is answered to who looks at several calendars at once.
    refuses_glances: Option<Trouble>,
    /// The calendar of which nothing is said then.
    unseen: Option<String>,
    /// It can neither say what has changed, nor gives it tokens.
    cannot_sync: bool,
    /// Names of what is too long to be read, and whether several at once are.
    too_long: Vec<String>,
    too_long_at_once: bool,
    /// Refuses so many next readings of one entry.
    refused_readings: usize,
    /// What was written, by name.
    writes: Vec<String>,
}

#[derive(Default)]
pub struct Server {
    inside: Mutex<Inside>,
}

impl Server {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// What is there: the references, and when each begins.
    pub fn starts(&self) -> Vec<(String, Timestamp)> {
        let inside = self.inside();
        let there = inside.entries.values().filter_map(|(_, body)| body.as_deref());
        let mut starts: Vec<_> = there
            .map(|body| (said(body, "X-JANJI-APPOINTMENT"), start(body)))
            .collect();
        starts.sort();
        starts
    }

    /// The names of what is there.
    pub fn names(&self) -> Vec<String> {
        let inside = self.inside();
        let there = inside.entries.iter().filter(|(_, (_, body))| body.is_some());
        there.map(|(name, _)| name.clone()).collect()
    }

    pub fn body(&self, name: &str) -> String {
        self.inside().entries[name].1.clone().unwrap()
    }

    pub fn requests(&self) -> usize {
        self.inside().requests
    }

    pub fn writes(&self) -> Vec<String> {
        self.inside().writes.clone()
    }

    /// Somebody writes something with another program.
    pub fn change(&self, name: &str, body: Option<String>) {
        let mut inside = self.inside();
        inside.revision += 1;
        let revision = inside.revision;
        inside.entries.insert(name.to_owned(), (revision, body));
    }

    /// Somebody takes back what was written last, at a server whose tokens are names of what is there: all is as it was before.
    pub fn take_back(&self, name: &str) {
        let mut inside = self.inside();
        inside.entries.remove(name);
        inside.revision -= 1;
    }

    /// Somebody puts back what was taken out last, at such a server: all is as it was before.
    pub fn put_back(&self, name: &str, body: String) {
        let mut inside = self.inside();
        let revision = inside.revision - 1;
        inside.entries.insert(name.to_owned(), (revision, Some(body)));
        inside.revision = revision;
    }

    /// Somebody moves an entry in another program, which writes times in its own zone.
    pub fn drag(&self, name: &str, to: Timestamp) {
        let body = self.body(name);
        let local = to.to_zoned(TimeZone::get("Asia/Jakarta").unwrap());
        let line = format!("DTSTART;TZID=Asia/Jakarta:{}", local.strftime("%Y%m%dT%H%M%S"));
        let lines = body.lines().map(|old| {
            if old.starts_with("DTSTART") {
                line.as_str()
            } else {
                old
            }
        });
        let body = lines.collect::<Vec<_>>().join("\r\n") + "\r\n";
        self.change(name, Some(body));
    }

    pub fn lose(&self, next: &[usize]) {
        self.inside().losing = next.to_vec();
    }

    pub fn refuse(&self, trouble: Option<Trouble>) {
        self.inside().refuses = trouble;
    }

    /// Whoever looks at several calendars at once is told this, or nothing of this one.
    pub fn hide(&self, trouble: Option<Trouble>, unseen: Option<&str>) {
        let mut inside = self.inside();
        inside.refuses_glances = trouble;
        inside.unseen = unseen.map(str::to_owned);
    }

    /// It lists everything, each time.
    pub fn cannot_sync(&self) {
        self.inside().cannot_sync = true;
    }

    /// It answers everything but deletions.
    pub fn refuse_deletes(&self) {
        self.inside().refuses_deletes = true;
    }

    /// An answer with any of these is too long, and one with several entries; then so many readings of one are refused.
    pub fn too_long(&self, names: &[&str], refused_readings: usize) {
        let mut inside = self.inside();
        inside.too_long = names.iter().map(|name| (*name).to_owned()).collect();
        inside.too_long_at_once = true;
        inside.refused_readings = refused_readings;
    }

    pub fn forget_tokens(&self) {
        let mut inside = self.inside();
        inside.revision += 1;
        inside.tokens_since = inside.revision;
    }

    /// Does what is asked, and says so, unless the answer is lost.
    fn answer<T>(&self, act: impl FnOnce(&mut Inside) -> Result<T, Failed>) -> Result<T, Failed> {
        let mut inside = self.inside();
        inside.requests += 1;
        if let Some(trouble) = inside.refuses {
            return Err(trouble.into());
        }
        let done = act(&mut inside);
        let is_lost = inside.losing.contains(&0);
        inside.losing = inside
            .losing
            .iter()
            .filter(|left| **left > 0)
            .map(|left| left - 1)
            .collect();
        match is_lost {
            true => Err(Trouble::TimedOut.into()),
            false => done,
        }
    }
}

fn said(body: &str, name: &str) -> String {
    let line = body
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

fn start(body: &str) -> Timestamp {
    let line = body.lines().find(|line| line.starts_with("DTSTART")).unwrap();
    let value = line.rsplit(':').next().unwrap().trim();
    let zone = match line.contains("TZID=Asia/Jakarta") {
        true => TimeZone::get("Asia/Jakarta").unwrap(),
        false => TimeZone::UTC,
    };
    let local = civil::DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches('Z')).unwrap();
    zone.to_timestamp(local).unwrap()
}

fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

impl Remote for Server {
    fn put<'a>(&'a self, _: &'a Access, put: &'a Put) -> Remoting<'a, Written> {
        Box::pin(async move {
            self.answer(|inside| {
                let there = inside.entries.get(&put.href).cloned();
                let there = there.and_then(|(revision, body)| Some((revision, body?)));
                match (there, &put.etag) {
                    (Some((revision, body)), known) if known.as_deref() != Some(&*etag(revision)) => {
                        Ok(Written::Other(Entry {
                            href: put.href.clone(),
                            etag: etag(revision),
                            body,
                        }))
                    }
                    (None, Some(_)) => Ok(Written::Gone),
                    _ => {
                        inside.revision += 1;
                        let revision = inside.revision;
                        inside.writes.push(put.href.clone());
                        inside
                            .entries
                            .insert(put.href.clone(), (revision, Some(put.body.clone())));
                        Ok(Written::Done {
                            href: put.href.clone(),
                            etag: Some(etag(revision)),
                        })
                    }
                }
            })
        })
    }

    fn delete<'a>(&'a self, _: &'a Access, place: &'a Place) -> Remoting<'a, ()> {
        Box::pin(async move {
            self.answer(|inside| {
                if inside.refuses_deletes {
                    return Err(Trouble::Refused.into());
                }
                if inside
                    .entries
                    .get(&place.href)
                    .is_some_and(|(_, body)| body.is_some())
                {
                    inside.revision += 1;
                    let revision = inside.revision;
                    inside.entries.insert(place.href.clone(), (revision, None));
                }
                Ok(())
            })
        })
    }

    fn glance<'a>(&'a self, _: &'a Access, collections: &'a [String]) -> Remoting<'a, Vec<Glimpse>> {
        Box::pin(async move {
            self.answer(|inside| {
                if let Some(trouble) = inside.refuses_glances {
                    return Err(trouble.into());
                }
                let revision = inside.revision.to_string();
                let seen = collections
                    .iter()
                    .filter(|name| inside.unseen.as_ref() != Some(name));
                let seen = seen.map(|name| Glimpse {
                    collection: name.clone(),
                    token: (!inside.cannot_sync).then(|| revision.clone()),
                    tag: Some(format!("tag {revision}")),
                });
                Ok(seen.collect())
            })
        })
    }

    fn list<'a>(&'a self, _: &'a Access, asked: &'a Asked) -> Remoting<'a, Listed> {
        Box::pin(async move {
            self.answer(|inside| {
                let token: Option<u64> = asked.token.as_ref().and_then(|token| token.parse().ok());
                assert!(!(inside.cannot_sync && token.is_some()), "it gives no tokens");
                let since = token.filter(|token| *token >= inside.tokens_since);
                let mut listed = Listed {
                    is_whole: since.is_none(),
                    token: (!inside.cannot_sync).then(|| inside.revision.to_string()),
                    can_sync: !inside.cannot_sync,
                    ..Listed::default()
                };
                let of_it = inside
                    .entries
                    .iter()
                    .filter(|(name, _)| name.starts_with(&asked.collection));
                for (name, (revision, body)) in of_it {
                    match (body, since) {
                        (_, Some(since)) if *revision <= since => {}
                        (Some(_), _) => listed.entries.push((name.clone(), etag(*revision))),
                        (None, Some(_)) => listed.removed.push(name.clone()),
                        (None, None) => {}
                    }
                }
                Ok(listed)
            })
        })
    }

    fn read<'a>(&'a self, _: &'a Access, _: &'a str, hrefs: &'a [String]) -> Remoting<'a, Vec<Entry>> {
        Box::pin(async move {
            self.answer(|inside| {
                if inside.too_long_at_once && hrefs.len() > 1
                    || hrefs.iter().any(|href| inside.too_long.contains(href))
                {
                    return Err(Trouble::TooLong.into());
                }
                if hrefs.len() == 1 && inside.refused_readings > 0 {
                    inside.refused_readings -= 1;
                    return Err(Trouble::Refused.into());
                }
                let found = hrefs.iter().filter_map(|href| {
                    let (revision, body) = inside.entries.get(href)?;
                    Some(Entry {
                        href: href.clone(),
                        etag: etag(*revision),
                        body: body.clone()?,
                    })
                });
                Ok(found.collect())
            })
        })
    }
}
