//! The page and the calls on how a patient is reached.

use engine::notification::{Lane, deliver, listen};
use janji::notification::{options::Options, settings::Settings};
use serde_json::json;

use crate::support::{PHONE, People, Setup, TestApp, data};

async fn clinic() -> TestApp {
    let messages = Settings::of(Options {
        public_url: Some("https://clinic.example".to_owned()),
        ..Options::default()
    })
    .unwrap();
    let app = TestApp::with(Setup {
        messages,
        ..Setup::default()
    })
    .await;
    listen(&app.state.outbox);
    app
}

#[tokio::test]
async fn a_patient_gives_an_address_and_confirms_it() {
    let app = clinic().await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let page = patient.get("/contact").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(PHONE));
    let fields = [
        ("email", "maya@example.org"),
        ("language", "de"),
        ("reminders", "true"),
    ];
    let answer = patient.submit("/contact", "save-contact", &fields).await;
    assert_eq!(answer.location(), "/contact?saved=asked");
    for lane in Lane::ALL {
        while deliver(&app.state.outbox, lane, app.database.now())
            .await
            .unwrap()
            > 0
        {}
    }
    let text: String = sqlx::query_scalar("select body from messages where kind = 'confirm_email'")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let path = text.split("https://clinic.example").nth(1).unwrap();
    // Programs that check links look at them, too.
    let visitor = site.visitor();
    let page = visitor.get(path).await;
    assert_eq!(page.status, 200);
    const CONFIRMED: &str = "select count(*) from patients where email_confirmed_at is not null";
    assert_eq!(app.count(CONFIRMED).await, 0);
    let secret = path.strip_prefix("/e/").unwrap();
    let answer = visitor.submit(path, "link-email", &[("secret", secret)]).await;
    assert_eq!(answer.location(), format!("{path}?done=1"));
    assert_eq!(app.count(CONFIRMED).await, 1);
    // A box that is not ticked is not sent.
    let fields = [("email", "maya@example.org"), ("language", "")];
    let answer = patient.submit("/contact", "save-contact", &fields).await;
    assert_eq!(answer.location(), "/contact?saved=1");
    assert_eq!(
        app.count("select count(*) from patients where not wants_reminders and email_confirmed_at is not null and locale is null")
            .await,
        1
    );
}

#[tokio::test]
async fn a_patient_sees_that_mails_came_back_and_has_a_new_link_sent() {
    let app = clinic().await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    app.sql(
        "update patients set email = 'maya@example.org';
         insert into message_stops (recipient, reason, stopped_at) values ('maya@example.org', 'bounced', now())",
    )
    .await;
    const NOTICE: &str = "Mails to your address come back";
    let page = patient.get("/contact").await;
    assert!(page.body.contains(NOTICE), "{}", page.body);
    let fields = [
        ("email", "maya@example.org"),
        ("language", "en"),
        ("reminders", "true"),
    ];
    let answer = patient.submit("/contact", "save-contact", &fields).await;
    assert_eq!(answer.location(), "/contact?saved=asked");
    for lane in Lane::ALL {
        while deliver(&app.state.outbox, lane, app.database.now())
            .await
            .unwrap()
            > 0
        {}
    }
    assert_eq!(
        app.count("select count(*) from messages where kind = 'confirm_email' and state = 'sent'")
            .await,
        1
    );
    // Once it is confirmed, nothing is said of that any more.
    app.sql("update patients set email_confirmed_at = now()").await;
    assert!(!patient.get("/contact").await.body.contains(NOTICE));
    // One refusal may be a slip of the provider.
    app.sql(
        "update patients set email_confirmed_at = null;
         update message_stops set reason = 'no_such_recipient', count = 1",
    )
    .await;
    assert!(!patient.get("/contact").await.body.contains(NOTICE));
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_refused() {
    let app = clinic().await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let answer = patient
        .submit("/contact", "save-contact", &[("email", "maya")])
        .await;
    assert!(answer.location().contains("__err"), "{}", answer.location());
    let page = patient.get(&answer.location()).await;
    assert!(page.body.contains("email-error"), "{}", page.body);
}

#[tokio::test]
async fn programs_read_how_a_patient_is_reached() {
    // No public address: nobody could open a link.
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let contact = data(&people.patient.get("me/contact").await, 200);
    assert_eq!(contact["email"], json!(null));
    assert_eq!(contact["email_came_back"], json!(false));
    assert_eq!(contact["reminders"], json!(true));
    let wish = json!({"email": null, "language": "id", "reminders": false});
    let saved = data(&people.patient.put("me/contact", &wish).await, 200);
    assert_eq!(saved["language"], "id");
    assert_eq!(saved["reminders"], json!(false));
    let wish = json!({"email": "maya@example.org", "reminders": true});
    assert_eq!(people.patient.put("me/contact", &wish).await.status, 422);
    let wish = json!({"language": "xx", "reminders": true});
    assert_eq!(people.patient.put("me/contact", &wish).await.status, 422);
    assert_eq!(people.doctor.get("me/contact").await.status, 403);
}
