//! Webhooks by their pages, without JavaScript.

use engine::error::{AppError, Field, FieldProblem};

use super::{Receiver, clinic, dispatch, post_all};
use crate::support::{Browser, TestApp, VISIT};

const PAGE: &str = "/admin/webhooks";

fn fields<'a>(url: &'a str, description: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("url", url),
        ("description", description),
        ("events[0]", "appointment.requested"),
        ("events[1]", "appointment.confirmed"),
        ("doctor", ""),
        ("clinic", ""),
    ]
}

/// Makes a webhook, and answers with its page.
async fn made(browser: &Browser, url: &str) -> String {
    let answer = browser
        .submit(PAGE, "make-webhook", &fields(url, "Billing"))
        .await;
    let location = answer.location();
    let path = location.strip_suffix("?done=make");
    path.unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn requested(app: &TestApp) {
    let patient_id = app.patient(1).await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
}

#[tokio::test]
async fn an_admin_makes_a_webhook_and_reads_its_secret_once() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    assert_eq!(admin.get(PAGE).await.status, 200);
    let path = made(&admin, "https://hooks.example.com/janji").await;
    let shown = admin.get(&format!("{path}?done=make")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("whsec_"), "{}", shown.body);
    let again = admin.get(&format!("{path}?done=make")).await;
    assert!(!again.body.contains("whsec_") && again.status == 200);
    let list = admin.get(PAGE).await;
    assert!(list.body.contains("https://hooks.example.com/janji") && list.body.contains("Billing"));
    // A new secret is another one, and is shown once as well.
    let id = path.rsplit('/').next().unwrap();
    let rotated = admin.submit(&path, "rotate-webhook-secret", &[("id", id)]).await;
    let shown_new = admin.get(&rotated.location()).await;
    assert!(shown_new.body.contains("whsec_"));
    assert_ne!(shown_new.texts("textarea#secret"), shown.texts("textarea#secret"));
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let long = "x".repeat(121);
    for (url, description, field, problem) in [
        ("", "Billing", Field::WebhookUrl, FieldProblem::Missing),
        (
            "http://hooks.example.com/",
            "Billing",
            Field::WebhookUrl,
            FieldProblem::Malformed,
        ),
        (
            "https://10.0.0.1/",
            "Billing",
            Field::WebhookUrl,
            FieldProblem::Malformed,
        ),
        (
            "https://hooks.example.com/",
            "",
            Field::WebhookDescription,
            FieldProblem::Missing,
        ),
        (
            "https://hooks.example.com/",
            &long,
            Field::WebhookDescription,
            FieldProblem::TooLongBy(1),
        ),
    ] {
        let answer = admin
            .submit(PAGE, "make-webhook", &fields(url, description))
            .await;
        assert_eq!(answer.error(), Some(AppError::invalid(field, problem)), "{url}");
        let page = admin.get(&answer.location()).await;
        assert_eq!(page.field("make-webhook", "url"), url);
        assert_eq!(page.field("make-webhook", "description"), description);
        assert!(
            !page.texts(&format!("#{}-error", field.name())).is_empty(),
            "{url}"
        );
    }
    let nothing = admin
        .submit(
            PAGE,
            "make-webhook",
            &[("url", "https://a.example/"), ("description", "x")],
        )
        .await;
    let missing = AppError::invalid(Field::WebhookEvents, FieldProblem::Missing);
    assert_eq!(nothing.error(), Some(missing));
    assert_eq!(app.count("select count(*) from webhooks").await, 0);
}

#[tokio::test]
async fn an_admin_sees_what_was_answered_and_posts_it_again() {
    let app = clinic(true).await;
    let site = app.serve().await;
    let receiver = Receiver::start().await;
    let admin = site.staff("admin@test.example").await;
    let path = made(&admin, &receiver.url("/500")).await;
    let id = path.rsplit('/').next().unwrap();
    requested(&app).await;
    post_all(&dispatch(&app, true)).await;
    let page = admin.get(&path).await;
    // In the words of a stranger, as words.
    assert!(
        page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>alert(1)"));
    // The receiver works from now on.
    let mut change = fields("", "Billing");
    let url = receiver.url("/ok");
    change[0].1 = &url;
    change.extend([("seen[id]", id), ("seen[version]", "1")]);
    let changed = admin.submit(&path, "change-webhook", &change).await;
    assert_eq!(changed.location(), format!("{path}?done=change"), "{changed:?}");
    app.sql("update webhook_deliveries set state = 'failed', ended_at = now()")
        .await;
    let replay = [("id", id), ("hours", "24")];
    let replayed = admin.submit(&path, "replay-webhook", &replay).await;
    assert_eq!(replayed.location(), format!("{path}?done=replay&count=1"));
    post_all(&dispatch(&app, true)).await;
    assert_eq!(receiver.got("/ok").len(), 1);
    // The second one comes too late.
    let stale = admin.submit(&path, "change-webhook", &change).await;
    assert_eq!(stale.error(), Some(AppError::StaleOrganisation));
}

#[tokio::test]
async fn a_doctor_pauses_tries_out_and_deletes_a_webhook() {
    let app = clinic(true).await;
    let site = app.serve().await;
    let receiver = Receiver::start().await;
    let doctor = site.staff("doctor1@test.example").await;
    let base = "/doctor/webhooks";
    let url = receiver.url("/ok");
    let answer = doctor.submit(base, "make-webhook", &fields(&url, "Wall")).await;
    let path = answer.location().replace("?done=make", "");
    let id = path.rsplit('/').next().unwrap().to_owned();
    let act = |act: &'static str| {
        let (doctor, path, id) = (doctor.clone(), path.clone(), id.clone());
        async move {
            doctor
                .submit(&path, "webhook-state", &[("id", &id), ("act", act)])
                .await
                .location()
        }
    };
    assert_eq!(act("pause").await, format!("{path}?done=pause"));
    let test = doctor.submit(&path, "test-webhook", &[("id", &id)]).await;
    assert_eq!(test.location(), format!("{path}?done=test"));
    requested(&app).await;
    post_all(&dispatch(&app, true)).await;
    assert_eq!(receiver.got("/ok").len(), 1);
    assert_eq!(act("resume").await, format!("{path}?done=resume"));
    post_all(&dispatch(&app, true)).await;
    assert_eq!(receiver.got("/ok").len(), 2);
    assert_eq!(act("delete").await, format!("{base}?done=delete"));
    assert_eq!(doctor.get(&path).await.status, 404);
    // What is of one doctor is not found by another one.
    let other = site.staff("doctor2@test.example").await;
    assert_eq!(other.get(&path).await.status, 404);
}

#[tokio::test]
async fn who_has_not_proved_lately_who_they_are_makes_no_webhook() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let path = made(&admin, "https://hooks.example.com/janji").await;
    let id = path.rsplit('/').next().unwrap();
    // Ten minutes and more ago.
    app.sql(
        "update sessions set data = jsonb_set(data, '{proved_at}', to_jsonb((now() - interval '11 minutes')::timestamptz))
         where staff_id is not null",
    )
    .await;
    let answer = admin
        .submit(PAGE, "make-webhook", &fields("https://a.example/", "x"))
        .await;
    assert_eq!(answer.error(), Some(AppError::StepUpRequired));
    let rotated = admin.submit(&path, "rotate-webhook-secret", &[("id", id)]).await;
    assert_eq!(rotated.error(), Some(AppError::StepUpRequired));
    assert_eq!(app.count("select count(*) from webhooks").await, 1);
}
