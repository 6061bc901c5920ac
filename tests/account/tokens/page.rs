//! Making, seeing and revoking tokens on the page.

use serde_json::{Value, json};

use super::{hex, stored};
use crate::support::{
    Answer, Browser, OTHER, PASSWORD, PHONE, People, Program, Site, TestApp, data, refused,
};
use engine::error::{AppError, Field, FieldProblem};

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

/// A browser of a patient that has made a token which may read, and the page that tells it.
async fn made(site: &Site<'_>) -> (Browser, String) {
    let browser = site.patient(PHONE).await;
    let page = browser.get("/tokens").await;
    assert_eq!(shown(&page), None);
    assert_eq!(rows(&page), [""; 0]);
    let made = make_on_page(&browser, &page, "Calendar on the wall").await;
    (browser, made.location())
}

fn id_in(location: &str) -> i64 {
    location.strip_prefix("/tokens?made=").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_new_token_is_shown_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (browser, location) = made(&site).await;
    let token = shown(&browser.get(&location).await).unwrap();
    assert!(token.starts_with("janji_") && token.len() == 70, "{token}");
    let again = browser.get(&location).await;
    assert_eq!(shown(&again), None);
    assert!(again.body.contains("shown once"), "{}", again.body);
    let [row] = rows(&again).try_into().unwrap();
    for part in ["Calendar on the wall", "See", "Never"] {
        assert!(row.contains(part), "{row}");
    }
}

#[tokio::test]
async fn the_database_cannot_tell_a_token_before_or_after_it_is_shown() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (browser, location) = made(&site).await;
    let before = stored(&app).await;
    let token = shown(&browser.get(&location).await).unwrap();
    for stored in [before, stored(&app).await] {
        assert!(
            !stored.contains(&token) && !stored.contains(&hex(&token)),
            "{stored}"
        );
    }
    let salts = "select count(*) from tokens where salt is not null";
    assert_eq!(app.count(salts).await, 0);
}

#[tokio::test]
async fn a_token_of_the_page_works_only_within_its_scopes() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (browser, location) = made(&site).await;
    let token = shown(&browser.get(&location).await).unwrap();
    let program = Program::new(&site).with(&token);
    let me = data(&program.get("me").await, 200);
    assert_eq!(me["role"], "patient");
    assert_eq!(me["token"]["id"], id_in(&location));
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
        program.delete(&format!("tokens/{}", id_in(&location))).await,
    ] {
        assert_eq!(refused(&answer, 403, "FORBIDDEN"), json!({ "scope": "sign-in" }));
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn the_list_shows_when_a_token_was_last_used() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (browser, location) = made(&site).await;
    let token = shown(&browser.get(&location).await).unwrap();
    data(&Program::new(&site).with(&token).get("me").await, 200);
    // The use is noted beside the request.
    while app
        .count("select count(*) from tokens where last_used_at is not null")
        .await
        == 0
    {}
    let [row] = rows(&browser.get("/tokens").await).try_into().unwrap();
    assert!(!row.contains("Never") && row.contains("UTC"), "{row}");
}

#[tokio::test]
async fn a_token_that_is_revoked_on_the_page_opens_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (browser, location) = made(&site).await;
    let token = shown(&browser.get(&location).await).unwrap();
    let program = Program::new(&site).with(&token);
    data(&program.get("me").await, 200);
    let id = id_in(&location).to_string();
    let revoked = browser.submit("/tokens", "revoke-token", &[("id", &id)]).await;
    assert_eq!(revoked.location(), "/tokens?revoked=1");
    assert_eq!(rows(&browser.get("/tokens?revoked=1").await), [""; 0]);
    refused(&program.get("me").await, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_form_that_is_sent_three_times_makes_one_token() {
    let app = TestApp::new().await;
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
}

#[tokio::test]
async fn another_request_with_the_form_of_one_page_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let page = browser.get("/tokens").await;
    make_on_page(&browser, &page, "Wall").await;
    let other = make_on_page(&browser, &page, "Another").await;
    assert_eq!(other.error(), Some(AppError::IdempotencyConflict));
    // The form of another page makes another one.
    let page = browser.get("/tokens").await;
    make_on_page(&browser, &page, "Wall").await;
    assert_eq!(app.count("select count(*) from tokens").await, 2);
}

#[tokio::test]
async fn a_form_with_an_error_keeps_the_name_that_was_typed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.staff("doctor1@test.example").await;
    let long = "x".repeat(61);
    for (name, scopes, days, expected) in [
        ("", vec!["plan"], "30", (Field::TokenName, FieldProblem::Missing)),
        (
            &long,
            vec!["plan"],
            "30",
            (Field::TokenName, FieldProblem::TooLongBy(1)),
        ),
        ("Wall", vec![], "30", (Field::Scopes, FieldProblem::Missing)),
        (
            "Wall",
            vec!["organise"],
            "30",
            (Field::Scopes, FieldProblem::Malformed),
        ),
        (
            "Wall",
            vec!["everything"],
            "30",
            (Field::Scopes, FieldProblem::Malformed),
        ),
        ("Wall", vec!["plan"], "0", (Field::Days, FieldProblem::Malformed)),
        (
            "Wall",
            vec!["plan"],
            "367",
            (Field::Days, FieldProblem::Malformed),
        ),
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

#[tokio::test]
async fn nobody_can_see_or_revoke_the_token_of_somebody_else() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_new_password_ends_all_tokens_and_calendars_of_its_owner() {
    let app = TestApp::new().await;
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
    let without = Value::Object(profile.clone());
    let details = refused(&people.admin.put(&path, &without).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "own_password": "missing" }));
    profile.insert("own_password".to_owned(), json!(PASSWORD));
    let profile = Value::Object(profile.clone());
    data(&people.admin.put(&path, &profile).await, 200);
    assert_eq!(app.count("select count(*) from calendar_feeds").await, 0);
    refused(&people.doctor.get("me").await, 401, "UNAUTHENTICATED");
    let live = "select count(*) from tokens join staff on staff.id = staff_id
                where email = 'doctor1@test.example' and revoked_at is null";
    assert_eq!(app.count(live).await, 0);
}
