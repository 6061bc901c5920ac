//! The site that the links of a calendar lead to: an entry whose link is another one has changed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Event, Owner};
use crate::{
    database::{Database, Lock, Tx, locking},
    error::AppError,
};

/// How often the site has changed that the links in somebody's entries lead to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    version: i32,
    changed_at: Option<Timestamp>,
}

impl Link {
    /// Counts as a change of the event.
    pub(super) fn show_in(self, event: &mut Event) {
        event.shown_version = event.shown_version.saturating_add(self.version);
        event.shown_at = event.shown_at.max(self.changed_at);
    }
}

/// The link of somebody's entries to this site, noted where it is another one than before. Admins have one in common.
///
/// # Errors
/// Those of the database.
pub(super) async fn link(
    database: &Database,
    owner: Option<Owner>,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Link, AppError> {
    let Some(origin) = origin else {
        return Ok(Link::default());
    };
    let (patient_id, doctor_id) = owner.map_or((None, None), Owner::ids);
    let known = {
        let origin = origin.clone();
        database.read("calendar.link", move |mut connection| async move {
            let known = sqlx::query!(
                "select version, changed_at from calendar_links
                 where patient_id is not distinct from $1 and doctor_id is not distinct from $2 and origin = $3",
                patient_id,
                doctor_id,
                origin,
            );
            Ok(known.fetch_optional(&mut *connection).await?.map(|row| Link {
                version: row.version,
                changed_at: row.changed_at.map(jiff_sqlx::Timestamp::to_jiff),
            }))
        })
    };
    match known.await? {
        Some(link) => Ok(link),
        None => note_link(database, (patient_id, doctor_id), origin, now).await,
    }
}

async fn note_link(
    database: &Database,
    (patient_id, doctor_id): (Option<i64>, Option<i64>),
    origin: String,
    now: Timestamp,
) -> Result<Link, AppError> {
    let note = move |mut tx: Tx| {
        let origin = origin.clone();
        async move {
            let noted = sqlx::query!(
                "insert into calendar_links as known (patient_id, doctor_id, origin) values ($1, $2, $3)
                 on conflict on constraint calendar_links_owner_key do update set
                     version = known.version + (known.origin <> excluded.origin)::integer,
                     changed_at = case when known.origin <> excluded.origin then $4 else known.changed_at end,
                     origin = excluded.origin
                 returning version, changed_at",
                patient_id,
                doctor_id,
                origin,
                now.to_sqlx(),
            );
            let row = locking(Lock::CalendarFeed, noted.fetch_one(&mut *tx)).await?;
            tx.commit().await?;
            Ok(Link {
                version: row.version,
                changed_at: row.changed_at.map(jiff_sqlx::Timestamp::to_jiff),
            })
        }
    };
    database.write("calendar.note_link", note).await
}
