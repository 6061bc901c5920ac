//! Sessions that end in the middle of a form, and browsers without cookies.

use crate::support::{PASSWORD, PHONE, TestApp, VISIT, choose};
use engine::error::{AppError, Field, FieldProblem};

#[tokio::test]
async fn a_form_whose_session_ended_comes_back_as_it_was_typed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let fields = [
        ("phone", PHONE),
        ("name", "Dewi \"D\""),
        ("offer", &*offer),
        ("reason", "A <cough>"),
    ];
    app.sql("delete from sessions").await;
    let answer = admin.submit("/admin/walk-in", "desk-walk-in", &fields).await;
    let door = answer.location();
    assert!(door.starts_with("/staff/sign-in?next=/admin/walk-in"), "{door}");
    let page = admin.get(&door).await;
    assert!(
        page.texts("section.notice").join(" ").contains("signed out"),
        "{}",
        page.body
    );
    let sign_in = [
        ("email", "admin@test.example"),
        ("password", PASSWORD),
        ("next", "/admin/walk-in"),
    ];
    let next = admin.submit(&door, "staff-sign-in", &sign_in).await.location();
    let page = admin.get(&next).await;
    let form = page.form("desk-walk-in");
    for (name, value) in [("phone", PHONE), ("name", "Dewi \"D\""), ("reason", "A <cough>")] {
        assert!(form.contains(&(name.to_owned(), value.to_owned())), "{form:?}");
    }
    assert!(page.body.contains("id=\"unsent\""));
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    // Once it is sent again, its page says what came of it.
    admin
        .submit("/admin/walk-in", "desk-walk-in", &[("phone", "12")])
        .await;
    assert!(!admin.get("/admin/walk-in").await.body.contains("id=\"unsent\""));
}

#[tokio::test]
async fn the_last_step_of_a_booking_survives_its_session() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let (details, check) = (format!("/book/{reference}"), format!("/book/{reference}/check"));
    let mut fields = browser.get(&details).await.form("details");
    fields.retain(|(name, _)| !["name", "phone", "reason"].contains(&&**name));
    let typed = [("name", "Dewi"), ("phone", PHONE), ("reason", "A cough")];
    fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    // The session of a visitor ends as well.
    app.sql("delete from sessions").await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = browser.submit(&details, "details", &fields).await;
    assert_eq!(answer.location(), "/sign-in/code", "{answer:?}");
    let code = app.newest_code(PHONE).await;
    browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    let form = browser.get(&check).await.form("submit");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    app.sql("delete from sessions").await;
    let door = browser.submit(&check, "submit", &form).await.location();
    assert!(door.starts_with("/sign-in?next=/book/"), "{door}");
    browser
        .submit(&door, "request-code", &[("phone", PHONE), ("next", &check)])
        .await;
    let code = app.newest_code(PHONE).await;
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), check);
    let page = browser.get(&check).await;
    assert!(
        page.body.contains("A cough") && page.body.contains("Dewi"),
        "{}",
        page.body
    );
    let done = browser
        .submit(&check, "submit", &[("reference", &reference)])
        .await;
    assert_eq!(
        done.location(),
        format!("/appointments/{reference}/done"),
        "{done:?}"
    );
    // Without anything to go by, the page says so.
    app.sql("delete from sessions").await;
    let lost = site.patient("+6281255500778").await;
    let answer = lost
        .submit(&check, "submit", &[("reference", &reference), ("name", "X")])
        .await;
    let path = answer.location().split('#').next().unwrap().to_owned();
    assert_eq!(lost.get(&path).await.status, 200);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_and_sent_no_code() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let times = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    for (path, form) in [("/sign-in", "request-code"), (&*times, "hold")] {
        let page = site.visitor().get(path).await;
        assert!(page.headers.contains_key("set-cookie"), "{path}");
        let mut fields = page.form(form);
        fields.extend(
            [
                ("phone", PHONE.to_owned()),
                ("starts_at", wanted.starts_at.to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        fields.reverse();
        fields.dedup_by(|one, other| one.0 == other.0);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let answer = site.visitor().submit(path, form, &fields).await;
        let error = AppError::invalid(Field::Cookies, FieldProblem::Missing);
        assert_eq!(answer.error(), Some(error), "{form}");
        let location = answer.location().split('#').next().unwrap().to_owned();
        let told = site.visitor().get(&location).await;
        assert!(told.body.contains("does not accept cookies"), "{}", told.body);
    }
    assert_eq!(app.count("select count(*) from messages").await, 0);
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}
