//! Clinics.

use serde_json::json;

use super::{clinic, with};
use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn a_clinic_is_added_and_changed_by_the_api() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = people.admin.post_under("k", "clinics", &clinic("Alpha")).await;
    let added = data(&first, 201);
    assert_eq!(
        people
            .admin
            .post_under("k", "clinics", &clinic("Alpha"))
            .await
            .json(),
        first.json()
    );
    let details = refused(
        &people.admin.post("clinics", &clinic("Alpha")).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "name": "taken" }));
    let path = format!("clinics/{}", added["id"]);
    let moved = with(&clinic("Beta"), "version", json!(1));
    assert_eq!(data(&people.admin.put(&path, &moved).await, 200)["version"], 2);
    let read = data(&people.patient.get(&path).await, 200);
    assert_eq!((&read["name"], &read["version"]), (&json!("Beta"), &json!(2)));
    assert!(read.get("last_change").is_none());
    let read = data(&people.admin.get(&path).await, 200);
    assert_eq!(read["last_change"]["change"], "clinic_changed");
    refused(&people.admin.get("clinics/999").await, 404, "NOT_FOUND");
}
