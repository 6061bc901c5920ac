//! The history of an appointment: its changes, and who made them.

use jiff::{SignedDuration, Timestamp};

use super::{Appointment, AppointmentName, InternalNote, Status};
use crate::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    database::Database,
    error::AppError,
};

/// A change of an appointment, as people are told about it.
#[derive(Clone, Debug)]
pub struct Change {
    pub changed_at: Timestamp,
    pub from: Option<Status>,
    pub to: Status,
    pub from_starts_at: Option<Timestamp>,
    pub to_starts_at: Timestamp,
    pub actor: Role,
    pub staff_id: Option<i64>,
    pub patient_id: Option<i64>,
    /// The name of the person who made the change: a member of staff or the patient.
    pub actor_name: Option<String>,
    pub for_doctor: bool,
    /// The reason for the change, for everybody whom the appointment concerns.
    pub reason: String,
    /// Whether it was said that the patient is here, or taken back, where the change is about that alone.
    pub arrived: Option<bool>,
    /// What staff note for themselves; never for a patient.
    pub note: Option<InternalNote>,
    /// Whether staff let the patient have more of the service than its limits allow.
    pub over_limit: bool,
    /// Whether it was asked for on the phone, of a phone agent.
    pub by_phone: bool,
    pub version: i32,
}

impl Change {
    /// Whether this caller made the change.
    pub fn is_by(&self, caller: &Caller) -> bool {
        match self.actor {
            Role::Patient => self.patient_id.is_some() && self.patient_id == caller.patient_id(),
            Role::Doctor | Role::Admin | Role::Reception => {
                self.staff_id.is_some() && self.staff_id == caller.staff_id()
            }
            Role::Visitor | Role::System => false,
        }
    }

    /// Whether this caller may take back what they said with it: that the patient is here.
    pub fn can_be_taken_back_by(&self, caller: &Caller, now: Timestamp) -> bool {
        let is_just_now =
            now.duration_since(self.changed_at) <= SignedDuration::from_mins(super::MAX_UNDO_MINUTES);
        self.arrived == Some(true) && is_just_now && self.is_by(caller)
    }
}

/// An appointment with everything that happened to it.
#[derive(Clone, Debug)]
pub struct History {
    pub changes: Vec<Change>,
}

/// The history of an appointment that the caller may see, oldest change first.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn history(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
) -> Result<History, AppError> {
    let reader = caller.clone();
    let (history, patient_id) = database
        .read("appointment.history", move |mut connection| async move {
            let appointment: Appointment = super::peek(&mut connection, &which).await?;
            if !appointment.is_visible_to(&caller) {
                return Err(AppError::NotFound.into());
            }
            let rows = sqlx::query!(
                r#"select changed_at, from_status, to_status, from_starts_at, to_starts_at, actor, staff_id, patient_id,
                          for_doctor, reason, note, arrived, version,
                          coalesce(staff.name, patients.name) as "name?",
                          exists (select from limits_exceeded as limits
                                  where limits.appointment_id = appointment_changes.appointment_id
                                    and limits.version = appointment_changes.version) as "over_limit!",
                          exists (select from phone_call_steps as steps
                                  where steps.appointment_id = appointment_changes.appointment_id
                                    and steps.version = appointment_changes.version
                                    -- Who asked for the time that it had already has changed nothing.
                                    and (steps.outcome <> 'moved' or from_starts_at is not null)) as "by_phone!"
                   from appointment_changes
                   left join staff on staff.id = staff_id
                   left join patients on patients.id = patient_id
                   where appointment_id = $1
                   order by version"#,
                appointment.id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let changes = rows
                .into_iter()
                .map(|row| {
                    Ok(Change {
                        changed_at: row.changed_at.to_jiff(),
                        from: row.from_status.as_deref().and_then(Status::parse),
                        to: Status::parse(&row.to_status).ok_or(AppError::Internal)?,
                        from_starts_at: row.from_starts_at.map(jiff_sqlx::Timestamp::to_jiff),
                        to_starts_at: row.to_starts_at.to_jiff(),
                        actor: Role::parse(&row.actor).ok_or(AppError::Internal)?,
                        staff_id: row.staff_id,
                        patient_id: row.patient_id,
                        actor_name: row.name,
                        for_doctor: row.for_doctor,
                        reason: row.reason,
                        arrived: row.arrived,
                        note: InternalNote::stored(row.note).filter(|_| caller.role().is_staff()),
                        over_limit: row.over_limit,
                        by_phone: row.by_phone,
                        version: row.version,
                    })
                })
                .collect::<Result<_, AppError>>()?;
            Ok((History { changes }, appointment.patient_id))
        })
        .await?;
    reads::record(database, &reader, What::Appointment, patient_id, database.now()).await;
    Ok(history)
}

/// The last change of an appointment.
#[derive(Clone, Debug)]
pub struct LastChange {
    pub status: Status,
    pub version: i32,
    pub changed_at: Timestamp,
    pub role: Role,
    /// The name of the person who made the change: a member of staff or the patient.
    pub changed_by: Option<String>,
}

/// The last change of an appointment. Does not authorise.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn last_change(database: &Database, appointment_id: i64) -> Result<LastChange, AppError> {
    database
        .read("appointment.last_change", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select to_status, version, changed_at, actor, coalesce(staff.name, patients.name) as "name?"
                   from appointment_changes
                   left join staff on staff.id = staff_id
                   left join patients on patients.id = patient_id
                   where appointment_id = $1
                   order by version desc limit 1"#,
                appointment_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok(LastChange {
                status: Status::parse(&row.to_status).ok_or(AppError::Internal)?,
                version: row.version,
                changed_at: row.changed_at.to_jiff(),
                role: Role::parse(&row.actor).ok_or(AppError::Internal)?,
                changed_by: row.name,
            })
        })
        .await
}
