//! Finding patients.

use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn doctors_see_only_the_patients_whom_they_treat() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let who = json!({ "phone": "0812 5559 0001", "name": "Dewi" });
    let made = data(&people.doctor.post("patients", &who).await, 200);
    assert_eq!(
        (&made["phone"], &made["name"]),
        (&json!("+6281255590001"), &json!("Dewi"))
    );
    let same = json!({ "phone": "+62 812-5559-0001", "name": "dewi" });
    assert_eq!(data(&people.admin.post("patients", &same).await, 200), made);
    let path = format!("patients/{}", made["id"]);
    assert_eq!(data(&people.admin.get(&path).await, 200), made);
    // Who typed the phone may read the patient; nobody else has to do with them yet.
    assert_eq!(data(&people.doctor.get(&path).await, 200), made);
    refused(&people.other_doctor.get(&path).await, 404, "NOT_FOUND");
    for stranger in [&people.doctor, &people.other_doctor] {
        refused(&stranger.get(&format!("{path}/visits")).await, 404, "NOT_FOUND");
    }
    let walk_in = json!({ "type": "visit", "patient_id": made["id"], "doctor_id": app.doctors[0].id });
    let body = json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(3).to_string(),
        "patient_id": made["id"], "reason": "A cough" });
    let booked = data(&people.doctor.post("appointments", &body).await, 201);
    assert_eq!(data(&people.doctor.get(&path).await, 200), made);
    let visits = data(&people.doctor.get(&format!("{path}/visits")).await, 200);
    assert_eq!(visits[0]["appointment"]["id"], booked["id"]);
    assert_eq!(visits[0]["prescription"], Value::Null);
    refused(&people.other_doctor.get(&path).await, 404, "NOT_FOUND");
    refused(
        &people.admin.get(&format!("{path}/visits")).await,
        403,
        "FORBIDDEN",
    );
    for own in ["patients", &path, &format!("{path}/visits")] {
        refused(&people.patient.get(own).await, 403, "FORBIDDEN");
    }
    refused(&people.patient.post("patients", &who).await, 403, "FORBIDDEN");
    refused(&people.patient.post("walk-ins", &walk_in).await, 403, "FORBIDDEN");

    let all = data(&people.admin.get("patients").await, 200);
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(data(&people.doctor.get("patients").await, 200), json!([made]));
    assert_eq!(data(&people.other_doctor.get("patients").await, 200), json!([]));
    for (q, found) in [("dewi", 1), ("5559%200001", 1), ("nobody", 0), ("%00", 3)] {
        let list = data(&people.admin.get(&format!("patients?q={q}")).await, 200);
        assert_eq!(list.as_array().unwrap().len(), found, "{q}");
    }
    let (mut ids, mut path) = (Vec::new(), "patients?limit=1".to_owned());
    loop {
        let page = people.admin.get(&path).await.json();
        ids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_i64().unwrap()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("patients?limit=1&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(
        ids,
        [people.patient_id, people.other_id, made["id"].as_i64().unwrap()]
    );
    for (body, field, problem) in [
        (json!({ "phone": "12" }), "phone", "malformed"),
        (json!({ "phone": "+6281255590002" }), "name", "missing"),
        (json!({ "name": "Dewi" }), "phone", "missing"),
    ] {
        let details = refused(
            &people.admin.post("patients", &body).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: problem }));
    }
}

#[tokio::test]
async fn patients_are_searched_by_a_body_with_nothing_in_the_url() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    for (phone, name) in [
        ("+6281255590001", "Dewi Lestari"),
        ("+6281255590002", "Dewi Putri"),
    ] {
        let who = json!({ "phone": phone, "name": name });
        data(&people.doctor.post("patients", &who).await, 200);
    }
    let search = async |program: &crate::support::Program, body: Value| {
        let answer = program.post("patients/search", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    for (q, found) in [("dewi", 2), ("lestari", 1), ("0812 5559 0002", 1), ("nobody", 0)] {
        let list = search(&people.doctor, json!({ "q": q })).await;
        assert_eq!(list["data"].as_array().unwrap().len(), found, "{q}");
        // Another doctor has to do with none of them.
        let others = search(&people.other_doctor, json!({ "q": q })).await;
        assert_eq!(others["data"], json!([]), "{q}");
    }
    // Page by page, as `GET patients` does.
    let first = search(&people.doctor, json!({ "q": "dewi", "limit": 1 })).await;
    let next = json!({ "q": "dewi", "limit": 1, "cursor": first["next_cursor"] });
    let second = search(&people.doctor, next).await;
    let names: Vec<&Value> = [&first, &second].map(|page| &page["data"][0]["name"]).to_vec();
    assert_eq!(names, ["Dewi Lestari", "Dewi Putri"]);
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(
        search(&people.admin, json!({})).await["data"],
        data(&people.admin.get("patients").await, 200)
    );
    refused(
        &people
            .patient
            .post("patients/search", &json!({ "q": "dewi" }))
            .await,
        403,
        "FORBIDDEN",
    );
    for (body, field) in [
        (json!({ "limit": 0 }), "limit"),
        (json!({ "limit": 201 }), "limit"),
        (json!({ "cursor": "x" }), "cursor"),
        (json!({ "q": "x".repeat(201) }), "q"),
        (json!({ "name": "Dewi" }), "name"),
    ] {
        let answer = people.doctor.post("patients/search", &body).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert!(details[field].is_string(), "{body}: {details}");
    }
}
