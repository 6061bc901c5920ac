//! Tokens that people make for their programs (I5), what limits say of themselves, and pages of other sites.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, Browser, PASSWORD, Setup, Site, TestApp, one_winner},
    program::{People, Program, data, refused},
};
use crate::{
    account::{
        Caller, Limits,
        scope::{Needs, Scope},
        secret::Holder,
        session::SignedIn,
        token::{
            issue,
            named::{MOST_LIVE, Make, make, revoke, tell},
        },
    },
    error::{AppError, Field, Problem},
    server::{Config, Flags, config::ConfigError, openapi, worker::step},
    time::plus_minutes,
};

const PHONE: &str = "+6281255500777";
const OTHER: &str = "+6281255500778";

/// Submits the form of the page for a token that may read, under the key of this page.
async fn make_on_page(browser: &Browser, page: &Answer, name: &str) -> Answer {
    let key = key_of(page);
    let fields = [
        ("key", key.as_str()),
        ("token_name", name),
        ("scopes[0]", "read"),
        ("days", "30"),
    ];
    browser.submit("/tokens", "make-token", &fields).await
}

fn key_of(page: &Answer) -> String {
    let form = page.form("make-token");
    let (_, key) = form.iter().find(|(name, _)| name == "key").unwrap();
    key.clone()
}

/// The token that a page shows.
fn shown(page: &Answer) -> Option<String> {
    use scraper::{Html, Selector};

    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
    let html = Html::parse_document(&page.body);
    let token = html
        .select(&Selector::parse("textarea#token").unwrap())
        .next()
        .map(|field| field.text().collect());
    // The files of the page have names that begin like one.
    let looks_like_one = |rest: &str| {
        rest.get(..8)
            .is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let has_one = page.body.split("janji_").skip(1).any(looks_like_one);
    assert_eq!(token.is_some(), has_one);
    token
}

/// The rows of the list, each with what stands in it.
fn rows(page: &Answer) -> Vec<String> {
    page.texts("#tokens tbody tr")
}

/// All that the database has about tokens, as text.
async fn stored(app: &TestApp) -> String {
    sqlx::query_scalar(
        "select concat((select string_agg(data::text, ' ') from sessions),
                       (select string_agg(answer::text, ' ') from idempotency_keys),
                       (select string_agg(salt, ' ') from tokens),
                       (select string_agg(concat(id, name, encode(hash, 'hex'), salt), ' ') from tokens))",
    )
    .fetch_one(&mut app.connection().await)
    .await
    .unwrap()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn wish(caller: &Caller, name: &str) -> Make {
    Make::new(caller.clone(), name, Some(vec![Scope::Read]), 30).unwrap()
}

fn patient_caller(id: i64) -> Caller {
    Caller::Patient { id, name: None }
}

/// A program of an admin, with a token that was made for these.
async fn with_scopes(site: &Site<'_>, scopes: Option<Vec<Scope>>) -> Program {
    let app = site.app;
    let who = SignedIn::Staff(app.admin_staff_id);
    let issued = issue(&app.database, who, None, Timestamp::now()).await.unwrap();
    let names: Option<Vec<&str>> = scopes
        .as_ref()
        .map(|scopes| scopes.iter().map(|scope| scope.name()).collect());
    sqlx::query("update tokens set name = 'A program', scopes = $1 where id = (select max(id) from tokens)")
        .bind(names)
        .execute(&mut app.connection().await)
        .await
        .unwrap();
    Program::new(site).with(&issued.token)
}

// The page.

#[sqlx::test]
async fn a_token_is_made_on_the_page_seen_once_used_within_its_scopes_and_revoked(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let page = browser.get("/tokens").await;
    assert_eq!(shown(&page), None);
    assert_eq!(rows(&page), [""; 0]);
    let made = make_on_page(&browser, &page, "Calendar on the wall").await;
    let location = made.location();
    let id: i64 = location.strip_prefix("/tokens?made=").unwrap().parse().unwrap();
    let before = stored(&app).await;

    let page = browser.get(&location).await;
    let token = shown(&page).unwrap();
    assert!(token.starts_with("janji_") && token.len() == 70, "{token}");
    assert!(
        !before.contains(&token) && !before.contains(&hex(&token)),
        "{before}"
    );
    let again = browser.get(&location).await;
    assert_eq!(shown(&again), None);
    assert!(again.body.contains("shown once"), "{}", again.body);
    assert_eq!(
        app.count("select count(*) from tokens where salt is not null")
            .await,
        0
    );
    let [row] = rows(&again).try_into().unwrap();
    for part in ["Calendar on the wall", "See", "Never"] {
        assert!(row.contains(part), "{row}");
    }

    let program = Program::new(&site).with(&token);
    let me = data(&program.get("me").await, 200);
    assert_eq!(me["role"], "patient");
    assert_eq!(me["token"]["id"], id);
    assert_eq!(me["token"]["name"], "Calendar on the wall");
    assert_eq!(me["token"]["scopes"], json!(["read"]));
    assert_eq!(data(&program.get("appointments").await, 200), json!([]));
    let wish = json!({
        "doctor_id": app.doctors[0].id, "scheduled_at": app.slot(0).to_string(), "type": "visit",
    });
    let answer = program.post("appointments", &wish).await;
    assert_eq!(refused(&answer, 403, "FORBIDDEN"), json!({ "scope": "book" }));
    assert!(answer.json()["error"].as_str().unwrap().contains("book"));
    let another = json!({ "name": "Another", "days": 1 });
    for answer in [
        program.post("tokens", &another).await,
        program.delete(&format!("tokens/{id}")).await,
    ] {
        assert_eq!(refused(&answer, 403, "FORBIDDEN"), json!({ "scope": "sign-in" }));
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    // The use is noted beside the request.
    while app
        .count("select count(*) from tokens where last_used_at is not null")
        .await
        == 0
    {}
    let [row] = rows(&browser.get("/tokens").await).try_into().unwrap();
    assert!(!row.contains("Never") && row.contains("UTC"), "{row}");

    let fields = [("id", id.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, id)| (*name, id.as_str())).collect();
    let revoked = browser.submit("/tokens", "revoke-token", &fields).await;
    assert_eq!(revoked.location(), "/tokens?revoked=1");
    assert_eq!(rows(&browser.get("/tokens?revoked=1").await), [""; 0]);
    refused(&program.get("me").await, 401, "UNAUTHENTICATED");
}

#[sqlx::test]
async fn a_form_that_is_sent_twice_makes_one_token_and_shows_it_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let page = browser.get("/tokens").await;
    let first = make_on_page(&browser, &page, "Wall").await;
    // The browser leaves the first answer.
    let second = make_on_page(&browser, &page, "Wall").await;
    assert_eq!(first.location(), second.location());
    assert_eq!(app.count("select count(*) from tokens").await, 1);
    let token = shown(&browser.get(&second.location()).await).unwrap();
    data(&Program::new(&site).with(&token).get("me").await, 200);
    // Once more, by the button for the way back.
    let third = make_on_page(&browser, &page, "Wall").await;
    assert_eq!(third.location(), first.location());
    assert_eq!(shown(&browser.get(&third.location()).await), None);
    let other = make_on_page(&browser, &page, "Another").await;
    assert_eq!(other.error(), Some(AppError::IdempotencyConflict));
    // Another page is another wish.
    let page = browser.get("/tokens").await;
    make_on_page(&browser, &page, "Wall").await;
    assert_eq!(app.count("select count(*) from tokens").await, 2);
}

#[sqlx::test]
async fn what_is_wrong_with_a_form_is_said_and_what_was_typed_is_kept(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.staff("doctor1@test.example").await;
    let long = "x".repeat(61);
    for (name, scopes, days, expected) in [
        ("", vec!["plan"], "30", (Field::TokenName, Problem::Missing)),
        (&long, vec!["plan"], "30", (Field::TokenName, Problem::TooLong)),
        ("Wall", vec![], "30", (Field::Scopes, Problem::Missing)),
        (
            "Wall",
            vec!["organise"],
            "30",
            (Field::Scopes, Problem::Malformed),
        ),
        (
            "Wall",
            vec!["everything"],
            "30",
            (Field::Scopes, Problem::Malformed),
        ),
        ("Wall", vec!["plan"], "0", (Field::Days, Problem::Malformed)),
        ("Wall", vec!["plan"], "367", (Field::Days, Problem::Malformed)),
    ] {
        let mut fields = vec![("token_name", name), ("days", days)];
        let named: Vec<String> = (0..scopes.len())
            .map(|index| format!("scopes[{index}]"))
            .collect();
        fields.extend(named.iter().map(String::as_str).zip(scopes.iter().copied()));
        let answer = browser.submit("/tokens", "make-token", &fields).await;
        let (field, problem) = expected;
        assert_eq!(
            answer.error(),
            Some(AppError::invalid(field, problem)),
            "{fields:?}"
        );
        let page = browser.get(answer.location().split('#').next().unwrap()).await;
        let typed = page.form("make-token");
        assert!(
            typed.contains(&("token_name".to_owned(), name.to_owned())),
            "{typed:?}"
        );
        let summary = page.texts("#errors li");
        assert!(summary.len() == 1 && !summary[0].is_empty(), "{summary:?}");
    }
    assert_eq!(app.count("select count(*) from tokens").await, 0);
}

#[sqlx::test]
async fn nobody_sees_or_revokes_the_token_of_somebody_else(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let made = make_on_page(&browser, &browser.get("/tokens").await, "Wall").await;
    let location = made.location();
    let id = location.strip_prefix("/tokens?made=").unwrap();
    // Somebody else, staff, and the patient with another browser: whom it is not shown to, it is left for the others.
    let nobody = site.visitor().get(&location).await;
    assert!(nobody.location().starts_with("/sign-in"), "{nobody:?}");
    for other in [
        site.patient(OTHER).await,
        site.staff("admin@test.example").await,
        site.staff("doctor1@test.example").await,
    ] {
        let page = other.get(&location).await;
        assert_eq!((shown(&page), rows(&page).len()), (None, 0));
        let answer = other.submit("/tokens", "revoke-token", &[("id", id)]).await;
        assert_eq!(answer.error(), Some(AppError::NotFound));
    }
    let other_browser = site.patient(PHONE).await;
    let page = other_browser.get(&location).await;
    assert_eq!((shown(&page), rows(&page).len()), (None, 1));
    let people = People::of(&site).await;
    for program in [&people.patient, &people.doctor, &people.admin] {
        refused(&program.delete(&format!("tokens/{id}")).await, 404, "NOT_FOUND");
        let listed = data(&program.get("tokens").await, 200);
        let listed = listed.as_array().unwrap();
        assert!(listed.iter().all(|token| token["name"].is_null()), "{listed:?}");
    }
    let head = browser.http.head(browser.url(&location)).send().await.unwrap();
    assert_eq!(head.status(), 200);
    let token = shown(&browser.get(&location).await).unwrap();
    data(&Program::new(&site).with(&token).get("me").await, 200);
}

#[sqlx::test]
async fn a_token_that_nobody_came_to_look_at_is_forgotten(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let caller = patient_caller(app.patient(0).await);
    let browser = Holder::new([7]);
    let mut command = wish(&caller, "Wall");
    command.browser = Some(browser.clone());
    let (named, _) = make(&app.database, command, app.now).await.unwrap();
    let late = plus_minutes(app.now, 10);
    let told = tell(&app.database, &caller, named.id, browser.clone(), late).await;
    assert_eq!(told, Ok(None));
    let almost = late - SignedDuration::from_secs(1);
    step(&app.state, almost).await.unwrap();
    let waiting = "select count(*) from tokens where salt is not null";
    assert_eq!(app.count(waiting).await, 1);
    step(&app.state, late).await.unwrap();
    assert_eq!(app.count(waiting).await, 0);
    assert_eq!(app.count("select count(*) from tokens").await, 1);
}

// Races.

#[sqlx::test]
async fn of_ten_who_want_the_last_token_at_once_one_has_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for (caller, gate) in [
        (
            patient_caller(app.patient(0).await),
            "select from patients for update",
        ),
        (app.admin_caller(), "select from staff for update"),
    ] {
        for number in 1..MOST_LIVE {
            let command = wish(&caller, &format!("Program {number}"));
            make(&app.database, command, app.now).await.unwrap();
        }
        // A sign-in is none of them.
        let who = match &caller {
            Caller::Patient { id, .. } => SignedIn::Patient(*id),
            Caller::Doctor { staff_id, .. } | Caller::Admin { staff_id, .. } => SignedIn::Staff(*staff_id),
        };
        issue(&app.database, who, None, app.now).await.unwrap();
        let now = app.now;
        let racers: Vec<_> = (0..10)
            .map(|number| {
                let (database, command) = (app.database.clone(), wish(&caller, &format!("Racer {number}")));
                async move { make(&database, command, now).await.map(|(named, _)| named.id) }
            })
            .collect();
        let (winner, losers) = one_winner(&app.race_behind(gate, vec![racers]).await);
        let too_many = AppError::invalid(Field::Tokens, Problem::TooMany);
        assert_eq!(losers, vec![too_many; 9]);
        // Room is made by revoking one, and by time.
        revoke(&app.database, &caller, winner, now).await.unwrap();
        make(&app.database, wish(&caller, "Instead"), now).await.unwrap();
        assert!(make(&app.database, wish(&caller, "More"), now).await.is_err());
        let later = plus_minutes(now, 30 * 24 * 60);
        make(&app.database, wish(&caller, "Later"), later).await.unwrap();
    }
}

#[sqlx::test]
async fn of_ten_looks_at_a_new_token_at_once_one_sees_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let caller = patient_caller(app.patient(0).await);
    let browser = Holder::new([7]);
    let mut command = wish(&caller, "Wall");
    command.browser = Some(browser.clone());
    let (named, token) = make(&app.database, command, app.now).await.unwrap();
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (database, caller, browser) = (app.database.clone(), caller.clone(), browser.clone());
            let (id, now) = (named.id, app.now);
            async move { tell(&database, &caller, id, browser, now).await.unwrap() }
        })
        .collect();
    let told = app
        .race_behind("select from tokens for update", vec![racers])
        .await;
    let told: Vec<String> = told.into_iter().flatten().collect();
    assert_eq!(told, [token.unwrap()]);
}

#[sqlx::test]
async fn of_two_who_revoke_a_token_at_once_the_first_one_does(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let caller = patient_caller(app.patient(0).await);
    let (named, _) = make(&app.database, wish(&caller, "Wall"), app.now).await.unwrap();
    let wave = |now: Timestamp| {
        let (database, caller, id) = (app.database.clone(), caller.clone(), named.id);
        vec![async move { revoke(&database, &caller, id, now).await }]
    };
    let waves = vec![wave(app.now), wave(plus_minutes(app.now, 5))];
    let results = app.race_behind("select from tokens for update", waves).await;
    assert_eq!(results, [Ok(()), Ok(())]);
    let revoked_at: jiff_sqlx::Timestamp = sqlx::query_scalar("select revoked_at from tokens")
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap();
    assert_eq!(revoked_at.to_jiff().as_millisecond(), app.now.as_millisecond());
}

#[sqlx::test]
async fn thirty_wishes_under_one_key_make_one_token_and_tell_it_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let before = app.count("select count(*) from tokens").await;
    let body = json!({ "name": "Wall", "scopes": ["read", "book", "read"], "days": 7 });
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let (program, body) = (people.patient.clone(), body.clone());
            async move { program.post_under("k", "tokens", &body).await }
        })
        .collect();
    let answers = app.race(racers).await;
    let made: Vec<Value> = answers.iter().map(|answer| data(answer, 201)).collect();
    assert_eq!(app.count("select count(*) from tokens").await, before + 1);
    let tokens: Vec<&str> = made.iter().filter_map(|made| made["token"].as_str()).collect();
    let [token] = tokens.as_slice() else {
        panic!("it was told {} times", tokens.len())
    };
    for other in &made {
        for name in ["id", "name", "scopes", "expires_at"] {
            assert_eq!(other[name], made[0][name]);
        }
    }
    assert_eq!(made[0]["scopes"], json!(["read", "book"]));
    let stored = stored(&app).await;
    assert!(!stored.contains(token) && !stored.contains(&hex(token)));
    data(&Program::new(&site).with(token).get("me").await, 200);
    let other = json!({ "name": "Wall", "days": 7 });
    let answer = people.patient.post_under("k", "tokens", &other).await;
    refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
}

// The API.

#[sqlx::test]
async fn tokens_are_made_listed_and_revoked_by_who_signed_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (program, role, id, scopes) in [
        (&people.patient, "patient", "patient_id", json!(["book"])),
        (&people.doctor, "doctor", "doctor_id", json!(["treat", "plan"])),
        (&people.admin, "admin", "staff_id", json!(["organise"])),
    ] {
        let me = data(&program.get("me").await, 200);
        assert_eq!(me["role"], role);
        assert!(me[id].is_i64() && me["name"].is_string(), "{me}");
        assert!(me["token"]["name"].is_null() && me["token"]["scopes"].is_null());
        let body = json!({ "name": "A script", "scopes": scopes, "days": 90 });
        let made = data(&program.post("tokens", &body).await, 201);
        assert_eq!(made["scopes"], scopes);
        let named = program.with(made["token"].as_str().unwrap());
        assert_eq!(data(&named.get("me").await, 200)["token"]["scopes"], scopes);
        assert_eq!(
            refused(&named.get("tokens").await, 403, "FORBIDDEN"),
            json!({ "scope": "read" })
        );
        let listed = data(&program.get("tokens").await, 200);
        let [first, rest @ ..] = listed.as_array().unwrap().as_slice() else {
            panic!("{listed}")
        };
        assert_eq!(first["id"], made["id"]);
        assert!(first.get("token").is_none() && first.get("hash").is_none());
        assert!(rest.iter().any(|token| token["id"] == me["token"]["id"]));
        let path = format!("tokens/{}", made["id"]);
        data(&program.delete(&path).await, 200);
        refused(&named.get("me").await, 401, "UNAUTHENTICATED");
        // It is as it was to be.
        data(&program.delete(&path).await, 200);
    }
    // A program may give its own up.
    let body = json!({ "name": "A script", "days": 1 });
    let made = data(&people.patient.post("tokens", &body).await, 201);
    let named = people.patient.with(made["token"].as_str().unwrap());
    data(&named.get("appointments").await, 200);
    refused(&named.post("tokens", &body).await, 403, "FORBIDDEN");
    let answer = Answer::of(named.request("POST", "auth/logout")).await;
    data(&answer, 200);
    refused(&named.get("me").await, 401, "UNAUTHENTICATED");
}

#[sqlx::test]
async fn a_token_that_has_expired_opens_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({ "name": "A script", "days": 1 });
    let made = data(&people.patient.post("tokens", &body).await, 201);
    let named = people.patient.with(made["token"].as_str().unwrap());
    let expires_at: Timestamp = made["expires_at"].as_str().unwrap().parse().unwrap();
    let made_at: Timestamp = made["made_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(expires_at.duration_since(made_at), SignedDuration::from_hours(24));
    data(&named.get("me").await, 200);
    app.sql("update tokens set made_at = now() - interval '2 days', expires_at = now() - interval '1 second' where name is not null")
        .await;
    refused(&named.get("me").await, 401, "UNAUTHENTICATED");
    let listed = data(&people.patient.get("tokens").await, 200);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|token| token["name"].is_null())
    );
    step(&app.state, Timestamp::now()).await.unwrap();
    assert_eq!(
        app.count("select count(*) from tokens where name is not null")
            .await,
        0
    );
}

#[sqlx::test]
async fn a_wish_for_a_token_that_is_not_right_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let before = app.count("select count(*) from tokens").await;
    for (body, details) in [
        (json!({ "days": 1 }), json!({ "name": "missing" })),
        (
            json!({ "name": " \u{7} ", "days": 1 }),
            json!({ "name": "missing" }),
        ),
        (
            json!({ "name": "x".repeat(61), "days": 1 }),
            json!({ "name": "too-long" }),
        ),
        (json!({ "name": "A script" }), json!({ "days": "missing" })),
        (
            json!({ "name": "A script", "days": 0 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 367 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 65537 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": [] }),
            json!({ "scopes": "missing" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": ["organise"] }),
            json!({ "scopes": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": ["everything"] }),
            json!({ "scopes[0]": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "more": 1 }),
            json!({ "more": "unknown" }),
        ),
    ] {
        let answer = people.patient.post("tokens", &body).await;
        assert_eq!(refused(&answer, 422, "VALIDATION_FAILED"), details, "{body}");
    }
    assert_eq!(app.count("select count(*) from tokens").await, before);
}

/// Every call that needs a token, by its method and path: what the description says that it needs.
fn described() -> Vec<(Method, String, Vec<String>)> {
    let description: Value = serde_json::from_str(&openapi::text()).unwrap();
    let mut calls = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let Some(security) = call["security"].as_array() else {
                continue;
            };
            let tokens: Vec<&Value> = security.iter().filter_map(|one| one.get("token")).collect();
            let [scopes] = tokens.as_slice() else {
                panic!("{method} {path}: {security:?}")
            };
            let scopes = serde_json::from_value((*scopes).clone()).unwrap();
            calls.push((
                method.to_uppercase().parse().unwrap(),
                path.clone(),
                // Who may come without a token is not asked what theirs is good for.
                if security.len() == 1 {
                    scopes
                } else {
                    vec!["optional".to_owned()]
                },
            ));
        }
    }
    assert!(calls.len() >= 12, "only {} calls", calls.len());
    calls
}

#[test]
fn the_description_says_what_each_call_needs_and_none_was_forgotten() {
    for (method, path, scopes) in described() {
        let needs = Needs::of(&method, &path);
        assert_ne!(
            needs,
            Needs::Everything,
            "{method} {path} stands nowhere in src/account/scope.rs"
        );
        if scopes != ["optional"] {
            let expected: Vec<&str> = needs.name().into_iter().collect();
            assert_eq!(scopes, expected, "{method} {path}");
        }
    }
}

#[sqlx::test]
async fn no_call_is_open_to_a_token_that_is_not_good_for_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    for (method, path, _) in described()
        .into_iter()
        .filter(|(_, _, scopes)| scopes != &["optional"])
    {
        let here = format!("{method} {path}");
        let needs = Needs::of(&method, &path);
        let path: Vec<&str> = path
            .strip_prefix("/api/v1/")
            .unwrap()
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect();
        let path = path.join("/");
        let call = async |program: &Program| {
            let request = program.request(method.as_str(), &path);
            let request = match method == Method::GET {
                true => request,
                false => request.json(&json!({})),
            };
            let answer = Answer::of(request).await;
            let details = answer.json()["details"].clone();
            (answer.status, details["scope"].as_str().map(ToOwned::to_owned))
        };
        match needs {
            Needs::Token => {}
            Needs::SignIn | Needs::Everything => {
                for scopes in [None, Some(Scope::ALL.to_vec())] {
                    let program = with_scopes(&site, scopes).await;
                    assert_eq!(call(&program).await, (403, Some("sign-in".to_owned())), "{here}");
                }
            }
            Needs::Scope(needed) => {
                let others = Scope::ALL.into_iter().filter(|scope| *scope != needed).collect();
                let program = with_scopes(&site, Some(others)).await;
                let expected = (403, Some(needed.name().to_owned()));
                assert_eq!(call(&program).await, expected, "{here}");
                for scopes in [None, Some(vec![needed])] {
                    let program = with_scopes(&site, scopes).await;
                    let (status, scope) = call(&program).await;
                    assert!(status != 401 && scope.is_none(), "{here}: {status} {scope:?}");
                }
            }
        }
    }
}

// Limits.

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

#[sqlx::test]
async fn a_new_password_ends_what_the_old_one_opened_also_what_nobody_has_looked_at_yet(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let browser = site.staff("doctor1@test.example").await;
    let page = browser.get("/tokens").await;
    make_on_page(&browser, &page, "A program").await;
    assert_eq!(
        app.count("select count(*) from tokens where salt is not null")
            .await,
        1
    );
    data(
        &people.doctor.post("calendar", &json!({ "details": true })).await,
        201,
    );
    let path = format!("doctors/{}/profile", app.doctors[0].id);
    let mut profile = data(&people.admin.get(&path).await, 200);
    let profile = profile.as_object_mut().unwrap();
    profile.retain(|name, _| {
        ["name", "speciality", "about", "languages", "email", "version"].contains(&name.as_str())
    });
    profile.insert("password".to_owned(), json!("another long password"));
    let profile = Value::Object(profile.clone());
    data(&people.admin.put(&path, &profile).await, 200);
    assert_eq!(app.count("select count(*) from calendar_feeds").await, 0);
    refused(&people.doctor.get("me").await, 401, "UNAUTHENTICATED");
    let live = "select count(*) from tokens join staff on staff.id = staff_id
                where email = 'doctor1@test.example' and revoked_at is null";
    assert_eq!(app.count(live).await, 0);
}

#[sqlx::test]
async fn what_is_left_of_a_limit_is_told_and_when_there_is_more(_: PgPoolOptions, options: PgConnectOptions) {
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
    let app = TestApp::with(options, setup).await;
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
    // What is left of the window, not the whole of it; and the same for a form that a program sends.
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
    let over = visitor.post("auth/login", &login(PASSWORD)).await;
    refused(&over, 429, "RATE_LIMITED");
    let seconds: u32 = over.header("retry-after").parse().unwrap();
    assert!((800..=900).contains(&seconds), "{seconds}");
    // What is not limited says nothing.
    assert_eq!(
        limits(&visitor.get("doctors").await),
        (String::new(), String::new())
    );
}

#[sqlx::test]
async fn a_token_makes_only_so_many_requests_in_a_minute(_: PgPoolOptions, options: PgConnectOptions) {
    let setup = Setup {
        requests_per_token: 3,
        ..Setup::default()
    };
    let app = TestApp::with(options, setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    // Whatever the answer is.
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

#[sqlx::test]
async fn without_a_limit_there_is_nothing_to_tell(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let people = People::of(&app.serve().await).await;
    let answer = people.patient.get("me").await;
    assert_eq!(limits(&answer), (String::new(), String::new()));
}

// Other sites.

const FRIEND: &str = "https://friend.example";

async fn preflight(visitor: &Program, path: &str, origin: &str) -> Answer {
    Answer::of(
        visitor
            .request("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type"),
    )
    .await
}

fn cors(answer: &Answer) -> Vec<&str> {
    answer
        .headers
        .keys()
        .map(reqwest::header::HeaderName::as_str)
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[sqlx::test]
async fn a_page_of_another_site_may_call_where_the_configuration_says_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let setup = Setup {
        cors_origins: vec![FRIEND.parse().unwrap()],
        ..Setup::default()
    };
    let app = TestApp::with(options, setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);

    let asked = preflight(&visitor, "appointments", FRIEND).await;
    assert_eq!((asked.status, asked.body.as_str()), (200, ""));
    assert_eq!(asked.header("access-control-allow-origin"), FRIEND);
    let listed = |name: &str| -> Vec<String> {
        let mut list: Vec<String> = asked
            .header(name)
            .split(',')
            .map(|item| item.trim().to_ascii_lowercase())
            .collect();
        list.sort_unstable();
        list
    };
    assert_eq!(
        listed("access-control-allow-methods"),
        ["delete", "get", "post", "put"]
    );
    assert_eq!(
        listed("access-control-allow-headers"),
        [
            "accept-language",
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match"
        ]
    );
    assert_eq!(asked.header("access-control-max-age"), "7200");

    let from = async |program: &Program, path: &str, origin: &str| {
        Answer::of(program.request("GET", path).header("origin", origin)).await
    };
    for (path, status) in [
        ("me", 200),
        ("doctors", 200),
        ("nothing", 404),
        ("appointments/0", 404),
    ] {
        let answer = from(&people.patient, path, FRIEND).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_ascii_lowercase();
        for name in ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy"] {
            assert!(exposed.split(',').any(|one| one.trim() == name), "{exposed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for origin in [
        "https://friend.example.evil.example",
        "https://evil.example",
        "http://friend.example",
        "https://friend.example:8443",
        "null",
        "*",
    ] {
        let answer = from(&people.patient, "me", origin).await;
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{origin}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(
            answer.headers.get_all("vary").iter().any(|vary| vary == "origin"),
            "a cache would give it to the friend"
        );
        let asked = preflight(&visitor, "appointments", origin).await;
        assert_eq!(
            (refused(&asked, 405, "NOT_FOUND"), cors(&asked)),
            (json!({}), vec![]),
            "{origin}"
        );
    }
    // What asks for no method is no such question.
    let answer = Answer::of(
        visitor
            .request("OPTIONS", "appointments")
            .header("origin", FRIEND),
    )
    .await;
    refused(&answer, 405, "NOT_FOUND");
    // Pages and forms are not for other sites.
    let browser = site.visitor();
    for path in ["/", "/sign-in", "/healthz"] {
        let answer = Answer::of(browser.http.get(browser.url(path)).header("origin", FRIEND)).await;
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let form = browser
        .http
        .post(browser.url("/form/request-code"))
        .header("origin", FRIEND);
    let answer = Answer::of(form.form(&[("phone", PHONE)])).await;
    assert_eq!((answer.status, cors(&answer)), (403, vec![]));
}

#[sqlx::test]
async fn without_a_word_in_the_configuration_no_other_site_may_call(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let visitor = Program::new(&app.serve().await);
    let answer = Answer::of(visitor.request("GET", "doctors").header("origin", FRIEND)).await;
    assert_eq!((answer.status, cors(&answer)), (200, vec![]));
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    let asked = preflight(&visitor, "doctors", FRIEND).await;
    refused(&asked, 405, "NOT_FOUND");
    assert_eq!(cors(&asked), [""; 0]);
}

#[test]
fn only_origins_are_taken_for_origins() {
    let load = |origins: &[&str]| {
        Config::load(Flags {
            cors_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..Flags::default()
        })
    };
    let config = load(&["https://a.example", "http://localhost:5173", ""]).unwrap();
    assert_eq!(
        config.cors_origins,
        ["https://a.example", "http://localhost:5173"]
    );
    assert_eq!(config.requests_per_token, 12_000);
    assert!(load(&[]).unwrap().cors_origins.is_empty());
    for wrong in ["*", "https://a.example/", "a.example", "https://*.example"] {
        let error = load(&["https://a.example", wrong]).unwrap_err();
        assert!(
            matches!(&error, ConfigError::Origin(origin) if origin == wrong),
            "{error}"
        );
    }
}
