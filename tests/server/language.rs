//! Languages.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test]
async fn pages_and_errors_are_in_the_chosen_language(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let mut errors = std::collections::HashSet::new();
    for language in ["en", "id", "de"] {
        let answer = browser
            .submit("/sign-in", "language", &[("language", language)])
            .await;
        assert!(
            answer.location().trim_end_matches('?').ends_with("/sign-in"),
            "{answer:?}"
        );
        let page = browser.get("/sign-in").await;
        assert!(
            page.body.contains(&format!("<html lang=\"{language}\"")),
            "{language}"
        );
        errors.insert(browser.call("request-code", &[("phone", "12")]).await.json()["error"].to_string());
    }
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert_eq!(browser.call("language", &[("language", "xx")]).await.status, 422);
}
