//! Hours as people and spreadsheets write them.

use serde_json::json;

use super::every_day;
use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn hours_are_read_in_many_spellings_and_written_in_one() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = app.plan_path("/week");
    for (version, (from, until, written)) in (1..).zip([
        ("9", "17", ["09:00", "17:00"]),
        ("0900", "1730", ["09:00", "17:30"]),
        ("9:00 AM", "5:30 PM", ["09:00", "17:30"]),
        ("9:00\u{202f}AM", "12 PM", ["09:00", "12:00"]),
        ("09:00:00", "24:00:00", ["09:00", "24:00"]),
        ("9.00", "00:00", ["09:00", "24:00"]),
        ("0:00", "12:00 AM", ["00:00", "24:00"]),
        ("０９：００", "１７：００", ["09:00", "17:00"]),
        ("0.375", "0.7083333333", ["09:00", "17:00"]),
    ]) {
        let week = json!({
            "clinic_id": app.clinic, "version": version, "week": every_day(&[(from, until, "work")]),
        });
        data(&people.doctor.put(&path, &week).await, 200);
        let seen = data(&people.doctor.get(&app.plan_path("")).await, 200);
        let first = &seen["clinics"][0]["week"][0];
        assert_eq!([&first["from"], &first["until"]], written, "{from} to {until}");
    }
    let day = app.day(3 * 48);
    let exception = json!({ "hours": [{ "from": "8", "until": "00:00" }], "version": 10 });
    let path = app.plan_path(&format!("/exceptions/{}/{day}", app.clinic));
    data(&people.doctor.put(&path, &exception).await, 200);
    assert_eq!(app.free_on(&people.patient, day).await, 32);
}

#[tokio::test]
async fn hours_past_midnight_are_refused_with_what_to_do() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = app.plan_path("/week");
    for (from, until, is_a_night) in [
        ("22:00", "02:00", true),
        ("10 PM", "2 AM", true),
        ("9:00", "9:00", false),
        ("9:00 WIB", "17:00", false),
        ("25", "26", false),
    ] {
        let week =
            json!({ "clinic_id": app.clinic, "version": 1, "week": every_day(&[(from, until, "work")]) });
        let answer = people.doctor.put(&path, &week).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        let said = details.as_object().unwrap().values().next().unwrap().clone();
        assert_eq!(said, "malformed", "{from} to {until}: {answer:?}");
        let text = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(text.contains("until 24:00 on this day"), is_a_night, "{text}");
    }
}
