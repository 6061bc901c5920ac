//! Holds, by programs that act for a patient.

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

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

#[sqlx::test]
async fn a_time_is_held_kept_longer_and_booked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
    // It is nobody else's.
    let taken = refused(
        &people.other.post("holds", &wish(&app, 0, 20)).await,
        409,
        "BOOKING_FAILED",
    );
    assert_eq!(taken["reason"], "slot_taken");
    assert!(!taken["alternatives"].as_array().unwrap().is_empty());
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
    refused(
        &people.doctor.post("holds", &wish(&app, 0, 30)).await,
        403,
        "FORBIDDEN",
    );

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
    assert_eq!(status(&people.patient, reference).await, "pending");
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

#[sqlx::test]
async fn another_hold_lets_the_first_one_go_unless_it_is_kept(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = held(&people.patient, &wish(&app, 0, 20)).await;
    let second = held(&people.patient, &wish(&app, 0, 22)).await;
    assert_eq!(status(&people.patient, &first).await, "cancelled");
    // What somebody else chose meanwhile.
    held(&people.other, &wish(&app, 0, 20)).await;
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

#[sqlx::test]
async fn any_doctor_is_held_and_what_is_let_go_of_is_free(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let any = json!({ "scheduled_at": app.slot(20).to_string(), "type": "visit" });
    let reference = held(&people.patient, &any).await;
    for _ in 0..2 {
        data(&people.patient.delete(&format!("holds/{reference}")).await, 200);
        assert_eq!(status(&people.patient, &reference).await, "cancelled");
    }
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
    for doctor in 0..app.doctors.len() {
        held(&people.other, &wish(&app, doctor, 20)).await;
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn of_twelve_who_want_to_hold_a_time_one_does(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
#[sqlx::test]
async fn a_hold_is_booked_or_let_go_of_and_never_both(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn what_is_held_is_booked_once_however_often_it_is_confirmed_at_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn an_appointment_at_that_time_is_given_up_only_as_it_was_seen(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_hold_is_asked_for_in_one_form_and_says_what_is_wrong_with_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
    for path in ["holds/1", "holds/K7QM-4D2P", "holds/x"] {
        refused(&people.patient.get(path).await, 404, "NOT_FOUND");
        refused(&people.patient.delete(path).await, 404, "NOT_FOUND");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    // Who has no name yet says one.
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
