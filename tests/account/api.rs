//! Signing in by the API, and the tokens that it gives.

use serde_json::json;

use crate::support::{Answer, PASSWORD, PHONE, Program, Setup, Site, TestApp, data, refused};
use engine::account::{Limits, session::SignedIn};

#[tokio::test]
async fn a_program_signs_in_with_a_phone_and_books() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let asked = visitor.post("auth/otp", &json!({ "phone": PHONE })).await;
    let challenge = data(&asked, 202)["challenge"].as_str().unwrap().to_owned();
    let code = app.newest_code(PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = visitor
        .post(
            "auth/otp/verify",
            &json!({ "challenge": challenge, "code": wrong }),
        )
        .await;
    refused(&answer, 401, "UNAUTHENTICATED");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let verification = json!({ "challenge": challenge, "code": code, "name": "Dewi" });
    let signed_in = data(&visitor.post("auth/otp/verify", &verification).await, 200);
    assert_eq!(signed_in["role"], "patient");
    let token = signed_in["token"].as_str().unwrap();
    assert!(token.starts_with("janji_"), "{token}");
    refused(
        &visitor.post("auth/otp/verify", &verification).await,
        401,
        "UNAUTHENTICATED",
    );

    let doctors = data(&visitor.get("doctors").await, 200);
    let doctor_id = doctors[0]["id"].as_i64().unwrap();
    assert_eq!(doctors[0]["services"][0]["type"], "visit");
    let doctor = data(&visitor.get(&format!("doctors/{doctor_id}")).await, 200);
    assert_eq!(doctor["name"], doctors[0]["name"]);
    let slots = data(
        &visitor
            .get(&format!("doctors/{doctor_id}/slots?service=visit&from=&to="))
            .await,
        200,
    );
    let starts_at = slots[3]["starts_at"].clone();

    let patient = visitor.with(token);
    let body = json!({
        "doctor_id": doctor_id, "scheduled_at": starts_at, "type": "visit", "reason": "A cough",
    });
    let answer = patient.post("appointments", &body).await;
    let booked = data(&answer, 201);
    assert_eq!(booked["status"], "pending");
    assert_eq!(booked["version"], 1);
    assert_eq!(booked["starts_at"], starts_at);
    assert_eq!(booked["ends_at"], slots[3]["ends_at"]);
    assert_eq!(booked["patient_id"], signed_in["patient_id"]);
    assert_eq!(booked["type"], "visit");
    assert_eq!(booked["time_zone"], "UTC");
    let location = answer.location();
    assert_eq!(location, format!("/api/v1/appointments/{}", booked["id"]));

    let found = data(
        &patient.get(location.strip_prefix("/api/v1/").unwrap()).await,
        200,
    );
    for (name, value) in booked.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name}");
    }
    assert_eq!(found["patient_name"], "Dewi");
    let by_reference = format!("appointments/{}", booked["reference"].as_str().unwrap());
    assert_eq!(data(&patient.get(&by_reference).await, 200), found);
    assert_eq!(data(&patient.get("appointments").await, 200), json!([found]));
    let left = data(
        &visitor
            .get(&format!("doctors/{doctor_id}/slots?service=visit"))
            .await,
        200,
    );
    assert!(
        left.as_array()
            .unwrap()
            .iter()
            .all(|slot| slot["starts_at"] != starts_at)
    );
    app.assert_sound().await;
}

/// A program that has signed in as the first doctor.
async fn signed_in(site: &Site<'_>) -> Program {
    let visitor = Program::new(site);
    let login = json!({ "email": "doctor1@test.example", "password": PASSWORD });
    let signed_in = data(&visitor.post("auth/login", &login).await, 200);
    assert_eq!(signed_in["role"], "doctor");
    let program = visitor.with(signed_in["token"].as_str().unwrap());
    data(&program.get("appointments").await, 200);
    program
}

#[tokio::test]
async fn a_program_cannot_sign_in_with_a_wrong_password() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wrong = json!({ "email": "doctor1@test.example", "password": "wrong" });
    let answer = Program::new(&site).post("auth/login", &wrong).await;
    refused(&answer, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_stored() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let program = signed_in(&site).await;
    let stored: Vec<(Vec<u8>, String)> = sqlx::query_as("select hash, tokens::text from tokens")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap();
    let [(hash, row)] = stored.as_slice() else {
        panic!("{stored:?}")
    };
    assert_eq!(hash.len(), 32);
    assert!(!row.contains(&program.token.unwrap()), "{row}");
}

#[tokio::test]
async fn a_token_ends_when_its_program_signs_out() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let program = signed_in(&site).await;
    data(&program.post("auth/logout", &json!({})).await, 200);
    refused(&program.get("appointments").await, 401, "UNAUTHENTICATED");
    refused(
        &program.post("auth/logout", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );
}

#[tokio::test]
async fn the_token_of_a_sign_in_expires() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let program = signed_in(&site).await;
    app.sql("update tokens set made_at = '2000-01-01', expires_at = '2000-02-01'")
        .await;
    refused(&program.get("appointments").await, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_token_ends_when_its_owner_is_deactivated() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let program = signed_in(&site).await;
    app.sql("update staff set active = false").await;
    refused(&program.get("appointments").await, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_cookie_does_not_authenticate_a_call() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.staff("admin@test.example").await;
    assert!(!browser.cookies().is_empty());
    let by_cookie = Program {
        http: browser.http.clone(),
        site: browser.site.clone(),
        token: None,
    };
    let paths = ["appointments", "appointments/1", "prescriptions/1", "admin/locks"];
    for path in paths {
        refused(&by_cookie.get(path).await, 401, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_call_is_authenticated_before_its_body_is_read() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    for path in [
        "appointments",
        "appointments/1/status",
        "prescriptions",
        "ratings",
    ] {
        refused(&visitor.post(path, &json!([])).await, 401, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_malformed_authorization_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let known = Program::acting_for(&site, SignedIn::Staff(app.admin_staff_id)).await;
    let token = known.token.clone().unwrap();
    for header in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {token}0"),
        "Bearer".to_owned(),
        "Bearer janji_".to_owned(),
        "Bearer ' or 1=1 --".to_owned(),
    ] {
        let request = visitor
            .request("GET", "appointments")
            .header("authorization", &header);
        refused(&Answer::of(request).await, 401, "UNAUTHENTICATED");
    }
    let request = visitor
        .request("GET", "appointments")
        .header("authorization", format!("bearer {token}"));
    assert_eq!(Answer::of(request).await.status, 200);
}

#[tokio::test]
async fn codes_and_sign_ins_by_the_api_are_limited() {
    let limits = Limits {
        codes_per_phone: 1,
        sign_ins: 1,
        ..Limits::default()
    };
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let visitor = Program::new(&app.serve().await);
    for (path, body, first, longest) in [
        ("auth/otp", json!({ "phone": PHONE }), 202, 900),
        // It is slowed down, and not refused for good.
        (
            "auth/login",
            json!({ "email": "nobody@test.example", "password": "wrong" }),
            401,
            8,
        ),
    ] {
        assert_eq!(visitor.post(path, &body).await.status, first);
        let mut again = visitor.post(path, &body).await;
        // The time that one try takes may be all that the next one has to wait.
        for _ in 0..5 {
            if again.status == first {
                again = visitor.post(path, &body).await;
            }
        }
        refused(&again, 429, "RATE_LIMITED");
        let seconds: u32 = again.header("retry-after").parse().unwrap();
        assert!((1..=longest).contains(&seconds), "{seconds}");
    }
}
