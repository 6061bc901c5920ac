//! The hooks: what is signed is answered with a sentence, and nothing else is.

use serde_json::{Value, json};

use super::{CALLER, LINE, books, call, clinic, post, send, signed, slot, tool};
use crate::support::{Setup, TestApp};

const CALLS: &str = "select count(*) from phone_calls";
const PATHS: [&str; 9] = [
    "inbound",
    "events",
    "tools/find_times",
    "tools/hold_time",
    "tools/book",
    "tools/my_appointments",
    "tools/cancel_appointment",
    "tools/move_appointment",
    "tools/request_callback",
];

#[tokio::test]
async fn without_a_key_there_is_nothing() {
    let app = TestApp::with(Setup::default()).await;
    let site = app.serve().await;
    let body = json!({ "event": "call_ended", "call": call("c1") }).to_string();
    for path in PATHS {
        let answer = post(&site, path, &body, Some(&signed("", &body, 0))).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            site.visitor().get(&format!("/hooks/retell/{path}")).await.status,
            404
        );
    }
    assert_eq!(app.count(CALLS).await, 0);
}

#[tokio::test]
async fn what_is_forged_old_or_of_another_key_is_refused() {
    let app = clinic(&["new", "key"]).await;
    let site = app.serve().await;
    let body = tool("c1", &json!({ "slot": slot(&app, 20), "name": "Ibu Sari" })).to_string();
    let path = "tools/book";
    for wrong in [
        None,
        Some(String::new()),
        Some(signed("other", &body, 0)),
        Some(signed("key", "{}", 0)),
        Some(signed("key", &body, -310)),
        Some(signed("key", &body, 310)),
        Some(format!("v=1700000000000,d={}", "0".repeat(64))),
    ] {
        let answer = post(&site, path, &body, wrong.as_deref()).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{wrong:?}");
    }
    assert_eq!(app.count(CALLS).await, 0);
    // Both keys count while they are changed.
    for key in ["new", "key"] {
        let answer = post(&site, path, &body, Some(&signed(key, &body, -200))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["kind"], "booked");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    let get = site.visitor().get("/hooks/retell/events").await;
    assert_eq!(get.status, 405);
}

#[tokio::test]
async fn a_tool_is_answered_with_a_sentence() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let find = json!({ "service": "Visit", "day": app.day(20).to_string(), "part_of_day": "morning" });
    let found = send(&site, "tools/find_times", &tool("c1", &find)).await.json();
    assert_eq!(found["ok"], true, "{found}");
    let times = found["times"].as_array().unwrap();
    assert_eq!(times.len(), 3);
    let say = found["say"].as_str().unwrap();
    assert!(
        times
            .iter()
            .all(|time| say.contains(time["when"].as_str().unwrap())),
        "{say}"
    );
    assert!(!say.chars().any(|c| "{}[]:".contains(c)), "{say}");

    let first = books(&site, "c1", 20).await;
    assert_eq!((&first["ok"], &first["kind"]), (&json!(true), &json!("booked")));
    assert_eq!(books(&site, "c1", 20).await, first);
    // Somebody else is told of other times, and of nobody.
    let mut other = tool("c2", &json!({ "slot": slot(&app, 20), "name": "Bapak Budi" }));
    other["call"]["from_number"] = json!("+6281255500322");
    let taken = send(&site, "tools/book", &other).await.json();
    assert_eq!((&taken["ok"], &taken["kind"]), (&json!(false), &json!("taken")));
    assert!(!taken.to_string().contains("Sari"), "{taken}");
    let german = json!({ "language": "de-DE", "slot": "nonsense", "name": "X" });
    let said = send(&site, "tools/book", &tool("c3", &german)).await.json();
    assert!(
        said["say"].as_str().unwrap().starts_with("Das habe ich"),
        "{said}"
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_call_that_comes_in_is_told_whom_it_is_for() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    books(&site, "c1", 20).await;
    for (from, to, known, caller) in [
        (CALLER, LINE, "yes", "known"),
        ("+6281255500999", LINE, "yes", "unknown"),
        ("anonymous", LINE, "yes", "hidden"),
        (CALLER, "+62215559999", "no", "known"),
    ] {
        let body = json!({
            "event": "call_inbound",
            "call_inbound": { "agent_id": "a1", "agent_version": 1, "from_number": from, "to_number": to },
        });
        let answer = send(&site, "inbound", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let variables = answer.json()["call_inbound"]["dynamic_variables"].take();
        assert_eq!(variables["clinic_known"], known, "{variables}");
        assert_eq!(variables["caller"], caller, "{variables}");
        assert!(
            variables.as_object().unwrap().values().all(Value::is_string),
            "{variables}"
        );
        assert!(!variables.to_string().contains("Sari"), "{variables}");
    }
}

#[tokio::test]
async fn events_are_told_twice_and_in_any_order() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    for event in [
        "call_analyzed",
        "call_ended",
        "call_started",
        "call_ended",
        "transfer_started",
    ] {
        let mut call = call("c1");
        call["start_timestamp"] = json!(app.now.as_millisecond());
        call["end_timestamp"] = json!(app.now.as_millisecond() + 60_000);
        call["disconnection_reason"] = json!("user_hangup");
        call["transcript"] = json!("Agent: Hello");
        let answer = send(&site, "events", &json!({ "event": event, "call": call })).await;
        assert_eq!(answer.status, 204, "{event}");
    }
    assert_eq!(app.count(CALLS).await, 1);
    // Nobody has switched it on that what is said is kept.
    let kept = "select count(*) from phone_calls
                where transcript is null and ended_because = 'user_hangup' and ended_at is not null";
    assert_eq!(app.count(kept).await, 1);
}

#[tokio::test]
async fn two_hundred_malformed_bodies_are_no_failure() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        "{".to_owned(),
        "{\"event\"".to_owned(),
        "\u{feff}{}".to_owned(),
        "\0".to_owned(),
        deep,
        "{}".to_owned(),
        json!({ "event": 5 }).to_string(),
        json!({ "event": "call_ended" }).to_string(),
        json!({ "event": "call_ended", "call": null }).to_string(),
        json!({ "event": "call_ended", "call": { "call_id": 5 } }).to_string(),
        json!({ "event": "call_ended", "call": { "call_id": "" } }).to_string(),
        json!({ "event": "call_ended", "call": { "call_id": "x".repeat(1000) } }).to_string(),
        json!({ "call": call("c1"), "args": "text" }).to_string(),
        json!({ "call": call("c1"), "args": [1] }).to_string(),
        json!({ "call": { "call_id": "a\u{0}b" }, "args": {} }).to_string(),
        json!({ "args": { "slot": "1-1-1-1" } }).to_string(),
        json!({ "call": "c1", "args": {} }).to_string(),
        json!({ "call_inbound": "x" }).to_string(),
        "x".repeat(1000),
    ];
    let mut sent = 0;
    for path in PATHS {
        for body in &bodies {
            let answer = post(&site, path, body, Some(&signed("key", body, 0))).await;
            assert_eq!(answer.status, 400, "{path}: {body}");
            let unsigned = post(&site, path, body, None).await;
            assert_eq!(unsigned.status, 401, "{path}: {body}");
            sent += 2;
        }
    }
    assert!(sent > 200, "{sent}");
    assert_eq!(app.count(CALLS).await, 0);
    let long = "x".repeat(1024 * 1024 + 1);
    let answer = post(&site, "events", &long, Some(&signed("key", &long, 0))).await;
    assert_eq!(answer.status, 413);
    for path in ["", "tools", "tools/", "tools/drop", "else"] {
        let body = json!({ "call": call("c1") }).to_string();
        let answer = post(&site, path, &body, Some(&signed("key", &body, 0))).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn whatever_a_model_sends_as_arguments_is_answered() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let values = [
        json!(null),
        json!(5),
        json!(true),
        json!([]),
        json!({}),
        json!("x\u{0}\u{202e}y"),
        json!("9".repeat(5000)),
    ];
    let names = [
        "slot",
        "service",
        "doctor",
        "day",
        "part_of_day",
        "name",
        "phone",
        "code",
        "appointment",
        "note",
        "language",
    ];
    for path in PATHS.into_iter().filter(|path| path.starts_with("tools/")) {
        for (number, value) in values.iter().enumerate() {
            let args: Value = names
                .iter()
                .map(|name| ((*name).to_owned(), value.clone()))
                .collect();
            let call_id = format!("{}-{number}", path.replace('/', "-"));
            let answer = send(&site, path, &tool(&call_id, &args)).await;
            assert_eq!(answer.status, 200, "{path}: {value}");
            let said = answer.json();
            assert!(said["say"].as_str().is_some_and(|say| !say.is_empty()), "{said}");
            assert_ne!(said["kind"], "trouble", "{path}: {value}");
        }
    }
    app.assert_whole().await;
}
