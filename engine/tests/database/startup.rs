//! Servers that start at once.

use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use engine::database::migrate;

#[sqlx::test(migrations = false)]
async fn servers_that_start_at_once_migrate_once(_: PgPoolOptions, options: PgConnectOptions) {
    use sqlx::ConnectOptions;

    let url = options.to_url_lossy().to_string();
    let (first, second, third) = tokio::join!(migrate(&url), migrate(&url), migrate(&url));
    first.unwrap();
    second.unwrap();
    third.unwrap();
    migrate(&url).await.unwrap();
    let mut connection = options.connect().await.unwrap();
    let (applied, different): (i64, i64) =
        sqlx::query_as("select count(*), count(distinct version) from _sqlx_migrations where success")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert!(applied > 0);
    assert_eq!(applied, different);
    connection.close().await.unwrap();
}
