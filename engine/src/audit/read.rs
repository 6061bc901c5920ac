//! Reading the security log, for admins; whether the caller is one is not asked here.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Kind;
use crate::{database::Database, error::AppError};

/// A search for notes.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// `None`: all of them.
    pub kind: Option<Kind>,
    pub from: Option<Timestamp>,
    /// The first moment that no longer counts.
    pub until: Option<Timestamp>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// A note, as admins read it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub noted_at: Timestamp,
    /// The name of the kind.
    pub kind: String,
    /// The role of who did it.
    pub actor: String,
    pub by_staff_id: Option<i64>,
    /// The name of the member of staff who did it, as it is today.
    pub by_staff_name: Option<String>,
    pub by_patient_id: Option<i64>,
    pub staff_id: Option<i64>,
    pub staff_name: Option<String>,
    pub patient_id: Option<i64>,
    pub about: String,
    pub address: String,
}

/// Notes, newest first.
///
/// # Errors
/// Those of the database.
pub async fn entries(database: &Database, search: Search) -> Result<Vec<Entry>, AppError> {
    database
        .read("audit.entries", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select notes.id, noted_at, kind, actor, by_staff_id, doers.name as "by_staff_name?", by_patient_id, staff_id,
                          subjects.name as "staff_name?", patient_id, about, address
                   from security_notes as notes
                   left join staff as doers on doers.id = by_staff_id
                   left join staff as subjects on subjects.id = staff_id
                   where ($1::text is null or kind = $1)
                     and ($2::timestamptz is null or noted_at >= $2)
                     and ($3::timestamptz is null or noted_at < $3)
                     and ($4::bigint is null or notes.id < $4)
                   order by notes.id desc
                   limit $5"#,
                search.kind.map(Kind::name),
                search.from.map(ToSqlx::to_sqlx) as _,
                search.until.map(ToSqlx::to_sqlx) as _,
                search.before,
                search.limit,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Entry {
                    id: row.id,
                    noted_at: row.noted_at.to_jiff(),
                    kind: row.kind,
                    actor: row.actor,
                    by_staff_id: row.by_staff_id,
                    by_staff_name: row.by_staff_name,
                    by_patient_id: row.by_patient_id,
                    staff_id: row.staff_id,
                    staff_name: row.staff_name,
                    patient_id: row.patient_id,
                    about: row.about,
                    address: row.address,
                })
                .collect())
        })
        .await
}
