//! Limits: headers that tell how much is left, and when there is more.

use serde_json::json;

use crate::support::{Answer, OTHER, PASSWORD, PHONE, People, Program, Setup, TestApp, data, refused};
use engine::account::{Limits, session::SignedIn};

fn limits(answer: &Answer) -> (String, String) {
    (answer.header("ratelimit-policy"), answer.header("ratelimit"))
}

/// The numbers after `r=` and `t=`.
fn left(answer: &Answer) -> (u32, u32) {
    let state = answer.header("ratelimit");
    let number = |name: &str| {
        let rest = state.split(name).nth(1).unwrap();
        rest.split(';').next().unwrap().parse().unwrap()
    };
    (number(";r="), number(";t="))
}

#[tokio::test]
async fn headers_tell_how_much_of_a_limit_is_left_and_when_it_resets() {
    let limits_are = Limits {
        codes_per_phone: 3,
        codes_per_address: 5,
        sign_ins: 2,
        ..Limits::default()
    };
    let setup = Setup {
        limits: limits_are,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let phone = json!({ "phone": PHONE });
    for expected in [4, 3, 2] {
        let answer = visitor.post("auth/otp", &phone).await;
        data(&answer, 202);
        // Of the address alone: what others did with a phone number is theirs.
        let (policy, _) = limits(&answer);
        assert_eq!(policy, r#""code-by-address";q=5;w=900"#);
        let (remaining, seconds) = left(&answer);
        assert_eq!(remaining, expected);
        assert!((800..=900).contains(&seconds), "{seconds}");
        assert_eq!(answer.header("retry-after"), "");
    }
    let over = visitor.post("auth/otp", &phone).await;
    refused(&over, 429, "RATE_LIMITED");
    assert_eq!(limits(&over).0, r#""code-by-phone";q=3;w=900"#);
    let (remaining, seconds) = left(&over);
    assert_eq!((remaining, seconds.to_string()), (0, over.header("retry-after")));
    assert!(
        !over.json()["error"].as_str().unwrap().contains("quarter"),
        "{over:?}"
    );
    // The rest of the window is told, not the whole of it, and for a form that a program sends, too.
    app.sql("update rate_limits set window_starts_at = window_starts_at - interval '10 minutes'")
        .await;
    let forms = site.visitor();
    for answer in [
        visitor.post("auth/otp", &phone).await,
        forms.call("request-code", &[("phone", PHONE)]).await,
    ] {
        assert_eq!(answer.code(), "RATE_LIMITED");
        let seconds: u32 = answer.header("retry-after").parse().unwrap();
        assert!((200..=300).contains(&seconds), "{seconds}");
    }
    app.sql("delete from rate_limits").await;

    // Whether anybody has this number is told by nothing.
    app.sql("insert into patients (phone) values ('+6281255500778')")
        .await;
    let mut told = Vec::new();
    for number in [OTHER, "+6281255500779"] {
        let answer = visitor.post("auth/otp", &json!({ "phone": number })).await;
        told.push((answer.status, limits(&answer).0));
    }
    assert_eq!(told[0], told[1]);

    // An answer that says no counts, and is told.
    let login = |password: &str| json!({ "email": "admin@test.example", "password": password });
    let wrong = visitor.post("auth/login", &login("wrong")).await;
    refused(&wrong, 401, "UNAUTHENTICATED");
    assert!(limits(&wrong).0.ends_with(";q=2;w=900"), "{wrong:?}");
    assert_eq!(left(&wrong).0, 1);
    let right = visitor.post("auth/login", &login(PASSWORD)).await;
    data(&right, 200);
    assert_eq!(left(&right).0, 0);
    // From a place that the account is known at, it alone is counted.
    app.sql("delete from sign_in_tries where kind <> 'wrong-passwords'")
        .await;
    // What was right is taken back; another wrong one makes the next one wait.
    let mut over = visitor.post("auth/login", &login("wrong")).await;
    refused(&over, 401, "UNAUTHENTICATED");
    for _ in 0..6 {
        if over.status == 401 {
            over = visitor.post("auth/login", &login("wrong")).await;
        }
    }
    refused(&over, 429, "RATE_LIMITED");
    let seconds: u32 = over.header("retry-after").parse().unwrap();
    assert!((1..=16).contains(&seconds), "{seconds}");
    // An answer without a limit has no headers about one.
    assert_eq!(
        limits(&visitor.get("doctors").await),
        (String::new(), String::new())
    );
}

#[tokio::test]
async fn the_requests_of_a_token_are_limited_per_minute() {
    let setup = Setup {
        requests_per_token: 3,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    // The headers are there on every answer.
    for (path, status, expected) in [
        ("me", 200, 2),
        ("appointments/999999", 404, 1),
        ("admin/locks", 404, 0),
    ] {
        let answer = people.patient.get(path).await;
        assert!(answer.status == status || answer.status == 403, "{answer:?}");
        assert_eq!(limits(&answer).0, r#""requests-by-token";q=3;w=60"#);
        assert_eq!(left(&answer).0, expected, "{path}");
    }
    let over = people.patient.get("me").await;
    refused(&over, 429, "RATE_LIMITED");
    let seconds: u32 = over.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&seconds), "{seconds}");
    assert_eq!(left(&over), (0, seconds));
    // Another token is another limit, also of the same person; and what is for everybody asks for none.
    data(&people.other.get("me").await, 200);
    let same = Program::acting_for(&site, SignedIn::Patient(people.patient_id)).await;
    data(&same.get("me").await, 200);
    data(&people.patient.get("doctors").await, 200);
    refused(
        &people.patient.with("janji_nothing").get("me").await,
        401,
        "UNAUTHENTICATED",
    );
}

#[tokio::test]
async fn an_answer_without_a_limit_has_no_headers_about_one() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let answer = people.patient.get("me").await;
    assert_eq!(limits(&answer), (String::new(), String::new()));
}
