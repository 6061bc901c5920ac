//! Writing and deleting an entry, if what is known to be there is there.

use engine::caldav::{Access, Entry, Failed, Place, Put, Trouble, Written};

use super::{
    comparable, entry_of,
    http::{Answer, Http, Question},
    multistatus,
    xml::escaped,
};

const CALENDAR: &str = "text/calendar; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";

impl Http {
    /// Writes an entry. Where it is not clear what became of that, what is there is read.
    pub(super) async fn put_entry(&self, access: &Access, put: &Put) -> Result<Written, Failed> {
        let condition = match &put.etag {
            Some(etag) => ("if-match", etag.clone()),
            None => ("if-none-match", "*".to_owned()),
        };
        let question = Question {
            method: "PUT",
            url: &put.href,
            headers: vec![("content-type", CALENDAR.to_owned()), condition],
            body: put.body.clone(),
            ..Question::default()
        };
        let answer = self.ask(access, &question).await?;
        match answer.status {
            200..300 => self.written(access, put, answer).await,
            // It is not the name of an entry: the calendar is not there.
            404 | 410 if put.etag.is_none() => Err(Trouble::NotFound.into()),
            413 | 415 => Err(Trouble::Refused.into()),
            _ => self.not_written(access, put).await,
        }
    }

    /// Some servers say no ETag, or a weak one, since they write it in their own way.
    async fn written(&self, access: &Access, put: &Put, answer: Answer) -> Result<Written, Failed> {
        let strong = answer.etag.filter(|etag| etag.trim().starts_with('"'));
        let etag = match strong {
            Some(etag) => Some(comparable(&etag)),
            // Unknown, it is looked at when it is written next.
            None => self.get(access, &put.href).await?.map(|entry| entry.etag),
        };
        Ok(Written::Done {
            href: put.href.clone(),
            etag,
        })
    }

    /// There is something else, or nothing, or the server had a bad moment after it wrote.
    async fn not_written(&self, access: &Access, put: &Put) -> Result<Written, Failed> {
        match (self.get(access, &put.href).await?, &put.etag) {
            // It is as it was: the server just would not.
            (Some(entry), Some(known)) if entry.etag == *known => Err(Trouble::Refused.into()),
            (Some(entry), _) => Ok(Written::Other(entry)),
            (None, Some(_)) => Ok(Written::Gone),
            // A calendar has a UID once: it may be there under another name.
            (None, None) => match self.find(access, put).await? {
                Some(entry) => Ok(Written::Other(entry)),
                None => Err(Trouble::Refused.into()),
            },
        }
    }

    /// Reads an entry, if it is there.
    pub(super) async fn get(&self, access: &Access, href: &str) -> Result<Option<Entry>, Failed> {
        let question = Question {
            method: "GET",
            url: href,
            ..Question::default()
        };
        let answer = self.ask(access, &question).await?;
        match answer.status {
            200 => Ok(Some(Entry {
                href: href.to_owned(),
                etag: comparable(&answer.etag.unwrap_or_default()),
                body: answer.body,
            })),
            404 | 410 => Ok(None),
            _ => Err(Trouble::Refused.into()),
        }
    }

    /// Finds an entry by its UID.
    async fn find(&self, access: &Access, put: &Put) -> Result<Option<Entry>, Failed> {
        let uid = put.body.lines().find_map(|line| line.strip_prefix("UID:"));
        let Some(uid) = uid else {
            return Ok(None);
        };
        let body = format!(
            r#"<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="UID"><C:text-match collation="i;octet">{}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#,
            escaped(uid.trim())
        );
        let question = Question {
            method: "REPORT",
            url: &put.collection,
            headers: vec![("content-type", XML.to_owned()), ("depth", "1".to_owned())],
            body,
            ..Question::default()
        };
        let answer = self.ask(access, &question).await?;
        if answer.status != 207 {
            return Ok(None);
        }
        let root = multistatus(&answer.body)?;
        // Text is matched in parts by some.
        Ok(root
            .all("response")
            .filter_map(|response| entry_of(&put.collection, response))
            .find(|entry| entry.body.contains(uid.trim())))
    }

    /// Deletes an entry, whatever was changed in it.
    pub(super) async fn delete_entry(&self, access: &Access, place: &Place) -> Result<(), Failed> {
        let mut known = place.etag.clone();
        for _ in 0..2 {
            let question = Question {
                method: "DELETE",
                url: &place.href,
                headers: known.iter().map(|etag| ("if-match", etag.clone())).collect(),
                body: String::new(),
                ..Question::default()
            };
            let answer = self.ask(access, &question).await?;
            match answer.status {
                200..300 | 404 | 410 => return Ok(()),
                412 => match self.get(access, &place.href).await? {
                    Some(entry) => known = Some(entry.etag),
                    None => return Ok(()),
                },
                _ => return Err(Trouble::Refused.into()),
            }
        }
        Err(Trouble::Refused.into())
    }
}
