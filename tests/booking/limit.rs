//! Limits of a service for each patient: on pages and by the API.

use serde_json::json;

use crate::support::{People, TestApp, VISIT, book, choose, data, refused, wish};

#[tokio::test]
async fn a_program_is_told_when_there_is_room_again() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    app.sql("update services set most_per_week = 1").await;
    let first = data(
        &people
            .patient
            .post("appointments", &wish(&app, 0, app.slot(20)))
            .await,
        201,
    );
    let second = wish(&app, 1, app.slot(24));
    let answer = people.patient.post("appointments", &second).await;
    let details = refused(&answer, 409, "BOOKING_FAILED");
    assert_eq!(details["reason"], "too_many_in_week");
    assert_eq!(details["alternatives"], json!([]));
    let again: jiff::Timestamp = details["again_at"].as_str().unwrap().parse().unwrap();
    assert!(again > app.slot(46));
    // From then on there is.
    let later = wish(
        &app,
        1,
        jiff::Timestamp::from_second(again.as_second() + 36_000).unwrap(),
    );
    let later = data(&people.patient.post("appointments", &later).await, 201);
    let path = format!("appointments/{}/reschedule", later["id"]);
    let there = json!({ "scheduled_at": app.slot(24).to_string() });
    let answer = people.patient.post(&path, &there).await;
    let details = refused(&answer, 409, "BOOKING_FAILED");
    assert_eq!(details["reason"], "too_many_in_week");

    // Nobody but staff may say that it does not count, and staff have to.
    let mut beyond = second.clone();
    beyond["exceed_limit"] = json!(true);
    refused(
        &people.patient.post("appointments", &beyond).await,
        403,
        "FORBIDDEN",
    );
    let mut by_staff = second;
    by_staff["patient_id"] = json!(people.patient_id);
    let answer = people.admin.post("appointments", &by_staff).await;
    assert_eq!(
        refused(&answer, 409, "BOOKING_FAILED")["reason"],
        "too_many_in_week"
    );
    by_staff["exceed_limit"] = json!(true);
    let booked = data(&people.admin.post("appointments", &by_staff).await, 201);
    let history = format!("appointments/{}/history", booked["id"]);
    let changes = data(&people.admin.get(&history).await, 200);
    assert_eq!(changes[0]["over_limit"], true);
    let changes = data(&people.patient.get(&history).await, 200);
    assert_eq!(changes[0].get("over_limit"), None);
    let there = json!({ "scheduled_at": app.slot(28).to_string(), "exceed_limit": true });
    refused(&people.patient.post(&path, &there).await, 403, "FORBIDDEN");
    data(&people.admin.post(&path, &there).await, 200);
    assert_ne!(first["id"], later["id"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_admin_sets_the_limits_of_a_service() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let mut body = json!({
        "key": "physio", "name": "Physiotherapy", "mode": "in_person", "duration_minutes": 30, "interval_minutes": 30,
        "buffer_before_minutes": 0, "buffer_after_minutes": 0, "notice_minutes": 0, "horizon_days": 60,
        "horizon_unit": "calendar_days", "cutoff_minutes": 60, "instant": true, "active": true,
        "most_open": 10, "most_per_week": 2,
    });
    let id = data(&people.admin.post("services", &body).await, 201)["id"].clone();
    let read = data(&people.patient.get(&format!("services/{id}")).await, 200);
    assert_eq!(
        (&read["most_open"], &read["most_per_week"]),
        (&json!(10), &json!(2))
    );
    body["most_open"] = json!(0);
    let answer = people.admin.post("services", &body).await;
    assert_eq!(
        refused(&answer, 422, "VALIDATION_FAILED"),
        json!({ "most_open": "malformed" })
    );
    body["most_open"] = serde_json::Value::Null;
    body["version"] = json!(1);
    data(&people.admin.put(&format!("services/{id}"), &body).await, 200);
    let read = data(&people.patient.get(&format!("services/{id}")).await, 200);
    assert_eq!(
        (&read["most_open"], &read["most_per_week"]),
        (&json!(null), &json!(2))
    );
}

#[tokio::test]
async fn a_patient_is_told_on_the_page_when_there_is_room_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    app.sql("update services set most_per_week = 1").await;
    book(
        &site,
        &browser,
        app.wanted(0, VISIT, app.slot(20)),
        "Dewi",
        "A cough",
    )
    .await;
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(24))).await;
    let check = format!("/book/{reference}/check");
    browser
        .submit(
            &format!("/book/{reference}"),
            "details",
            &[("reference", &reference), ("reason", "Again")],
        )
        .await;
    let answer = browser
        .submit(&check, "submit", &[("reference", &reference)])
        .await;
    assert!(answer.error().is_some(), "{answer:?}");
    let page = browser.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("in that week") && notice.contains("There is room again from Monday"),
        "{notice}"
    );
    assert!(page.body.contains("from=20"), "the times of the next week");
}

#[tokio::test]
async fn the_desk_books_beyond_a_limit_by_saying_so() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    app.sql("update services set most_open = 1").await;
    let patient = app.patient(1).await;
    app.books(patient, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let starts_at = app.slot(24).as_second().to_string();
    let check = format!("/admin/book?patient={patient}&offer={offer}&at={starts_at}");
    let sent = admin.get(&check).await.form("desk-book");
    let sent: Vec<(&str, &str)> = sent
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert!(sent.iter().all(|(name, _)| *name != "over_limit"));
    let answer = admin.submit(&check, "desk-book", &sent).await;
    let page = admin.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("The patient has as many appointments") && notice.contains("There is room"),
        "{notice}"
    );
    let again = page.form("desk-book");
    assert!(
        again.contains(&("over_limit".to_owned(), "true".to_owned())),
        "{again:?}"
    );
    let again: Vec<(&str, &str)> = again
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = admin.submit(&check, "desk-book", &again).await;
    let booked = admin.get(&answer.location()).await;
    assert!(
        booked.body.contains("Beyond the limit of the service"),
        "{}",
        booked.body
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn staff_move_beyond_a_limit_by_saying_so() {
    const A_WEEK: i64 = 7 * 48;
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let patient = app.patient(1).await;
    app.books(patient, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let later = app
        .books(patient, app.wanted(0, VISIT, app.slot(20 + A_WEEK)))
        .await
        .unwrap();
    app.sql("update services set most_per_week = 1").await;
    let starts_at = app.slot(24).as_second().to_string();
    let check = format!(
        "/admin/appointments/{}/reschedule?starts_at={starts_at}",
        later.reference
    );
    let send = async |page: &crate::support::Answer| {
        let mut fields = page.form("reschedule");
        fields.push(("starts_at".to_owned(), starts_at.clone()));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        admin.submit(&check, "reschedule", &fields).await
    };
    let refused = send(&admin.get(&check).await).await;
    let page = admin.get(&refused.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("The patient has as many appointments"),
        "{notice}"
    );
    assert!(page.body.contains("Move it beyond the limit"), "{}", page.body);
    let moved = send(&page).await;
    assert_eq!(moved.error(), None, "{moved:?}");
    assert_eq!(app.count("select count(*) from limits_exceeded").await, 1);
    app.assert_sound().await;
}
