//! Group sessions in the calendar of their doctor: each once, with how many of its seats are taken.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Event, Session};
use crate::{appointment::Status, database::Failure, i18n::Names};

/// The sessions of a doctor from this time on that were published; those that were cancelled since are told as cancelled.
///
/// # Errors
/// Those of the database.
pub(super) async fn sessions_of(
    connection: &mut PgConnection,
    doctor_id: i64,
    from: Timestamp,
    most: i64,
) -> Result<Vec<Event>, Failure> {
    let rows = sqlx::query!(
        r#"select groups.id, title, starts_at, ends_at, capacity, state, groups.version, mode,
                  services.name as service_name, services.names as service_names, doctors.name as doctor_name,
                  clinics.name as clinic_name, clinics.address || ', ' || clinics.city as "address!",
                  doctors.shown_version + clinics.shown_version as "shown_version!",
                  greatest(doctors.shown_at, clinics.shown_at) as shown_at,
                  seats.taken as "taken!",
                  -- Every seat that is taken or given back is a change of what is told.
                  seats.changes as "changes!",
                  greatest(groups.created_at, seats.changed_at, kept.changed_at) as "changed_at!"
           from groups
           join doctors on doctors.id = doctor_id
           join clinics on clinics.id = clinic_id
           join services on services.id = service_id,
           lateral (select count(*) filter (where freed_at is null) as taken, count(*) + count(freed_at) as changes,
                           max(freed_at) as changed_at
                    from group_seats where group_id = groups.id) as seats,
           lateral (select max(appointments.created_at) as changed_at
                    from appointments where group_id = groups.id) as kept
           where doctor_id = $1 and starts_at >= $2
             and (state = 'published' or state = 'cancelled' and kept.changed_at is not null)
           order by starts_at, groups.id limit $3"#,
        doctor_id,
        from.to_sqlx(),
        most,
    )
    .fetch_all(connection)
    .await?;
    let events = rows.into_iter().map(|row| Event {
        reference: format!("group-{}", row.id),
        status: match row.state.as_str() {
            "published" => Status::Confirmed,
            _ => Status::Cancelled,
        },
        starts_at: row.starts_at.to_jiff(),
        ends_at: row.ends_at.to_jiff(),
        version: (row.version).saturating_add(i32::try_from(row.changes).unwrap_or(i32::MAX)),
        changed_at: row.changed_at.to_jiff(),
        shown_version: row.shown_version,
        shown_at: row.shown_at.map(jiff_sqlx::Timestamp::to_jiff),
        answer_until: None,
        is_at_clinic: row.mode == "in_person",
        service: row.service_name,
        service_names: Names::stored(Some(row.service_names)),
        doctor: row.doctor_name,
        clinic: row.clinic_name,
        address: row.address,
        patient: None,
        session: Some(Session {
            id: row.id,
            title: row.title,
            taken: row.taken,
            capacity: row.capacity,
        }),
    });
    Ok(events.collect())
}
