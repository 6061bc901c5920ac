//! Requests that are held back after an outage: the page on which an admin decides, and the same by the API.

use serde_json::json;

use crate::support::{People, TestApp, VISIT, data, refused};

/// So many requests, all of which are due soon and held back.
async fn held_back(app: &TestApp, count: usize) {
    for number in 0..count {
        let patient_id = app.patient(100 + number).await;
        let slot = 7 * 48 + i64::try_from(number).unwrap();
        app.requested(patient_id, app.wanted(0, VISIT, app.slot(slot)))
            .await;
    }
    app.sql(
        "update appointments set answer_until = now() + interval '10 minutes';
         update worker_rounds set held_back_since = now() - interval '1 hour' where id = 1;",
    )
    .await;
}

/// How many requests wait for their answer for about so many hours from now.
async fn waiting(app: &TestApp, hours: i64) -> i64 {
    let query = format!(
        "select count(*) from appointments where status = 'pending'
         and answer_until between now() + interval '{hours} hours' - interval '2 minutes' and now() + interval '{hours} hours' + interval '2 minutes'"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_admin_sees_what_is_held_back_and_gives_doctors_time() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let board = admin.get("/admin").await;
    assert!(board.links(".notice a").is_empty(), "{}", board.body);
    let page = admin.get("/admin/overdue").await;
    assert!(page.body.contains("Nothing is held back"), "{}", page.body);
    assert!(page.form("decide-overdue").is_empty());

    held_back(&app, 3).await;
    let board = admin.get("/admin").await;
    assert_eq!(board.links(".notice a"), ["/admin/overdue"]);
    let page = admin.get("/admin/overdue").await;
    assert_eq!(page.texts(".notice h2"), ["3 requests are held back"]);
    let fields = [("decision", "wait"), ("hours", "48")];
    let answer = admin.submit("/admin/overdue", "decide-overdue", &fields).await;
    assert_eq!(answer.location(), "/admin/overdue?done=wait");
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("have this time to answer"), "{}", page.body);
    assert!(page.body.contains("Nothing is held back"));
    assert_eq!(waiting(&app, 48).await, 3);
    assert!(admin.get("/admin").await.links(".notice a").is_empty());
}

#[tokio::test]
async fn of_two_admins_who_decide_one_is_told_that_it_was_done() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    held_back(&app, 2).await;
    let admin = site.staff("admin@test.example").await;
    let expire = [("decision", "expire")];
    let wait = [("decision", "wait"), ("hours", "24")];
    let (one, other) = tokio::join!(
        admin.submit("/admin/overdue", "decide-overdue", &expire),
        admin.submit("/admin/overdue", "decide-overdue", &wait),
    );
    let told = [one.location(), other.location()];
    let late = "/admin/overdue?done=late".to_owned();
    assert_eq!(told.iter().filter(|told| **told == late).count(), 1, "{told:?}");
    let given = waiting(&app, 24).await;
    assert_eq!(given, if told[0] == late { 2 } else { 0 });
    let page = admin.get(&late).await;
    assert!(
        page.body.contains("Somebody else may have decided"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_decision_that_nobody_knows_changes_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    held_back(&app, 1).await;
    let admin = site.staff("admin@test.example").await;
    for fields in [
        vec![],
        vec![("decision", "forget")],
        vec![("decision", "wait")],
        vec![("decision", "wait"), ("hours", "0")],
        vec![("decision", "wait"), ("hours", "721")],
    ] {
        let answer = admin.call("decide-overdue", &fields).await;
        assert_eq!(answer.code(), "VALIDATION_FAILED", "{fields:?}");
    }
    let held = "select count(*) from worker_rounds where held_back_since is not null";
    assert_eq!(app.count(held).await, 1);
}

#[tokio::test]
async fn a_program_of_an_admin_decides_as_well() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let nothing = json!({ "requests": 0, "since": null });
    assert_eq!(data(&people.admin.get("admin/overdue").await, 200), nothing);
    let wait = json!({ "decision": "wait", "hours": 12 });
    let decided = data(&people.admin.post("admin/overdue", &wait).await, 200);
    assert_eq!(decided, json!({ "decided": false }));

    held_back(&app, 2).await;
    let found = data(&people.admin.get("admin/overdue").await, 200);
    assert_eq!(found["requests"], 2);
    assert!(found["since"].as_str().is_some());
    for (wrong, field) in [
        (json!({ "decision": "forget" }), "decision"),
        (json!({ "decision": "wait", "hours": 721 }), "hours"),
    ] {
        let details = refused(
            &people.admin.post("admin/overdue", &wrong).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details[field], "malformed", "{details}");
    }
    for who in [&people.patient, &people.doctor] {
        refused(&who.get("admin/overdue").await, 403, "FORBIDDEN");
        refused(&who.post("admin/overdue", &wait).await, 403, "FORBIDDEN");
    }
    let decided = data(&people.admin.post("admin/overdue", &wait).await, 200);
    assert_eq!(decided, json!({ "decided": true }));
    assert_eq!(waiting(&app, 12).await, 2);
}
