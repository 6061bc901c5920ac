//! Listing what has changed in a calendar, and reading it.

use engine::caldav::{Access, Asked, Entry, Failed, Listed, Trouble};

use super::{
    address::path_of,
    comparable, entry_of,
    http::{Http, Question},
    multistatus, name_of,
    xml::{Node, escaped},
};

const XML: &str = "application/xml; charset=utf-8";

/// The pages of one answer to what has changed.
const MAX_PAGES: usize = 50;

/// What asking for changes came to.
enum Synced {
    Listed(Listed),
    /// The token is of no use.
    Again,
    /// The server cannot say what has changed.
    Cannot,
}

impl Http {
    /// Lists what has changed since a token was given, or all that is there. A token that is known no more is left out; a server
    /// that cannot say what has changed lists everything.
    pub(super) async fn list_entries(&self, access: &Access, asked: &Asked) -> Result<Listed, Failed> {
        if asked.can_sync != Some(false) {
            let mut token = asked.token.clone();
            loop {
                match self.sync(access, &asked.collection, token.as_deref()).await? {
                    Synced::Listed(listed) => return Ok(listed),
                    Synced::Again if token.take().is_some() => {}
                    Synced::Again | Synced::Cannot => break,
                }
            }
        }
        self.list_all(access, &asked.collection).await
    }

    async fn sync(&self, access: &Access, collection: &str, token: Option<&str>) -> Result<Synced, Failed> {
        let mut listed = Listed {
            is_whole: token.is_none(),
            can_sync: true,
            ..Listed::default()
        };
        let mut next = token.unwrap_or_default().to_owned();
        for _ in 0..MAX_PAGES {
            let body = format!(
                r#"<?xml version="1.0" encoding="utf-8"?><D:sync-collection xmlns:D="DAV:"><D:sync-token>{}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"#,
                escaped(&next)
            );
            let question = Question {
                method: "REPORT",
                url: collection,
                headers: vec![("content-type", XML.to_owned()), ("depth", "0".to_owned())],
                body,
                is_list: true,
            };
            let answer = self.ask(access, &question).await?;
            match answer.status {
                207 => {}
                404 | 410 => return Err(Trouble::NotFound.into()),
                // Not only what the standard says: 403, 409 and 412 are seen.
                400..500 if !next.is_empty() => return Ok(Synced::Again),
                400..502 => return Ok(Synced::Cannot),
                _ => return Err(Trouble::Refused.into()),
            }
            let root = multistatus(&answer.body)?;
            let is_cut = take(&root, collection, &mut listed);
            let Some(token) = root.said("sync-token").filter(|token| !token.is_empty()) else {
                return Ok(Synced::Cannot);
            };
            listed.token = Some(token.to_owned());
            if !is_cut || token == next {
                return Ok(Synced::Listed(listed));
            }
            next = token.to_owned();
        }
        Ok(Synced::Cannot)
    }

    async fn list_all(&self, access: &Access, collection: &str) -> Result<Listed, Failed> {
        let question = Question {
            method: "PROPFIND",
            url: collection,
            headers: vec![("content-type", XML.to_owned()), ("depth", "1".to_owned())],
            body: r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:resourcetype/></D:prop></D:propfind>"#.to_owned(),
            is_list: true,
        };
        let answer = self.ask(access, &question).await?;
        match answer.status {
            207 => {}
            404 | 410 => return Err(Trouble::NotFound.into()),
            _ => return Err(Trouble::Refused.into()),
        }
        let mut listed = Listed {
            is_whole: true,
            ..Listed::default()
        };
        take(&multistatus(&answer.body)?, collection, &mut listed);
        Ok(listed)
    }

    /// Reads entries at once, and one by one where the server cannot.
    pub(super) async fn read_entries(
        &self,
        access: &Access,
        collection: &str,
        hrefs: &[String],
    ) -> Result<Vec<Entry>, Failed> {
        let wanted: String = hrefs
            .iter()
            .map(|href| format!("<D:href>{}</D:href>", escaped(&path_of(href))))
            .collect();
        let question = Question {
            method: "REPORT",
            url: collection,
            headers: vec![("content-type", XML.to_owned()), ("depth", "1".to_owned())],
            body: format!(
                r#"<?xml version="1.0" encoding="utf-8"?><C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>{wanted}</C:calendar-multiget>"#
            ),
            ..Question::default()
        };
        let answer = self.ask(access, &question).await?;
        if answer.status == 207 {
            let root = multistatus(&answer.body)?;
            let entries = root
                .all("response")
                .filter_map(|response| entry_of(collection, response));
            return Ok(entries.collect());
        }
        let mut entries = Vec::new();
        for href in hrefs {
            entries.extend(self.get(access, href).await?);
        }
        Ok(entries)
    }
}

/// Takes the entries of a multistatus. Answers whether there is more.
fn take(root: &Node, collection: &str, listed: &mut Listed) -> bool {
    let mut is_cut = false;
    for response in root.all("response") {
        let Some(href) = name_of(collection, response) else {
            continue;
        };
        match response.status() {
            Some(404 | 410) => listed.removed.push(href),
            Some(507) => is_cut = true,
            _ if href.ends_with('/') || is_folder(response) => {}
            _ => {
                if let Some(etag) = response.property("getetag") {
                    listed.entries.push((href, comparable(&etag.text)));
                }
            }
        }
    }
    is_cut
}

fn is_folder(response: &Node) -> bool {
    response
        .property("resourcetype")
        .is_some_and(|kind| kind.child("collection").is_some())
}
