use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// The messages of a locale's files, each with the names of the gaps in it.
fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let folder = format!("{}/src/i18n/texts/{}", env!("CARGO_MANIFEST_DIR"), locale.code());
    let mut messages = BTreeMap::<String, BTreeSet<String>>::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut current = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with([' ', '}'])
                && let Some((key, _)) = line.split_once('=')
            {
                let key = key.trim().to_owned();
                assert!(
                    messages.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} stands twice in {}",
                    locale.code()
                );
                current = Some(key);
            }
            let gaps = line.split('$').skip(1).map(|rest| {
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '-' || *c == '_')
                    .collect::<String>()
            });
            if let Some(key) = &current {
                messages.get_mut(key).unwrap().extend(gaps);
            }
        }
    }
    messages
}

#[test]
fn every_text_exists_in_every_language_with_the_same_gaps() {
    let english = messages(Locale::En);
    assert!(english.len() > 50);
    for locale in Locale::ALL {
        let theirs = messages(locale);
        for (key, gaps) in &english {
            assert_eq!(theirs.get(key), Some(gaps), "{key} in {}", locale.code());
        }
        for key in theirs.keys() {
            assert!(english.contains_key(key), "{key} only in {}", locale.code());
        }
    }
}

#[test]
fn every_text_can_be_formatted() {
    for locale in Locale::ALL {
        for (key, gaps) in messages(locale) {
            let values: HashMap<String, FluentValue<'static>> =
                gaps.into_iter().map(|gap| (gap, FluentValue::from(3))).collect();
            let text = TEXTS.lookup_single_language(locale.identifier(), &key, Some(&values));
            assert!(
                text.is_ok_and(|text| !text.is_empty() && !text.contains("{$")),
                "{key} in {}",
                locale.code()
            );
        }
    }
}

#[test]
fn the_language_is_negotiated_as_the_header_asks() {
    for (header, expected) in [
        ("", Locale::En),
        ("de", Locale::De),
        ("id-ID,id;q=0.9,en;q=0.8", Locale::Id),
        ("in", Locale::Id),
        ("fr, de;q=0.4, en;q=0.5", Locale::En),
        ("de;q=0, en", Locale::En),
        ("de;q=kaputt, id", Locale::Id),
        ("*", Locale::En),
        ("id; q=0.9, en; q=0.1", Locale::Id),
        ("en ;Q=0.1 ,\tde ; Q = 0.9", Locale::De),
        ("en;q=0.1;x=y, id;x=y;q=0.5", Locale::Id),
        ("DE-at", Locale::De),
        ("*;q=0.5, de;q=0.1", Locale::En),
        ("*;q=0.1, de;q=0.5", Locale::De),
        ("de;q=7, id;q=0.2", Locale::Id),
        ("de;q=-1, id;q=NaN", Locale::En),
        (",, ;q=1,id", Locale::Id),
    ] {
        assert_eq!(Locale::negotiate(header), expected, "{header}");
    }
}
