//! What admins see of messages.

use engine::notification::Senders;
use serde_json::json;

use crate::support::{PHONE, People, Setup, TestApp, data};

#[tokio::test]
async fn admins_see_what_was_given_up_and_send_it_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    site.visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    app.sql(
        "insert into messages (kind, channel, recipient, body, state, last_error, ended_at)
         values ('confirmed', 'sms', '+6281255500001', 'What was said', 'failed', 'account_refused', now())",
    )
    .await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/messages").await;
    assert_eq!(page.status, 200);
    for shown in [
        "What was said",
        "wrong password or key",
        "Given up",
        "Code to sign in",
    ] {
        assert!(page.body.contains(shown), "no {shown}");
    }
    assert!(!page.body.contains(&code));
    // The table first, then the picture.
    assert!(page.body.find("<table").unwrap() < page.body.find("class=\"chart\"").unwrap());
    let fields = page.form("send-message-again");
    let id = fields[0].1.clone();
    let answer = admin
        .submit("/admin/messages", "send-message-again", &[("id", &id)])
        .await;
    assert_eq!(answer.location(), "/admin/messages?done=again");
    assert_eq!(
        app.count("select count(*) from messages where kind = 'confirmed' and state = 'due'")
            .await,
        1
    );
    let page = admin.get("/admin/messages?state=failed").await;
    assert!(!page.body.contains("What was said"));
}

#[tokio::test]
async fn admins_see_what_a_mail_server_reported() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    app.sql(
        "insert into messages (kind, channel, recipient, body, state, last_error, bounce_status, ended_at)
         values ('confirmed', 'email', 'maya@example.org', 'text', 'failed', 'bounced', '5.1.1', now())",
    )
    .await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/messages").await;
    for shown in ["The mail came back", "The mail server reports"] {
        assert!(page.body.contains(shown), "no {shown}");
    }
    let people = People::of(&site).await;
    let messages = data(&people.admin.get("admin/messages?kind=confirmed").await, 200);
    assert_eq!(messages[0]["trouble"], "bounced");
    assert_eq!(messages[0]["bounce"], "5.1.1");
}

#[tokio::test]
async fn programs_of_admins_read_messages_and_send_them_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.sql(
        "insert into messages (kind, channel, recipient, body, state, last_error, ended_at)
         values ('confirmed', 'sms', '+6281255500001', 'text', 'failed', 'refused', now());
         insert into messages (channel, recipient, body, state, ended_at)
         values ('sms', '+6281255500001', '123456', 'failed', now());",
    )
    .await;
    let messages = data(&people.admin.get("admin/messages?state=failed").await, 200);
    assert_eq!(messages[0]["kind"], "code");
    assert_eq!(messages[0]["text"], "");
    assert_eq!(messages[0]["can_go_again"], false);
    assert_eq!(messages[1]["trouble"], "refused");
    assert_eq!(messages[1]["text"], "text");
    let again = format!("admin/messages/{}/again", messages[1]["id"]);
    assert_eq!(people.doctor.post(&again, &json!({})).await.status, 403);
    for _ in 0..2 {
        assert_eq!(people.admin.post(&again, &json!({})).await.status, 200);
    }
    let again = format!("admin/messages/{}/again", messages[0]["id"]);
    assert_eq!(people.admin.post(&again, &json!({})).await.status, 404);
    assert_eq!(people.admin.get("admin/messages?state=lost").await.status, 422);
    let test = data(
        &people
            .admin
            .post("admin/messages/test", &json!({"to": "+6281255500001"}))
            .await,
        200,
    );
    assert_eq!(test, json!({"sent": true, "trouble": null}));
}

#[tokio::test]
async fn a_clinic_without_a_sender_is_told_so() {
    let app = TestApp::with(Setup {
        demo: false,
        senders: Senders::default(),
        ..Setup::default()
    })
    .await;
    let site = app.serve().await;
    let ready = site.visitor().get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(
        ready.body.starts_with("ready\n") && ready.body.contains("degraded: no sender of messages"),
        "{}",
        ready.body
    );
    let admin = site.staff("admin@test.example").await;
    for page in ["/admin", "/admin/doctors", "/admin/messages"] {
        assert!(
            admin.get(page).await.body.contains("no gateway to phones"),
            "{page}"
        );
    }
    let doctor = site.staff("doctor1@test.example").await;
    assert!(!doctor.get("/doctor").await.body.contains("no gateway to phones"));
    let answer = admin
        .submit(
            "/admin/messages",
            "send-test-message",
            &[("phone", "+6281255500001")],
        )
        .await;
    assert_eq!(answer.location(), "/admin/messages?test=no_sender");
    assert!(
        admin
            .get(&answer.location())
            .await
            .body
            .contains("There is no sender")
    );
}
