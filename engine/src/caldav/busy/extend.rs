//! What the worker does for busy times: a day more of every series each day.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use metrics::describe_counter;

use super::{
    put::{About, Item, forget, lock, replace},
    times::window,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

const DAY: i64 = 24 * 60;

/// Objects of one doctor that are worked out in one transaction, while nobody books them.
const MAX_BATCH: i64 = 50;

/// Times that one round deletes, and the minutes for which those that are over are kept.
const MAX_DELETED: i64 = 5000;
const KEEP_MINUTES: i64 = 7 * DAY;

/// Works out further times of some series of one doctor, and answers how many there were: none, where all have been worked out
/// for today.
///
/// # Errors
/// Those of the database.
pub async fn extend(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    describe_counter!(
        "janji_calendar_items_total",
        "Objects of calendars elsewhere that were read, by what became of them"
    );
    database.write("caldav.extend", move |tx| attempt(tx, now)).await
}

async fn attempt(mut tx: Tx, now: Timestamp) -> Result<usize, Failure> {
    let due = plus_minutes(window(now).end, -DAY);
    let next = sqlx::query_scalar!(
        "select doctor_id from external_items where expanded_until < $1 order by doctor_id limit 1",
        due.to_sqlx(),
    );
    let Some(doctor_id) = next.fetch_optional(&mut *tx).await? else {
        return Ok(0);
    };
    lock(&mut tx, doctor_id).await?;
    let items = sqlx::query!(
        r#"select id, collection_id, recurrence as "recurrence!" from external_items
           where doctor_id = $1 and expanded_until < $2 and recurrence is not null
           order by id limit $3"#,
        doctor_id,
        due.to_sqlx(),
        MAX_BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    for item in &items {
        let about = About::of(&mut tx, item.collection_id, doctor_id).await?;
        let mut further = Item::read(&item.recurrence, &about, now);
        if !further.is_understood() {
            // A zone that this server does not know any more: what is known stands until the object changes.
            further.recurrence = Some(item.recurrence.clone());
            further.expanded_until = Some(window(now).end);
        }
        sqlx::query!(
            "update external_items set recurrence = $2, expanded_until = $3 where id = $1",
            item.id,
            further.recurrence,
            further.expanded_until.map(|until| until.to_sqlx()) as _,
        )
        .execute(&mut *tx)
        .await?;
        if further.is_understood() {
            replace(&mut tx, item.id, doctor_id, &further.busy, now).await?;
        }
    }
    tx.commit().await?;
    Ok(items.len())
}

/// Gives back the times of a calendar that is read no more, and answers whether there was one.
///
/// # Errors
/// Those of the database.
pub async fn give_back(database: &Database) -> Result<bool, AppError> {
    database
        .write("caldav.give_back", |mut tx| async move {
            let unread = sqlx::query!(
                "select items.collection_id, items.doctor_id
                 from calendar_collections as collections
                 join external_items as items on items.collection_id = collections.id
                 where not collections.reads_busy
                 order by items.doctor_id, items.collection_id limit 1",
            );
            let Some(unread) = unread.fetch_optional(&mut *tx).await? else {
                return Ok(false);
            };
            forget(&mut tx, unread.collection_id, unread.doctor_id).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
}

/// Deletes times that are over.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from external_busy
         where (item_id, sequence) in (select item_id, sequence from external_busy
                                       where span << tstzrange($1, null) order by item_id, sequence
                                       limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_DELETED,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
