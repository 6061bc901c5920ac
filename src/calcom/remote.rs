//! Cal.com as a server of calendars (API v2). An entry of ours is found by its name in the metadata of its booking, whatever uid
//! that has by now; each request can be made again, since what is there is looked at before anything is made.

use engine::{
    caldav::{Access, Asked, Entry, Failed, Listed, Offered, Place, Put, Remote, Remoting, Trouble, Written},
    error::Field,
    webhook::Target as Address,
};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header::RETRY_AFTER};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    booking::{Answer, Attendee, Booking, EventType, NewBooking, NewTime, Target, metadata, uid_of},
    entry,
    step::{Step, next, of_entry},
};
use crate::{
    ui::encode,
    webhook::post::{checked_client, is_not_public},
};

/// The header that says which form of a call is meant, and those that are understood here: without it, an old one is.
const VERSION: &str = "cal-api-version";
const OF_BOOKINGS: &str = "2024-08-13";
const OF_EVENT_TYPES: &str = "2024-06-14";

/// The length of an answer, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// The bookings in an answer, and the answers that are read of one list.
const PAGE: usize = 100;
const MAX_PAGES: usize = 20;
/// The hours for which bookings are listed that have begun.
const PAST_HOURS: i64 = 48;

/// The name under which our appointments are booked: nobody's.
const NAME: &str = "Janji";

/// Speaks to Cal.com, or to who speaks as it does.
pub struct CalCom {
    client: Client,
    allows_private: bool,
    clock: Clock,
}

/// The time by which it is said what is ahead.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

impl CalCom {
    /// `allows_private` is for an installation of it in the clinic's own network: without it, neither that nor plain HTTP.
    ///
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(allows_private: bool, clock: Clock) -> Result<Self, reqwest::Error> {
        // It follows nobody elsewhere: what is sent has a key.
        let client = checked_client(allows_private)?;
        Ok(Self {
            client,
            allows_private,
            clock,
        })
    }

    fn request(
        &self,
        access: &Access,
        method: Method,
        path: &str,
        version: &str,
    ) -> Result<RequestBuilder, Failed> {
        // A host that is a number is never looked up, and what the installation allows may have changed.
        let base = Address::of_field(Field::CalendarServer, &access.url, self.allows_private)
            .map_err(|_| Trouble::PrivateAddress)?;
        let address = format!("{}/v2/{path}", base.as_str().trim_end_matches('/'));
        let request = self.client.request(method, address).header(VERSION, version);
        Ok(request.bearer_auth(access.password.expose()))
    }

    /// The kind of bookings of this id, as something that appointments can be written to.
    ///
    /// # Errors
    /// Why it is not to be had.
    pub async fn event_type(&self, access: &Access, id: i64) -> Result<Offered, Failed> {
        let request = self.request(access, Method::GET, &format!("event-types/{id}"), OF_EVENT_TYPES)?;
        let found: EventType = ask(request).await?;
        if found.id != id {
            return Err(Trouble::Unreadable.into());
        }
        Ok(Offered {
            href: Target::from(&found).to_string(),
            name: found.title,
            can_write: true,
        })
    }

    /// All bookings that are ahead, or that began a short time ago.
    async fn bookings(&self, access: &Access) -> Result<Vec<Booking>, Failed> {
        let past = SignedDuration::from_hours(PAST_HOURS);
        let since = (self.clock)()
            .saturating_sub(past)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let mut all = Vec::new();
        for page in 0..MAX_PAGES {
            let query = [
                ("afterStart", since.to_string()),
                ("sortStart", "asc".to_owned()),
                ("take", PAGE.to_string()),
                ("skip", (page * PAGE).to_string()),
            ];
            let request = self.request(access, Method::GET, &with_query(&query), OF_BOOKINGS)?;
            let answer: Answer<Vec<Booking>> = read(send(request).await?).await?;
            all.extend(answer.data);
            if !answer.pagination.has_next_page {
                return Ok(all);
            }
        }
        Err(Trouble::TooLong.into())
    }

    /// The booking that stands for an entry of ours and takes its time, if there is one. Where its uid is known, it is most
    /// likely still the same.
    async fn find(&self, access: &Access, name: &str, etag: Option<&str>) -> Result<Option<Booking>, Failed> {
        if let Some(uid) = etag.and_then(uid_of) {
            let path = format!("bookings/{}", encode(uid));
            match ask::<Booking>(self.request(access, Method::GET, &path, OF_BOOKINGS)?).await {
                Ok(booking) if booking.is_live() && booking.entry() == Some(name) => {
                    return Ok(Some(booking));
                }
                Ok(_) => {}
                Err(failed) if failed.trouble == Trouble::NotFound => {}
                Err(failed) => return Err(failed),
            }
        }
        let all = self.bookings(access).await?;
        Ok(of_entry(&all, name).cloned())
    }

    async fn act<T: Serialize>(&self, access: &Access, path: &str, body: &T) -> Result<Booking, Failed> {
        ask(self.request(access, Method::POST, path, OF_BOOKINGS)?.json(body)).await
    }

    async fn write(&self, access: &Access, put: &Put) -> Result<Written, Failed> {
        let target = Target::parse(&put.collection).ok_or(Trouble::NotFound)?;
        let found = self.find(access, &put.href, put.etag.as_deref()).await?;
        match (&found, &put.etag) {
            (Some(booking), known) if Some(booking.etag()) != *known => {
                return Ok(Written::Other(entry::of(booking).ok_or(Trouble::Unreadable)?));
            }
            (None, Some(_)) => return Ok(Written::Gone),
            _ => {}
        }
        let booking = match next(found.as_ref(), Some(put.starts_at)) {
            Step::Make => {
                let minutes = put.ends_at.duration_since(put.starts_at).as_mins();
                let new = NewBooking {
                    start: put.starts_at,
                    event_type_id: target.event_type_id,
                    length_in_minutes: target.length_for(minutes),
                    attendee: Attendee {
                        name: NAME.to_owned(),
                        email: access.username.clone(),
                        time_zone: "UTC".to_owned(),
                    },
                    metadata: metadata(&put.href, put.version),
                };
                self.act(access, "bookings", &new).await?
            }
            Step::Move { uid } => {
                let path = format!("bookings/{}/reschedule", encode(&uid));
                self.act(access, &path, &NewTime::new(put.starts_at, put.version))
                    .await?
            }
            Step::Cancel { .. } | Step::Nothing => {
                return Ok(Written::Done {
                    href: put.href.clone(),
                    etag: put.etag.clone(),
                });
            }
        };
        Ok(Written::Done {
            href: put.href.clone(),
            etag: Some(booking.etag()),
        })
    }

    async fn cancel(&self, access: &Access, place: &Place) -> Result<(), Failed> {
        let found = self.find(access, &place.href, place.etag.as_deref()).await?;
        // What is over is not cancelled there, and takes no time.
        let found = found.filter(|booking| booking.end.is_none_or(|end| end > (self.clock)()));
        let Step::Cancel { uid } = next(found.as_ref(), None) else {
            return Ok(());
        };
        let path = format!("bookings/{}/cancel", encode(&uid));
        let reason = json!({ "cancellationReason": NAME });
        let request = self
            .request(access, Method::POST, &path, OF_BOOKINGS)?
            .json(&reason);
        send(request).await.map(drop)
    }

    async fn entries(&self, access: &Access) -> Result<Vec<Entry>, Failed> {
        let bookings = self.bookings(access).await?;
        let live = bookings.iter().filter(|booking| booking.is_live());
        // Of several that stand for one entry, all but one are somebody else's.
        let one_of_each = live.filter(|booking| match booking.entry() {
            Some(name) => of_entry(&bookings, name).is_some_and(|chosen| chosen.uid == booking.uid),
            None => true,
        });
        Ok(one_of_each.filter_map(entry::of).collect())
    }
}

impl Remote for CalCom {
    fn put<'a>(&'a self, access: &'a Access, put: &'a Put) -> Remoting<'a, Written> {
        Box::pin(self.write(access, put))
    }

    fn delete<'a>(&'a self, access: &'a Access, place: &'a Place) -> Remoting<'a, ()> {
        Box::pin(self.cancel(access, place))
    }

    fn list<'a>(&'a self, access: &'a Access, _: &'a Asked) -> Remoting<'a, Listed> {
        Box::pin(async move {
            let entries = self.entries(access).await?;
            Ok(Listed {
                entries: entries
                    .into_iter()
                    .map(|entry| (entry.href, entry.etag))
                    .collect(),
                is_whole: true,
                ..Listed::default()
            })
        })
    }

    fn read<'a>(&'a self, access: &'a Access, _: &'a str, hrefs: &'a [String]) -> Remoting<'a, Vec<Entry>> {
        Box::pin(async move {
            let mut entries = self.entries(access).await?;
            entries.retain(|entry| hrefs.contains(&entry.href));
            Ok(entries)
        })
    }
}

fn with_query(query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    format!("bookings?{}", pairs.join("&"))
}

/// Sends a request, and answers with what it answers where that is a success.
async fn send(request: RequestBuilder) -> Result<Response, Failed> {
    let response = request.send().await.map_err(|error| meaning(&error))?;
    let trouble = match response.status() {
        status if status.is_success() => return Ok(response),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::Unauthorized,
        StatusCode::NOT_FOUND | StatusCode::GONE => Trouble::NotFound,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Trouble::Busy,
        _ => Trouble::Refused,
    };
    let wait = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let wait = wait.and_then(|seconds| seconds.trim().parse().ok());
    Err(Failed {
        trouble,
        wait: wait.map(SignedDuration::from_secs),
    })
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failed> {
    let answer: Answer<T> = read(send(request).await?).await?;
    Ok(answer.data)
}

/// Reads an answer, as far as it may be long.
async fn read<T: DeserializeOwned>(mut response: Response) -> Result<T, Failed> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| meaning(&error))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(Trouble::TooLong.into());
        }
        body.extend_from_slice(&part);
    }
    serde_json::from_slice(&body).map_err(|_| Trouble::Unreadable.into())
}

/// What a failure means. The error itself may repeat the address, so nobody is told of it.
fn meaning(error: &reqwest::Error) -> Failed {
    match (is_not_public(error), error.is_timeout()) {
        (true, _) => Trouble::PrivateAddress.into(),
        (_, true) => Trouble::TimedOut.into(),
        (_, false) => Trouble::Unreachable.into(),
    }
}
