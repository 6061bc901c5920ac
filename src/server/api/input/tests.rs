use serde::Deserialize;

use super::body::*;
use crate::server::api::fault::About;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[expect(dead_code, reason = "only its form matters")]
    id: i64,
    #[expect(dead_code, reason = "only its form matters")]
    lines: Vec<Line>,
    #[expect(dead_code, reason = "only its form matters")]
    first: Option<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[expect(dead_code, reason = "only its form matters")]
    name: String,
}

fn blamed(body: &str) -> Option<(String, &'static str)> {
    match parse::<Order>(body.as_bytes()).err()?.about {
        About::Input(name, problem) => Some((name, problem)),
        _ => None,
    }
}

#[test]
fn the_error_of_a_body_names_the_field() {
    for (body, name, problem) in [
        ("", "body", "missing"),
        ("{", "body", "malformed"),
        ("[]", "body", "malformed"),
        ("null", "body", "malformed"),
        ("[1, []]", "body", "malformed"),
        (r#"{"id":1,"lines":[]} {}"#, "body", "malformed"),
        (r#"{"lines":[]}"#, "id", "missing"),
        (r#"{"id":"1","lines":[]}"#, "id", "malformed"),
        (r#"{"id":1.5,"lines":[]}"#, "id", "malformed"),
        (r#"{"id":9223372036854775808,"lines":[]}"#, "id", "malformed"),
        (r#"{"id":1,"id":2,"lines":[]}"#, "id", "malformed"),
        (r#"{"id":1,"lines":[],"more":1}"#, "more", "unknown"),
        (
            r#"{"id":1,"lines":[{"name":"a"},{}]}"#,
            "lines[1].name",
            "missing",
        ),
        (r#"{"id":1,"lines":[{"name":1}]}"#, "lines[0].name", "malformed"),
        (r#"{"id":1,"lines":[],"first":{}}"#, "first.name", "missing"),
        (
            r#"{"id":1,"lines":[],"first":{"name":"a","id":1}}"#,
            "first.id",
            "unknown",
        ),
        (
            r#"{"id":1,"lines":[],"first":{"name":"a","name":"b"}}"#,
            "first.name",
            "malformed",
        ),
        (
            r#"{"id":1,"lines":[{"name":"a","b":1}]}"#,
            "lines[0].b",
            "unknown",
        ),
    ] {
        assert_eq!(blamed(body), Some((name.to_owned(), problem)), "{body}");
    }
    assert!(parse::<Order>(br#"{"id":1,"lines":[{"name":"a"}]}"#).is_ok());
}
