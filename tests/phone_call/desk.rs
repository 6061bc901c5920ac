//! The pages of the desk, without JavaScript.

use serde_json::json;

use super::{CALLER, LINE, books, clinic, send, tool};

#[tokio::test]
async fn the_desk_calls_back_and_checks_names() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let reference = books(&site, "c1", 20).await["appointment"].clone();
    let note = json!({ "note": "About a letter" });
    send(&site, "tools/request_callback", &tool("c2", &note)).await;
    app.reception("rina@test.example", &[app.clinic]).await;
    let desk = site.staff("rina@test.example").await;
    let page = desk.get("/admin/phone-calls").await;
    assert_eq!(page.status, 200);
    for said in [CALLER, "About a letter", "Ibu Sari", reference.as_str().unwrap()] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let call = app
        .count("select id from phone_calls where call_id = 'c2'")
        .await
        .to_string();
    let patient = app.count("select id from patients").await.to_string();
    let fields = [("call", &*call), ("done", "true"), ("open", "1")];
    let answer = desk.call("phone-call-done", &fields).await;
    assert_eq!(answer.location(), "/admin/phone-calls?said=done&open=1");
    let open = desk.get("/admin/phone-calls?open=1").await;
    assert!(!open.body.contains("About a letter"), "{}", open.body);
    let answer = desk.call("check-heard-name", &[("patient", &*patient)]).await;
    assert_eq!(answer.location(), "/admin/phone-calls?said=checked");
    assert_eq!(
        app.count("select count(*) from phone_call_names where checked_at is null")
            .await,
        0
    );
    let table = desk.get("/admin/phone-calls.csv").await;
    assert_eq!(table.status, 200);
    assert!(table.body.contains(reference.as_str().unwrap()), "{}", table.body);
    // It stands in the history, too.
    let page = desk
        .get(&format!("/admin/appointments/{}", reference.as_str().unwrap()))
        .await;
    assert!(page.body.contains("by phone"), "{}", page.body);
}

#[tokio::test]
async fn admins_say_which_numbers_are_answered() {
    let app = clinic(&[]).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/phone-lines").await;
    assert!(page.body.contains(LINE), "{}", page.body);
    let id = app.clinic.to_string();
    let clinic = ("clinic", &*id);
    let wrong = [("phone", "nonsense"), clinic, ("language", "de")];
    let answer = admin.submit("/admin/phone-lines", "put-phone-line", &wrong).await;
    let back = admin.get(&answer.location()).await;
    // What was typed is still there.
    assert!(back.body.contains("nonsense"), "{}", back.body);
    let right = [("phone", "021 555 0102"), clinic, ("language", "de")];
    let answer = admin.submit("/admin/phone-lines", "put-phone-line", &right).await;
    assert_eq!(answer.location(), "/admin/phone-lines?said=set");
    let set = "select count(*) from phone_lines where number = '+62215550102' and language = 'de'";
    assert_eq!(app.count(set).await, 1);
    let answer = admin.call("remove-phone-line", &[("number", LINE)]).await;
    assert_eq!(answer.location(), "/admin/phone-lines?said=removed");
    assert_eq!(app.count("select count(*) from phone_lines").await, 1);
}
