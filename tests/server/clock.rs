//! Two servers of one clinic, one with a wrong clock.

use engine::{database::Database, together::Together};
use janji::server::{AppState, Shared, router::router, worker};
use jiff::SignedDuration;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::net::SocketAddr;
use tokio::net::TcpListener;

use crate::support::{TestApp, VISIT, borrowed, choose, of_wanted};

/// A second server, whose clock is ahead by this time. It has asked the database, as a server does when it starts.
async fn server(app: &TestApp, options: &PgConnectOptions, ahead: SignedDuration) -> (AppState, String) {
    let settings = app.state.config.database.clone();
    let database = Database::new(PgPoolOptions::new(), options.clone(), &settings);
    database.shift_own_clock(ahead);
    database.read_clock().await.unwrap();
    let state = AppState::from(Shared {
        database,
        together: Together::default(),
        ..Shared::clone(&app.state)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let service = router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    (state, site)
}

async fn ready(site: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{site}/readyz")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_server_says_that_its_clock_is_wrong() {
    let app = TestApp::new().await;
    for (hours, word) in [(1, "ahead of"), (-1, "behind"), (48, "ahead of"), (-48, "behind")] {
        let (_, site) = server(&app, &app.options, SignedDuration::from_hours(hours)).await;
        let (status, said) = ready(&site).await;
        assert_eq!(status, 200, "{said}");
        assert!(said.contains(word) && said.contains("its worker rests"), "{said}");
    }
    let (_, site) = server(&app, &app.options, SignedDuration::from_secs(2)).await;
    assert_eq!(ready(&site).await, (200, "ready\n".to_owned()));
}

#[tokio::test]
async fn the_worker_of_a_server_whose_clock_is_wrong_rests() {
    let app = TestApp::new().await;
    app.sql("insert into idempotency_keys (id, request, expires_at) values ('\\x01', '\\x02', now() - interval '1 day')")
        .await;
    let keys = "select count(*) from idempotency_keys";
    for (hours, left) in [(48, 1), (-48, 1), (0, 0)] {
        let (state, _) = server(&app, &app.options, SignedDuration::from_hours(hours)).await;
        worker::round(&state).await.unwrap();
        assert_eq!(app.count(keys).await, left, "{hours}");
    }
}

#[tokio::test]
async fn a_time_that_is_held_on_one_server_is_taken_on_another_one() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    choose(&site.visitor(), wanted).await;
    for hours in [1, -1, 48, -48] {
        let (_, other) = server(&app, &app.options, SignedDuration::from_hours(hours)).await;
        let mut visitor = site.visitor();
        visitor.site = other;
        let taken = visitor.call("hold", &borrowed(&of_wanted(wanted))).await;
        assert!(
            taken.location().contains("slot_taken") || taken.status == 409,
            "{hours}: {taken:?}"
        );
        // Who is signed in on one is signed in on the other.
        let mut admin = site.staff("admin@test.example").await;
        admin.site = visitor.site.clone();
        assert_eq!(admin.get("/admin").await.status, 200, "{hours}");
    }
    let held = "select count(*) from appointments where status = 'held'";
    assert_eq!(app.count(held).await, 1);
}
