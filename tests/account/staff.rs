//! The accounts of staff on pages: invited, closed, handed over; and passwords chosen by links.

use crate::support::{Browser, PASSWORD, Setup, Site, TestApp};
use engine::{
    account::link::PublicUrl,
    error::{AppError, Field, FieldProblem},
};
use janji::notification::settings::Settings;

const NEW: &str = "tulips on a barge";

pub fn with_links() -> Setup {
    Setup {
        messages: Settings {
            public_url: PublicUrl::parse("https://clinic.example"),
            ..Settings::default()
        },
        ..Setup::default()
    }
}

/// The path of the link in the newest mail to this address.
pub async fn newest_link(app: &TestApp, email: &str) -> String {
    let body = app.newest_message(email).await;
    let after = body.split("https://clinic.example").nth(1).expect("a link");
    after.split_whitespace().next().unwrap().to_owned()
}

/// Chooses a password on the page of a link.
pub async fn choose(browser: &Browser, link: &str, password: &str) -> crate::support::Answer {
    let page = browser.get(link).await;
    let mut fields = page.form("choose-password");
    for (name, value) in &mut fields {
        if name == "new_password" {
            password.clone_into(value);
        }
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.submit(link, "choose-password", &fields).await
}

pub async fn sign_in(site: &Site<'_>, email: &str, password: &str) -> (Browser, crate::support::Answer) {
    let browser = site.visitor();
    let fields = [("email", email), ("password", password), ("next", "")];
    let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    (browser, answer)
}

#[tokio::test]
async fn an_admin_invites_another_one_who_chooses_a_password() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/staff").await;
    assert_eq!(page.status, 200);
    let bad = [("name", "Ayu"), ("email", "no address"), ("key", "")];
    let answer = admin.submit("/admin/staff", "invite-admin", &bad).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Email, FieldProblem::Malformed))
    );
    let page = admin.get(&answer.location()).await;
    assert!(
        page.form("invite-admin")
            .contains(&("email".to_owned(), "no address".to_owned()))
    );
    let fields = [("name", "Ayu"), ("email", "ayu@test.example"), ("key", "")];
    let answer = admin.submit("/admin/staff", "invite-admin", &fields).await;
    assert_eq!(answer.location(), "/admin/staff?done=invited");
    let link = newest_link(&app, "ayu@test.example").await;
    let stranger = site.visitor();
    let page = stranger.get(&link).await;
    assert!(page.body.contains("ayu@test.example"));
    // Programs that read mails follow links: that uses nothing up.
    for _ in 0..3 {
        assert_eq!(stranger.get(&link).await.form("choose-password").len(), 3 + 1);
    }
    let answer = choose(&stranger, &link, "short").await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::NewPassword, FieldProblem::Malformed))
    );
    let answer = choose(&stranger, &link, NEW).await;
    assert_eq!(answer.location(), "/staff/sign-in?chosen=1");
    // The link is used up.
    let spent = stranger.get(&link).await;
    assert!(spent.form("choose-password").is_empty());
    let again = [
        ("key", link.split("key=").nth(1).unwrap()),
        ("new_password", "barges and tulips"),
    ];
    let answer = stranger.call("choose-password", &again).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    let (ayu, answer) = sign_in(&site, "ayu@test.example", NEW).await;
    assert_eq!(answer.location(), "/admin");
    assert_eq!(ayu.get("/admin/staff").await.status, 200);
}

#[tokio::test]
async fn without_an_address_of_the_site_no_link_is_made() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get("/admin/staff").await;
    assert!(page.body.contains("JANJI_PUBLIC_URL"));
    assert!(page.form("invite-admin").is_empty() && page.form("invite-staff").is_empty());
    let fields = [("name", "Ayu"), ("email", "ayu@test.example")];
    assert_eq!(admin.call("invite-admin", &fields).await.status, 404);
    let visitor = site.visitor();
    assert!(
        visitor
            .get("/staff/forgotten")
            .await
            .form("forgotten-password")
            .is_empty()
    );
    let fields = [("email", "admin@test.example")];
    assert_eq!(visitor.call("forgotten-password", &fields).await.status, 404);
    // Whoever chooses the host of a request does not choose where a link leads.
    assert_eq!(app.count("select count(*) from messages").await, 0);
    assert_eq!(app.count("select count(*) from account_links").await, 0);
}

#[tokio::test]
async fn who_forgot_the_password_is_sent_a_link_and_others_are_answered_the_same() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let before = site.staff("doctor1@test.example").await;
    let mut answers = Vec::new();
    for email in ["nobody@test.example", "doctor1@test.example"] {
        let visitor = site.visitor();
        let answer = visitor
            .submit("/staff/forgotten", "forgotten-password", &[("email", email)])
            .await;
        let page = visitor.get(&answer.location()).await;
        answers.push((answer.status, answer.location(), page.texts("main")));
    }
    assert_eq!(answers[0], answers[1]);
    let mut link = None;
    for _ in 0..500 {
        if app.count("select count(*) from messages").await > 0 {
            link = Some(newest_link(&app, "doctor1@test.example").await);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let answer = choose(&site.visitor(), &link.unwrap(), NEW).await;
    assert_eq!(answer.location(), "/staff/sign-in?chosen=1");
    assert!(before.get("/doctor").await.location().contains("sign-in"));
    let (_, answer) = sign_in(&site, "doctor1@test.example", PASSWORD).await;
    assert_eq!(answer.error(), Some(AppError::WrongPassword));
    let (_, answer) = sign_in(&site, "doctor1@test.example", NEW).await;
    assert_eq!(answer.location(), "/doctor");
}

#[tokio::test]
async fn an_admin_closes_opens_and_hands_over_accounts() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let doctor = site.staff("doctor1@test.example").await;
    let id = app.doctors[0].staff_id.to_string();
    let own = app.admin_staff_id.to_string();
    for (active, door) in [("false", true), ("true", true)] {
        let fields = [("staff_id", &*id), ("active", active)];
        let answer = admin.submit("/admin/staff", "staff-access", &fields).await;
        assert!(answer.location().starts_with("/admin/staff?done="), "{active}");
        assert_eq!(doctor.get("/doctor").await.location().contains("sign-in"), door);
    }
    let fields = [("staff_id", &*own), ("active", "false")];
    assert_eq!(admin.call("staff-access", &fields).await.status, 403);
    let fields = [("staff_id", &*id), ("role", "admin")];
    let answer = admin.submit("/admin/staff", "staff-role", &fields).await;
    assert_eq!(answer.location(), "/admin/staff?done=role");
    let (second, answer) = sign_in(&site, "doctor1@test.example", PASSWORD).await;
    assert_eq!(answer.location(), "/admin");
    // The new admin closes the account of the first one, and is the last one then.
    let fields = [("staff_id", &*own), ("active", "false")];
    let answer = second.submit("/admin/staff", "staff-access", &fields).await;
    assert_eq!(answer.location(), "/admin/staff?done=closed");
    assert!(admin.get("/admin").await.location().contains("sign-in"));
    let fields = [("staff_id", &*id), ("role", "doctor")];
    assert_eq!(second.call("staff-role", &fields).await.status, 403);
    for role in ["patient", "owner", ""] {
        let fields = [("staff_id", &*id), ("role", role)];
        assert_eq!(second.call("staff-role", &fields).await.status, 422, "{role}");
    }
    let kinds =
        "select count(distinct kind) from security_notes where kind in ('account_changed', 'role_changed')";
    assert_eq!(app.count(kinds).await, 2);
}

#[tokio::test]
async fn a_new_doctor_without_a_password_is_invited() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let (clinic, service) = (app.clinic.to_string(), app.services[0].to_string());
    let fields = [
        ("filled[fields][title]", "Dr Ayu"),
        ("filled[fields][speciality]", "Dermatology"),
        ("filled[fields][email]", "ayu@test.example"),
        ("filled[fields][new_password]", ""),
        ("filled[fields][clinic]", &*clinic),
        ("filled[ticked][services][0]", &*service),
        ("filled[ticked][days][0]", "1"),
        ("filled[fields][hours]", "9"),
        ("filled[fields][until]", "17"),
    ];
    let answer = admin.submit("/admin/doctors/new", "add-doctor", &fields).await;
    assert!(
        answer.location().ends_with("?saved=added"),
        "{}",
        answer.location()
    );
    let link = newest_link(&app, "ayu@test.example").await;
    choose(&site.visitor(), &link, NEW).await;
    let (_, answer) = sign_in(&site, "ayu@test.example", NEW).await;
    assert_eq!(answer.location(), "/doctor");
}
