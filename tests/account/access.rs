//! Accounts that are closed and opened again, and what sessions keep.

use serde_json::json;

use crate::support::{Answer, PHONE, People, Program, TestApp, VISIT, choose, data, refused};
use engine::{
    account::{Country, Phone, otp, tidy},
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

#[tokio::test]
async fn an_admin_closes_the_account_of_a_doctor_on_its_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (doctor, admin) = (
        site.staff("doctor1@test.example").await,
        site.staff("admin@test.example").await,
    );
    assert_eq!(doctor.get("/doctor").await.status, 200);
    let id = app.doctors[0].id.to_string();
    let path = format!("/admin/doctors/{id}");
    let set = async |active: &str| {
        let fields = [("doctor_id", &*id), ("active", active)];
        let answer = admin.submit(&path, "doctor-access", &fields).await;
        assert_eq!(answer.error(), None, "{answer:?}");
        admin.get(&path).await.body
    };
    assert!(set("false").await.contains("nobody can sign in with it"));
    assert!(doctor.get("/doctor").await.location().contains("sign-in"));
    assert!(!set("true").await.contains("nobody can sign in with it"));
    assert!(
        doctor.get("/doctor").await.location().contains("sign-in"),
        "opening revives nothing"
    );
    assert_eq!(
        site.staff("doctor1@test.example")
            .await
            .get("/doctor")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_admin_decides_by_phone_whether_a_patient_signs_in() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (patient, admin) = (site.patient(PHONE).await, site.staff("admin@test.example").await);
    let act = async |phone: &str, act: &str| {
        let fields = [("phone", phone), ("act", act)];
        admin
            .submit("/admin/phones", "phone-access", &fields)
            .await
            .error()
    };
    assert_eq!(patient.get("/appointments").await.status, 200);
    assert_eq!(
        act("+6281255599999", "close").await,
        Some(AppError::invalid(Field::Phone, FieldProblem::Unknown))
    );
    assert!(act(PHONE, "whatever").await.is_some());
    assert_eq!(patient.get("/appointments").await.status, 200);
    assert_eq!(act(PHONE, "close").await, None);
    assert!(patient.get("/appointments").await.location().contains("sign-in"));
    assert_eq!(act(PHONE, "open").await, None);
    assert!(patient.get("/appointments").await.location().contains("sign-in"));
    assert_eq!(act(PHONE, "let-in").await, None);
    assert_eq!(site.patient(PHONE).await.get("/appointments").await.status, 200);
}

#[tokio::test]
async fn accounts_are_closed_by_the_api() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let (close, open) = (json!({ "active": false }), json!({ "active": true }));
    let doctor = format!("doctors/{}/access", app.doctors[0].id);
    let patient = format!("patients/{}/access", people.patient_id);
    for path in [&doctor, &patient] {
        for nobody in [&people.doctor, &people.patient, &people.other] {
            refused(&nobody.put(path, &close).await, 404, "NOT_FOUND");
        }
    }
    for (path, theirs) in [(&doctor, &people.doctor), (&patient, &people.patient)] {
        data(&theirs.get("me").await, 200);
        for change in [&close, &open] {
            data(&people.admin.put(path, change).await, 200);
            refused(&theirs.get("me").await, 401, "UNAUTHENTICATED");
        }
    }
    // A repeated request is carried out once, and a key is for one request.
    let under = async |body: &serde_json::Value| {
        let request = people
            .admin
            .request("PUT", &patient)
            .header("idempotency-key", "close-1");
        Answer::of(request.json(body)).await
    };
    data(&under(&close).await, 200);
    data(&people.admin.put(&patient, &open).await, 200);
    data(&under(&close).await, 200);
    assert_eq!(
        app.count("select count(*) from patients where not active").await,
        0
    );
    refused(&under(&open).await, 409, "IDEMPOTENCY_CONFLICT");
    for path in ["doctors/999999/access", "patients/999999/access"] {
        refused(&people.admin.put(path, &close).await, 404, "NOT_FOUND");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_typed_is_forgotten_and_not_what_a_session_is_for() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let fields = [
        ("reference", &*reference),
        ("name", "Dewi"),
        ("phone", PHONE),
        ("reason", "A cough"),
    ];
    browser
        .submit(&format!("/book/{reference}"), "details", &fields)
        .await;
    let typed = "select count(*) from sessions where data::text like '%A cough%' or data::text like '%6281255500777%'";
    assert_eq!(app.count(typed).await, 1);
    let now = app.state.now();
    for (minutes, expected) in [(1, 1), (24 * 60 - 1, 0)] {
        let at = plus_minutes(now, minutes);
        app.database
            .write("test", move |mut tx| async move {
                tidy(&mut tx, at).await?;
                tx.commit().await
            })
            .await
            .unwrap();
        assert_eq!(app.count(typed).await, expected, "after {minutes} minutes");
    }
    assert_eq!(
        app.count("select count(*) from sessions where data ? 'visitor'")
            .await,
        1,
        "the session goes on"
    );
}

#[tokio::test]
async fn a_guarded_phone_is_told_to_call_the_clinic() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    app.sql(
        "insert into sign_in_tries (kind, subject, count, last_at)
         values ('wrong-codes', sha256('+6281255500777'), 50, now())",
    )
    .await;
    let browser = site.visitor_from("203.0.113.50");
    let answer = browser
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    assert_eq!(answer.error(), Some(AppError::SignInGuarded));
    let page = browser.get(answer.location().split('#').next().unwrap()).await;
    assert!(page.body.contains("call the clinic"), "{}", page.body);
    let by_program = Program::new(&site)
        .post("auth/otp", &json!({ "phone": PHONE }))
        .await;
    refused(&by_program, 403, "SIGN_IN_GUARDED");
    otp::let_in(
        &app.database,
        None,
        Phone::parse(PHONE, Country::default()).unwrap(),
    )
    .await
    .unwrap();
    let who = site.patient(PHONE).await;
    assert_eq!(who.get("/appointments").await.status, 200);
}
