//! A hundred thousand that wait for a webhook which is paused: nobody walks them all but to post them.

use engine::{
    time::plus_minutes,
    webhook::{self, Topic, claim},
};

use super::{clinic, made, soon, states, tidy, try_to_make, wishes};
use crate::support::TestApp;

/// What was kept since yesterday for the first webhook, of as many appointments.
const KEPT: &str = "insert into webhook_deliveries
         (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at, due_at)
     select webhooks.id, 'appointment.confirmed', number, 2, 'confirmed', 1, 1, now(), now(), now() - interval '1 day',
            now() - interval '1 day'
     from (select min(id) as id from webhooks) as webhooks, generate_series(1, 100000) as number";

/// Rows of deliveries that were read, by walking the table and by an index.
async fn read(app: &TestApp) -> (i64, i64) {
    let mut connection = app.connection().await;
    sqlx::query("select pg_stat_clear_snapshot()")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query_as(
        "select coalesce(seq_tup_read, 0), coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
         where relname = 'webhook_deliveries'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap()
}

#[tokio::test]
async fn who_looks_for_work_reads_little_of_what_is_kept() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    // Another one goes on, and has nothing to be told.
    let other = wishes("https://hooks.example.com/other");
    try_to_make(&app, app.admin_caller(), other).await.unwrap();
    webhook::pause(&app.database, &admin, id).await.unwrap();
    app.sql(KEPT).await;
    app.sql("vacuum analyze webhook_deliveries, webhooks").await;
    let before = read(&app).await;
    let now = soon(&app);
    for _ in 0..20 {
        assert!(claim(&app.database, now).await.unwrap().is_none());
        tidy(&app, now).await;
        webhook::measure(&app.database, now).await.unwrap();
    }
    webhook::send_test(&app.database, &admin, id, app.database.now())
        .await
        .unwrap();
    let claimed = claim(&app.database, now).await.unwrap().unwrap();
    assert_eq!(claimed.topic, Topic::Test);
    // A connection tells what it has read when it ends.
    app.database.close().await;
    let after = read(&app).await;
    let read = (after.0 - before.0) + (after.1 - before.1);
    assert!(read < 1000, "{read} rows were read");
}

#[tokio::test]
async fn whoever_goes_on_writes_only_what_was_tried() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    webhook::pause(&app.database, &admin, id).await.unwrap();
    app.sql(KEPT).await;
    app.sql(
        "update webhook_deliveries set attempts = 3, first_tried_at = happened_at, due_at = now() + interval '6 hours'
         where appointment_id = 77",
    )
    .await;
    let now = soon(&app);
    webhook::resume(&app.database, &admin, id, now).await.unwrap();
    // Each statement has a transaction of its own, which its rows name.
    assert_eq!(
        app.count("select count(distinct xmin::text) from webhook_deliveries")
            .await,
        2
    );
    assert_eq!(
        app.count(
            "select count(*) from webhook_deliveries
             where attempts > 0 or first_tried_at is not null or due_at > now() + interval '1 hour'
                or appointment_id <> 77 and xmin::text <> (select xmin::text from webhook_deliveries where appointment_id = 1)"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn what_waits_for_one_that_has_ended_is_dropped_round_by_round() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    app.sql(KEPT).await;
    app.sql("delete from webhook_deliveries where appointment_id > 7000")
        .await;
    let now = soon(&app);
    webhook::delete(&app.database, &admin, id, now).await.unwrap();
    let dropped = "select count(*) from webhook_deliveries where state = 'dropped'";
    assert_eq!(app.count(dropped).await, 0);
    tidy(&app, now).await;
    assert_eq!(app.count(dropped).await, 5000);
    tidy(&app, now).await;
    assert_eq!(app.count(dropped).await, 7000);
}

#[tokio::test]
async fn one_that_is_paused_keeps_for_a_month() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    let (active, _) = try_to_make(
        &app,
        app.admin_caller(),
        wishes("https://hooks.example.com/other"),
    )
    .await
    .unwrap();
    assert_ne!(id, active);
    let patient_id = app.patient(1).await;
    app.requested(patient_id, app.wanted(0, crate::support::VISIT, app.slot(20)))
        .await;
    webhook::pause(&app.database, &admin, id).await.unwrap();
    let month = plus_minutes(soon(&app), 30 * 24 * 60);
    tidy(&app, plus_minutes(month, -24 * 60)).await;
    assert_eq!(states(&app).await, ["due", "due"]);
    // What an active one is to be told stays, however old it is.
    tidy(&app, month).await;
    assert_eq!(states(&app).await, ["dropped", "due"]);
}
