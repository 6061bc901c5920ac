//! Lists of appointments, and whose they are.

use serde_json::json;

use crate::support::{People, Program, TestApp, VISIT, data, refused};
use engine::appointment::Status;

#[tokio::test]
async fn the_appointments_of_other_people_are_not_found() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::Completed)
        .await;
    let id = app.id_of(&reference).await;
    let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
    let prescription = json!({ "appointment_id": id, "medications": [line] });
    let rating = json!({ "appointment_id": id, "score": 1 });
    let before = app.appointment(&reference).await;
    for stranger in [&people.other, &people.other_doctor] {
        for which in [id.to_string(), reference.clone()] {
            refused(
                &stranger.get(&format!("appointments/{which}")).await,
                404,
                "NOT_FOUND",
            );
            let body = json!({ "status": "cancelled" });
            let answer = stranger
                .post(&format!("appointments/{which}/status"), &body)
                .await;
            refused(&answer, 404, "NOT_FOUND");
            for at in [app.slot(30).to_string(), "2027-01-01 10:00:00".to_owned()] {
                let body = json!({ "scheduled_at": at });
                let answer = stranger
                    .post(&format!("appointments/{which}/reschedule"), &body)
                    .await;
                refused(&answer, 404, "NOT_FOUND");
            }
        }
        refused(
            &stranger.post("prescriptions", &prescription).await,
            404,
            "NOT_FOUND",
        );
        refused(&stranger.post("ratings", &rating).await, 404, "NOT_FOUND");
        assert_eq!(data(&stranger.get("appointments").await, 200), json!([]));
    }
    for (program, path, body) in [
        (&people.patient, "prescriptions", &prescription),
        (&people.admin, "prescriptions", &prescription),
        (&people.doctor, "ratings", &rating),
        (&people.admin, "ratings", &rating),
    ] {
        refused(&program.post(path, body).await, 404, "NOT_FOUND");
    }
    assert_eq!(app.appointment(&reference).await, before);

    let written = data(&people.doctor.post("prescriptions", &prescription).await, 201);
    let path = format!("prescriptions/{}", written["id"]);
    for (program, may) in [
        (&people.patient, true),
        (&people.doctor, true),
        (&people.other, false),
        (&people.other_doctor, false),
        (&people.admin, false),
    ] {
        let answer = program.get(&path).await;
        match may {
            true => assert_eq!(data(&answer, 200)["medications"], written["medications"]),
            false => drop(refused(&answer, 404, "NOT_FOUND")),
        }
    }
    for (program, status) in [
        (&people.patient, 403),
        (&people.doctor, 403),
        (&people.admin, 200),
    ] {
        assert_eq!(program.get("admin/locks").await.status, status);
    }
    let locks = data(&people.admin.get("admin/locks").await, 200);
    assert!(
        locks["operations"]["prescription.prescribe"]["done"].is_number(),
        "{locks}"
    );
    assert!(locks["pool"]["most"].is_number() && locks["deadlocks"].is_number());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_list_is_filtered_and_read_page_by_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for number in 0..7 {
        let doctor = usize::try_from(number % 2).unwrap();
        // Several begin at the same time.
        let at = app.slot(20 + 2 * (number / 2));
        let patient_id = if doctor == 0 {
            people.patient_id
        } else {
            people.other_id
        };
        app.requested(patient_id, app.wanted(doctor, VISIT, at)).await;
    }
    let mut path = "appointments?limit=3".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let answer = people.admin.get(&path).await;
        seen.extend(
            data(&answer, 200)
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_i64().unwrap()),
        );
        pages += 1;
        match answer.json()["next_cursor"].as_str() {
            Some(cursor) => path = format!("appointments?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (7, 3));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let count = |program: &Program, query: String| {
        let program = program.clone();
        async move {
            let answer = program.get(&format!("appointments?{query}")).await;
            data(&answer, 200).as_array().unwrap().len()
        }
    };
    let (day, next) = (app.slot(0).strftime("%F"), app.slot(48).strftime("%F"));
    for (program, query, expected) in [
        (&people.patient, String::new(), 4),
        (&people.doctor, String::new(), 4),
        (&people.other_doctor, String::new(), 3),
        (&people.patient, format!("doctor={}", app.doctors[1].id), 0),
        (&people.admin, format!("doctor={}", app.doctors[1].id), 3),
        (&people.admin, "status=pending".to_owned(), 7),
        (&people.admin, "status=confirmed".to_owned(), 0),
        (&people.admin, format!("from={day}&to={day}"), 7),
        (&people.admin, format!("from={next}"), 0),
        (
            &people.admin,
            format!("from={}&to={}", app.slot(22), app.slot(24)),
            2,
        ),
        (&people.admin, format!("from={day}%2011:00:00"), 5),
        (&people.admin, "from=9999-12-30&to=9999-12-31".to_owned(), 0),
    ] {
        assert_eq!(count(program, query.clone()).await, expected, "{query}");
    }
    app.sql("update appointments set answer_until = now() - interval '1 second' where id = 1")
        .await;
    for (query, expected) in [("status=expired", 1), ("status=pending", 6)] {
        assert_eq!(count(&people.admin, query.to_owned()).await, expected, "{query}");
    }
}

#[tokio::test]
async fn appointments_are_searched_by_a_body_as_by_parameters() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    app.sql("update patients set name = 'Dewi Lestari' where name = 'Patient 0'")
        .await;
    for slot in [20, 24] {
        app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(slot)))
            .await;
    }
    app.requested(people.other_id, app.wanted(0, VISIT, app.slot(28)))
        .await;
    let doctor = app.doctors[0].id;
    for (query, body, found) in [
        ("", json!({}), 3),
        ("q=dewi", json!({ "q": "dewi" }), 2),
        (
            "q=dewi&limit=1&sort=-id",
            json!({ "q": "dewi", "limit": 1, "sort": "-id" }),
            1,
        ),
        ("q=nobody", json!({ "q": "nobody" }), 0),
        ("status=confirmed", json!({ "status": "confirmed" }), 0),
        (
            &format!("doctor={doctor}&patient={}", people.other_id),
            json!({ "doctor": doctor, "patient": people.other_id }),
            1,
        ),
    ] {
        for program in [&people.doctor, &people.admin] {
            let searched = program.post("appointments/search", &body).await;
            let listed = program.get(&format!("appointments?{query}")).await;
            assert_eq!(data(&searched, 200), data(&listed, 200), "{body}");
            assert_eq!(
                searched.json()["next_cursor"],
                listed.json()["next_cursor"],
                "{body}"
            );
            assert_eq!(data(&searched, 200).as_array().unwrap().len(), found, "{body}");
        }
        let theirs = data(&people.other_doctor.post("appointments/search", &body).await, 200);
        assert_eq!(theirs, json!([]), "{body}");
    }
    for (body, field) in [
        (json!({ "status": "booked" }), "status"),
        (json!({ "limit": 0 }), "limit"),
        (json!({ "doctor": "1" }), "doctor"),
        (json!({ "words": "dewi" }), "words"),
    ] {
        let answer = people.admin.post("appointments/search", &body).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert!(details[field].is_string(), "{body}: {details}");
    }
}
