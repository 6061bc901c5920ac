//! Whether the server is ready, as a load balancer asks.

use crate::support::{Site, TestApp, VISIT, borrowed, of_wanted};

async fn ready(site: &Site<'_>) -> (u16, String) {
    let answer = site.visitor().get("/readyz").await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn a_server_whose_database_is_a_standby_is_not_ready() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    assert_eq!(ready(&site).await, (200, "ready\n".to_owned()));
    app.sql(
        "do $$ begin
             execute format('alter database %I set default_transaction_read_only = on', current_database());
         end $$;
         select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name = 'janji'",
    )
    .await;
    // At first it may be a connection that broke.
    let (status, said) = ready(&site).await;
    assert_eq!(status, 503, "{said}");
    // A booking is told to come again, and not that something is broken.
    let answer = site
        .visitor()
        .call("hold", &borrowed(&of_wanted(app.wanted(0, VISIT, app.slot(1)))))
        .await;
    assert!(
        answer.status == 503 || answer.location().contains("Unavailable"),
        "{answer:?}"
    );
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
    let (status, said) = ready(&site).await;
    assert_eq!((status, said.contains("standby")), (503, true), "{said}");

    app.sql(
        "begin read write;
         do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$;
         commit",
    )
    .await;
    let back = async {
        while ready(&site).await.0 != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), back)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_server_says_which_version_answers() {
    let app = TestApp::new().await;
    let answer = app.serve().await.visitor().get("/healthz").await;
    let said = format!("ok {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((answer.status, answer.body), (200, said));
}

#[tokio::test]
async fn requests_that_wait_for_an_admin_are_told_to_the_operator() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    app.sql("update worker_rounds set held_back_since = now()").await;
    let (status, said) = ready(&site).await;
    assert_eq!(status, 200);
    assert!(said.contains("janji overdue"), "{said}");
}

#[tokio::test]
async fn a_check_that_is_missed_is_told_to_the_operator() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    app.sql("update integrity_checks set awaited_since = now() - interval '5 hours 1 minute'")
        .await;
    let (status, said) = ready(&site).await;
    assert_eq!(status, 200);
    assert!(
        said.starts_with("ready\n") && said.contains("last checked 5 hours ago"),
        "{said}"
    );
    app.state.integrity.check(&app.database).await.unwrap();
    assert_eq!(ready(&site).await, (200, "ready\n".to_owned()));
}
