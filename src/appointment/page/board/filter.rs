//! The filter of the board, as the URL has it.

use jiff::civil;

use super::super::parts::date_of;
use crate::appointment::forms::SEARCHED;
use engine::{
    account::Country,
    appointment::{Choices, Filter, Mark, Search, Status, Turn},
};

/// The statuses that the board has a tab for.
pub(super) const TABS: [Status; 8] = [
    Status::Pending,
    Status::Confirmed,
    Status::InProgress,
    Status::Completed,
    Status::Cancelled,
    Status::Rejected,
    Status::Expired,
    Status::NoShow,
];

/// Reads the filter from the URL. What cannot be read is ignored: an old link shows more, but never
/// an error. Without a word about where to begin, the board begins today.
pub fn read_filter(
    get: impl Fn(&str) -> Option<String>,
    words: &str,
    choices: &Choices,
    today: civil::Date,
    country: Country,
) -> Filter {
    let date = |name: &str| get(name).as_deref().and_then(date_of);
    let id = |name: &str, known: &[(i64, String)]| {
        let id: i64 = get(name)?.parse().ok()?;
        known.iter().any(|(known, _)| *known == id).then_some(id)
    };
    Filter {
        status: get("status")
            .and_then(|status| Status::parse(&status))
            .filter(|status| TABS.contains(status)),
        doctor_id: id("doctor", &choices.doctors),
        clinic_id: id("clinic", &choices.clinics),
        // An empty field is a word: from the beginning.
        from: match get("from").as_deref() {
            Some("") => None,
            from => from.and_then(date_of).or(Some(today)),
        },
        until: date("until"),
        search: Search::new(words, country),
        clinics: None,
        turn: read_turn(get),
    }
}

/// Reads which page is wanted. A link of before pages had marks shows the first one.
fn read_turn(get: impl Fn(&str) -> Option<String>) -> Turn {
    let mark = |name: &str| get(name).as_deref().and_then(Mark::parse);
    match (mark("after"), mark("before")) {
        (Some(after), _) => Turn::After(after),
        (None, Some(before)) => Turn::Before(before),
        (None, None) => Turn::First,
    }
}

/// The URL that [`read_filter`] reads as this filter.
pub(super) fn path_to(filter: &Filter, today: civil::Date) -> String {
    let mut pairs = Vec::new();
    let mut say =
        |name: &str, value: Option<String>| pairs.extend(value.map(|value| format!("{name}={value}")));
    say("status", filter.status.map(|status| status.as_str().to_owned()));
    say("doctor", filter.doctor_id.map(|id| id.to_string()));
    say("clinic", filter.clinic_id.map(|id| id.to_string()));
    say(
        "from",
        (filter.from != Some(today)).then(|| filter.from.map(|from| from.to_string()).unwrap_or_default()),
    );
    say("until", filter.until.map(|until| until.to_string()));
    say(
        SEARCHED,
        (!filter.search.words.is_empty()).then(|| "1".to_owned()),
    );
    match filter.turn {
        Turn::First => {}
        Turn::After(mark) => say("after", Some(mark.to_string())),
        Turn::Before(mark) => say("before", Some(mark.to_string())),
    }
    if pairs.is_empty() {
        "/admin".to_owned()
    } else {
        format!("/admin?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: civil::Date = civil::date(2026, 11, 24);

    fn choices() -> Choices {
        Choices {
            doctors: vec![(1, "Dr Sari".to_owned())],
            clinics: vec![(2, "Klinik Harapan".to_owned())],
            ..Choices::default()
        }
    }

    fn read(query: &[(&str, &str)]) -> Filter {
        let get = |name: &str| {
            query
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let words = if get(SEARCHED).is_some() { "Maya & Co" } else { "" };
        read_filter(get, words, &choices(), TODAY, Country::default())
    }

    #[test]
    fn without_a_filter_the_board_begins_today() {
        let filter = read(&[]);
        assert_eq!(
            filter,
            Filter {
                from: Some(TODAY),
                ..Filter::default()
            }
        );
        assert_eq!(path_to(&filter, TODAY), "/admin");
    }

    #[test]
    fn a_filter_survives_the_url() {
        let query = [
            ("status", "no_show"),
            ("doctor", "1"),
            ("clinic", "2"),
            ("from", ""),
            ("until", "2026-12-01"),
            (SEARCHED, "1"),
            ("after", "1764403200000000_12"),
        ];
        let filter = read(&query);
        assert!(
            matches!(filter.turn, Turn::After(Mark { id: 12, .. })),
            "{filter:?}"
        );
        assert_eq!(filter.from, None);
        assert_eq!(
            path_to(&filter, TODAY),
            "/admin?status=no_show&doctor=1&clinic=2&from=&until=2026-12-01&searched=1&after=1764403200000000_12"
        );
        assert_eq!(filter.search.words, "Maya & Co");
        // A name in an old link does nothing, and is not passed on.
        let old = read(&[("search", "Maya")]);
        assert_eq!(
            (old.search.words.as_str(), path_to(&old, TODAY).as_str()),
            ("", "/admin")
        );
    }

    #[test]
    fn a_page_is_turned_back_by_the_url() {
        let filter = read(&[("before", "1764403200000000_12")]);
        assert!(
            matches!(filter.turn, Turn::Before(Mark { id: 12, .. })),
            "{filter:?}"
        );
        assert_eq!(path_to(&filter, TODAY), "/admin?before=1764403200000000_12");
    }

    #[test]
    fn a_malformed_filter_is_ignored() {
        let query = [
            ("status", "held"),
            ("doctor", "7"),
            ("clinic", "2' or 1=1"),
            ("from", "2026-02-30"),
            ("until", "soon"),
            ("page", "3"),
            ("after", "soon"),
            ("before", "1_"),
        ];
        assert_eq!(read(&query), read(&[]));
    }
}
