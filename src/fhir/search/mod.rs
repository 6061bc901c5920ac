//! Searches: parameters of an address or of a form, and the bundle that answers them.

mod date;
mod page;
mod timing;

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, HeaderName, Method, StatusCode, request::Parts},
};

pub use self::{date::Dates, page::Page, timing::Timing};
use super::{
    base::{Base, is_json, not_acceptable},
    kind::{COMMON, Kind},
    name::{id, referred},
    refusal::not_supported,
};
use crate::server::{AppState, api::Fault};

/// The number of matches on a page: at most, and by default.
const MAX_COUNT: usize = 200;
const COUNT: usize = 50;

/// The number of values that a parameter may have.
const MAX_VALUES: usize = 50;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The parameters of a search as they were sent.
#[derive(Debug)]
pub struct Sought {
    base: Base,
    pairs: Vec<(String, String)>,
    /// Whether they came in the body.
    is_in_body: bool,
    /// Whether what is not known is refused.
    is_strict: bool,
}

impl FromRequest<AppState> for Sought {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let Ok(base) = Base::from_request_parts(&mut parts, state).await;
        let mut pairs = in_address(&parts)?;
        let is_in_body = parts.method == Method::POST;
        let is_strict = is_strict(&parts.headers);
        if is_in_body {
            let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), state);
            let Form(more) = form.await.map_err(|refused| match refused.status() {
                StatusCode::UNSUPPORTED_MEDIA_TYPE => Fault::foreign(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "not-supported",
                    "fhir-form",
                    "Content-Type",
                ),
                StatusCode::PAYLOAD_TOO_LARGE => Fault::foreign(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too-costly",
                    "api-too-large",
                    "body",
                ),
                _ => Fault::malformed("body"),
            })?;
            pairs.extend(more);
        }
        Ok(Self {
            base,
            pairs,
            is_in_body,
            is_strict,
        })
    }
}

fn in_address(parts: &Parts) -> Result<Vec<(String, String)>, Fault> {
    Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
        .map(|Query(pairs)| pairs)
        .map_err(|_| Fault::malformed("query"))
}

/// Whether `Prefer` asks for strict handling (RFC 7240).
fn is_strict(headers: &HeaderMap) -> bool {
    headers
        .get_all(PREFER)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split([',', ';']))
        .any(|preference| {
            preference
                .replace([' ', '"'], "")
                .eq_ignore_ascii_case("handling=strict")
        })
}

impl Sought {
    /// The parameters of an address, and those that an operation was given in other ways.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of_operation(parts: &Parts, base: Base, inputs: Vec<(String, String)>) -> Result<Self, Fault> {
        let mut pairs = in_address(parts)?;
        pairs.extend(inputs);
        Ok(Self {
            base,
            pairs,
            is_in_body: false,
            is_strict: is_strict(&parts.headers),
        })
    }

    /// The criteria of a conditional create, such as `patient=1&date=2026-11-24`.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of_criteria(criteria: &str, base: Base) -> Result<Self, Fault> {
        let criteria = criteria.trim().trim_start_matches('?');
        let address = format!("/?{criteria}").parse();
        let pairs = address
            .ok()
            .and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok())
            .map(|Query(pairs)| pairs)
            .filter(|pairs| !pairs.is_empty())
            .ok_or_else(|| Fault::malformed("If-None-Exist"))?;
        Ok(Self {
            base,
            pairs,
            is_in_body: false,
            // Criteria that are not understood could match what is not meant.
            is_strict: true,
        })
    }

    /// The search for resources of this kind, with what it does not understand left out, or refused where the caller wants it
    /// so. What is written behind a colon or a dot changes what is meant, and is never left out.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of(self, kind: &'static Kind) -> Result<Search, Fault> {
        let mut pairs = Vec::new();
        for (name, value) in self.pairs {
            let plain = name.split([':', '.']).next().unwrap_or_default();
            if name.as_str() != plain && name != "_include:iterate" {
                return Err(not_supported(&name));
            }
            if value.is_empty() {
                continue;
            }
            let known = kind.parameters.iter().find(|parameter| parameter.name == name);
            match known {
                Some(parameter) if parameter.is_of_person && !self.is_in_body => {
                    return Err(Fault::foreign(
                        StatusCode::BAD_REQUEST,
                        "suppressed",
                        "fhir-in-address",
                        &name,
                    ));
                }
                Some(_) => pairs.push((name, value)),
                None if COMMON.contains(&name.as_str()) => pairs.push((name, value)),
                None if self.is_strict => return Err(not_supported(&name)),
                None => {}
            }
        }
        let search = Search {
            kind,
            base: self.base,
            pairs,
            is_in_body: self.is_in_body,
        };
        search.check()?;
        Ok(search)
    }
}

/// A search that is understood.
#[derive(Debug)]
pub struct Search {
    kind: &'static Kind,
    base: Base,
    pairs: Vec<(String, String)>,
    is_in_body: bool,
}

impl Search {
    fn check(&self) -> Result<(), Fault> {
        if let Some(format) = self.said("_format").next()
            && !is_json(format)
        {
            return Err(not_acceptable());
        }
        for include in self.said("_include") {
            let named = include.split(':').collect::<Vec<_>>();
            match named.as_slice() {
                [kind, name] | [kind, name, _]
                    if *kind == self.kind.name && self.kind.includes.contains(name) => {}
                _ => return Err(not_supported("_include")),
            }
        }
        self.count().map(|_| ())
    }

    /// The values of a parameter, each time that it is there.
    pub fn said<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of which one is to fit; `None` where nothing is asked for. A parameter that is there twice would have to fit
    /// twice, which is not understood.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn any_of(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        let all: Vec<&str> = self
            .pairs
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect();
        let value = match all.as_slice() {
            [] => return Ok(None),
            [one] => one,
            _ => return Err(not_supported(name)),
        };
        let values = split(value);
        match values.len() {
            0 => Err(Fault::malformed(name)),
            1..=MAX_VALUES => Ok(Some(values)),
            _ => Err(Fault::too_long(name)),
        }
    }

    /// The codes of a token; what stands before the bar is the system, which has to be this one where it is said.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn codes(&self, name: &str, system: &str) -> Result<Option<Vec<String>>, Fault> {
        let Some(values) = self.any_of(name)? else {
            return Ok(None);
        };
        let code = |value: &String| match value.rsplit_once('|') {
            None => Some(value.clone()),
            Some((said, code)) if said == system || said.is_empty() => Some(code.to_owned()),
            Some(_) => None,
        };
        Ok(Some(values.iter().filter_map(code).collect()))
    }

    /// The ids of references to this kind. What is no id of ours leads to nothing.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for references to other kinds.
    pub fn ids(&self, name: &str, kind: &str) -> Result<Option<Vec<i64>>, Fault> {
        let Some(values) = self.any_of(name)? else {
            return Ok(None);
        };
        let ids = values
            .iter()
            .map(|value| referred(value, kind).ok_or_else(|| Fault::malformed(name)))
            .collect::<Result<Vec<&str>, _>>()?;
        Ok(Some(ids.into_iter().filter_map(id).collect()))
    }

    /// The number of matches on a page.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn count(&self) -> Result<usize, Fault> {
        match self.said("_count").last() {
            None => Ok(COUNT),
            Some(count) => {
                let count: usize = count.parse().map_err(|_| Fault::malformed("_count"))?;
                Ok(count.min(MAX_COUNT))
            }
        }
    }

    /// Where the page begins.
    pub fn cursor(&self) -> Option<&str> {
        self.said("_cursor").last()
    }

    /// Whether this is to be included.
    pub fn includes(&self, name: &str) -> bool {
        self.said("_include")
            .any(|include| include.split(':').nth(1) == Some(name))
    }
}

/// The values that commas separate; a backslash takes its meaning from what follows it.
fn split(value: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match (letter, values.last_mut()) {
            (',', _) => values.push(String::new()),
            ('\\', Some(last)) => last.extend(letters.next()),
            (letter, Some(last)) => last.push(letter),
            (_, None) => {}
        }
    }
    values.retain(|value| !value.is_empty());
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_commas() {
        assert_eq!(split("a,b"), ["a", "b"]);
        assert_eq!(split(r"a\,b,c"), ["a,b", "c"]);
        assert_eq!(split(r"a\|b"), ["a|b"]);
        assert_eq!(split(",a,"), ["a"]);
        assert!(split("").is_empty() && split(r"\").is_empty());
    }

    #[test]
    fn strict_handling_is_one_of_several_preferences() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(PREFER, axum::http::HeaderValue::from_static(value));
            is_strict(&headers)
        };
        assert!(asks("handling=strict") && asks("return=minimal, handling = \"strict\""));
        assert!(!asks("handling=lenient") && !asks("return=minimal"));
    }
}
