//! Headers that make every answer safe.

use crate::support::TestApp;

#[tokio::test]
async fn every_page_runs_only_scripts_with_its_own_nonce() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let mut nonces = std::collections::HashSet::new();
    let doctor = format!("/doctors/{}", app.doctors[0].id);
    for page in [
        "/",
        &*doctor,
        "/sign-in",
        "/staff/sign-in",
        "/demo/messages",
        "/nowhere",
        "/doctors/999",
    ] {
        let answer = visitor.get(page).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{page}: {policy}"
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .expect(page)
            .to_owned();
        let document = scraper::Html::parse_document(&answer.body);
        for script in document.select(&scraper::Selector::parse("script").unwrap()) {
            assert_eq!(script.attr("nonce"), Some(&*nonce), "{page}: {}", script.html());
        }
        for link in document.select(&scraper::Selector::parse("[src], link[href]").unwrap()) {
            let address = link.attr("src").or(link.attr("href")).unwrap();
            assert!(
                address.starts_with('/') && !address.starts_with("//"),
                "{page} asks {address}"
            );
        }
        let handlers =
            scraper::Selector::parse("[onclick], [onload], [style], [href^='javascript']").unwrap();
        assert!(
            document.select(&handlers).next().is_none(),
            "{page} has what the policy forbids"
        );
        assert!(nonces.insert(nonce), "{page} repeats a nonce");
    }
}

#[tokio::test]
async fn every_answer_has_safe_headers() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for path in [
        "/",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/demo/messages.json",
        "/robots.txt",
        "/form/nothing",
    ] {
        let answer = visitor.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path} {part}: {policy}");
        }
        assert_ne!(answer.header("cache-control"), "", "{path}");
    }
}
