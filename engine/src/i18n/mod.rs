//! Every text that a person reads, in English, Indonesian and German.
//!
//! The texts are Fluent files beside this one. They are for the server alone: islands are given
//! finished strings.

mod names;

use std::collections::HashMap;

use fluent_templates::{fluent_bundle::FluentValue, static_loader};
use unic_langid::{LanguageIdentifier, langid};

pub use self::names::Names;
use crate::text::isolated;

static_loader! {
    static TEXTS = {
        locales: "src/i18n/texts",
        fallback_language: "en",
        // `Texts::with` isolates what is written from right to left, and nothing else: no text here is written so, and
        // marks around every value would show up as boxes in plain-text messages.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static EN: LanguageIdentifier = langid!("en");
static ID: LanguageIdentifier = langid!("id");
static DE: LanguageIdentifier = langid!("de");

/// A language that Janji speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    #[default]
    En,
    Id,
    De,
}

impl Locale {
    pub const ALL: [Self; 3] = [Self::En, Self::Id, Self::De];

    /// The BCP 47 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Id => "id",
            Self::De => "de",
        }
    }

    /// The language's own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Id => "Bahasa Indonesia",
            Self::De => "Deutsch",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.code() == code)
    }

    /// The language that most people speak where a phone number is from, for those of whom nothing else is known.
    pub fn of_phone(phone: &str) -> Self {
        let languages = [("+62", Self::Id), ("+49", Self::De), ("+43", Self::De)];
        languages
            .into_iter()
            .find(|(code, _)| phone.starts_with(code))
            .map_or_else(Self::default, |(_, locale)| locale)
    }

    /// The best match for an `Accept-Language` header (RFC 9110 §12.5.4).
    pub fn negotiate(header: &str) -> Self {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|item| {
                let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
                let quality = quality(parameters)?;
                let language = range.trim().split(['-', '_']).next()?.to_ascii_lowercase();
                // Any language: the one that those get who ask for none.
                if language == "*" {
                    return (quality > 0.0).then_some((quality, Self::default()));
                }
                // "in" is the code that Indonesian had before 1989; old phones still send it.
                let language = if language == "in" { "id" } else { &language };
                (quality > 0.0).then_some((quality, Self::parse(language)?))
            })
            .collect();
        // Stable: among equals the first one named wins.
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|item| item.1).unwrap_or_default()
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::En => &EN,
            Self::Id => &ID,
            Self::De => &DE,
        }
    }
}

/// The weight among the parameters of a language, from 0 to 1: `q=0.9`, with a capital Q and white space or without.
fn quality(parameters: &str) -> Option<f32> {
    let weight = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    match weight {
        None => Some(1.0),
        Some(weight) => weight
            .parse()
            .ok()
            .filter(|quality| (0.0..=1.0).contains(quality)),
    }
}

/// The texts of one locale.
#[derive(Clone, Copy, Debug, Default)]
pub struct Texts(Locale);

impl Texts {
    pub fn of(locale: Locale) -> Self {
        Self(locale)
    }

    pub fn locale(self) -> Locale {
        self.0
    }

    /// The text of this key.
    pub fn text(self, key: &str) -> String {
        self.find(key, None)
    }

    /// The text of this key, with its gaps filled. A value that is written from right to left turns nothing else round.
    pub fn with(self, key: &str, values: &[(&'static str, FluentValue<'static>)]) -> String {
        let values: HashMap<&'static str, FluentValue<'static>> = values
            .iter()
            .map(|(name, value)| match value {
                FluentValue::String(value) => (*name, isolated(value).into_owned().into()),
                value => (*name, value.clone()),
            })
            .collect();
        self.find(key, Some(&values))
    }

    /// The text in this language, or else in English. The loader's own way would negotiate languages at each text, and
    /// a page has a hundred.
    fn find(self, key: &str, values: Option<&HashMap<&'static str, FluentValue<'static>>>) -> String {
        [self.0, Locale::En]
            .into_iter()
            .find_map(|locale| {
                TEXTS
                    .lookup_single_language(locale.identifier(), key, values)
                    .ok()
            })
            .unwrap_or_else(|| format!("Unknown localization key: {key:?}"))
    }
}

#[cfg(test)]
mod tests;
