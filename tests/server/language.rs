//! Languages.

use crate::support::TestApp;

#[tokio::test]
async fn pages_and_errors_are_in_the_chosen_language() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn the_language_is_negotiated_over_all_lines() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for (lines, language) in [
        (vec!["id; q=0.9, en; q=0.1"], "id"),
        (vec!["en;Q=0.1, de ; Q = 0.9"], "de"),
        (vec!["en;q=0.5", "de;q=0.7"], "de"),
        (vec!["fr", "id"], "id"),
        (vec!["*;q=0.5, de;q=0.1"], "en"),
        (vec!["de;q=0, id;q=0.1"], "id"),
    ] {
        // A visitor each, since the page remembers nothing of it.
        let visitor = site.visitor();
        let request = lines
            .iter()
            .fold(visitor.http.get(visitor.url("/sign-in")), |request, line| {
                request.header("accept-language", *line)
            });
        let page = crate::support::Answer::of(request.header("accept", "text/html")).await;
        let expected = format!("<html lang=\"{language}\"");
        assert!(page.body.contains(&expected), "{lines:?}: {language}");
    }
}
