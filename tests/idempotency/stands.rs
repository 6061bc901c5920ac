//! Answers that count while they are true, and forms that are sent again after their answer was lost.

use serde_json::json;

use crate::support::{
    Answer, PHONE, People, TestApp, VISIT, borrowed, choose, data, of_wanted, refused, wish,
};
use engine::error::AppError;

#[tokio::test]
async fn a_request_without_a_key_is_no_answer_after_a_move() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = wish(&app, 0, app.slot(20));
    let first = data(&people.patient.post("appointments", &body).await, 201);
    assert_eq!(
        data(&people.patient.post("appointments", &body).await, 201),
        first
    );
    let path = format!("appointments/{}/reschedule", first["id"]);
    let to = json!({ "scheduled_at": app.slot(30).to_string() });
    data(&people.patient.post(&path, &to).await, 200);
    data(&people.other.post("appointments", &body).await, 201);
    let again = people.patient.post("appointments", &body).await;
    let details = refused(&again, 409, "BOOKING_FAILED");
    assert_eq!(details["reason"], "slot_taken");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_visit_without_a_key_is_no_answer_when_its_second_part_is_gone() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let part = |doctor: usize, slot| json!({"doctor_id": app.doctors[doctor].id, "scheduled_at": app.slot(slot).to_string(), "type": "visit"});
    let body = json!({ "segments": [part(0, 20), part(1, 22)] });
    let first = data(&people.patient.post("appointments", &body).await, 201);
    assert_eq!(
        data(&people.patient.post("appointments", &body).await, 201),
        first
    );
    let path = format!("appointments/{}/status", first["appointments"][1]["id"]);
    data(
        &people
            .patient
            .post(&path, &json!({ "status": "cancelled" }))
            .await,
        200,
    );
    let again = people.patient.post("appointments", &body).await;
    refused(&again, 409, "BOOKING_FAILED");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_walk_in_without_a_key_is_one_until_it_is_over() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    app.hours_before_midnight().await;
    let body = json!({ "type": "visit", "patient_id": people.patient_id, "doctor_id": app.doctors[0].id });
    let first = data(&people.admin.post("walk-ins", &body).await, 201);
    assert_eq!(data(&people.admin.post("walk-ins", &body).await, 201), first);
    for status in ["in_progress", "completed"] {
        let path = format!("appointments/{}/status", first["id"]);
        data(
            &people.doctor.post(&path, &json!({ "status": status })).await,
            200,
        );
    }
    let again = data(&people.admin.post("walk-ins", &body).await, 201);
    assert_ne!(again["id"], first["id"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn two_keys_are_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(40)).await;
    for (method, path, body) in [
        ("POST", "appointments".to_owned(), wish(&app, 0, app.slot(20))),
        (
            "POST",
            format!("appointments/{reference}/status"),
            json!({ "status": "cancelled" }),
        ),
        (
            "POST",
            format!("appointments/{reference}/reschedule"),
            json!({ "scheduled_at": app.slot(50).to_string() }),
        ),
    ] {
        for keys in [["a", "b"], ["a", "a"]] {
            let request = people.patient.request(method, &path).json(&body);
            let request = keys
                .into_iter()
                .fold(request, |request, key| request.header("idempotency-key", key));
            let details = refused(&Answer::of(request).await, 422, "VALIDATION_FAILED");
            assert_eq!(details["idempotency_key"], "malformed", "{path}");
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert_eq!(app.appointment(&reference).await.0, "confirmed");
}

/// Twenty times at once: the first answer erases what was typed, while the others are on their way.
#[tokio::test]
async fn a_booking_is_answered_the_same_after_what_was_typed_is_erased() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let details = [
        ("reference", &*reference),
        ("name", "Dewi"),
        ("reason", "A cough"),
    ];
    let check = format!("/book/{reference}/check");
    let answer = browser
        .submit(&format!("/book/{reference}"), "details", &details)
        .await;
    assert_eq!(answer.location(), check);
    let fields = browser.get(&check).await.form("submit");
    assert!(
        fields
            .iter()
            .any(|(name, value)| name == "key" && !value.is_empty())
    );
    let send = || {
        let (browser, check, fields) = (browser.clone(), check.clone(), fields.clone());
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            browser.submit(&check, "submit", &fields).await.location()
        }
    };
    let done = format!("/appointments/{reference}/done");
    let answers = app.race((0..20).map(|_| send()).collect()).await;
    assert!(answers.iter().all(|answer| *answer == done), "{answers:?}");
    assert_eq!(send().await, done);
    assert_eq!(
        app.count("select count(*) from appointments where reason = 'A cough'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_of_an_old_tab_is_told_that_something_has_changed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let patient_id = app.count("select id from patients").await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let page = format!("/appointments/{reference}/reschedule");
    let tab = async || {
        let chosen = format!("{page}?starts_at={}", app.slot(50).as_second());
        let fields = browser.get(&chosen).await.form("reschedule");
        let field = |name: &str| fields.iter().find(|(of, _)| of == name).unwrap().1.clone();
        (field("version"), field("key"))
    };
    let to = async |(version, key): &(String, String), slot: i64| {
        let starts_at = app.slot(slot).as_second().to_string();
        let fields = [
            ("reference", &*reference),
            ("version", version),
            ("key", key),
            ("starts_at", &*starts_at),
        ];
        browser.submit(&page, "reschedule", &fields).await
    };
    let first = tab().await;
    assert_eq!(to(&first, 30).await.error(), None);
    assert_eq!(to(&first, 30).await.error(), None, "the answer was lost");
    let second = tab().await;
    assert_eq!(to(&second, 40).await.error(), None);
    let again = to(&first, 30).await;
    assert!(
        matches!(again.error(), Some(AppError::StaleVersion { .. })),
        "{again:?}"
    );
    assert_eq!(app.appointment(&reference).await.2, app.slot(40));
}

#[tokio::test]
async fn a_time_that_was_held_booked_and_moved_is_held_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let mut fields = of_wanted(wanted);
    fields.push(("key", "0".repeat(32)));
    let page = format!("/doctors/{}", wanted.doctor_id);
    let hold = async || {
        let location = browser.submit(&page, "hold", &borrowed(&fields)).await.location();
        location
            .trim_start_matches("/book/")
            .split('/')
            .next()
            .unwrap()
            .to_owned()
    };
    let first = hold().await;
    assert_eq!(hold().await, first);
    let details = [("reference", &*first), ("name", "Dewi"), ("reason", "")];
    browser
        .submit(&format!("/book/{first}"), "details", &details)
        .await;
    let submit = [("reference", &*first)];
    let booked = browser
        .submit(&format!("/book/{first}/check"), "submit", &submit)
        .await;
    assert_eq!(booked.error(), None, "{booked:?}");
    app.sql("update appointments set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day',
                 blocks_from = blocks_from + interval '1 day', blocks_until = blocks_until + interval '1 day'")
        .await;
    assert_ne!(hold().await, first);
}
