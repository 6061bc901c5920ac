//! Rooms and stays by the API.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{day, room_type, rooms};
use crate::support::{Answer, People, Program, TestApp, data, refused};
use engine::account::session::SignedIn;

/// Sends the same body for each of these at once.
async fn at_once<'a>(programs: impl Iterator<Item = &'a Program>, body: &Value) -> Vec<Answer> {
    let sent: Vec<_> = programs
        .map(|program| tokio::spawn(Answer::of(program.request("POST", "stays").json(body))))
        .collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_patient_books_changes_and_cancels_a_stay() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    let nobody = Program::new(&site);
    let types = data(&nobody.get("room-types").await, 200);
    assert_eq!(types[0]["shown_name"], "Single room");
    assert_eq!(
        types[0]["price"],
        json!({ "amount": "850000.05", "currency": "IDR" })
    );

    let booked = people
        .patient
        .post("stays", &rooms(&app, kind, (10, 13), 2))
        .await;
    let stay = data(&booked, 201);
    assert_eq!(booked.header("location"), format!("/api/v1/stays/{}", stay["id"]));
    for (name, value) in [
        ("status", json!("booked")),
        ("version", json!(1)),
        ("rooms", json!(2)),
        ("nights", json!(3)),
        (
            "total_price",
            json!({ "amount": "5100000.30", "currency": "IDR" }),
        ),
        ("held_until", Value::Null),
    ] {
        assert_eq!(stay[name], value, "{stay}");
    }
    // Both ends count.
    let path = format!(
        "room-types/{kind}/nights?from={}&to={}",
        day(&app, 9),
        day(&app, 13)
    );
    let nights = data(&nobody.get(&path).await, 200);
    let free: Vec<i64> = nights
        .as_array()
        .unwrap()
        .iter()
        .map(|night| night["free"].as_i64().unwrap())
        .collect();
    assert_eq!(free, [3, 1, 1, 1, 3]);

    // Without a key, the request itself is the key.
    let again = people
        .patient
        .post("stays", &rooms(&app, kind, (10, 13), 2))
        .await;
    assert_eq!(data(&again, 201), stay);

    let short = people.other.post("stays", &rooms(&app, kind, (12, 15), 3)).await;
    let details = refused(&short, 409, "INSUFFICIENT_INVENTORY");
    assert_eq!(
        (&details["requested"], &details["available"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(details["date"], json!(day(&app, 12)));
    let alternatives = details["alternatives"].as_array().unwrap();
    assert_eq!(alternatives[0]["rooms"], 1);
    assert!(alternatives.len() > 1, "{details}");

    let path = format!("stays/{}", stay["id"]);
    let change = json!({ "departure": day(&app, 14), "rooms": 1, "version": 1 });
    let changed = data(
        &people.patient.post(&format!("{path}/change"), &change).await,
        200,
    );
    assert_eq!((&changed["version"], &changed["nights"]), (&json!(2), &json!(4)));
    assert_eq!(changed["total_price"]["amount"], "3400000.20");
    let stale = json!({ "departure": day(&app, 20), "version": 1 });
    let stale = people.patient.post(&format!("{path}/change"), &stale).await;
    let details = refused(&stale, 409, "STALE_VERSION");
    assert_eq!(
        (&details["version"], &details["changed_by"]),
        (&json!(2), &json!("patient"))
    );

    let read = people.patient.get(&path).await;
    assert!(read.header("etag").contains("2"), "{read:?}");
    assert_eq!(data(&read, 200)["room_type"], "Single room");
    refused(&people.other.get(&path).await, 404, "NOT_FOUND");
    refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
    refused(&people.other_reception.get(&path).await, 404, "NOT_FOUND");
    let listed = data(&people.patient.get("stays?status=booked").await, 200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(data(&people.other.get("stays").await, 200), json!([]));

    let cancelled = data(
        &people.patient.post(&format!("{path}/cancel"), &json!({})).await,
        200,
    );
    assert_eq!(cancelled["status"], "cancelled");
    let late = people.admin.post(&format!("{path}/cancel"), &json!({})).await;
    let details = refused(&late, 422, "INVALID_TRANSITION");
    assert_eq!(details["status"], "cancelled");
    app.assert_sound().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_code() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    for (body, status, code) in [
        (rooms(&app, kind, (10, 10), 1), 400, "INVALID_DATE_RANGE"),
        (rooms(&app, kind, (10, 8), 1), 400, "INVALID_DATE_RANGE"),
        (rooms(&app, kind, (-1, 1), 1), 400, "INVALID_DATE_RANGE"),
        (rooms(&app, kind, (10, 101), 1), 400, "INVALID_DATE_RANGE"),
        (rooms(&app, 999, (10, 12), 1), 404, "ROOM_TYPE_NOT_FOUND"),
        (rooms(&app, kind, (10, 12), 0), 422, "VALIDATION_FAILED"),
        (rooms(&app, kind, (10, 12), 21), 422, "VALIDATION_FAILED"),
        (
            json!({ "room_type_id": kind, "arrival": "tomorrow", "departure": "2030-01-02" }),
            422,
            "VALIDATION_FAILED",
        ),
    ] {
        refused(&people.patient.post("stays", &body).await, status, code);
    }
    // The desk says for whom.
    let body = rooms(&app, kind, (10, 12), 1);
    refused(&people.admin.post("stays", &body).await, 422, "VALIDATION_FAILED");
    let mut for_patient = body.clone();
    for_patient["patient_id"] = json!(people.patient_id);
    refused(&people.other.post("stays", &for_patient).await, 404, "NOT_FOUND");
    let booked = data(&people.admin.post("stays", &for_patient).await, 201);
    assert_eq!(booked["patient_id"], people.patient_id);
    let path = format!("room-types/{kind}/nights?from=2030-01-01&to=2031-01-01");
    refused(&people.patient.get(&path).await, 400, "INVALID_DATE_RANGE");
    refused(
        &people.patient.get("room-types/999/nights").await,
        404,
        "ROOM_TYPE_NOT_FOUND",
    );
}

#[tokio::test]
async fn of_twenty_requests_for_ten_rooms_ten_win_and_ten_are_told() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 10).await;
    let mut programs = Vec::new();
    for number in 100..120 {
        let id = app.patient(number).await;
        programs.push(Program::acting_for(&site, SignedIn::Patient(id)).await);
    }
    let body = rooms(&app, kind, (10, 13), 1);
    let answers = at_once(programs.iter(), &body).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 10);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let details = refused(answer, 409, "INSUFFICIENT_INVENTORY");
        assert_eq!(
            (&details["requested"], &details["available"]),
            (&json!(1), &json!(0))
        );
        assert_eq!(details["date"], json!(day(&app, 10)));
    }
    assert_eq!(
        app.count("select count(*) from room_nights where taken <> 10")
            .await,
        0
    );

    // Five identical ones are one.
    let body = rooms(&app, kind, (20, 23), 1);
    let same = at_once(std::iter::repeat_n(&programs[0], 5), &body).await;
    let ids: BTreeSet<String> = same.iter().map(|answer| data(answer, 201).to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    app.assert_sound().await;
}

/// Each over a range of its own, one half of them from the first day on, the other from the last one back.
#[tokio::test]
async fn fifty_requests_over_ranges_in_opposite_orders_are_all_answered() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 100).await;
    let mut programs = Vec::new();
    for number in 100..110 {
        let id = app.patient(number).await;
        programs.push(Program::acting_for(&site, SignedIn::Patient(id)).await);
    }
    let sent: Vec<_> = (0..50)
        .map(|number| {
            let shift = number / 2;
            let from = match number % 2 {
                0 => 10 + shift,
                _ => 40 - shift,
            };
            let body = rooms(&app, kind, (from, from + 12), 1);
            let program = &programs[usize::try_from(number % 10).unwrap()];
            tokio::spawn(Answer::of(program.request("POST", "stays").json(&body)))
        })
        .collect();
    for answer in sent {
        data(&answer.await.unwrap(), 201);
    }
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
    assert_eq!(
        app.count("select sum(taken) - (select sum(rooms) from stay_nights) from room_nights")
            .await,
        0
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_second_cancellation_gives_nothing_back_and_a_longer_stay_needs_a_free_night() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 1).await;
    // The night of a departure is free for who arrives then.
    let mine = data(
        &people
            .patient
            .post("stays", &rooms(&app, kind, (10, 12), 1))
            .await,
        201,
    );
    let theirs = data(
        &people.other.post("stays", &rooms(&app, kind, (12, 14), 1)).await,
        201,
    );
    let longer = json!({ "departure": day(&app, 13) });
    let path = format!("stays/{}", mine["id"]);
    let details = refused(
        &people.patient.post(&format!("{path}/change"), &longer).await,
        409,
        "INSUFFICIENT_INVENTORY",
    );
    assert_eq!(details["date"], json!(day(&app, 12)));
    data(
        &people
            .other
            .post(&format!("stays/{}/cancel", theirs["id"]), &json!({}))
            .await,
        200,
    );
    let again = json!({ "reason": "Again" });
    refused(
        &people
            .other
            .post(&format!("stays/{}/cancel", theirs["id"]), &again)
            .await,
        422,
        "INVALID_TRANSITION",
    );
    data(
        &people.patient.post(&format!("{path}/change"), &longer).await,
        200,
    );
    // Fewer than are taken.
    let fewer = json!({ "from": day(&app, 10), "to": day(&app, 12), "total": 0 });
    refused(
        &people
            .admin
            .put(&format!("room-types/{kind}/nights"), &fewer)
            .await,
        409,
        "INSUFFICIENT_INVENTORY",
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn rooms_are_held_and_booked_and_their_people_come_and_go() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 1).await;
    let mut wish = rooms(&app, kind, (0, 3), 1);
    wish["hold"] = json!(true);
    let held = data(&people.patient.post("stays", &wish).await, 201);
    assert_eq!(held["status"], "held");
    assert!(held["held_until"].is_string(), "{held}");
    let path = format!("stays/{}", held["id"]);
    let booked = data(
        &people.patient.post(&format!("{path}/book"), &json!({})).await,
        200,
    );
    assert_eq!(booked["status"], "booked");
    // Whoever is at the desk says who is here.
    let arrived = json!({ "status": "arrived", "version": 2 });
    refused(
        &people.patient.post(&format!("{path}/status"), &arrived).await,
        404,
        "NOT_FOUND",
    );
    let arrived = data(&people.admin.post(&format!("{path}/status"), &arrived).await, 200);
    assert_eq!(arrived["status"], "arrived");
    let left = json!({ "status": "left", "version": 3 });
    let left = data(&people.admin.post(&format!("{path}/status"), &left).await, 200);
    // The first night is theirs in any case.
    assert_eq!((&left["status"], &left["nights"]), (&json!("left"), &json!(1)));
    app.assert_sound().await;
}

#[tokio::test]
async fn admins_describe_rooms_and_are_told_what_is_taken() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    data(
        &people
            .patient
            .post("stays", &rooms(&app, kind, (10, 12), 2))
            .await,
        201,
    );
    let path = format!("room-types/{kind}");
    let change = |rooms: i32, version: i32| {
        json!({
            "clinic_id": app.clinic, "name": "Single room", "rooms": rooms, "version": version,
            "price": { "amount": "900000", "currency": "IDR" },
        })
    };
    let refused_change = people.admin.put(&path, &change(1, 1)).await;
    let details = refused(&refused_change, 409, "INSUFFICIENT_INVENTORY");
    let taken = |ahead| json!({ "date": day(&app, ahead), "taken": 2 });
    assert_eq!(details["dates"], json!([taken(10), taken(11)]));
    let saved = data(&people.admin.put(&path, &change(2, 1)).await, 200);
    assert_eq!(saved["version"], 2);
    refused(
        &people.admin.put(&path, &change(3, 1)).await,
        409,
        "STALE_VERSION",
    );
    refused(&people.patient.put(&path, &change(3, 2)).await, 404, "NOT_FOUND");

    let nights = format!("{path}/nights");
    let fewer = json!({ "from": day(&app, 11), "to": day(&app, 12), "total": 1 });
    let details = refused(
        &people.admin.put(&nights, &fewer).await,
        409,
        "INSUFFICIENT_INVENTORY",
    );
    assert_eq!(details["dates"], json!([taken(11)]));
    let more = json!({ "from": day(&app, 11), "to": day(&app, 12), "total": 5 });
    let set = data(&people.admin.put(&nights, &more).await, 200);
    assert_eq!((&set[0]["free"], &set[1]["free"]), (&json!(3), &json!(5)));
    refused(&people.patient.put(&nights, &more).await, 404, "NOT_FOUND");

    // What cannot be booked any more is there for admins alone.
    let mut closed = change(2, 2);
    closed["active"] = json!(false);
    data(&people.admin.put(&path, &closed).await, 200);
    refused(&people.patient.get(&path).await, 404, "ROOM_TYPE_NOT_FOUND");
    assert_eq!(data(&people.admin.get(&path).await, 200)["active"], false);
    app.assert_sound().await;
}
