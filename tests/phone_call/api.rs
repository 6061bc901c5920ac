//! Calls for programs of the desk.

use serde_json::json;

use super::{CALLER, books, clinic, send, tool};
use crate::support::{People, data, refused};

#[tokio::test]
async fn programs_read_calls_and_note_what_was_done() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = books(&site, "c1", 20).await["appointment"].clone();
    send(
        &site,
        "tools/request_callback",
        &tool("c2", &json!({ "note": "A letter" })),
    )
    .await;
    let calls = data(&people.admin.get("phone-calls").await, 200);
    assert_eq!(calls[0]["outcome"], "callback");
    assert_eq!(calls[1]["outcome"], "booked");
    assert_eq!(calls[1]["appointments"], json!([reference]));
    assert_eq!(calls[1]["phone"], CALLER);
    let open = data(&people.admin.get("phone-calls?open=true").await, 200);
    assert_eq!(open.as_array().unwrap().len(), 1);
    let id = open[0]["id"].to_string();
    for _ in 0..2 {
        let path = format!("phone-calls/{id}/callback");
        let done = data(&people.admin.put(&path, &json!({ "done": true })).await, 200);
        assert_eq!(done["callback"]["done_by"], "admin");
    }
    let names = data(&people.admin.get("phone-calls/names").await, 200);
    assert_eq!(names[0]["name"], "Ibu Sari");
    let path = format!("patients/{}/name-checked", names[0]["patient_id"]);
    data(&people.admin.put(&path, &json!({})).await, 200);
    assert_eq!(data(&people.admin.get("phone-calls/names").await, 200), json!([]));
    for stranger in [&people.patient, &people.doctor] {
        refused(&stranger.get("phone-calls").await, 404, "NOT_FOUND");
        refused(
            &stranger.get(&format!("phone-calls/{id}")).await,
            404,
            "NOT_FOUND",
        );
    }
    let elsewhere = data(&people.other_reception.get("phone-calls").await, 200);
    assert_eq!(elsewhere, json!([]));
}

#[tokio::test]
async fn programs_of_admins_say_which_numbers_are_answered() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let number = "+622155500199";
    let of_number = |lines: serde_json::Value| {
        let lines = lines.as_array().unwrap().clone();
        lines.into_iter().find(|line| line["phone"] == number)
    };
    for language in ["id", "de"] {
        let line = json!({ "phone": "+62 21 5550 0199", "clinic_id": app.clinic, "language": language });
        data(&people.admin.put("phone-lines", &line).await, 200);
        let there = of_number(data(&people.admin.get("phone-lines").await, 200)).unwrap();
        assert_eq!(there["language"], language);
        assert_eq!(there["clinic_id"], app.clinic);
    }
    for (line, input) in [
        (
            json!({ "phone": number, "clinic_id": app.clinic, "language": "fr" }),
            "language",
        ),
        (
            json!({ "phone": number, "clinic_id": 999, "language": "id" }),
            "clinic_id",
        ),
    ] {
        let answer = people.admin.put("phone-lines", &line).await;
        refused(&answer, 422, "VALIDATION_FAILED");
        assert!(answer.body.contains(input), "{}", answer.body);
    }
    // In the spelling in which it was set, and again as it is listed.
    for number in ["+62 21 5550 0199", number] {
        let gone = json!({ "phone": number });
        data(&people.admin.post("phone-lines/remove", &gone).await, 200);
        assert_eq!(of_number(data(&people.admin.get("phone-lines").await, 200)), None);
    }
    // What is no number is none of ours.
    let gone = json!({ "phone": "nonsense" });
    data(&people.admin.post("phone-lines/remove", &gone).await, 200);
    for stranger in [&people.patient, &people.doctor, &people.other_reception] {
        refused(&stranger.get("phone-lines").await, 404, "NOT_FOUND");
        let line = json!({ "phone": number, "clinic_id": app.clinic, "language": "id" });
        refused(&stranger.put("phone-lines", &line).await, 404, "NOT_FOUND");
    }
}
