//! An admin puts messages into the clinic's own words.

use engine::error::{AppError, Field, FieldProblem};
use serde_json::json;

use crate::support::{Answer, Browser, People, TestApp, data, refused};

const LIST: &str = "/admin/messages/texts";
const PAGE: &str = "/admin/messages/texts/confirmed/en";

/// Sends the form of the text with these words.
async fn put(browser: &Browser, version: &str, sms: &str, act: &str) -> Answer {
    let fields = [
        ("wording", "confirmed"),
        ("language", "en"),
        ("version", version),
        ("sms", sms),
        ("subject", "Yes: {when}"),
        ("mail", "Come on {when}.\n\nRef. {reference}"),
        ("act", act),
    ];
    browser.submit(PAGE, "put-message-text", &fields).await
}

#[tokio::test]
async fn a_text_is_previewed_saved_and_restored() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(200)).await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(PAGE).await;
    assert_eq!(page.status, 200);
    // What is shipped stands in the form and beside it; the length is there without JavaScript.
    assert!(page.body.matches("Your appointment is confirmed: {when}").count() >= 4);
    assert!(page.body.contains("1 SMS."), "{}", page.body);
    assert!(!page.body.contains("restore-message-text"));

    let answer = put(&admin, "0", "See you {when}. {reference}", "preview").await;
    assert_eq!(answer.location(), format!("{PAGE}?preview=1"));
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("With the next appointment of your clinic"));
    assert!(page.body.contains(&format!(". {reference}")), "{}", page.body);
    // What was typed is still there, and nothing is saved.
    assert!(page.body.contains("See you {when}. {reference}"));
    assert_eq!(app.count("select count(*) from message_texts").await, 0);

    let answer = put(&admin, "0", "See you {when}. {reference}", "save").await;
    assert_eq!(answer.location(), format!("{LIST}?done=saved"));
    let list = admin.get(&answer.location()).await;
    assert!(list.body.contains("Own words") && list.body.contains("From now on"));
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("See you {when}. {reference}"));
    assert!(page.body.contains("changed this text"));

    let fields = [("wording", "confirmed"), ("language", "en"), ("version", "1")];
    let answer = admin.submit(PAGE, "restore-message-text", &fields).await;
    assert_eq!(answer.location(), format!("{LIST}?done=restored"));
    assert!(!admin.get(PAGE).await.body.contains("See you {when}"));
    assert_eq!(
        app.count("select count(*) from message_text_changes where what = 'text_restored'")
            .await,
        1
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_text_is_said_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    for act in ["save", "preview"] {
        let answer = put(&admin, "0", "See you {wen} <b>", act).await;
        assert_eq!(
            answer.error(),
            Some(AppError::invalid(
                Field::SmsText,
                FieldProblem::UnknownPlaceholder
            )),
            "{act}"
        );
        let page = admin.get(&answer.location()).await;
        for shown in [
            "nothing can be filled in for {wen}",
            "this has to be there: {when}",
            "See you {wen} &lt;b>",
            "Yes: {when}",
        ] {
            assert!(page.body.contains(shown), "{act}: no {shown} in {}", page.body);
        }
    }
    assert_eq!(app.count("select count(*) from message_texts").await, 0);
    // A page of its own begins anew.
    assert!(!admin.get(PAGE).await.body.contains("{wen}"));
}

#[tokio::test]
async fn who_saves_second_is_told_who_was_first() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let other = site.staff("admin@test.example").await;
    put(&admin, "0", "First {when}", "save").await;
    let answer = put(&other, "0", "Second {when}", "save").await;
    assert_eq!(answer.error(), Some(AppError::StaleOrganisation));
    let page = other.get(&answer.location()).await;
    for shown in ["changed this text", "It is now: First {when}", "Second {when}"] {
        assert!(page.body.contains(shown), "no {shown} in {}", page.body);
    }
    // The page has the newest version now.
    let fields = page.form("put-message-text");
    assert!(
        fields.contains(&("version".to_owned(), "1".to_owned())),
        "{fields:?}"
    );
    let answer = put(&other, "1", "Second {when}", "save").await;
    assert_eq!(answer.location(), format!("{LIST}?done=saved"));
}

#[tokio::test]
async fn an_admin_is_told_of_words_that_no_longer_fit() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    put(&admin, "0", "First {when}", "save").await;
    app.sql("update message_texts set sms = 'First {when} {weather}'")
        .await;
    for page in ["/admin/messages", LIST, PAGE] {
        let page = admin.get(page).await;
        assert!(page.body.contains("Own words that are not sent"), "{}", page.body);
    }
    // They can be looked through and saved again.
    assert!(admin.get(PAGE).await.body.contains("First {when} {weather}"));
}

#[tokio::test]
async fn a_program_puts_messages_into_own_words() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let all = data(&people.admin.get("admin/messages/texts").await, 200);
    assert!(all.as_array().unwrap().len() > 40);
    let path = "admin/messages/texts/code/de";
    let text = data(&people.admin.get(path).await, 200);
    assert_eq!(
        (&text["version"], &text["own"], &text["needed"]),
        (&json!(0), &json!(null), &json!(["code"]))
    );
    assert_eq!(
        (&text["preview"]["sms_count"], &text["preview"]["sms_alphabet"]),
        (&json!(1), &json!("GSM-7"))
    );
    let body = |sms: &str, version: i32| json!({ "words": { "sms": sms }, "version": version });
    for (sms, wrong) in [
        ("Ihr Code", "missing-placeholder"),
        ("{code} {kode}", "unknown-placeholder"),
        ("{code} www.praxis.example", "has-link"),
        ("{code} 030 5550100", "has-code"),
    ] {
        let answer = people.admin.put(path, &body(sms, 0)).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "sms": wrong }), "{sms}");
    }
    let saved = data(&people.admin.put(path, &body("Praxis: {code}", 0)).await, 200);
    assert_eq!(saved, json!({ "version": 1 }));
    let stale = people.admin.put(path, &body("Code: {code}", 0)).await;
    let details = refused(&stale, 409, "STALE_VERSION");
    assert_eq!(
        (&details["version"], &details["change"]),
        (&json!(1), &json!("text_changed"))
    );
    for who in [&people.patient, &people.doctor] {
        refused(&who.put(path, &body("{code}", 1)).await, 403, "FORBIDDEN");
        refused(&who.get("admin/messages/texts").await, 403, "FORBIDDEN");
    }
    refused(
        &people.admin.get("admin/messages/texts/code/fr").await,
        404,
        "NOT_FOUND",
    );
    let changes = data(&people.admin.get("admin/changes?of=messages").await, 200);
    assert_eq!(changes[0]["message_text"], "code.de");
    assert_eq!(changes[0]["what"], "text_changed");
    refused(&people.admin.delete(path).await, 422, "VALIDATION_FAILED");
    let request = people.admin.request("DELETE", path).header("if-match", "\"1\"");
    let restored = data(&Answer::of(request).await, 200);
    assert_eq!(restored, json!({ "version": 2 }));
    let text = data(&people.admin.get(path).await, 200);
    assert_eq!(text["own"], json!(null));
    assert_eq!(text["last_change"]["change"], "text_restored");
}
