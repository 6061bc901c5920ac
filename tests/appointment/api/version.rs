//! Changes that name the version that was seen.

use serde_json::{Value, json};

use crate::support::{Answer, People, TestApp, data, refused};

#[tokio::test]
async fn a_change_of_a_stale_version_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .requested(people.patient_id, app.wanted(0, 0, app.slot(20)))
        .await;
    let path = format!("appointments/{reference}");
    let seen = people.doctor.get(&path).await.header("etag");
    assert!(seen.starts_with("W/\"2-"), "{seen}");
    let change = |version: &str, body: Value| {
        let request = people.doctor.request("POST", &format!("{path}/status"));
        Answer::of(request.header("if-match", version).json(&body))
    };
    let confirm = json!({ "status": "confirmed" });
    for stale in ["\"1\"", "W/\"1-0\"", "\"3\""] {
        let details = refused(&change(stale, confirm.clone()).await, 412, "STALE_VERSION");
        assert_eq!(details["version"], 2);
        assert_eq!(details["changed_by_role"], "patient");
    }
    for malformed in ["2", "\"two\"", "\"\"", "W/2"] {
        let details = refused(
            &change(malformed, confirm.clone()).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ "if-match": "malformed" }));
    }
    let both = json!({ "status": "confirmed", "version": 1 });
    let details = refused(&change(&seen, both).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "version": "malformed" }));
    assert_eq!(app.appointment(&reference).await.0, "pending");
    assert_eq!(data(&change(&seen, confirm).await, 200)["version"], 3);
    let move_to = json!({ "scheduled_at": app.slot(24).to_string() });
    let request = people
        .doctor
        .request("POST", &format!("{path}/reschedule"))
        .header("if-match", &seen);
    refused(&Answer::of(request.json(&move_to)).await, 412, "STALE_VERSION");
    let request = people
        .doctor
        .request("POST", &format!("{path}/reschedule"))
        .header("if-match", "*");
    data(&Answer::of(request.json(&move_to)).await, 200);

    let history = data(&people.patient.get(&format!("{path}/history")).await, 200);
    let history = history.as_array().unwrap();
    let versions: Vec<i64> = history
        .iter()
        .map(|change| change["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(
        (&history[2]["from"], &history[2]["to"]),
        (&json!("pending"), &json!("confirmed"))
    );
    assert_eq!(history[2]["changed_by_role"], "doctor");
    assert_eq!(
        (&history[3]["from"], &history[3]["to"]),
        (&json!("confirmed"), &json!("confirmed"))
    );
    assert_eq!(history[3]["to_starts_at"], app.slot(24).to_string());
    for stranger in [&people.other, &people.other_doctor] {
        refused(&stranger.get(&format!("{path}/history")).await, 404, "NOT_FOUND");
    }
}
