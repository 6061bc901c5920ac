//! Privacy: a person is forgotten and does not come back, takes a copy along, and what is past its period goes.

mod consent;
mod erase;
mod export;
mod glass;
mod merged;
mod race;
mod retention;

use engine::{
    account::Caller,
    privacy::{self, QUIET_MINUTES, RequestErasure, Requested},
    time::plus_minutes,
};
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::support::{TestApp, patient_caller};

/// Words that are this person's alone.
pub const NAME: &str = "Wulandari Zephyrine";
pub const PHONE: &str = "+6281299887766";
pub const EMAIL: &str = "wulandari.zephyrine@mail.example";
/// Stands in every text that somebody wrote about them and that is no record of care.
pub const WORDS: &str = "quokkamarmalade";
/// Stands in records of care.
pub const RECORD: &str = "recordwordzz";

/// A patient with these traits.
pub async fn person(app: &TestApp) -> i64 {
    sqlx::query_scalar(
        "insert into patients (phone, name, email, email_confirmed_at, locale)
         values ($1, $2, $3, now(), 'id') returning id",
    )
    .bind(PHONE)
    .bind(NAME)
    .bind(EMAIL)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

/// Asks to erase a patient, as this caller.
pub async fn requested(app: &TestApp, caller: Caller, patient_id: i64) -> Requested {
    let command = RequestErasure { caller, patient_id };
    privacy::request(&app.database, command, app.now).await.unwrap()
}

/// The moment at which no request runs any more that was let in before the record was closed.
pub fn quiet(app: &TestApp) -> Timestamp {
    plus_minutes(app.now, QUIET_MINUTES)
}

/// Erases a patient, who asks for it.
pub async fn erased(app: &TestApp, patient_id: i64) {
    requested(app, patient_caller(patient_id), patient_id).await;
    privacy::work(&app.database, app.now).await.unwrap();
    // What the patient is told has left, or nobody sends anything here.
    app.sql("update messages set state = 'sent', sent_at = now(), ended_at = now() where state = 'due'")
        .await;
    assert_eq!(privacy::work(&app.database, quiet(app)).await, Ok(1));
}

/// Where in the whole database a word stands: in any text, any JSON and any list, of any table.
pub async fn found(connection: &mut PgConnection, word: &str) -> Vec<String> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select columns.table_name::text, column_name::text from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and columns.table_name <> '_sqlx_migrations'
           and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY')
         order by 1, 2",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert!(columns.len() > 100, "{}", columns.len());
    let mut places = Vec::new();
    for (table, column) in columns {
        let query = format!(
            "select count(*) from \"{table}\" where strpos(lower(\"{column}\"::text), lower($1)) > 0"
        );
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(word)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if count > 0 {
            places.push(format!("{table}.{column}"));
        }
    }
    places
}
