//! The security log, as what people do writes it and as admins read it.

use serde_json::json;

use crate::support::{
    Everybody, PASSWORD, PHONE, People, Program, Setup, TestApp, VISIT, data, refused, request,
};
use engine::account::Limits;

/// The kinds of all notes, in their order.
async fn kinds(admin: &Program) -> Vec<String> {
    let notes = data(&admin.get("admin/security?limit=200").await, 200);
    let mut kinds: Vec<String> = notes
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

#[tokio::test]
async fn signing_in_and_failing_to_is_noted_by_page_and_by_api() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = site.visitor_from("203.0.113.9");
    for password in ["wrong", PASSWORD] {
        let fields = [
            ("email", "doctor1@test.example"),
            ("password", password),
            ("next", ""),
        ];
        visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    }
    visitor.submit("/doctor", "sign-out", &[]).await;
    let program = Program::new(&site);
    let login = |password: &str| json!({ "email": "admin@test.example", "password": password });
    refused(
        &program.post("auth/login", &login("wrong")).await,
        401,
        "UNAUTHENTICATED",
    );
    data(&program.post("auth/login", &login(PASSWORD)).await, 200);
    let sent = data(&program.post("auth/otp", &json!({ "phone": PHONE })).await, 202);
    let verify = |code: &str| json!({ "challenge": sent["challenge"], "code": code });
    let code = app.newest_code(PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    refused(
        &program.post("auth/otp/verify", &verify(wrong)).await,
        401,
        "UNAUTHENTICATED",
    );
    data(&program.post("auth/otp/verify", &verify(&code)).await, 200);
    assert_eq!(
        kinds(&people.admin).await,
        [
            "sign_in_failed",
            "sign_in",
            "sign_out",
            "sign_in_failed",
            "sign_in",
            "code_failed",
            "sign_in",
        ]
    );
    let notes = people.admin.get("admin/security?kind=sign_out").await;
    assert_eq!(notes.json()["data"][0]["address"], "203.0.113.9");
    // Whose account was tried is noted where it is somebody's.
    for (kind, who) in [("sign_in_failed", "staff_id"), ("code_failed", "patient_id")] {
        let failed = data(
            &people.admin.get(&format!("admin/security?kind={kind}")).await,
            200,
        );
        // Nobody was known by the number when its first code was wrong.
        let is_known = failed[0][who].is_number();
        assert_eq!(is_known, kind == "sign_in_failed", "{failed}");
    }
    // Nothing in it says how, or by what number.
    let all = people.admin.get("admin/security").await.body;
    for secret in [PASSWORD, "wrong", PHONE, code.as_str(), "@test.example"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[tokio::test]
async fn refusals_are_noted_with_who_asked_and_for_what() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let everybody = Everybody::of(&site).await;
    for path in ["admin/locks", "admin/security", "admin/changes"] {
        refused(&people.doctor.get(path).await, 403, "FORBIDDEN");
    }
    refused(
        &people.patient.with("janji_nothing").get("me").await,
        401,
        "UNAUTHENTICATED",
    );
    assert_eq!(everybody.patient.get("/admin/security").await.status, 404);
    assert_eq!(everybody.doctor.get("/admin/doctors").await.status, 404);
    let foreign = everybody
        .visitor
        .http
        .post(everybody.visitor.url("/form/language"))
        .header("sec-fetch-site", "cross-site")
        .form(&[("language", "de")])
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403);
    let denied = data(
        &people.admin.get("admin/security?kind=denied&limit=200").await,
        200,
    );
    let mut told: Vec<(String, String)> = denied
        .as_array()
        .unwrap()
        .iter()
        .map(|note| {
            let text = |name: &str| note[name].as_str().unwrap().to_owned();
            (text("by_role"), text("about"))
        })
        .collect();
    told.reverse();
    let expected = [
        ("doctor", "/api/v1/admin/locks"),
        ("doctor", "/api/v1/admin/security"),
        ("doctor", "/api/v1/admin/changes"),
        ("visitor", "token"),
        ("patient", "/admin/security"),
        ("doctor", "/admin/doctors"),
        ("visitor", "origin"),
    ];
    let expected = expected.map(|(role, about)| (role.to_owned(), about.to_owned()));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn limits_tokens_and_opened_patients_are_noted() {
    let setup = Setup {
        limits: Limits {
            codes_per_phone: 1,
            ..Limits::default()
        },
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let admin = people.admin.clone();
    let program = Program::new(&site);
    for status in [202, 429] {
        let answer = program
            .post("auth/otp", &json!({ "phone": "+6281255500901" }))
            .await;
        assert_eq!(answer.status, status);
    }
    let token = json!({ "name": "Wall", "scopes": ["read"], "days": 7 });
    data(&people.doctor.post("tokens", &token).await, 201);
    app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await;
    let path = format!("patients/{}", people.patient_id);
    data(&people.doctor.get(&path).await, 200);
    data(&people.doctor.get(&format!("{path}/visits")).await, 200);
    // Another doctor sees nothing, and has opened nothing.
    assert_eq!(people.other_doctor.get(&path).await.status, 404);
    assert_eq!(
        kinds(&admin).await,
        ["limit_hit", "token_made", "patient_opened", "patient_opened"]
    );
    let opened = data(&admin.get("admin/security?kind=patient_opened").await, 200);
    assert_eq!(opened[0]["patient_id"], people.patient_id);
    assert_eq!(opened[0]["by_staff_id"], app.doctors[0].staff_id);
    let limit = data(&admin.get("admin/security?kind=limit_hit").await, 200);
    assert_eq!(limit[0]["about"], "code-by-phone");
    for path in [
        "admin/security?kind=nothing",
        "admin/security?limit=0",
        "admin/security?x=1",
    ] {
        assert_eq!(admin.get(path).await.status, 422, "{path}");
    }
    assert_eq!(
        admin
            .get("admin/security?from=2026-02-01&to=2026-01-01")
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn the_page_of_the_log_is_for_admins_and_names_who_opened_what() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = request(&app).await;
    let page = format!("/doctor/appointments/{reference}");
    assert_eq!(everybody.doctor.get(&page).await.status, 200);
    let log = everybody.admin.get("/admin/security?kind=patient_opened").await;
    assert_eq!(log.status, 200);
    let rows = log.texts("tbody tr");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(
        rows[0].contains("doctor1") && rows[0].contains("appointment"),
        "{rows:?}"
    );
    assert!(!log.body.contains(&reference) && !log.body.contains(PHONE));
    // Everything, with a way on where there is more than a page.
    for number in 0..60 {
        let browser = site.visitor_from(&format!("198.51.100.{number}"));
        let fields = [
            ("email", "nobody@test.example"),
            ("password", "wrong"),
            ("next", ""),
        ];
        browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    }
    let first = everybody.admin.get("/admin/security").await;
    assert_eq!(first.texts("tbody tr").len(), 50);
    let older = first.links(".pager a");
    assert_eq!(older.len(), 1, "{older:?}");
    let second = everybody.admin.get(&older[0]).await;
    assert!(second.texts("tbody tr").len() > 10);
    for (who, browser) in everybody.all() {
        let status = browser.get("/admin/security").await.status;
        let expected = match who {
            "admin" => 200,
            "visitor" => 303,
            _ => 404,
        };
        assert_eq!(status, expected, "{who}");
    }
}

#[tokio::test]
async fn what_admins_do_with_accounts_and_patients_is_noted() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let everybody = Everybody::of(&site).await;
    let doctor = app.doctors[1].id;
    let access = |active: bool| json!({ "active": active });
    let patient = format!("patients/{}", people.other_id);
    let mut expected = Vec::new();
    let mut changed = |about: &str| expected.push(("account_changed".to_owned(), about.to_owned()));
    for active in [false, true] {
        for path in [format!("doctors/{doctor}/access"), format!("{patient}/access")] {
            data(&people.admin.put(&path, &access(active)).await, 200);
            changed(if active { "opened" } else { "closed" });
        }
    }
    let phone = [("phone", "+6281255500001"), ("act", "let-in")];
    let answer = everybody
        .admin
        .submit("/admin/phones", "phone-access", &phone)
        .await;
    assert_eq!(answer.location(), "/admin/phones?done=1");
    changed("let in");
    let version = app
        .count("select version::bigint from doctors order by id offset 1 limit 1")
        .await;
    let activity = json!({ "active": false, "version": version });
    data(
        &people
            .admin
            .put(&format!("doctors/{doctor}/activity"), &activity)
            .await,
        200,
    );
    changed("doctor cannot be booked");
    let to = json!({ "doctor_id": app.doctors[0].id });
    for (call, about) in [("give", "given"), ("take-back", "taken back")] {
        data(&people.admin.post(&format!("{patient}/{call}"), &to).await, 200);
        expected.push(("patient_given".to_owned(), about.to_owned()));
    }
    let mut told: Vec<(String, String)> = Vec::new();
    for kind in ["patient_given", "account_changed"] {
        let notes = data(
            &people.admin.get(&format!("admin/security?kind={kind}")).await,
            200,
        );
        for note in notes.as_array().unwrap() {
            assert_eq!(note["by_staff_id"], app.admin_staff_id, "{note}");
            let text = |name: &str| note[name].as_str().unwrap().to_owned();
            told.push((text("kind"), text("about")));
        }
    }
    told.reverse();
    assert_eq!(told, expected);
}
