//! A page of what a search found.

use axum::{http::StatusCode, response::Response};

use super::Search;
use crate::{
    fhir::{
        answer::answer,
        resource::{Bundle, Entry, Link, Resource, SearchMode},
    },
    server::api::Fault,
    ui::encode,
};

/// A page of what a search found.
#[derive(Debug, Default)]
pub struct Page {
    /// Of all pages; `None` where that cannot be counted.
    pub total: Option<i64>,
    pub matches: Vec<Resource>,
    /// What the matches refer to, where it was asked for.
    pub included: Vec<Resource>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Search {
    /// Cuts the page out of everything that was found, which does not change from page to page.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for a cursor that was not given.
    pub fn page_of<T>(&self, all: Vec<T>) -> Result<(Vec<T>, i64, Option<String>), Fault> {
        let total = all.len();
        let begin = match self.cursor() {
            None => 0,
            Some(cursor) => cursor.parse::<usize>().map_err(|_| Fault::malformed("_cursor"))?,
        };
        let count = self.count()?;
        let end = begin.saturating_add(count);
        let next = (count > 0 && end < total).then(|| end.to_string());
        let page = all.into_iter().skip(begin).take(count).collect();
        Ok((page, i64::try_from(total).unwrap_or(i64::MAX), next))
    }

    /// Answers with a page.
    pub fn answer(&self, page: Page) -> Response {
        let mut link = vec![Link {
            relation: "self",
            url: self.address(None),
        }];
        if let Some(next) = &page.next {
            link.push(Link {
                relation: "next",
                url: self.address(Some(next)),
            });
        }
        let entry = |resource: Resource, mode: &'static str| Entry {
            full_url: self.base.at(&resource.address()),
            resource,
            search: SearchMode { mode },
        };
        let mut seen = std::collections::BTreeSet::new();
        let included = page
            .included
            .into_iter()
            .filter(|resource| seen.insert(resource.address()));
        let matches = page.matches.into_iter().map(|resource| entry(resource, "match"));
        let entries = matches
            .collect::<Vec<_>>()
            .into_iter()
            .chain(included.map(|resource| entry(resource, "include")));
        let bundle = Bundle {
            resource_type: "Bundle",
            kind: "searchset",
            total: page.total,
            link,
            entry: entries.collect(),
        };
        answer(StatusCode::OK, &bundle)
    }

    /// The address of this search, from a page on. What names a patient is never in it: where such a search has a next page,
    /// the same body is posted to its address.
    fn address(&self, cursor: Option<&str>) -> String {
        let is_of_person = |name: &str| {
            let parameters = self.kind.parameters.iter();
            parameters
                .filter(|parameter| parameter.is_of_person)
                .any(|parameter| parameter.name == name)
        };
        let names_somebody = self.pairs.iter().any(|(name, _)| is_of_person(name));
        let path = match names_somebody && self.is_in_body {
            true => format!("{}/_search", self.kind.name),
            false => self.kind.name.to_owned(),
        };
        let kept = self.pairs.iter().filter(|(name, _)| match names_somebody {
            // The body has the rest.
            true => false,
            false => name != "_cursor",
        });
        let pairs: Vec<String> = kept
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(cursor.or(self.cursor()).map(|cursor| ("_cursor", cursor)))
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        match pairs.is_empty() {
            true => self.base.at(&path),
            false => self.base.at(&format!("{path}?{}", pairs.join("&"))),
        }
    }
}
