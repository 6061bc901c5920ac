//! Where the links in messages lead: looking changes nothing, and a button does what it says.

use engine::{
    notification::{Lane, deliver, listen},
    time::plus_minutes,
};
use janji::notification::{options::Options, settings::Settings};

use crate::support::{Setup, TestApp};

/// Half hours in a day.
const DAY: i64 = 48;

/// A clinic whose messages have links.
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

/// Sends what is due, and answers with the path of the link in the newest message.
async fn newest_link(app: &TestApp, from_now: i64) -> String {
    let now = plus_minutes(app.database.now(), from_now);
    for lane in Lane::ALL {
        while deliver(&app.state.outbox, lane, now).await.unwrap() > 0 {}
    }
    let text: String =
        sqlx::query_scalar("select body from messages where body like '%https://clinic.example/%' order by sent_at desc, id desc limit 1")
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
    let address = text.split_whitespace().last().unwrap();
    address.strip_prefix("https://clinic.example").unwrap().to_owned()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn secret(path: &str) -> String {
    path.strip_prefix("/a/").unwrap().to_owned()
}

const COMING: &str = "select count(*) from appointments where coming_at is not null";

#[tokio::test]
async fn a_link_shows_an_appointment_and_says_that_one_comes() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for _ in 0..2 {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&reference));
        // Whoever found the phone learns neither whose it is, nor with whom, nor what for.
        for hidden in ["Patient 1", "+62812555", "Dr 1", "A cough"] {
            assert!(!page.body.contains(hidden), "{hidden}");
        }
    }
    assert_eq!(app.count(COMING).await, 0);
    let before = app.appointment(&reference).await;
    let fields = visitor.get(&path).await.form("link-come");
    for _ in 0..2 {
        let answer = visitor.submit(&path, "link-come", &pairs(&fields)).await;
        assert_eq!(answer.location(), format!("{path}?done=come"));
    }
    assert_eq!(app.count(COMING).await, 1);
    assert_eq!(app.appointment(&reference).await, before);
    // Staff see it.
    let doctor = site.staff("doctor1@test.example").await;
    let page = doctor.get(&format!("/doctor/appointments/{reference}")).await;
    assert!(page.body.contains("Says they come"), "{}", page.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_link_says_shortly_before_that_one_is_here() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    assert!(visitor.get(&path).await.form("link-arrive").is_empty());
    app.sql(
        "update appointments
         set starts_at = date_trunc('minute', now()) + interval '30 minutes',
             ends_at = date_trunc('minute', now()) + interval '60 minutes',
             blocks_from = date_trunc('minute', now()) + interval '30 minutes',
             blocks_until = date_trunc('minute', now()) + interval '60 minutes',
             wall_time = (date_trunc('minute', now()) + interval '30 minutes') at time zone 'UTC';
         update appointment_changes set to_starts_at = (select starts_at from appointments)",
    )
    .await;
    let fields = visitor.get(&path).await.form("link-arrive");
    for _ in 0..2 {
        let answer = visitor.submit(&path, "link-arrive", &pairs(&fields)).await;
        assert_eq!(answer.location(), format!("{path}?done=arrive"));
    }
    let arrived = "select count(*) from appointment_changes where arrived and actor = 'patient'";
    assert_eq!(app.count(arrived).await, 1);
    let page = visitor.get(&path).await;
    assert!(page.body.contains("We know that you are here"), "{}", page.body);
    assert!(page.form("link-arrive").is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_link_cancels_once() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let fields = visitor.get(&path).await.form("link-cancel");
    for _ in 0..2 {
        let answer = visitor.submit(&path, "link-cancel", &pairs(&fields)).await;
        assert_eq!(answer.location(), format!("{path}?done=cancel"));
    }
    let (status, version, _) = app.appointment(&reference).await;
    assert_eq!((status.as_str(), version), ("cancelled", 4));
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.form("link-cancel").is_empty() && page.form("link-come").is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_link_moves_an_appointment_and_leads_to_it_afterwards() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let reference = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let to = app.slot(5 * DAY + 20);
    let list = visitor.get(&format!("{path}/move")).await;
    assert!(list.form("link-move").is_empty(), "a tap moves nothing");
    let page = visitor
        .get(&format!("{path}/move?starts_at={}", to.as_second()))
        .await;
    assert_eq!(page.status, 200);
    for page in [&list, &page] {
        assert!(
            !page.body.contains("Dr 1"),
            "with whom is nobody's business: {}",
            page.body
        );
    }
    let mut fields = page.form("link-move");
    fields.push(("starts_at".to_owned(), to.as_second().to_string()));
    let answer = visitor
        .submit(&format!("{path}/move"), "link-move", &pairs(&fields))
        .await;
    assert_eq!(answer.location(), format!("{path}?done=move"));
    assert_eq!(app.appointment(&reference).await.2, to);
    assert_eq!(visitor.get(&path).await.status, 200);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_link_is_for_one_purpose_and_dies_at_the_start() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let answer = visitor
        .call("link-unsubscribe", &[("secret", &secret(&path))])
        .await;
    assert_eq!(answer.status, 404);
    app.sql("update message_links set good_until = now()").await;
    assert_eq!(visitor.get(&path).await.status, 404);
    let answer = visitor.call("link-come", &[("secret", &secret(&path))]).await;
    assert_eq!(answer.status, 404);
    assert_eq!(app.count(COMING).await, 0);
}

#[tokio::test]
async fn whoever_lost_their_account_has_no_link() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    let path = newest_link(&app, 1).await;
    app.sql("update patients set active = false").await;
    let site = app.serve().await;
    assert_eq!(site.visitor().get(&path).await.status, 404);
}

#[tokio::test]
async fn one_click_ends_reminders_and_nothing_else() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    app.sql("update patients set email = 'maya@example.org', email_confirmed_at = now()")
        .await;
    let start = app.slot(4 * DAY + 20);
    app.confirmed(patient, 0, start).await;
    newest_link(&app, 1).await;
    let due_in = (start.as_second() - app.database.now().as_second()) / 60 - 20 * 60;
    newest_link(&app, due_in).await;
    // The secret is nowhere but in the mail: this one is made up, and unknown.
    let site = app.serve().await;
    let visitor = site.visitor();
    let post = async |secret: &str| {
        let request = visitor
            .http
            .post(visitor.url(&format!("/hooks/unsubscribe/{secret}")))
            .body("List-Unsubscribe=One-Click");
        crate::support::Answer::of(request).await.status
    };
    assert_eq!(post("nowhere").await, 404);
    assert_eq!(
        app.count("select count(*) from message_links where purpose = 'unsubscribe'")
            .await,
        1
    );
    app.sql("update message_links set hash = sha256('known') where purpose = 'unsubscribe'")
        .await;
    assert_eq!(
        visitor.get("/hooks/unsubscribe/known").await.location(),
        "/u/known"
    );
    assert_eq!(app.count("select count(*) from message_stops").await, 0);
    assert_eq!(post("known").await, 204);
    assert_eq!(
        app.count("select count(*) from message_stops where recipient = 'maya@example.org' and reason = 'unsubscribed'")
            .await,
        1
    );
}
