//! A table of series, and the times that an independent library finds for them: script/tools/messages/recurrences.py holds the
//! table to it.

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::times::{Times, times_of};
use crate::{
    caldav::foreign::{Event, Object, Owner, read, written},
    time::Range,
};

#[derive(Deserialize)]
struct Row {
    name: String,
    /// Where the doctor works.
    zone: String,
    from: String,
    until: String,
    /// The lines of each event.
    events: Vec<Vec<String>>,
    busy: Vec<(String, String)>,
}

impl Row {
    fn body(&self) -> String {
        let events: Vec<String> = self
            .events
            .iter()
            .map(|lines| {
                format!(
                    "BEGIN:VEVENT\r\nUID:1\r\n{}\r\nEND:VEVENT\r\n",
                    lines.join("\r\n")
                )
            })
            .collect();
        format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", events.concat())
    }

    fn window(&self) -> Range {
        Range::new(self.from.parse().unwrap(), self.until.parse().unwrap())
    }

    fn times(&self, body: &str) -> Times {
        times_of(
            &events(body),
            &[TimeZone::get(&self.zone).unwrap()],
            self.window(),
        )
    }
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("table.json")).unwrap()
}

fn events(body: &str) -> Vec<Event> {
    match read(body, &Owner::default()).unwrap() {
        Object::Foreign(events) => events,
        Object::Own => panic!("it is none of ours"),
    }
}

fn shown(times: &Times) -> Vec<(String, String)> {
    let shown = times
        .busy
        .iter()
        .map(|range| (range.start.to_string(), range.end.to_string()));
    shown.collect()
}

#[test]
fn series_are_worked_out_as_an_independent_library_does() {
    let rows = rows();
    assert!(rows.len() >= 60);
    for row in rows {
        let times = row.times(&row.body());
        assert_eq!(shown(&times), row.busy, "{}", row.name);
        assert!(!times.is_cut, "{}", row.name);
    }
}

#[test]
fn what_is_kept_of_a_series_has_the_times_of_the_series() {
    for row in rows() {
        let body = row.body();
        let kept = written(&events(&body));
        assert_eq!(row.times(&kept), row.times(&body), "{}\n{kept}", row.name);
    }
}

#[test]
fn what_is_all_of_it_has_nothing_after_it() {
    for row in rows() {
        let body = row.body();
        let times = row.times(&body);
        let end = row.window().end;
        let later = Range::new(end, "2060-01-01T00:00:00Z".parse().unwrap());
        let after = times_of(&events(&body), &[TimeZone::get(&row.zone).unwrap()], later);
        assert!(!times.is_all || after.busy.is_empty(), "{}", row.name);
    }
}

fn window(from: &str, until: &str) -> Range {
    Range::new(from.parse().unwrap(), until.parse().unwrap())
}

fn of_lines(lines: &str, zones: &[TimeZone], window: Range) -> Times {
    let body = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
    times_of(&events(&body), zones, window)
}

#[test]
fn a_date_is_the_whole_of_it_at_each_clinic() {
    let zones = ["Asia/Jakarta", "Europe/Berlin"].map(|name| TimeZone::get(name).unwrap());
    let year = window("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let times = of_lines("DTSTART;VALUE=DATE:20260601", &zones, year);
    let expected = (
        "2026-05-31T17:00:00Z".to_owned(),
        "2026-06-01T22:00:00Z".to_owned(),
    );
    assert_eq!(shown(&times), [expected]);
    // A clinic elsewhere may come to it.
    assert!(!times.is_all);
}

#[test]
fn what_never_ends_and_what_is_never_done_is_cut() {
    let years = window("2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z");
    for lines in [
        "DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;INTERVAL=2",
        "DTSTART:19000101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;COUNT=4000000000",
        "DTSTART:20260101T000000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23",
    ] {
        let times = of_lines(lines, &[], years);
        assert!(times.is_cut && !times.is_all, "{lines}");
        assert!(times.busy.len() <= 4000, "{lines}");
    }
    // A rule of a day that no month has.
    let never = of_lines(
        "DTSTART:20260101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        &[],
        years,
    );
    assert_eq!(never.busy.len(), 1);
}

#[test]
fn the_ends_of_time_are_no_panic() {
    let years = window("2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z");
    for lines in [
        "DTSTART:00010101T000000Z\nDTEND:99991231T235959Z\nRRULE:FREQ=YEARLY;INTERVAL=10000",
        "DTSTART;VALUE=DATE:99991231\nRRULE:FREQ=DAILY",
        "DTSTART:99991231T235959\nDURATION:P10000000D\nRRULE:FREQ=HOURLY",
        "DTSTART:00010101T000000\nRDATE:99991231T235959\nEXDATE:00010101T000000",
    ] {
        let _ = of_lines(lines, &[TimeZone::UTC], years);
    }
    let whole = of_lines("DTSTART:00010101T000000Z\nDTEND:99991231T235959Z", &[], years);
    assert_eq!(whole.busy, [years]);
}
