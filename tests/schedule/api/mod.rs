//! Schedules by the API: patients book what programs plan.

mod hours;
mod plan;
mod refused;
mod twice;

use jiff::civil;
use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp, data};

impl TestApp {
    /// A path of the first doctor's schedule.
    fn plan_path(&self, rest: &str) -> String {
        format!("doctors/{}/schedule{rest}", self.doctors[0].id)
    }

    /// The number of free times that the first doctor has on a date.
    async fn free_on(&self, program: &Program, day: civil::Date) -> usize {
        let path = format!(
            "doctors/{}/slots?service=visit&from={day}&to={day}",
            self.doctors[0].id
        );
        let slots = data(&program.get(&path).await, 200);
        slots.as_array().unwrap().len()
    }
}

/// A request that says in a header which version was seen.
async fn if_match(program: &Program, method: &str, path: &str, tag: &str, body: Option<&Value>) -> Answer {
    let request = program.request(method, path).header("if-match", tag);
    Answer::of(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// On every day.
fn every_day(ranges: &[(&str, &str, &str)]) -> Value {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    days.iter()
        .flat_map(|day| {
            ranges.iter().map(move |(from, until, kind)| {
                json!({ "weekday": day, "from": from, "until": until, "kind": kind })
            })
        })
        .collect()
}
