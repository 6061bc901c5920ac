//! What a payment is for: an appointment, or a stay. Whoever changes a payment has locked that.

use jiff::Timestamp;
use sqlx::PgConnection;

use crate::{
    account::Caller,
    appointment::{self, AppointmentName},
    database::{Failure, Tx},
    error::AppError,
    stay,
};

/// What a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An appointment by its id: also one that has seats in a session.
    Appointment(i64),
    /// A stay by its id.
    Stay(i64),
}

impl Subject {
    /// Reads the two columns of a payment.
    pub(super) fn of(appointment_id: Option<i64>, stay_id: Option<i64>) -> Result<Self, AppError> {
        match (appointment_id, stay_id) {
            (Some(id), None) => Ok(Self::Appointment(id)),
            (None, Some(id)) => Ok(Self::Stay(id)),
            _ => Err(AppError::Internal),
        }
    }

    pub fn appointment_id(self) -> Option<i64> {
        match self {
            Self::Appointment(id) => Some(id),
            Self::Stay(_) => None,
        }
    }

    pub fn stay_id(self) -> Option<i64> {
        match self {
            Self::Appointment(_) => None,
            Self::Stay(id) => Some(id),
        }
    }

    /// What is said where a payment for it was changed by somebody else meanwhile.
    pub(super) fn stale(self) -> AppError {
        match self {
            Self::Appointment(appointment_id) => AppError::StaleVersion {
                appointment_id,
                to: None,
            },
            Self::Stay(stay_id) => AppError::StaleStay { stay_id },
        }
    }
}

/// How somebody names what is paid.
#[derive(Clone, Debug)]
pub enum SubjectName {
    Appointment(AppointmentName),
    /// A stay by its id.
    Stay(i64),
}

/// An appointment by its reference.
impl From<&str> for SubjectName {
    fn from(reference: &str) -> Self {
        Self::Appointment(reference.into())
    }
}

/// An appointment by its reference.
impl From<String> for SubjectName {
    fn from(reference: String) -> Self {
        Self::Appointment(reference.into())
    }
}

impl From<AppointmentName> for SubjectName {
    fn from(name: AppointmentName) -> Self {
        Self::Appointment(name)
    }
}

/// How what is paid stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is only held.
    Held,
    /// It is booked, or was until its end.
    Booked,
    /// It came to its end without being had.
    Over,
}

impl Standing {
    pub fn of_appointment(status: appointment::Status) -> Self {
        match status {
            appointment::Status::Held => Self::Held,
            status if status.occupies() => Self::Booked,
            _ => Self::Over,
        }
    }

    pub fn of_stay(status: stay::Status) -> Self {
        match status {
            stay::Status::Held => Self::Held,
            status if status.has_rooms() => Self::Booked,
            _ => Self::Over,
        }
    }
}

/// Locks what a payment is for. Answers how it stands.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock(tx: &mut Tx, subject: Subject, now: Timestamp) -> Result<Standing, Failure> {
    Ok(match subject {
        Subject::Appointment(id) => Standing::of_appointment(appointment::lock(tx, id).await?.status),
        Subject::Stay(id) => Standing::of_stay(stay::pay::lock_one(tx, id, now).await?.status),
    })
}

/// What is known of something that is paid, without a lock, by whoever may see it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub subject: Subject,
    pub reference: String,
    pub standing: Standing,
    pub held_until: Option<Timestamp>,
}

/// Finds what is paid.
///
/// # Errors
/// `NOT_FOUND`, also for what the caller may not see.
pub(super) async fn find(
    connection: &mut PgConnection,
    caller: &Caller,
    name: &SubjectName,
) -> Result<Seen, Failure> {
    let (seen, is_visible) = match name {
        SubjectName::Appointment(name) => {
            let found = appointment::peek(connection, name).await?;
            let is_visible = found.is_visible_to(caller);
            let seen = Seen {
                subject: Subject::Appointment(found.id),
                standing: Standing::of_appointment(found.status),
                held_until: found.held_until,
                reference: found.reference,
            };
            (seen, is_visible)
        }
        SubjectName::Stay(id) => {
            let found = stay::pay::find(connection, *id).await?;
            let is_visible = found.is_visible_to(caller);
            let seen = Seen {
                subject: Subject::Stay(found.id),
                standing: Standing::of_stay(found.status),
                held_until: found.held_until,
                reference: found.reference,
            };
            (seen, is_visible)
        }
    };
    match is_visible {
        true => Ok(seen),
        false => Err(AppError::NotFound.into()),
    }
}

/// Finds what a payment is for.
///
/// # Errors
/// `NOT_FOUND`, also for what the caller may not see.
pub(super) async fn find_of(
    connection: &mut PgConnection,
    caller: &Caller,
    subject: Subject,
) -> Result<Seen, Failure> {
    let name = match subject {
        Subject::Appointment(id) => SubjectName::Appointment(AppointmentName::Id(id)),
        Subject::Stay(id) => SubjectName::Stay(id),
    };
    find(connection, caller, &name).await
}
