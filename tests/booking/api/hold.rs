//! Holds, by programs that act for a patient.

use serde_json::{Value, json};

use crate::support::{Answer, People, Program, TestApp, data, refused};
use engine::account::session::SignedIn;

fn wish(app: &TestApp, doctor: usize, slot: i64) -> Value {
    json!({
        "doctor_id": app.doctors[doctor].id,
        "scheduled_at": app.slot(slot).to_string(),
        "type": "visit",
    })
}

/// Takes a hold, and answers with its reference.
async fn held(program: &Program, wish: &Value) -> String {
    let hold = data(&program.post("holds", wish).await, 201);
    assert_eq!(hold["status"], "held");
    hold["reference"].as_str().unwrap().to_owned()
}

async fn status(program: &Program, reference: &str) -> Value {
    data(&program.get(&format!("holds/{reference}")).await, 200)["status"].take()
}

#[tokio::test]
async fn a_hold_is_read_as_it_was_made() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let answer = people.patient.post("holds", &wish(&app, 0, 20)).await;
    let hold = data(&answer, 201);
    let reference = hold["reference"].as_str().unwrap();
    assert_eq!(answer.location(), format!("/api/v1/holds/{reference}"));
    assert_eq!(hold["starts_at"], app.slot(20).to_string());
    assert_eq!(hold["type"], "visit");
    let read = data(&people.patient.get(&format!("holds/{reference}")).await, 200);
    assert_eq!(read, hold);
}

#[tokio::test]
async fn a_time_that_somebody_else_holds_is_taken() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    held(&people.patient, &wish(&app, 0, 20)).await;
    let taken = refused(
        &people.other.post("holds", &wish(&app, 0, 20)).await,
        409,
        "BOOKING_FAILED",
    );
    assert_eq!(taken["reason"], "slot_taken");
    assert!(!taken["alternatives"].as_array().unwrap().is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn the_hold_of_somebody_else_is_not_found() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let reference = held(&people.patient, &wish(&app, 0, 20)).await;
    for stranger in [&people.other, &people.doctor, &people.admin] {
        let expected = if stranger.token == people.other.token {
            (404, "NOT_FOUND")
        } else {
            (403, "FORBIDDEN")
        };
        let path = format!("holds/{reference}");
        refused(&stranger.get(&path).await, expected.0, expected.1);
        refused(&stranger.delete(&path).await, expected.0, expected.1);
        refused(
            &stranger.post(&format!("{path}/extend"), &json!({})).await,
            expected.0,
            expected.1,
        );
        refused(
            &stranger.post(&format!("{path}/confirm"), &json!({})).await,
            expected.0,
            expected.1,
        );
    }
}

#[tokio::test]
async fn staff_hold_nothing() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    refused(
        &people.doctor.post("holds", &wish(&app, 0, 30)).await,
        403,
        "FORBIDDEN",
    );
}

#[tokio::test]
async fn a_hold_is_extended() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let hold = data(&people.patient.post("holds", &wish(&app, 0, 20)).await, 201);
    let reference = hold["reference"].as_str().unwrap();
    app.sql("update appointments set held_until = held_until - interval '5 minutes'")
        .await;
    let kept = data(
        &people
            .patient
            .post(&format!("holds/{reference}/extend"), &json!({}))
            .await,
        200,
    );
    let seconds = |value: &Value| {
        value
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_second()
    };
    assert!(seconds(&kept["held_until"]) >= seconds(&hold["held_until"]));
    assert!(seconds(&kept["held_until"]) <= seconds(&kept["may_be_held_until"]));
}

#[tokio::test]
async fn a_hold_is_booked_once() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let reference = held(&people.patient, &wish(&app, 0, 20)).await;
    let body = json!({ "reason": "A cough" });
    let answer = people
        .patient
        .post(&format!("holds/{reference}/confirm"), &body)
        .await;
    let booked = data(&answer, 201);
    assert_eq!(
        (&booked["status"], &booked["reference"], &booked["reason"]),
        (&json!("pending"), &json!(reference), &json!("A cough"))
    );
    // Sent again, it is what it is.
    let again = data(
        &people
            .patient
            .post(&format!("holds/{reference}/confirm"), &body)
            .await,
        201,
    );
    assert_eq!(
        (&again["id"], &again["version"]),
        (&booked["id"], &booked["version"])
    );
    assert_eq!(status(&people.patient, &reference).await, "pending");
    refused(
        &people.patient.delete(&format!("holds/{reference}")).await,
        404,
        "NOT_FOUND",
    );
    let read = data(
        &people
            .patient
            .get(answer.location().strip_prefix("/api/v1/").unwrap())
            .await,
        200,
    );
    assert_eq!(read["status"], "pending");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_second_hold_releases_the_first() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let first = held(&people.patient, &wish(&app, 0, 20)).await;
    held(&people.patient, &wish(&app, 0, 22)).await;
    assert_eq!(status(&people.patient, &first).await, "cancelled");
    held(&people.other, &wish(&app, 0, 20)).await;
    app.assert_sound().await;
}

#[tokio::test]
async fn holds_that_are_kept_are_booked_as_a_visit() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let second = held(&people.patient, &wish(&app, 0, 22)).await;
    let mut kept = wish(&app, 1, 24);
    kept["keep"] = json!([second]);
    let third = held(&people.patient, &kept).await;
    assert_eq!(status(&people.patient, &second).await, "held");
    let visit = data(
        &people
            .patient
            .post(
                "visits",
                &json!({ "holds": [second, third], "reason": "A check" }),
            )
            .await,
        201,
    );
    let parts = visit["appointments"].as_array().unwrap();
    assert_eq!(
        parts
            .iter()
            .map(|part| part["reference"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [&second, &third]
    );
    for part in parts {
        let read = data(
            &people.patient.get(&format!("appointments/{}", part["id"])).await,
            200,
        );
        assert_eq!(
            (&read["visit"], &read["reason"]),
            (&visit["visit"], &json!("A check"))
        );
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_visit_of_malformed_holds_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let second = held(&people.patient, &wish(&app, 0, 22)).await;
    for (holds, field) in [
        (json!([second]), "holds"),
        (json!([second, "nonsense"]), "holds[1]"),
    ] {
        let details = refused(
            &people.patient.post("visits", &json!({ "holds": holds })).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: "malformed" }));
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_hold_with_any_doctor_is_released_once_and_its_time_is_free() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let any = json!({ "scheduled_at": app.slot(20).to_string(), "type": "visit" });
    let reference = held(&people.patient, &any).await;
    for _ in 0..2 {
        data(&people.patient.delete(&format!("holds/{reference}")).await, 200);
        assert_eq!(status(&people.patient, &reference).await, "cancelled");
    }
    for doctor in 0..app.doctors.len() {
        held(&people.other, &wish(&app, doctor, 20)).await;
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_released_hold_can_be_neither_booked_nor_extended() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let any = json!({ "scheduled_at": app.slot(20).to_string(), "type": "visit" });
    let reference = held(&people.patient, &any).await;
    data(&people.patient.delete(&format!("holds/{reference}")).await, 200);
    let confirmation = people
        .patient
        .post(&format!("holds/{reference}/confirm"), &json!({}))
        .await;
    let details = refused(&confirmation, 409, "BOOKING_FAILED");
    assert_eq!(details["reason"], "hold_expired");
    refused(
        &people
            .patient
            .post(&format!("holds/{reference}/extend"), &json!({}))
            .await,
        409,
        "BOOKING_FAILED",
    );
}

#[tokio::test]
async fn one_of_twelve_holds_of_one_time_at_once_succeeds() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let site = app.serve().await;
    let mut racers = Vec::new();
    for id in app.patients(12).await {
        let (program, wish) = (
            Program::acting_for(&site, SignedIn::Patient(id)).await,
            wish(&app, 0, 20),
        );
        racers.push(async move { program.post("holds", &wish).await });
    }
    let answers = app.race(racers).await;
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 11), "{answers:?}");
    for answer in lost {
        let details = refused(answer, 409, "BOOKING_FAILED");
        assert_eq!(details["reason"], "slot_taken");
        assert!(!details["alternatives"].as_array().unwrap().is_empty());
    }
    app.assert_sound().await;
}

/// Both wait for the row of the hold: whoever comes second has to look at what the first one made of it.
#[tokio::test]
async fn a_hold_is_not_both_booked_and_released() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for is_release_first in [true, false] {
        let reference = held(&people.patient, &wish(&app, 0, 20)).await;
        let confirm = |program: Program, path: String| async move { program.post(&path, &json!({})).await };
        let release = |program: Program, path: String| async move { program.delete(&path).await };
        let path = format!("holds/{reference}");
        let confirm = Box::pin(confirm(people.patient.clone(), format!("{path}/confirm")));
        let release = Box::pin(release(people.patient.clone(), path));
        type Racer = std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>;
        let waves: Vec<Vec<Racer>> = match is_release_first {
            true => vec![vec![release], vec![confirm]],
            false => vec![vec![confirm], vec![release]],
        };
        let gate = "select from appointments where status = 'held' for update";
        let answers = app.race_behind(gate, waves).await;
        let (released, confirmed) = match is_release_first {
            true => (&answers[0], &answers[1]),
            false => (&answers[1], &answers[0]),
        };
        let statuses = (released.status, confirmed.status);
        assert!(
            statuses == (200, 409) || statuses == (404, 201),
            "{statuses:?} {answers:?}"
        );
        app.assert_sound().await;
        app.sql("update appointments set status = 'cancelled' where status = 'pending'; delete from appointment_changes; delete from appointments")
            .await;
    }
}

#[tokio::test]
async fn a_hold_that_is_confirmed_six_times_at_once_is_booked_once() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = held(&people.patient, &wish(&app, 0, 20)).await;
    let path = format!("holds/{reference}/confirm");
    let racers = (0..6)
        .map(|number| {
            let (program, path) = (people.patient.clone(), path.clone());
            async move {
                let body = json!({ "reason": "A cough" });
                match number % 2 {
                    0 => program.post(&path, &body).await,
                    _ => program.post_under("the same key", &path, &body).await,
                }
            }
        })
        .collect();
    let answers = app.race(racers).await;
    for answer in &answers {
        assert_eq!(data(answer, 201)["version"], 2, "{answers:?}");
    }
    let changes = app.count("select count(*) from appointment_changes").await;
    assert_eq!(changes, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_replaced_appointment_is_cancelled_only_in_the_version_seen() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut elsewhere = wish(&app, 1, 20);
    let other = data(&people.patient.post("appointments", &elsewhere).await, 201);
    elsewhere["doctor_id"] = app.doctors[0].id.into();
    let reference = held(&people.patient, &elsewhere).await;
    let path = format!("holds/{reference}/confirm");
    let details = refused(
        &people.patient.post(&path, &json!({})).await,
        409,
        "BOOKING_FAILED",
    );
    assert_eq!(details["reason"], "patient_overlap");
    let instead =
        |version: i64| json!({ "instead_of": { "reference": other["reference"], "version": version } });
    let stale = refused(
        &people.patient.post(&path, &instead(7)).await,
        409,
        "STALE_VERSION",
    );
    assert_eq!(stale["version"], 1);
    data(&people.patient.post(&path, &instead(1)).await, 201);
    let given_up = data(
        &people.patient.get(&format!("appointments/{}", other["id"])).await,
        200,
    );
    assert_eq!(given_up["status"], "cancelled");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_malformed_request_for_a_hold_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let patch = |name: &str, value: Value| {
        let mut body = wish(&app, 0, 20);
        body[name] = value;
        body
    };
    for (body, field, problem) in [
        (json!({}), "scheduled_at", "missing"),
        (
            patch("scheduled_at", json!("tomorrow")),
            "scheduled_at",
            "malformed",
        ),
        (patch("keep", json!(["x"])), "keep[0]", "malformed"),
        (patch("keep", json!(vec!["K7QM-4D2P"; 8])), "keep", "too-long"),
        (patch("patient_id", json!(1)), "patient_id", "unknown"),
    ] {
        let details = refused(
            &people.patient.post("holds", &body).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: problem }), "{body}");
    }
    refused(
        &people
            .patient
            .post("holds", &patch("type", json!("massage")))
            .await,
        404,
        "NOT_FOUND",
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn an_unknown_hold_is_not_found() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    for path in ["holds/1", "holds/K7QM-4D2P", "holds/x"] {
        refused(&people.patient.get(path).await, 404, "NOT_FOUND");
        refused(&people.patient.delete(path).await, 404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_patient_without_a_name_gives_one_when_booking() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let stranger: i64 = app
        .count("insert into patients (phone) values ('+6281255500999') returning id")
        .await;
    let stranger = Program::acting_for(&site, SignedIn::Patient(stranger)).await;
    let reference = held(&stranger, &wish(&app, 0, 20)).await;
    let path = format!("holds/{reference}/confirm");
    let details = refused(&stranger.post(&path, &json!({})).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "name": "missing" }));
    data(&stranger.post(&path, &json!({ "name": "Dewi" })).await, 201);
    app.assert_sound().await;
}
