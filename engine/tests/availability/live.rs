//! Open pages hear of changes, however late.

use std::time::Duration;

use engine::{
    availability::{Except, live::Live},
    booking,
};

use sqlx::postgres::PgConnectOptions;

use crate::support::{TestApp, VISIT, hold, settings};

#[tokio::test]
async fn what_could_not_be_announced_is_announced_when_it_can_be() {
    let app = TestApp::new().await;
    // In the place of PostgreSQL's own function, where that is looked for last.
    app.sql(
        "create sequence tried;
         create function pg_notify(text, text) returns void language plpgsql as
         $$ begin perform nextval('tried'); raise 'not now'; end $$",
    )
    .await;
    let path = [("search_path", "public,pg_catalog")];
    let database = app
        .options
        .by(PgConnectOptions::clone(&app.options).options(path))
        .open(&settings());
    let live = Live::start(database.clone());
    // It says so when it listens.
    live.overhear(0).next().await.unwrap();
    let mut look = live.look(app.doctors[0].id);
    let busy = look.next().await.unwrap();
    assert!(busy.without(&Except::default()).is_empty());

    let wanted = app.wanted(0, VISIT, app.slot(0));
    booking::hold(&database, hold(1, wanted), database.now())
        .await
        .unwrap();
    let until_it_was_tried = async {
        while app.count("select count(*) from tried where is_called").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), until_it_was_tried)
        .await
        .expect("nothing was announced");
    app.sql("drop function public.pg_notify(text, text)").await;
    let told = tokio::time::timeout(Duration::from_secs(30), look.next());
    let busy = told.await.expect("nothing was heard").unwrap();
    assert!(!busy.without(&Except::default()).is_empty());
}
