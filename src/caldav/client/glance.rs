//! Asking of several calendars at once whether something was changed in them: the folder that they share is listed, with their
//! tokens.

use std::collections::BTreeMap;

use engine::caldav::{Access, Failed, Glimpse, Trouble};

use super::{
    address::{folder, home_of, is_same_server},
    http::Http,
    multistatus, name_of,
    xml::Node,
};

const WHAT: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop><D:sync-token/><S:getctag/></D:prop></D:propfind>"#;

impl Http {
    /// Looks at calendars that share a folder with others of them; one that is alone in its folder is asked as quickly itself.
    ///
    /// # Errors
    /// `Busy` alone. Of a folder that cannot be listed, nothing is said.
    pub(super) async fn look_at(
        &self,
        access: &Access,
        collections: &[String],
    ) -> Result<Vec<Glimpse>, Failed> {
        let mut homes: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for collection in collections {
            if let Some(home) = home_of(collection) {
                homes.entry(home).or_default().push(collection);
            }
        }
        let mut seen = Vec::new();
        for (home, of_it) in homes.iter().filter(|(_, of_it)| of_it.len() > 1) {
            match self.look_into(access, home).await {
                Ok(found) => seen.extend(found.into_iter().filter(|one| of_it.contains(&&one.collection))),
                Err(failed) if failed.trouble == Trouble::Busy => return Err(failed),
                Err(_) => {}
            }
        }
        Ok(seen)
    }

    async fn look_into(&self, access: &Access, home: &str) -> Result<Vec<Glimpse>, Failed> {
        let answer = self.propfind(access, home, "1", WHAT).await?;
        // Another server knows nothing of the calendars of this one.
        if !is_same_server(&answer.url, home) {
            return Ok(Vec::new());
        }
        let root = multistatus(&answer.body)?;
        Ok((root.all("response"))
            .filter_map(|response| glimpse(&answer.url, response))
            .collect())
    }
}

fn glimpse(base: &str, response: &Node) -> Option<Glimpse> {
    let said = |property| {
        let text = response.property(property)?.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Some(Glimpse {
        collection: folder(name_of(base, response)?),
        token: said("sync-token"),
        tag: said("getctag"),
    })
}
