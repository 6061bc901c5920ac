//! What patients wish, on their page and for programs; and a new phone number.

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{OTHER, PHONE, Program, Setup, TestApp, data, refused};
use engine::{
    account::{link::PublicUrl, session::SignedIn},
    error::{AppError, Field, FieldProblem},
};
use janji::server::config::Accounts;

const WAYS: [(&str, &str); 4] = [
    ("appointment", "sms"),
    ("reminder", "email"),
    ("prescription", "whatsapp"),
    ("rating", "none"),
];

fn with_links() -> Setup {
    Setup {
        accounts: Accounts {
            public_url: PublicUrl::parse("https://clinic.example"),
            ..Accounts::default()
        },
        ..Setup::default()
    }
}

#[sqlx::test]
async fn a_patient_gives_an_address_and_confirms_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::with(options, with_links()).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let wish = |email| [&[("language", "id"), ("email", email)][..], &WAYS].concat();
    let answer = patient.submit("/account", "change-wishes", &wish("dewi")).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Email, FieldProblem::Malformed))
    );
    let page = patient.get(&answer.location()).await;
    assert!(
        page.form("change-wishes")
            .contains(&("email".to_owned(), "dewi".to_owned()))
    );
    let answer = patient
        .submit("/account", "change-wishes", &wish("dewi@mail.example"))
        .await;
    assert_eq!(answer.location(), "/account?done=link");
    let body = app.newest_message("dewi@mail.example").await;
    let link = body.split("https://clinic.example").nth(1).unwrap();
    let link = link.split_whitespace().next().unwrap();
    // Whoever has the link confirms, signed in or not; looking at it confirms nothing.
    let visitor = site.visitor();
    let page = visitor.get(link).await;
    assert!(page.body.contains("dewi@mail.example"));
    let confirmed = "select count(*) from patients where email_confirmed_at is not null";
    assert_eq!(app.count(confirmed).await, 0);
    let key = page.form("confirm-email")[0].1.clone();
    // It sets no password.
    let fields = [("key", &*key), ("new_password", "tulips on a barge")];
    assert_eq!(visitor.call("choose-password", &fields).await.status, 404);
    let answer = visitor.submit(link, "confirm-email", &[("key", &key)]).await;
    assert_eq!(answer.location(), "/link?confirmed=1");
    assert_eq!(app.count(confirmed).await, 1);
    assert_eq!(visitor.get("/link?confirmed=1").await.status, 200);
    assert_eq!(visitor.call("confirm-email", &[("key", &key)]).await.status, 404);
    let bad = [("language", "xx"), ("email", ""), ("appointment", "sms")];
    assert_eq!(patient.call("change-wishes", &bad).await.status, 422);
}

#[sqlx::test]
async fn a_program_reads_and_changes_the_wishes_of_its_patient(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let patient_id = app.patient(0).await;
    let program = Program::acting_for(&site, SignedIn::Patient(patient_id)).await;
    let there = data(&program.get("me/preferences").await, 200);
    let ways = |reminder| json!({ "appointment": "sms", "reminder": reminder, "prescription": "sms", "rating": "none" });
    assert_eq!(there["messages"]["reminder"], "sms");
    assert_eq!(there["email"], json!(null));
    let wish = json!({ "language": "de", "messages": ways("whatsapp") });
    let changed = data(&program.put("me/preferences", &wish).await, 200);
    assert_eq!(
        (&changed["language"], &changed["messages"]),
        (&json!("de"), &ways("whatsapp"))
    );
    assert_eq!(data(&program.get("me/preferences").await, 200), changed);
    for wish in [
        json!({ "messages": ways("email") }),
        json!({ "messages": ways("pigeon") }),
        json!({ "language": "xx", "messages": ways("sms") }),
        // This clinic sends no links.
        json!({ "email": "dewi@mail.example", "messages": ways("sms") }),
    ] {
        refused(
            &program.put("me/preferences", &wish).await,
            422,
            "VALIDATION_FAILED",
        );
    }
    let admin = Program::acting_for(&site, SignedIn::Staff(app.admin_staff_id)).await;
    refused(&admin.get("me/preferences").await, 403, "FORBIDDEN");
    refused(
        &Program::new(&site).get("me/preferences").await,
        401,
        "UNAUTHENTICATED",
    );
}

#[sqlx::test]
async fn a_patient_takes_a_new_phone_number(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (patient, elsewhere) = (site.patient(PHONE).await, site.patient(PHONE).await);
    assert_eq!(patient.get("/account/phone").await.location(), "/account");
    let answer = patient.submit("/account", "new-phone", &[("phone", OTHER)]).await;
    assert_eq!(answer.location(), "/account/phone");
    let page = patient.get("/account/phone").await;
    assert_eq!(page.status, 200);
    // The code of the new number signs nobody else in, and no other one is taken for it.
    let answer = patient
        .submit("/account/phone", "confirm-phone", &[("code", "000000")])
        .await;
    assert_eq!(answer.error(), Some(AppError::WrongCode));
    let code = app.newest_code(OTHER).await;
    let stranger = site.patient("+6281255500779").await;
    assert_eq!(
        stranger.call("confirm-phone", &[("code", &code)]).await.status,
        401
    );
    let answer = patient
        .submit("/account/phone", "confirm-phone", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), "/account?done=phone");
    assert_eq!(patient.get("/account").await.status, 200);
    assert!(elsewhere.get("/account").await.location().contains("sign-in"));
    assert!(app.newest_message(PHONE).await.contains("was changed"));
    assert_eq!(
        app.count("select count(*) from patients where phone = '+6281255500778'")
            .await,
        1
    );
}
