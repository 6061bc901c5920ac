//! The history of changes and the check of the database, by the API.

use jiff::ToSpan;
use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn only_admins_read_the_audit_and_the_integrity_check() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let move_to = json!({ "scheduled_at": app.slot(24).to_string() });
    data(
        &people
            .doctor
            .post(&format!("appointments/{reference}/reschedule"), &move_to)
            .await,
        200,
    );
    let list = data(&people.admin.get("admin/changes").await, 200);
    let list = list.as_array().unwrap();
    assert_eq!(list[0]["what"], "moved");
    assert_eq!(list[0]["staff_id"], app.doctors[0].staff_id);
    // The patient and the doctor of the appointment, not the one who acted.
    assert_eq!(list[0]["patient_id"], people.patient_id);
    assert_eq!(list[0]["doctor_id"], app.doctors[0].id);
    assert!(
        list.len() >= 3
            && list
                .windows(2)
                .all(|pair| pair[0]["id"].as_i64() > pair[1]["id"].as_i64())
    );
    let by_staff = data(
        &people
            .admin
            .get(&format!("admin/changes?staff={}", app.doctors[0].staff_id))
            .await,
        200,
    );
    assert!(
        by_staff
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["changed_by_role"] == "doctor")
    );
    let first = people.admin.get("admin/changes?limit=1").await.json();
    let rest = data(
        &people
            .admin
            .get(&format!(
                "admin/changes?cursor={}",
                first["next_cursor"].as_str().unwrap()
            ))
            .await,
        200,
    );
    assert_eq!(rest.as_array().unwrap().len(), list.len() - 1);
    let tomorrow = (jiff::Timestamp::now() + 24.hours()).to_string();
    for (query, count) in [
        (format!("from={tomorrow}"), 0),
        (format!("to={tomorrow}"), list.len()),
    ] {
        let found = data(&people.admin.get(&format!("admin/changes?{query}")).await, 200);
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    for of in ["schedules", "organisation"] {
        assert_eq!(
            data(&people.admin.get(&format!("admin/changes?of={of}")).await, 200),
            json!([])
        );
    }
    refused(
        &people.admin.get("admin/changes?of=passwords").await,
        422,
        "VALIDATION_FAILED",
    );
    refused(
        &people
            .admin
            .get("admin/changes?from=2026-02-02&to=2026-02-01")
            .await,
        400,
        "INVALID_DATE_RANGE",
    );

    let report = data(&people.admin.post("admin/integrity", &json!({})).await, 200);
    assert_eq!(
        (&report["sound"], &report["appointments"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(data(&people.admin.get("admin/integrity").await, 200), report);
    app.sql("delete from appointment_changes where version = 1").await;
    let report = data(&people.admin.post("admin/integrity", &json!({})).await, 200);
    assert_eq!(report["sound"], false);
    let broken: Vec<&Value> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["broken"] != 0)
        .collect();
    assert!(
        !broken.is_empty()
            && broken
                .iter()
                .all(|rule| !rule["rows"].as_array().unwrap().is_empty())
    );
    for who in [&people.patient, &people.doctor] {
        for path in ["admin/changes", "admin/integrity", "admin/locks"] {
            refused(&who.get(path).await, 403, "FORBIDDEN");
        }
        refused(&who.post("admin/integrity", &json!({})).await, 403, "FORBIDDEN");
    }
}
