//! The second factor on pages without JavaScript, and for programs.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Answer, Browser, PASSWORD, Program, Setup, Site, TestApp, data, refused};
use engine::{
    account::{
        factor::{Policy, totp},
        session::SignedIn,
        token,
    },
    error::{AppError, Field, FieldProblem},
};
use janji::server::config::Accounts;

fn with_policy(policy: Policy) -> Setup {
    Setup {
        accounts: Accounts {
            second_factor: policy,
            ..Accounts::default()
        },
        ..Setup::default()
    }
}

/// The code that an app shows in so many steps from now.
fn code(app: &TestApp, secret: &str, steps: i64) -> String {
    let at = app.database.now() + SignedDuration::from_secs(30 * steps);
    totp::code_of(secret, at).unwrap()
}

/// The secret that a page shows.
fn secret_of(page: &Answer) -> String {
    let shown = page.texts("#secret");
    assert_eq!(shown.len(), 1, "{}", page.body);
    shown[0].replace(' ', "")
}

async fn password(site: &Site<'_>, email: &str, next: &str) -> (Browser, Answer) {
    let browser = site.visitor();
    let fields = [("email", email), ("password", PASSWORD), ("next", next)];
    let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    (browser, answer)
}

/// Sets up an app, and answers with its secret and the recovery codes.
async fn with_app(app: &TestApp, browser: &Browser) -> (String, Vec<String>) {
    let answer = browser.submit("/account/factors", "begin-totp", &[]).await;
    assert_eq!(answer.location(), "/account/factors/app");
    let page = browser.get("/account/factors/app").await;
    assert!(page.body.contains("<svg"), "a picture for the app");
    let secret = secret_of(&page);
    // The step before this one: the present one is still good afterwards.
    let answer = browser
        .submit(
            "/account/factors/app",
            "finish-totp",
            &[("code", &code(app, &secret, -1))],
        )
        .await;
    assert_eq!(answer.location(), "/account/codes");
    let codes = browser.get("/account/codes").await.texts("ol.codes li");
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

#[tokio::test]
async fn staff_set_up_an_app_and_sign_in_with_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.staff("doctor1@test.example").await;
    let elsewhere = site.staff("doctor1@test.example").await;
    let (secret, codes) = with_app(&app, &browser).await;
    assert!(elsewhere.get("/doctor").await.location().contains("sign-in"));
    assert_eq!(browser.get("/doctor").await.status, 200);
    // The codes are forgotten when they have been written down, and were for this browser alone.
    assert_eq!(browser.get("/account/codes").await.texts("ol.codes li"), codes);
    browser.submit("/account/codes", "codes-kept", &[]).await;
    assert!(
        browser
            .get("/account/codes")
            .await
            .texts("ol.codes li")
            .is_empty()
    );

    let (stranger, answer) = password(&site, "doctor1@test.example", "/doctor/plan").await;
    assert_eq!(answer.location(), "/staff/sign-in/factor");
    // The password alone lets nobody in.
    assert!(stranger.get("/doctor").await.location().contains("sign-in"));
    assert!(
        stranger
            .get("/account/factors/app")
            .await
            .location()
            .contains("sign-in")
    );
    assert_eq!(stranger.call("begin-totp", &[]).await.status, 401);
    let page = stranger.get("/staff/sign-in/factor").await;
    assert_eq!(page.status, 200);
    let answer_with = async |browser: &Browser, code: &str| {
        browser
            .submit("/staff/sign-in/factor", "answer-factor", &[("code", code)])
            .await
    };
    let answer = answer_with(&stranger, "").await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Code, FieldProblem::Missing))
    );
    let answer = answer_with(&stranger, "000000").await;
    assert_eq!(answer.error(), Some(AppError::WrongCode));
    let now = code(&app, &secret, 0);
    let answer = answer_with(&stranger, &now).await;
    assert_eq!(answer.location(), "/doctor/plan");
    assert_eq!(stranger.get("/doctor/plan").await.status, 200);
    // The same code again is refused, and a recovery code is not, once.
    let (second, _) = password(&site, "doctor1@test.example", "").await;
    assert_eq!(
        answer_with(&second, &now).await.error(),
        Some(AppError::WrongCode)
    );
    assert_eq!(answer_with(&second, &codes[0]).await.location(), "/doctor");
    let (third, _) = password(&site, "doctor1@test.example", "").await;
    assert_eq!(
        answer_with(&third, &codes[0]).await.error(),
        Some(AppError::WrongCode)
    );
    // Nothing is asked of who has not shown a password.
    let visitor = site.visitor();
    assert_eq!(
        visitor.get("/staff/sign-in/factor").await.location(),
        "/staff/sign-in"
    );
    assert_eq!(
        visitor.call("answer-factor", &[("code", &codes[1])]).await.status,
        401
    );
}

#[tokio::test]
async fn a_password_that_changes_meanwhile_lets_nobody_in() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let owner = site.staff("doctor1@test.example").await;
    let (_, codes) = with_app(&app, &owner).await;
    let (stranger, answer) = password(&site, "doctor1@test.example", "").await;
    assert_eq!(answer.location(), "/staff/sign-in/factor");
    let fields = [("own_password", PASSWORD), ("new_password", "tulips on a barge")];
    owner.submit("/account", "own-password", &fields).await;
    stranger
        .submit("/staff/sign-in/factor", "answer-factor", &[("code", &codes[0])])
        .await;
    assert!(stranger.get("/doctor").await.location().contains("sign-in"));
}

#[tokio::test]
async fn who_has_to_have_a_factor_sets_one_up_before_being_let_in() {
    let app = TestApp::with(with_policy(Policy::Admins)).await;
    let site = app.serve().await;
    // Doctors need none.
    site.staff("doctor1@test.example").await;
    let (admin, answer) = password(&site, "admin@test.example", "").await;
    assert_eq!(answer.location(), "/account/factors/app");
    assert!(admin.get("/admin").await.location().contains("sign-in"));
    let page = admin.get("/account/factors/app").await;
    let secret = secret_of(&page);
    let answer = admin
        .submit("/account/factors/app", "finish-totp", &[("code", "000000")])
        .await;
    assert_eq!(answer.error(), Some(AppError::WrongCode));
    assert!(admin.get("/admin").await.location().contains("sign-in"));
    let code = code(&app, &secret, 0);
    let answer = admin
        .submit("/account/factors/app", "finish-totp", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), "/account/factors?done=app");
    assert_eq!(admin.get("/admin").await.status, 200);
    // Then there are recovery codes, and the last factor stays.
    let answer = admin.submit("/account/factors", "renew-codes", &[]).await;
    assert_eq!(answer.location(), "/account/codes");
    assert_eq!(admin.get("/account/codes").await.texts("ol.codes li").len(), 10);
    assert_eq!(admin.call("remove-totp", &[]).await.status, 403);
    // Nobody else can see or finish what somebody sets up.
    let visitor = site.visitor();
    assert!(
        visitor
            .get("/account/factors/app")
            .await
            .location()
            .contains("sign-in")
    );
    assert_eq!(visitor.call("finish-totp", &[("code", &code)]).await.status, 401);
    // A program is told that there is nothing to sign in with yet.
    app.sql("delete from totp_factors").await;
    let body = json!({ "email": "admin@test.example", "password": PASSWORD });
    let answer = Program::new(&site).post("auth/login", &body).await;
    refused(&answer, 403, "FACTOR_REQUIRED");
}

#[tokio::test]
async fn a_program_signs_in_in_two_steps() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (secret, codes) = with_app(&app, &site.staff("doctor1@test.example").await).await;
    let program = Program::new(&site);
    let login = json!({ "email": "doctor1@test.example", "password": PASSWORD });
    let challenge = data(&program.post("auth/login", &login).await, 202)["challenge"].take();
    let answer = async |challenge: &serde_json::Value, code: &str| {
        let body = json!({ "challenge": challenge, "code": code });
        program.post("auth/login/factor", &body).await
    };
    refused(&answer(&challenge, "000000").await, 401, "UNAUTHENTICATED");
    refused(
        &answer(&json!("x"), &code(&app, &secret, 0)).await,
        401,
        "UNAUTHENTICATED",
    );
    refused(&answer(&challenge, " ").await, 422, "VALIDATION_FAILED");
    let issued = data(&answer(&challenge, &code(&app, &secret, 0)).await, 200);
    assert_eq!(issued["role"], "doctor");
    let me = program.with(issued["token"].as_str().unwrap()).get("me").await;
    assert_eq!(data(&me, 200)["role"], "doctor");
    // The challenge is used up.
    refused(&answer(&challenge, &codes[0]).await, 401, "UNAUTHENTICATED");
    // Who has no factor signs in as before.
    let login = json!({ "email": "doctor2@test.example", "password": PASSWORD });
    data(&program.post("auth/login", &login).await, 200);
}

#[tokio::test]
async fn what_opens_doors_asks_again_who_one_is() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let doctor = app.doctors[0].staff_id.to_string();
    // Ten minutes and more ago.
    app.sql(
        "update sessions set data = jsonb_set(data, '{proved_at}', to_jsonb((now() - interval '11 minutes')::timestamptz))
         where staff_id is not null",
    )
    .await;
    let token = [("token_name", "A program"), ("scopes[0]", "read"), ("days", "7")];
    let role = [("staff_id", &*doctor), ("role", "admin")];
    let account = [("staff_id", &*doctor), ("active", "false")];
    for (form, fields) in [
        ("make-token", &token[..]),
        ("staff-role", &role),
        ("staff-access", &account),
        ("reset-factors", &account),
        ("begin-totp", &[]),
        ("renew-codes", &[]),
    ] {
        let answer = admin.call(form, fields).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "STEP_UP_REQUIRED"),
            "{form}"
        );
    }
    let answer = admin.submit("/tokens", "make-token", &token).await;
    assert_eq!(answer.error(), Some(AppError::StepUpRequired));
    let page = admin.get(&answer.location()).await;
    let confirm = page.links("main a[href^='/account/confirm']");
    assert_eq!(confirm, ["/account/confirm?next=/tokens"]);
    assert_eq!(admin.get(&confirm[0]).await.form("confirm-self")[0].1, "/tokens");
    let answer = admin
        .submit(
            &confirm[0],
            "confirm-self",
            &[("own_password", "wrong"), ("next", "/tokens")],
        )
        .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::OwnPassword, FieldProblem::Malformed))
    );
    let answer = admin
        .submit(
            &confirm[0],
            "confirm-self",
            &[("own_password", PASSWORD), ("next", "/tokens")],
        )
        .await;
    assert_eq!(answer.location(), "/tokens");
    let answer = admin.submit("/tokens", "make-token", &token).await;
    assert!(answer.location().starts_with("/tokens?made="));

    // A program signs in again.
    let issued = token::issue(&app.database, SignedIn::Staff(app.admin_staff_id), None, app.now)
        .await
        .unwrap();
    let program = Program::new(&site).with(&issued.token);
    let wanted = json!({ "name": "A program", "scopes": ["read"], "days": 7 });
    data(&program.post("tokens", &wanted).await, 201);
    app.sql("update tokens set made_at = made_at - interval '11 minutes', expires_at = expires_at + interval '1 day'")
        .await;
    refused(&program.post("tokens", &wanted).await, 403, "STEP_UP_REQUIRED");
    let path = format!("doctors/{}/access", app.doctors[0].id);
    refused(
        &program.put(&path, &json!({ "active": false })).await,
        403,
        "STEP_UP_REQUIRED",
    );
    data(&program.get("tokens").await, 200);
}

#[tokio::test]
async fn an_admin_takes_a_lost_factor_off() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    with_app(&app, &doctor).await;
    let admin = site.staff("admin@test.example").await;
    let shown = admin.get("/admin/staff").await.form("reset-factors");
    assert_eq!(
        shown,
        [("staff_id".to_owned(), app.doctors[0].staff_id.to_string())]
    );
    let answer = admin
        .submit("/admin/staff", "reset-factors", &[("staff_id", &shown[0].1)])
        .await;
    assert_eq!(answer.location(), "/admin/staff?done=factors");
    assert!(doctor.get("/doctor").await.location().contains("sign-in"));
    site.staff("doctor1@test.example").await;
}

#[tokio::test]
async fn what_is_put_into_an_app_is_shown_where_it_was_begun_alone() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let one = site.staff("admin@test.example").await;
    let other = site.staff("admin@test.example").await;
    one.submit("/account/factors", "begin-totp", &[]).await;
    let page = one.get("/account/factors/app").await;
    let secret = secret_of(&page);
    // Signed in as the same person, and just now.
    let answer = other.get("/account/factors/app").await;
    assert_eq!(answer.location(), "/account/factors");
    assert!(!answer.body.contains(&secret));
    // It is still shown where it was begun.
    assert_eq!(secret_of(&one.get("/account/factors/app").await), secret);
}
