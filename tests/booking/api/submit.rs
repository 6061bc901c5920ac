//! Booking what is held, by the name that the word *submit* has and by the older one.

use serde_json::json;

use crate::support::{People, TestApp, data, wish};

#[tokio::test]
async fn a_hold_is_submitted_under_both_names() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let mut held = wish(&app, 0, app.slot(20));
    held.as_object_mut().unwrap().remove("reason");
    let held = data(&people.patient.post("holds", &held).await, 201);
    let reference = held["reference"].as_str().unwrap();
    let body = json!({ "reason": "A cough" });
    let by = async |name: &str| {
        let path = format!("holds/{reference}/{name}");
        people.patient.post_under("one", &path, &body).await
    };
    let booked = data(&by("submit").await, 201);
    assert_eq!(
        (&booked["status"], &booked["reference"]),
        (&json!("pending"), &json!(reference))
    );
    // It is one call: the other name knows the key.
    assert_eq!(data(&by("confirm").await, 201), booked);
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        1
    );
    let description = people.patient.get("openapi.json").await.json();
    let calls = &description["paths"];
    assert_eq!(calls["/api/v1/holds/{id}/confirm"]["post"]["deprecated"], true);
    let submit = &calls["/api/v1/holds/{id}/submit"]["post"];
    assert_ne!(submit["deprecated"], true);
}
