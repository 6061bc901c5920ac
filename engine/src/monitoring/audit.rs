//! The log of changes in the whole organisation: appointments, schedules, services, clinics and doctors.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{database::Database, error::AppError};

/// A kind of subject, each with a history of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    #[default]
    Appointments,
    Schedules,
    Organisation,
}

impl Subject {
    const ALL: [Self; 3] = [Self::Appointments, Self::Schedules, Self::Organisation];

    /// As programs say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Appointments => "appointments",
            Self::Schedules => "schedules",
            Self::Organisation => "organisation",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.name() == name)
    }
}

/// A search for changes.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub subject: Subject,
    /// The id of the member of staff who made them.
    pub staff_id: Option<i64>,
    pub from: Option<Timestamp>,
    /// The first moment that no longer counts.
    pub until: Option<Timestamp>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// A change, by the ids of what it was about: what a patient said is in the appointment itself.
#[derive(Clone, Debug)]
pub struct Change {
    pub id: i64,
    pub changed_at: Timestamp,
    /// For an appointment, its new status or `moved`.
    pub what: String,
    /// The role of who did it.
    pub actor: String,
    pub staff_id: Option<i64>,
    pub staff_name: Option<String>,
    pub patient_id: Option<i64>,
    pub appointment_id: Option<i64>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    pub service_id: Option<i64>,
    /// The version that it made, where what was changed has one.
    pub version: Option<i32>,
}

/// Changes, newest first; for admins, which is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn changes(database: &Database, wanted: Wanted) -> Result<Vec<Change>, AppError> {
    database
        .read("monitoring.changes", move |mut connection| async move {
            // Only one of the three is read, backwards by its key.
            let rows = sqlx::query!(
                r#"select changes.id as "id!", changed_at as "changed_at!", what as "what!", actor as "actor!", staff_id,
                          staff.name as "staff_name?", patient_id, appointment_id, doctor_id, clinic_id, service_id, version
                   from (
                       select appointment_changes.id, changed_at,
                              case when from_status = to_status and from_starts_at <> to_starts_at then 'moved'
                                   else to_status end as what,
                              actor, appointment_changes.staff_id, appointments.patient_id, appointment_id, doctor_id,
                              clinic_id, service_id, appointment_changes.version
                       from appointment_changes join appointments on appointments.id = appointment_id
                       where $1 = 'appointments'
                       union all
                       select id, changed_at, what, 'staff', staff_id, null, null, doctor_id, clinic_id, null, version
                       from schedule_changes where $1 = 'schedules'
                       union all
                       select id, changed_at, what, 'staff', staff_id, null, null, doctor_id, clinic_id, service_id, version
                       from organisation_changes where $1 = 'organisation'
                   ) as changes
                   left join staff on staff.id = staff_id
                   where ($2::bigint is null or staff_id = $2)
                     and ($3::timestamptz is null or changed_at >= $3)
                     and ($4::timestamptz is null or changed_at < $4)
                     and ($5::bigint is null or changes.id < $5)
                   order by changes.id desc
                   limit $6"#,
                wanted.subject.name(),
                wanted.staff_id,
                wanted.from.map(ToSqlx::to_sqlx) as _,
                wanted.until.map(ToSqlx::to_sqlx) as _,
                wanted.before,
                wanted.limit,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Change {
                    id: row.id,
                    changed_at: row.changed_at.to_jiff(),
                    what: row.what,
                    actor: row.actor,
                    staff_id: row.staff_id,
                    staff_name: row.staff_name,
                    patient_id: row.patient_id,
                    appointment_id: row.appointment_id,
                    doctor_id: row.doctor_id,
                    clinic_id: row.clinic_id,
                    service_id: row.service_id,
                    version: row.version,
                })
                .collect())
        })
        .await
}
