//! The log, which names no patient.

use crate::support::{Heard, PHONE, TestApp, VISIT, book};

#[tokio::test]
async fn no_phone_code_or_name_is_logged() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let browser = site.visitor();
    book(
        &site,
        &browser,
        app.wanted(0, VISIT, app.slot(20)),
        "Dewi Lestari",
        "Itchy rash",
    )
    .await;
    browser.call("request-code", &[("phone", "0812 abc 99")]).await;
    site.visitor()
        .call(
            "staff-sign-in",
            &[
                ("email", "admin@test.example"),
                ("password", "wr0ng"),
                ("next", ""),
            ],
        )
        .await;
    drop(guard);
    let code = app.newest_code(PHONE).await;
    for secret in [
        &PHONE[3..],
        &*code,
        "Dewi",
        "Itchy",
        "812 abc",
        "wr0ng",
        "admin@test.example",
    ] {
        assert_eq!(heard.containing(secret), Vec::<String>::new(), "{secret}");
    }
}
