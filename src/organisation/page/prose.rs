//! Text that somebody of the clinic has written: paragraphs, lines and links, and nothing else.

use leptos::{either::EitherOf3, prelude::*};

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    /// What is shown, and where it leads.
    Link(&'a str, String),
}

/// The characters that end a sentence rather than an address.
const TRAILING: [char; 11] = ['.', ',', ';', ':', '!', '?', ')', ']', '"', '\'', '>'];

/// The characters that may stand before an address.
const LEADING: [char; 5] = ['(', '[', '"', '\'', '<'];

/// Shows a text. An empty line separates paragraphs; addresses of pages and of e-mail are links.
pub(super) fn prose(text: &str) -> AnyView {
    let paragraphs = text
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs
        .map(|paragraph| {
            let lines = paragraph
                .trim_matches('\n')
                .split('\n')
                .enumerate()
                .map(|(number, line)| ((number > 0).then(|| view! { <br /> }), shown(line)))
                .collect_view();
            view! { <p dir="auto">{lines}</p> }
        })
        .collect_view()
        .into_any()
}

fn shown(line: &str) -> impl IntoView + use<> {
    parts(line)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => EitherOf3::A(text.to_owned()),
            Part::Link(text, target) if target.starts_with("mailto:") => {
                EitherOf3::B(view! { <a href=target>{text.to_owned()}</a> })
            }
            Part::Link(text, target) => EitherOf3::C(
                view! { <a href=target rel="noopener noreferrer nofollow">{text.to_owned()}</a> },
            ),
        })
        .collect_view()
}

/// Splits a line at its links.
fn parts(line: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    // Up to where it is said.
    let mut said = 0;
    for word in line.split(' ') {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        let before = word.len() - word.trim_start_matches(LEADING).len();
        let address = word[before..].trim_end_matches(TRAILING);
        let Some(target) = target(address) else {
            continue;
        };
        let begins = start + before;
        if begins > said {
            parts.push(Part::Text(&line[said..begins]));
        }
        parts.push(Part::Link(address, target));
        said = begins + address.len();
    }
    if said < line.len() {
        parts.push(Part::Text(&line[said..]));
    }
    parts
}

/// Where a word leads, if it is an address.
fn target(word: &str) -> Option<String> {
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_host = |host: &str| {
        host.split('.').count() > 1
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
    };
    let page = word
        .strip_prefix("https://")
        .or_else(|| word.strip_prefix("http://"));
    if let Some(page) = page {
        let host = page.split(['/', '?', '#', ':']).next().unwrap_or_default();
        return (is_plain(page) && is_host(host)).then(|| word.to_owned());
    }
    let (name, host) = word.split_once('@')?;
    let is_name = is_plain(name)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte));
    (is_name && is_host(host)).then(|| format!("mailto:{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_links_without_the_sentence_around_them() {
        let line = "See https://a.example/x?y=1, or write (to me@b-c.example).";
        assert_eq!(
            parts(line),
            [
                Part::Text("See "),
                Part::Link("https://a.example/x?y=1", "https://a.example/x?y=1".to_owned()),
                Part::Text(", or write (to "),
                Part::Link("me@b-c.example", "mailto:me@b-c.example".to_owned()),
                Part::Text(")."),
            ]
        );
    }

    #[test]
    fn what_is_no_address_stays_text() {
        for line in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://nohost",
            "http://a..example",
            "https://a.example/ü",
            "@somebody",
            "somebody@",
            "a@b",
            "a@b@c.example",
            "<b>bold</b>",
            "two  spaces",
            "",
        ] {
            let expected: Vec<Part<'_>> = match line {
                "" => Vec::new(),
                line => vec![Part::Text(line)],
            };
            assert_eq!(parts(line), expected, "{line}");
        }
    }

    #[test]
    fn nothing_that_was_written_is_markup() {
        let html = prose("<script>alert(1)</script>\n\"https://a.example\"\n\nTwo").to_html();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("<p").count(), 2, "{html}");
        assert!(html.contains("href=\"https://a.example\""), "{html}");
    }
}
