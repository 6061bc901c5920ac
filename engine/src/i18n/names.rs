//! Names in other languages than the one that something was named in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Locale;

/// The names of something by language. Where there is none, its main name stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The names that the database has; none of what nobody can read.
    pub(crate) fn stored(stored: Option<serde_json::Value>) -> Self {
        stored
            .and_then(|stored| serde_json::from_value(stored).ok())
            .unwrap_or_default()
    }

    /// As the database keeps them.
    pub(crate) fn to_store(&self) -> serde_json::Value {
        let names = self
            .0
            .iter()
            .map(|(code, name)| (code.clone(), name.as_str().into()));
        serde_json::Value::Object(names.collect())
    }

    /// These names and another one; an empty one is none.
    #[must_use]
    pub fn with(mut self, locale: Locale, name: String) -> Self {
        match name.is_empty() {
            true => self.0.remove(locale.code()),
            false => self.0.insert(locale.code().to_owned(), name),
        };
        self
    }

    /// The name in this language; empty where there is none.
    pub fn get(&self, locale: Locale) -> &str {
        self.0.get(locale.code()).map_or("", String::as_str)
    }

    /// The name that somebody with this language reads.
    pub fn or<'a>(&'a self, main: &'a str, locale: Locale) -> &'a str {
        match self.get(locale) {
            "" => main,
            name => name,
        }
    }

    /// By the code of the language.
    pub fn by_code(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_name_the_main_one_stands() {
        let names = Names::default()
            .with(Locale::De, "Grippeimpfung".to_owned())
            .with(Locale::Id, String::new());
        assert_eq!(names.or("Flu vaccination", Locale::De), "Grippeimpfung");
        assert_eq!(names.or("Flu vaccination", Locale::Id), "Flu vaccination");
        assert_eq!(Names::stored(Some(names.to_store())), names);
        assert_eq!(names.clone().with(Locale::De, String::new()), Names::default());
        for wrong in [
            None,
            Some(serde_json::json!([])),
            Some(serde_json::json!({ "de": 1 })),
        ] {
            assert_eq!(Names::stored(wrong), Names::default());
        }
    }
}
