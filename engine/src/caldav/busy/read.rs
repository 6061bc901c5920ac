//! What people are told of busy times elsewhere: which calendar it is, and never what is in it.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use crate::{
    account::{Caller, Role},
    database::{Database, Failure},
    error::AppError,
    time::{Range, shown_zone},
};

/// The number of conflicts that are listed.
const MAX_CONFLICTS: i64 = 50;

/// The calendars by which a doctor is busy at some time within a range, by name.
///
/// # Errors
/// Those of the database.
pub async fn calendars_at(
    connection: &mut PgConnection,
    doctor_id: i64,
    range: Range,
) -> Result<Vec<String>, Failure> {
    Ok(sqlx::query_scalar!(
        "select distinct collections.name
         from external_busy as busy
         join external_items as items on items.id = busy.item_id
         join calendar_collections as collections on collections.id = items.collection_id
         where busy.doctor_id = $1 and busy.span && tstzrange($2, $3)
         order by collections.name",
        doctor_id,
        range.start.to_sqlx(),
        range.end.to_sqlx(),
    )
    .fetch_all(connection)
    .await?)
}

/// What takes place at a time at which its doctor is busy elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Under {
    Appointment {
        reference: String,
    },
    /// A session of a group, whether anybody has a seat or not: seats go on being sold.
    Session {
        group_id: i64,
        title: String,
    },
}

/// An appointment or a session at a time at which its doctor is busy elsewhere: it stands, and somebody should look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub under: Under,
    pub clinic_id: i64,
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    /// The calendars, by name.
    pub calendars: Vec<String>,
}

/// The coming appointments and sessions of a doctor at times at which they are busy elsewhere, for the doctor; the first ones of
/// them, by time.
///
/// # Errors
/// `NOT_FOUND` for who is no doctor.
pub async fn conflicts(
    database: &Database,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<Conflict>, AppError> {
    let doctor_id = match caller {
        Caller::Doctor { doctor_id, .. } => *doctor_id,
        _ => return Err(AppError::NotFound),
    };
    database
        .read("caldav.conflicts", move |mut connection| async move {
            conflicts_in(&mut connection, doctor_id, now).await
        })
        .await
}

/// The coming appointments and sessions of a doctor at times at which they are busy elsewhere. Does not authorise.
///
/// # Errors
/// Those of the database.
pub async fn conflicts_in(
    connection: &mut PgConnection,
    doctor_id: i64,
    now: Timestamp,
) -> Result<Vec<Conflict>, Failure> {
    // The seats of a session are told of with it.
    let rows = sqlx::query!(
        r#"select reference as "reference?", group_id as "group_id?", title as "title?", clinic_id as "clinic_id!",
                  starts_at as "starts_at!: jiff_sqlx::Timestamp", time_zone as "time_zone!",
                  (select array_agg(distinct collections.name)
                   from external_busy as busy
                   join external_items as items on items.id = busy.item_id
                   join calendar_collections as collections on collections.id = items.collection_id
                   where busy.doctor_id = $1 and busy.span && tstzrange(starts_at, ends_at)) as "names!"
           from (select id, reference, null::bigint as group_id, null as title, clinic_id, starts_at, ends_at
                 from appointments
                 where doctor_id = $1 and starts_at > $2 and group_id is null
                   and status in ('pending', 'confirmed') and occupies(appointments, $2)
                 union all
                 select id, null, id, title, clinic_id, starts_at, ends_at
                 from groups
                 where doctor_id = $1 and starts_at > $2 and state = 'published') as coming
           join clinics on clinics.id = clinic_id
           where exists (select from external_busy as busy
                         where busy.doctor_id = $1 and busy.span && tstzrange(starts_at, ends_at))
           order by starts_at, coming.id
           limit $3"#,
        doctor_id,
        now.to_sqlx(),
        MAX_CONFLICTS,
    )
    .fetch_all(connection)
    .await?;
    let conflicts = rows.into_iter().filter_map(|row| {
        let under = match (row.reference, row.group_id.zip(row.title)) {
            (Some(reference), _) => Under::Appointment { reference },
            (None, Some((group_id, title))) => Under::Session { group_id, title },
            (None, None) => return None,
        };
        Some(Conflict {
            under,
            clinic_id: row.clinic_id,
            starts_at: row.starts_at.to_jiff(),
            zone: shown_zone(&row.time_zone),
            calendars: row.names,
        })
    });
    Ok(conflicts.collect())
}

/// Objects of a calendar elsewhere that were not understood, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub collection_id: i64,
    /// The name of the calendar.
    pub calendar: String,
    /// The name of a [`State`](super::State), which the key of its text ends with.
    pub state: String,
    pub objects: i64,
    /// When it was found last.
    pub read_at: Timestamp,
}

/// What could not be understood of the calendars of a doctor, for the doctor and for admins.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's.
pub async fn troubles(
    database: &Database,
    caller: &Caller,
    doctor_id: i64,
) -> Result<Vec<Trouble>, AppError> {
    let is_theirs = match caller {
        Caller::Doctor { doctor_id: own, .. } => *own == doctor_id,
        _ => caller.role() == Role::Admin && caller.clinics().is_none(),
    };
    if !is_theirs {
        return Err(AppError::NotFound);
    }
    database
        .read("caldav.troubles", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select collection_id, name, state, count(*) as "objects!",
                          max(read_at) as "read_at!: jiff_sqlx::Timestamp"
                   from external_items join calendar_collections as collections on collections.id = collection_id
                   where doctor_id = $1 and state not in ('busy', 'free', 'own')
                   group by collection_id, name, state
                   order by name, collection_id, state"#,
                doctor_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let troubles = rows.into_iter().map(|row| Trouble {
                collection_id: row.collection_id,
                calendar: row.name,
                state: row.state,
                objects: row.objects,
                read_at: row.read_at.to_jiff(),
            });
            Ok(troubles.collect())
        })
        .await
}
