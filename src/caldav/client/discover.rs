//! Finding the calendars of a user (RFC 6764): from an address to the user, from there to where their calendars are.

use engine::caldav::{Access, Failed, Offered, Trouble};

use super::{
    address::{folder, is_same_server, resolved},
    http::{Answer, Http, Question},
    multistatus, name_of,
    xml::Node,
};

const XML: &str = "application/xml; charset=utf-8";

/// The length of the name of a calendar that is kept, in characters.
const MAX_NAME: usize = 100;

const WHO: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:current-user-principal/><D:resourcetype/><C:calendar-home-set/></D:prop></D:propfind>"#;
const WHAT: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:displayname/><D:resourcetype/><D:current-user-privilege-set/></D:prop></D:propfind>"#;

impl Http {
    /// The calendars of a user, at the address that was typed or where it leads: its well-known path, the user's own, and that of
    /// their calendars.
    ///
    /// # Errors
    /// What the server answered last.
    pub async fn discover(&self, access: &Access) -> Result<Vec<Offered>, Failed> {
        let mut trouble = Failed::from(Trouble::NotFound);
        let well_known = resolved(&access.url, "/.well-known/caldav");
        let root = resolved(&access.url, "/");
        for start in [resolved(&access.url, ""), well_known, root]
            .into_iter()
            .flatten()
        {
            match self.discover_from(access, &start).await {
                Ok(offered) if offered.is_empty() => {}
                Ok(offered) => return Ok(offered),
                Err(failed) if failed.trouble.is_of_the_account() => return Err(failed),
                Err(failed) => trouble = failed,
            }
        }
        Err(trouble)
    }

    async fn discover_from(&self, access: &Access, start: &str) -> Result<Vec<Offered>, Failed> {
        let (answer, response) = self.who(access, start).await?;
        // The address of a calendar is meant as it is.
        if is_calendar(&response) {
            return self.calendars(access, &answer.url, "0").await;
        }
        let home = match linked(&answer.url, &response, "calendar-home-set") {
            Some(home) => Some(home),
            None => match linked(&answer.url, &response, "current-user-principal") {
                Some(user) => {
                    let (answer, response) = self.who(access, &user).await?;
                    linked(&answer.url, &response, "calendar-home-set")
                }
                None => None,
            },
        };
        match home {
            // A password goes where it was meant for, or over a connection that nobody reads.
            Some(home) if is_same_server(&home, start) || home.starts_with("https:") => {
                self.calendars(access, &folder(home), "1").await
            }
            _ => Err(Trouble::NotFound.into()),
        }
    }

    /// Asks whose an address is.
    async fn who(&self, access: &Access, url: &str) -> Result<(Answer, Node), Failed> {
        let answer = self.propfind(access, url, "0", WHO).await?;
        let root = multistatus(&answer.body)?;
        let response = root.child("response").cloned().ok_or(Trouble::Unreadable)?;
        Ok((answer, response))
    }

    async fn calendars(&self, access: &Access, url: &str, depth: &str) -> Result<Vec<Offered>, Failed> {
        let answer = self.propfind(access, url, depth, WHAT).await?;
        let root = multistatus(&answer.body)?;
        let found = root.all("response").filter(|response| is_calendar(response));
        Ok(found
            .filter_map(|response| offered(&answer.url, response))
            .collect())
    }

    /// Asks for properties: of an address, or of what is in it as well.
    pub(super) async fn propfind(
        &self,
        access: &Access,
        url: &str,
        depth: &str,
        body: &str,
    ) -> Result<Answer, Failed> {
        let question = Question {
            method: "PROPFIND",
            url,
            headers: vec![("content-type", XML.to_owned()), ("depth", depth.to_owned())],
            body: body.to_owned(),
            ..Question::default()
        };
        let answer = self.ask(access, &question).await?;
        match answer.status {
            207 => Ok(answer),
            404 | 405 | 410 | 501 => Err(Trouble::NotFound.into()),
            _ => Err(Trouble::Refused.into()),
        }
    }
}

/// Where a property leads to.
fn linked(base: &str, response: &Node, property: &str) -> Option<String> {
    resolved(base, response.property(property)?.said("href")?)
}

/// Whether it is a calendar. One of tasks alone is one as well: whoever chooses sees its name.
fn is_calendar(response: &Node) -> bool {
    response
        .property("resourcetype")
        .is_some_and(|kind| kind.child("calendar").is_some())
}

fn offered(base: &str, response: &Node) -> Option<Offered> {
    let href = folder(name_of(base, response)?);
    let said = response
        .property("displayname")
        .map(|name| name.text.trim().to_owned());
    let own = || {
        href.trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let name: String = said.filter(|name| !name.is_empty()).unwrap_or_else(own);
    let name = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    // Who says nothing of it lets us try.
    let can_write = response
        .property("current-user-privilege-set")
        .is_none_or(|privileges| {
            ["write", "all", "write-content", "bind"]
                .into_iter()
                .any(|privilege| privileges.has(privilege))
        });
    Some(Offered {
        href,
        name,
        can_write,
    })
}
