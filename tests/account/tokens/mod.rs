//! Tokens that people make for their programs.

mod api;
mod page;

use crate::support::TestApp;

/// All that the database has about tokens, as text.
async fn stored(app: &TestApp) -> String {
    sqlx::query_scalar(
        "select concat((select string_agg(data::text, ' ') from sessions),
                       (select string_agg(answer::text, ' ') from idempotency_keys),
                       (select string_agg(salt, ' ') from tokens),
                       (select string_agg(concat(id, name, encode(hash, 'hex'), salt), ' ') from tokens))",
    )
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
