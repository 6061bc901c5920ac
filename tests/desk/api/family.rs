//! A phone that several patients share.

use serde_json::json;

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn a_walk_in_under_another_name_is_asked_about_before_it_is_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.hours_before_midnight().await;
    let sari = json!({ "phone": "+62 (0)812 5559 0001", "name": "Ibu Sari" });
    let sari = data(&people.doctor.post("patients", &sari).await, 200);
    assert_eq!(sari["phone"], "+6281255590001");
    let mut walk_in = json!({ "type": "visit", "phone": "001 62 0812 5559 0001", "name": "Anak Dewi" });
    let details = refused(
        &people.doctor.post("walk-ins", &walk_in).await,
        409,
        "PHONE_SHARED",
    );
    assert_eq!(
        details,
        json!({ "patients": [{ "id": sari["id"], "name": "Ibu Sari" }] })
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    walk_in["somebody_else"] = json!(true);
    let booked = data(&people.doctor.post("walk-ins", &walk_in).await, 201);
    assert_ne!(booked["patient_id"], sari["id"]);
    walk_in["somebody_else"] = json!(false);
    let child = json!({ "phone": "0812 5559 0001", "name": "anak dewi" });
    let child = data(&people.admin.post("patients", &child).await, 200);
    assert_eq!(child["id"], booked["patient_id"]);
    // Of two nobody is guessed.
    let nameless = json!({ "phone": "0812 5559 0001" });
    let details = refused(
        &people.admin.post("patients", &nameless).await,
        409,
        "PHONE_SHARED",
    );
    assert_eq!(details["patients"].as_array().unwrap().len(), 2);
    for q in ["+62 (0)812 5559 0001", "٠٨١٢ ٥٥٥٩ ٠٠٠١", "08125559"] {
        let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = data(&people.admin.get(&format!("patients?q={q}")).await, 200);
        assert_eq!(found.as_array().unwrap().len(), 2, "{q}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_holder_books_for_the_family_and_for_nobody_else() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let holder = &people.patient;
    let added = data(&holder.post("family", &json!({ "name": "Anak Dewi" })).await, 201);
    assert_eq!(
        data(&holder.post("family", &json!({ "name": "anak dewi" })).await, 201),
        added
    );
    assert_eq!(
        data(&holder.get("family").await, 200).as_array().unwrap().len(),
        2
    );
    let wish = |slot: i64| json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(slot).to_string() });
    // Who has a family says for whom.
    let details = refused(&holder.post("appointments", &wish(20)).await, 409, "PHONE_SHARED");
    assert_eq!(details["patients"].as_array().unwrap().len(), 2);
    let mut body = wish(20);
    body["patient_id"] = added["id"].clone();
    let booked = data(&holder.post("appointments", &body).await, 201);
    assert_eq!(booked["patient_id"], added["id"]);
    // The holder has another appointment at the same time, with another doctor: two people are in two places.
    let mut own = wish(20);
    own["doctor_id"] = json!(app.doctors[1].id);
    own["patient_id"] = json!(people.patient_id);
    data(&holder.post("appointments", &own).await, 201);
    let path = format!("appointments/{}", booked["id"]);
    data(&holder.get(&path).await, 200);
    assert_eq!(
        data(&holder.get("appointments").await, 200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    refused(&people.other.get(&path).await, 404, "NOT_FOUND");
    refused(&people.other.post("appointments", &body).await, 403, "FORBIDDEN");
    let hold =
        json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(24).to_string() });
    let hold = data(&holder.post("holds", &hold).await, 201);
    let said = hold["reference"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .replace('-', "%20%E2%80%93%20");
    let confirm = format!("holds/{said}/confirm");
    refused(
        &holder.post(&confirm, &json!({ "reason": "A cough" })).await,
        409,
        "PHONE_SHARED",
    );
    refused(
        &holder
            .post(&confirm, &json!({ "patient_id": people.other_id }))
            .await,
        404,
        "NOT_FOUND",
    );
    let third = json!({ "name": "Anak Budi", "somebody_else": true });
    let third = data(&holder.post(&confirm, &third).await, 201);
    assert_eq!(
        app.count("select count(*) from patients where name = 'Anak Budi' and holder_id is not null")
            .await,
        1
    );
    let cancel = json!({ "status": "cancelled", "version": third["version"], "reason": "x" });
    data(
        &holder
            .post(&format!("appointments/{}/status", third["id"]), &cancel)
            .await,
        200,
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_booking_that_is_sent_again_has_its_first_answer_though_a_child_was_added() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let holder = &people.patient;
    let wish = |slot: i64| json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(slot).to_string() });
    let held = data(&holder.post("holds", &wish(24)).await, 201);
    let submit = format!("holds/{}/submit", held["reference"].as_str().unwrap());
    let reason = json!({ "reason": "A cough" });
    let booked = data(&holder.post_under("one", "appointments", &wish(20)).await, 201);
    let sent = data(&holder.post_under("two", &submit, &reason).await, 201);
    data(&holder.post("family", &json!({ "name": "Anak Dewi" })).await, 201);
    let again = data(&holder.post_under("one", "appointments", &wish(20)).await, 201);
    assert_eq!(again, booked);
    let again = data(&holder.post_under("two", &submit, &reason).await, 201);
    assert_eq!(again["id"], sent["id"]);
    // Another request, or the same without a key, has to say for whom it is.
    for (key, slot) in [("one", 28), ("three", 28)] {
        let answer = holder.post_under(key, "appointments", &wish(slot)).await;
        refused(&answer, 409, "PHONE_SHARED");
    }
    refused(&holder.post("appointments", &wish(20)).await, 409, "PHONE_SHARED");
    // Nor does a key of somebody else say anything.
    let others = people.other.post_under("one", "appointments", &wish(20)).await;
    refused(&others, 409, "BOOKING_FAILED");
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}
