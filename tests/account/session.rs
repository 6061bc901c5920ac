//! Sessions of browsers.

use crate::support::{Browser, PASSWORD, PHONE, Site, TestApp, VISIT};
use engine::error::AppError;

/// Signs a browser in that has a session already: its cookie from before, and a page that it now sees.
async fn sign_in(site: &Site<'_>, browser: &Browser, staff: bool) -> (String, String) {
    browser
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let before = browser.cookies();
    assert!(before.starts_with("janji="), "{before}");
    let answer = if staff {
        let fields = [
            ("email", "doctor1@test.example"),
            ("password", PASSWORD),
            ("next", ""),
        ];
        browser.submit("/staff/sign-in", "staff-sign-in", &fields).await
    } else {
        let code = site.app.newest_code(PHONE).await;
        browser
            .submit("/sign-in/code", "verify-code", &[("code", &code)])
            .await
    };
    let page = answer.location();
    assert_eq!(browser.get(&page).await.status, 200);
    (before, page)
}

#[tokio::test]
async fn a_session_from_before_signing_in_is_worthless_afterwards() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for staff in [false, true] {
        let browser = site.visitor();
        let (planted, page) = sign_in(&site, &browser, staff).await;
        assert_ne!(browser.cookies(), planted);
        let attacker = site.visitor();
        attacker.set_cookie(&planted);
        assert!(attacker.get(&page).await.location().contains("sign-in"));
    }
}

#[tokio::test]
async fn signing_out_ends_every_copy_of_a_session() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for staff in [false, true] {
        let browser = site.visitor();
        let (_, page) = sign_in(&site, &browser, staff).await;
        let copy = site.visitor();
        copy.set_cookie(&browser.cookies());
        assert_eq!(copy.get(&page).await.status, 200);
        browser.submit(&page, "sign-out", &[]).await;
        assert!(copy.get(&page).await.location().contains("sign-in"));
    }
}

/// The cookie of a browser that has asked for a code.
async fn cookie(site: &Site<'_>) -> String {
    site.visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await
        .header("set-cookie")
}

#[tokio::test]
async fn the_session_cookie_is_closed_to_scripts_and_other_sites() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cookie = cookie(&site).await;
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_visitor_who_only_looks_around_gets_no_cookie_that_tells_them_from_others() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for page in ["/", "/doctors/1", "/sign-in", "/staff/sign-in"] {
        // By this one, which is the same for everybody, a form finds out whether the browser keeps cookies.
        let cookie = site.visitor().get(page).await.header("set-cookie");
        assert!(
            cookie.is_empty() || cookie.starts_with("janji-cookies=1;"),
            "{page}: {cookie}"
        );
    }
}

#[tokio::test]
async fn the_table_of_sessions_does_not_contain_their_cookies() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cookie = cookie(&site).await;
    let id = cookie.split(['=', ';']).nth(1).unwrap();
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select id from sessions")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    assert!(stored[0].len() == 32 && stored[0] != id.as_bytes());
}

#[tokio::test]
async fn failed_sign_ins_look_alike() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let ask = async |email: &'static str, password: &'static str| {
        let fields = [("email", email), ("password", password), ("next", "")];
        let answer = site.visitor().call("staff-sign-in", &fields).await;
        (answer.status, answer.body)
    };
    let wrong = ask("admin@test.example", "wrong").await;
    assert_eq!(wrong.0, 401);
    assert_eq!(wrong, ask("nobody@test.example", PASSWORD).await);
    assert_eq!(wrong, ask("' or 1=1 --", "x").await);
}

#[tokio::test]
async fn a_session_that_cannot_be_written_is_reported_as_unavailable() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    app.sql("alter table sessions rename to gone").await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let fields = [
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let form = visitor.submit("/doctors/1", "hold", &fields).await;
    assert_eq!((form.status, form.error()), (303, Some(AppError::Unavailable)));
    let program = site.visitor().call("sign-out", &[]).await;
    assert!(program.status < 500, "{program:?}");
    let program = site
        .visitor()
        .call("request-code", &[("phone", "+6281255500777")])
        .await;
    assert_eq!((program.status, program.code().as_str()), (503, "UNAVAILABLE"));
}
