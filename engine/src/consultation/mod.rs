//! Consultations at a distance (A7): a thread in which a patient and a doctor write to each other while the appointment
//! lasts and for some time after it, and a link to a video room around the time of the appointment.

pub mod integrity;
mod read;
mod see;
mod send;
pub(crate) mod side;
mod unread;
mod video;

use jiff::Timestamp;
use sqlx::PgConnection;

pub use self::{
    read::{Message, Thread, read},
    see::see,
    send::{SendMessage, Sent, send},
    side::Side,
    unread::{Waiting, heard_by, unread, waiting_for_doctor},
    video::{Address, Door, Pattern, PatternError, door, is_door_open, tidy},
};
use crate::{
    account::Caller,
    appointment::{Appointment, Status},
    database::Failure,
    error::AppError,
    nobody::is_nobody,
    time::{Range, plus_minutes},
};

/// The length of a message, in characters.
pub const MAX_MESSAGE: usize = 4000;

/// The number of messages of one consultation.
pub const MAX_MESSAGES: i32 = 500;

/// The hours for which a text consultation stays open after its appointment: usually, and at most.
pub const OPEN_HOURS: u32 = 24;
pub const MAX_OPEN_HOURS: u32 = 30 * 24;

/// The rules of consultations that the organisation chose.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Minutes after the end of the appointment for which a thread stays open.
    pub open_minutes: i64,
    /// The pattern of the links to video rooms. `None`: Janji makes none.
    pub video: Option<Pattern>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            open_minutes: i64::from(OPEN_HOURS) * 60,
            video: None,
        }
    }
}

/// Whether the two can write now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It opens at this time, once the appointment is confirmed.
    NotYet {
        opens_at: Timestamp,
    },
    Open {
        closes_at: Timestamp,
    },
    /// It can be read, and nothing is added any more.
    Closed,
}

impl Phase {
    /// The phase of the thread of an appointment. It opens at the start, or when the doctor begins before that.
    pub fn of(status: Status, time: Range, rules: &Rules, now: Timestamp) -> Self {
        let closes_at = plus_minutes(time.end, rules.open_minutes);
        match status {
            Status::InProgress => Self::Open {
                // Whoever is still at it is not cut short.
                closes_at: closes_at.max(plus_minutes(now, 1)),
            },
            Status::Confirmed | Status::Completed if closes_at <= now => Self::Closed,
            Status::Completed => Self::Open { closes_at },
            Status::Confirmed if time.start <= now => Self::Open { closes_at },
            Status::Held | Status::Pending | Status::Confirmed => Self::NotYet { opens_at: time.start },
            Status::Cancelled | Status::Rejected | Status::Expired | Status::NoShow => Self::Closed,
        }
    }
}

/// Which of the two people of an appointment a caller is.
///
/// # Errors
/// `NOT_FOUND` for everybody else, also admins, and where there is no doctor to write to.
fn side_of(appointment: &Appointment, caller: &Caller) -> Result<Side, AppError> {
    if is_nobody(appointment.doctor_id) {
        return Err(AppError::NotFound);
    }
    let side = match caller {
        Caller::Patient { .. } => Side::Patient,
        Caller::Doctor { .. } => Side::Doctor,
        Caller::Admin { .. } | Caller::Reception { .. } => return Err(AppError::NotFound),
    };
    match appointment.is_visible_to(caller) {
        true => Ok(side),
        false => Err(AppError::NotFound),
    }
}

/// Refuses an appointment that takes place in another way.
///
/// # Errors
/// `NOT_FOUND`.
async fn must_be_by(connection: &mut PgConnection, mode: &str, appointment_id: i64) -> Result<(), Failure> {
    let is_so = sqlx::query_scalar!(
        r#"select exists (select from appointments where id = $1 and mode = $2) as "is_so!""#,
        appointment_id,
        mode,
    );
    match is_so.fetch_one(connection).await? {
        true => Ok(()),
        false => Err(AppError::NotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_opens_with_its_appointment_and_closes_some_time_after_it() {
        let at = |minutes| plus_minutes(Timestamp::UNIX_EPOCH, minutes);
        let rules = Rules {
            open_minutes: 60,
            video: None,
        };
        let time = Range::new(at(100), at(120));
        let not_yet = Phase::NotYet { opens_at: at(100) };
        let open = Phase::Open { closes_at: at(180) };
        for (status, minute, expected) in [
            (Status::Pending, 100, not_yet),
            (Status::Confirmed, 99, not_yet),
            (Status::Confirmed, 100, open),
            (Status::Confirmed, 179, open),
            (Status::Confirmed, 180, Phase::Closed),
            (Status::InProgress, 90, open),
            (Status::InProgress, 500, Phase::Open { closes_at: at(501) }),
            (Status::Completed, 110, open),
            (Status::Completed, 180, Phase::Closed),
            (Status::Cancelled, 90, Phase::Closed),
            (Status::Rejected, 90, Phase::Closed),
            (Status::Expired, 90, Phase::Closed),
            (Status::NoShow, 130, Phase::Closed),
        ] {
            assert_eq!(
                Phase::of(status, time, &rules, at(minute)),
                expected,
                "{status:?} {minute}"
            );
        }
    }
}
