//! Appointments in the calendars that people have elsewhere.

mod address;
mod feed;
mod file;
mod shown;

use serde_json::json;

use crate::support::{Answer, Program, Site, data};

/// The lines of a calendar, as a program puts them together again.
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert!(!answer.body.replace("\r\n", "").contains(['\r', '\n']));
    for line in answer.body.split("\r\n") {
        assert!(line.len() <= 75, "{} bytes: {line}", line.len());
    }
    answer
        .body
        .replace("\r\n ", "")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The values of a property of all events, in their order.
fn values(answer: &Answer, property: &str) -> Vec<String> {
    lines(answer)
        .iter()
        .filter_map(|line| line.strip_prefix(property)?.strip_prefix(':'))
        .map(str::to_owned)
        .collect()
}

fn value(answer: &Answer, property: &str) -> String {
    let values = values(answer, property);
    assert_eq!(values.len(), 1, "{property} in {answer:?}");
    values[0].clone()
}

fn sequence(answer: &Answer) -> i32 {
    value(answer, "SEQUENCE").parse().unwrap()
}

/// Has an address made; answers with its path.
async fn address(program: &Program, details: bool) -> String {
    let made = data(&program.post("calendar", &json!({"details": details})).await, 201);
    let url = made["url"].as_str().unwrap();
    let path = url.strip_prefix(&program.site).unwrap().to_owned();
    let secret = path.strip_prefix("/calendars/").unwrap().strip_suffix(".ics");
    assert_eq!(secret.unwrap().len(), 64, "{url}");
    path
}

/// The answer at an address to a program that has not signed in.
async fn fetch(site: &Site<'_>, path: &str) -> Answer {
    let visitor = site.visitor();
    Answer::of(visitor.http.get(visitor.url(path))).await
}
