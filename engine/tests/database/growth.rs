//! Where it is written how each table grows.

use crate::support::TestApp;

/// The tables of the list, in its order.
fn written() -> Vec<&'static str> {
    let (_, list) = include_str!("../../../docs/scale.md")
        .split_once("## How each table grows")
        .expect("docs/scale.md has no list of tables");
    list.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(table, _)| table)
        .collect()
}

#[tokio::test]
async fn it_is_written_of_every_table_how_it_grows() {
    let app = TestApp::new().await;
    let mut connection = app.connection().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'
         order by table_name collate \"C\"",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(tables.len() > 50, "{tables:?}");
    assert_eq!(
        written(),
        tables,
        "docs/scale.md says of each table, by name, how it grows"
    );
}
