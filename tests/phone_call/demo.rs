//! The page that plays a call.

use super::{CALLER, LINE, clinic, keys};
use crate::support::{Setup, TestApp};

#[tokio::test]
async fn a_call_is_played_by_buttons() {
    let app = clinic(&["key"]).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let page = "/demo/call";
    let begin = [("part", "begin"), ("number", CALLER), ("line", LINE)];
    let answer = visitor.submit(page, "play-call", &begin).await;
    assert_eq!(answer.location(), page);
    let day = app.day(20).to_string();
    let find = [
        ("part", "find_times"),
        ("wish[service]", "visit"),
        ("wish[day]", &*day),
    ];
    visitor.submit(page, "play-call", &find).await;
    let shown = visitor.get(page).await;
    assert!(shown.body.contains("There are free times"), "{}", shown.body);
    let slot = super::slot(&app, 20);
    let book = [
        ("part", "book"),
        ("wish[slot]", &*slot),
        ("wish[name]", "Ibu Sari"),
    ];
    visitor.submit(page, "play-call", &book).await;
    // Sent once more, it is the same appointment.
    visitor.submit(page, "play-call", &[("part", "twice")]).await;
    let shown = visitor.get(page).await;
    assert!(shown.body.contains("I have asked for Visit"), "{}", shown.body);
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    visitor.submit(page, "play-call", &[("part", "end")]).await;
    assert_eq!(
        app.count("select count(*) from phone_calls where ended_at is not null")
            .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_plays_calls_outside_of_the_demo() {
    let setup = Setup {
        demo: false,
        phone: keys(&["key"]),
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/demo/call").await.status, 404);
    let answer = visitor.call("play-call", &[("part", "begin")]).await;
    assert_eq!(answer.status, 404, "{answer:?}");
    assert_eq!(app.count("select count(*) from phone_calls").await, 0);
}
