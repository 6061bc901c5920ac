//! Sessions of browsers.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{PASSWORD, PHONE, TestApp, VISIT};
use engine::error::AppError;

#[sqlx::test]
async fn a_session_that_somebody_planted_is_worth_nothing_after_signing_in(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    for staff in [false, true] {
        let browser = site.visitor();
        browser
            .submit("/sign-in", "request-code", &[("phone", PHONE)])
            .await;
        let planted = browser.cookies();
        assert!(planted.starts_with("janji="), "{planted}");
        let page = if staff {
            let fields = [
                ("email", "doctor1@test.example"),
                ("password", PASSWORD),
                ("next", ""),
            ];
            browser
                .submit("/staff/sign-in", "staff-sign-in", &fields)
                .await
                .location()
        } else {
            let code = app.newest_code(PHONE).await;
            browser
                .submit("/sign-in/code", "verify-code", &[("code", &code)])
                .await
                .location()
        };
        assert_ne!(browser.cookies(), planted);
        assert_eq!(browser.get(&page).await.status, 200);
        let attacker = site.visitor();
        attacker.set_cookie(&planted);
        assert!(attacker.get(&page).await.location().contains("sign-in"));
        // And signing out ends it for whoever has a copy.
        let copy = site.visitor();
        copy.set_cookie(&browser.cookies());
        assert_eq!(copy.get(&page).await.status, 200);
        browser.submit(&page, "sign-out", &[]).await;
        assert!(copy.get(&page).await.location().contains("sign-in"));
    }
}

#[sqlx::test]
async fn the_session_cookie_is_for_this_site_and_not_for_scripts(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let answer = site
        .visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    // Who only looks around is given none.
    for page in ["/", "/doctors/1", "/sign-in", "/staff/sign-in"] {
        assert_eq!(site.visitor().get(page).await.header("set-cookie"), "", "{page}");
    }
    // What is in the table is no key to it.
    let id = cookie.split(['=', ';']).nth(1).unwrap();
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select id from sessions")
        .fetch_all(&mut app.connection().await)
        .await
        .unwrap();
    assert!(
        stored
            .iter()
            .all(|stored| stored.len() == 32 && stored != id.as_bytes())
    );
}

#[sqlx::test]
async fn a_wrong_password_and_an_unknown_account_look_alike(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_session_that_cannot_be_written_is_said_so_in_our_words(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
