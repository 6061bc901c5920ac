//! Messages that the demo shows instead of sending them.

use crate::support::{PHONE, Setup, TestApp};

#[tokio::test]
async fn the_demo_lists_its_messages() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for phone in ["+6281255500001", "+6281255500002"] {
        visitor
            .submit("/sign-in", "request-code", &[("phone", phone)])
            .await;
    }
    let messages = visitor.get("/demo/messages.json").await.json();
    assert_eq!(messages[0]["to"], "+6281255500002");
    assert_eq!(messages[1]["to"], "+6281255500001");
    assert_eq!(messages[0]["channel"], "sms");
    let code = app.newest_code("+6281255500002").await;
    assert!(messages[0]["body"].as_str().unwrap().contains(&code));
    assert!(
        messages[0]["sent_at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
    assert!(visitor.get("/demo/messages").await.body.contains(&code));
}

#[tokio::test]
async fn messages_cannot_be_read_outside_of_the_demo() {
    let app = TestApp::with(Setup {
        demo: false,
        ..Setup::default()
    })
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    site.visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    for browser in [&site.visitor(), &admin] {
        for path in ["/demo/messages", "/demo/messages.json"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.body.contains(&code));
        }
    }
}
