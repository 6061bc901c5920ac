//! The one box that finds anybody, on every page of staff.

use crate::support::{Everybody, PHONE, People, TestApp, data, request};
use serde_json::json;

#[tokio::test]
async fn enter_leads_to_a_page_and_no_name_is_in_a_url() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = request(&app).await;
    for (who, browser) in everybody.all() {
        let is_staff = !["visitor", "patient", "other patient"].contains(&who);
        let home = browser.get("/account").await;
        assert_eq!(home.body.contains("find-anybody"), is_staff, "{who}");
    }
    app.sql("update patients set name = 'Hendra Wijaya' where phone = '+6281255500777'")
        .await;
    for (browser, page) in [
        (&everybody.doctor, "/doctor"),
        (&everybody.admin, "/admin/locks"),
        (&everybody.reception, "/admin/walk-in"),
    ] {
        for typed in ["wijaya hendra", PHONE, &reference[..4]] {
            let answer = browser.submit(page, "find-anybody", &[("q", typed)]).await;
            assert_eq!(answer.location(), "/staff/find");
            let found = browser.get("/staff/find").await;
            assert_eq!(found.status, 200);
            assert!(
                found.body.contains("Hendra Wijaya"),
                "{typed} on {page}: {}",
                found.body
            );
        }
        // It is there when somebody comes back, and another search takes its place.
        assert!(browser.get("/staff/find").await.body.contains("Hendra Wijaya"));
    }
    for browser in [&everybody.other_doctor, &everybody.other_reception] {
        browser
            .submit("/account", "find-anybody", &[("q", "wijaya")])
            .await;
        let found = browser.get("/staff/find").await;
        assert!(
            !found.body.contains("Hendra") && !found.body.contains(PHONE),
            "{}",
            found.body
        );
    }
}

#[tokio::test]
async fn whom_the_box_finds_while_somebody_types_is_theirs() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = request(&app).await;
    app.sql("update patients set name = 'Hendra <b>Wijaya' where phone = '+6281255500777'")
        .await;
    for (who, browser) in everybody.all() {
        let answer = browser.post("/live/find", &[("q", "wijaya")]).await;
        let expected = match who {
            "doctor" | "admin" | "reception" => (200, true),
            "other doctor" | "other reception" => (200, false),
            _ => (404, false),
        };
        let finds = answer.body.contains("Wijaya");
        assert_eq!((answer.status, finds), expected, "{who}: {}", answer.body);
        assert!(!answer.body.contains("<b>Wijaya"), "{}", answer.body);
    }
    let half = everybody
        .reception
        .post("/live/find", &[("q", &reference[5..])])
        .await;
    assert!(half.body.contains(&reference), "{}", half.body);
    let nothing = everybody.reception.post("/live/find", &[("q", "")]).await;
    assert_eq!(nothing.status, 200);
    assert!(!nothing.body.contains("<li"), "{}", nothing.body);
}

#[tokio::test]
async fn programs_find_anybody_too() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let wish = crate::support::wish(&app, 0, app.slot(40));
    let reference = data(&people.patient.post("appointments", &wish).await, 201)["reference"].take();
    let found = data(
        &people.admin.post("find", &json!({ "q": "0 patient" })).await,
        200,
    );
    assert_eq!(found["patients"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["has_more"], false);
    let found = data(&people.doctor.post("find", &json!({ "q": reference })).await, 200);
    assert_eq!(found["appointments"][0]["reference"], reference);
    for stranger in [&people.other_doctor, &people.other_reception] {
        let found = data(&stranger.post("find", &json!({ "q": reference })).await, 200);
        assert_eq!(found["appointments"], json!([]), "{found}");
    }
    assert_eq!(
        people.patient.post("find", &json!({ "q": "x" })).await.status,
        403
    );
}
