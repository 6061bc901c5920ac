//! The log of changes in the whole organisation: appointments, schedules, services, clinics, doctors and texts of messages.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{database::Database, error::AppError, nobody::somebody};

/// A kind of subject, each with a history of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    #[default]
    Appointments,
    Schedules,
    Organisation,
    /// The texts of messages.
    Messages,
}

impl Subject {
    const ALL: [Self; 4] = [
        Self::Appointments,
        Self::Schedules,
        Self::Organisation,
        Self::Messages,
    ];

    /// As programs say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Appointments => "appointments",
            Self::Schedules => "schedules",
            Self::Organisation => "organisation",
            Self::Messages => "messages",
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
    /// For an appointment, its new status, `moved`, `arrived` or `arrival_taken_back`.
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
    /// Which text of messages, and its language, such as `confirmed.en`.
    pub message_text: Option<String>,
    /// The version that it made, where what was changed has one.
    pub version: Option<i32>,
}

/// Changes, newest first; for admins, which is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn changes(database: &Database, wanted: Wanted) -> Result<Vec<Change>, AppError> {
    database
        .search("monitoring.changes", move |mut tx| async move {
            let (from, until) = (
                wanted.from.map(ToSqlx::to_sqlx),
                wanted.until.map(ToSqlx::to_sqlx),
            );
            // In each, the place of the last one that the caller has is read by its key. They are in the order of time, for
            // which there is an index, whichever bound is given.
            macro_rules! changes {
                ($columns:literal, $table:literal, $from:literal) => {
                    sqlx::query_as!(
                        Row,
                        r#"select changes.id, changed_at, "# + $columns + r#",
                                  changes.staff_id as "staff_id?", staff.name as "staff_name?"
                           from "# + $from + r#"
                           left join staff on staff.id = changes.staff_id
                           where ($1::bigint is null or changes.staff_id = $1)
                             and ($2::timestamptz is null or changed_at >= $2)
                             and ($3::timestamptz is null or changed_at < $3)
                             and ($4::bigint is null
                                  or (changed_at, changes.id)
                                     < ((select changed_at from "# + $table + r#" where id = $4), $4))
                           order by changed_at desc, changes.id desc
                           limit $5"#,
                        wanted.staff_id,
                        from as _,
                        until as _,
                        wanted.before,
                        wanted.limit,
                    )
                    .fetch_all(&mut *tx)
                    .await?
                };
            }
            let rows = match wanted.subject {
                Subject::Appointments => changes!(
                    r#"case when from_status = to_status and from_starts_at <> to_starts_at then 'moved'
                            when arrived then 'arrived'
                            when not arrived then 'arrival_taken_back'
                            else to_status end as "what!",
                       actor as "actor!", appointments.patient_id, appointment_id as "appointment_id?",
                       doctor_id as "doctor_id?", clinic_id as "clinic_id?", service_id as "service_id?",
                       null::text as message_text, changes.version as "version?""#,
                    "appointment_changes",
                    "appointment_changes as changes join appointments on appointments.id = appointment_id"
                ),
                Subject::Schedules => changes!(
                    r#"what as "what!", 'staff' as "actor!", null::bigint as patient_id,
                       null::bigint as "appointment_id?", doctor_id as "doctor_id?", clinic_id as "clinic_id?",
                       null::bigint as "service_id?", null::text as message_text, version as "version?""#,
                    "schedule_changes",
                    "schedule_changes as changes"
                ),
                Subject::Organisation => changes!(
                    r#"what as "what!", 'staff' as "actor!", null::bigint as patient_id,
                       null::bigint as "appointment_id?", doctor_id as "doctor_id?", clinic_id as "clinic_id?",
                       service_id as "service_id?", null::text as message_text, version as "version?""#,
                    "organisation_changes",
                    "organisation_changes as changes"
                ),
                Subject::Messages => changes!(
                    r#"what as "what!", 'staff' as "actor!", null::bigint as patient_id,
                       null::bigint as "appointment_id?", null::bigint as "doctor_id?", null::bigint as "clinic_id?",
                       null::bigint as "service_id?", wording || '.' || language as message_text,
                       changes.version as "version?""#,
                    "message_text_changes",
                    "message_text_changes as changes join message_texts on message_texts.id = text_id"
                ),
            };
            Ok(rows.into_iter().map(Change::from).collect())
        })
        .await
}

/// A change as it is read.
struct Row {
    id: i64,
    changed_at: jiff_sqlx::Timestamp,
    what: String,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
    patient_id: Option<i64>,
    appointment_id: Option<i64>,
    doctor_id: Option<i64>,
    clinic_id: Option<i64>,
    service_id: Option<i64>,
    message_text: Option<String>,
    version: Option<i32>,
}

impl From<Row> for Change {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            changed_at: row.changed_at.to_jiff(),
            what: row.what,
            actor: row.actor,
            staff_id: row.staff_id,
            staff_name: row.staff_name,
            patient_id: row.patient_id,
            appointment_id: row.appointment_id,
            doctor_id: row.doctor_id.and_then(somebody),
            clinic_id: row.clinic_id,
            service_id: row.service_id,
            message_text: row.message_text,
            version: row.version,
        }
    }
}
