//! Calendars elsewhere by their page, without JavaScript.

use engine::error::{AppError, Field, FieldProblem};

use super::{Dav, clinic, settle};
use crate::support::{Browser, VISIT};

const PAGE: &str = "/doctor/calendars";
const SARI: &str = "doctor1@test.example";

async fn link(browser: &Browser, server: &str, password: &str) -> crate::support::Answer {
    let fields = [("server", server), ("user", "sari"), ("app_password", password)];
    browser.submit(PAGE, "link-calendar", &fields).await
}

#[tokio::test]
async fn a_doctor_links_a_calendar_and_sees_what_becomes_of_it() {
    let app = clinic(true).await;
    let site = app.serve().await;
    let dav = Dav::start().await;
    let doctor = site.staff(SARI).await;
    let patient_id = app.patient(1).await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let linked = link(&doctor, &dav.url("/"), "secret").await;
    assert_eq!(linked.location(), format!("{PAGE}?done=link"));
    let page = doctor.get(PAGE).await;
    assert!(
        page.body.contains("Work &amp; duty") && !page.body.contains("secret"),
        "{}",
        page.body
    );
    let fields = page.form("choose-calendars");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    // What is proposed is taken as it is.
    let chosen = doctor.submit(PAGE, "choose-calendars", &fields).await;
    assert_eq!(chosen.location(), format!("{PAGE}?done=choose"));
    for loses in [0, 1, 2] {
        dav.lose(loses);
        settle(&app).await;
    }
    let entries = dav.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let (path, body) = entries.into_iter().next().unwrap();
    assert!(body.contains(&format!("X-JANJI-APPOINTMENT:{reference}")));
    // Somebody deletes it there: the page asks.
    dav.change(&path, None);
    settle(&app).await;
    let asked = doctor.get(PAGE).await;
    let fields = asked.form("answer-calendar");
    let question = fields
        .iter()
        .find(|(name, _)| name == "question")
        .unwrap()
        .1
        .clone();
    let cancel = [("question", &*question), ("answer", "cancel"), ("reason", "")];
    let refused = doctor.submit(PAGE, "answer-calendar", &cancel).await;
    assert_eq!(
        refused.error(),
        Some(AppError::invalid(Field::Reason, FieldProblem::Missing))
    );
    let keep = [("question", &*question), ("answer", "keep")];
    let kept = doctor.submit(PAGE, "answer-calendar", &keep).await;
    assert_eq!(kept.location(), format!("{PAGE}?done=keep"));
    settle(&app).await;
    assert_eq!(dav.entries().len(), 1);
    let account = app.count("select id from calendar_accounts").await.to_string();
    for (form, done) in [("sync-calendar", "sync"), ("unlink-calendar", "unlink")] {
        let answer = doctor.submit(PAGE, form, &[("account", &account)]).await;
        assert_eq!(answer.location(), format!("{PAGE}?done={done}"));
    }
    settle(&app).await;
    assert!(dav.entries().is_empty());
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_the_password_is_not_kept() {
    let app = clinic(true).await;
    let site = app.serve().await;
    let dav = Dav::start().await;
    let doctor = site.staff(SARI).await;
    let (right, nowhere) = (dav.url("/"), "http://127.0.0.1:1/".to_owned());
    for (server, password, field, problem) in [
        ("", "secret", Field::CalendarServer, FieldProblem::Missing),
        (
            "dav.example",
            "secret",
            Field::CalendarServer,
            FieldProblem::Malformed,
        ),
        (&*right, "", Field::CalendarPassword, FieldProblem::Missing),
        (
            &*right,
            "wrong-one",
            Field::CalendarPassword,
            FieldProblem::Malformed,
        ),
        (&*nowhere, "secret", Field::CalendarServer, FieldProblem::Unknown),
    ] {
        let answer = link(&doctor, server, password).await;
        assert_eq!(
            answer.error(),
            Some(AppError::invalid(field, problem)),
            "{server}"
        );
        let page = doctor.get(&answer.location()).await;
        assert_eq!(page.field("link-calendar", "server"), server);
        assert_eq!(page.field("link-calendar", "app_password"), "");
        assert!(!page.body.contains("wrong-one"));
        assert!(
            !page.texts(&format!("#{}-error", field.name())).is_empty(),
            "{server}"
        );
    }
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
}

#[tokio::test]
async fn without_a_key_the_page_says_so() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let doctor = site.staff(SARI).await;
    let page = doctor.get(PAGE).await;
    assert!(page.body.contains("JANJI_SECRET_KEY") && !page.body.contains("link-calendar"));
    let fields = [
        ("server", "http://127.0.0.1:1/"),
        ("user", "x"),
        ("app_password", "x"),
    ];
    let refused = doctor.submit(PAGE, "link-calendar", &fields).await;
    assert_eq!(
        refused.error(),
        Some(AppError::invalid(Field::CalendarPassword, FieldProblem::Unknown))
    );
}
