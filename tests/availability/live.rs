//! Pages that hear of a time that has gone.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{TestApp, VISIT, choose};

#[sqlx::test]
async fn an_open_page_hears_that_a_time_is_taken(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let visitor = site.visitor();
    let mut stream = visitor
        .http
        .get(visitor.url(&format!("/live/times/{}", wanted.doctor_id)))
        .send()
        .await
        .unwrap();
    let mut told = String::new();
    let mut is_chosen = false;
    let expected = format!("[[{},{}]]", wanted.starts_at, wanted.starts_at + 1800);
    let listen = async {
        while !told.contains(&expected) {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
            // First it says that nothing is busy; then somebody chooses a time.
            if !is_chosen && told.contains("data: []") {
                is_chosen = true;
                choose(&site.visitor(), wanted).await;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), listen).await;
    assert!(in_time.is_ok(), "{told}");
}

#[sqlx::test]
async fn the_open_pages_of_one_address_are_limited(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let listen = || visitor.http.get(visitor.url("/live/times/1")).send();
    let mut open = Vec::new();
    let refused = loop {
        let answer = listen().await.unwrap();
        if answer.status() != 200 {
            break answer.status();
        }
        open.push(answer);
        assert!(open.len() < 1000, "nobody was refused");
    };
    assert_eq!(refused, 429);
    // Its times can be read and booked all the same.
    assert_eq!(visitor.get("/").await.status, 200);
    open.truncate(open.len() / 2);
    let room = async {
        while listen().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), room).await.unwrap();
}
