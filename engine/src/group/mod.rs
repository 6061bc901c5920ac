//! Group sessions: a time of a doctor with numbered seats, which patients take alone or as a party (B8).
//!
//! A session is planned as a draft, published, changed and cancelled. While it is published a hold keeps its doctor's time, so
//! that nobody else books it, by the locks and by the constraint that all bookings have. Seats are appointments like any
//! other. Whoever takes seats, changes or cancels a session locks its row first. A session without a doctor is with
//! [nobody](crate::nobody), and keeps nobody's time.

mod cancel;
mod change;
pub mod integrity;
mod keep;
mod lock;
mod occupy;
mod plan;
mod publish;
mod read;
mod seats;
mod take;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use self::{
    cancel::{Cancel, GroupsOfDay, cancel},
    change::{Change, change},
    plan::{Plan, plan},
    publish::{Publish, publish},
    read::{Listed, Person, Seen, coming, find, newest, people, seated_of, seats_of},
    take::{Take, Taken, take},
};
pub(crate) use self::{
    keep::{Kept, Session},
    plan::place as place_sessions,
    take::{keep_to_pay, place as place_seats},
};
use crate::{
    account::{Caller, must_be_admin},
    appointment::GroupHold,
    booking::Wanted,
    error::{AppError, Field, FieldProblem},
    idempotency::{Changed, Made},
    money::Price,
    time::{Range, plus_minutes},
};

/// The most seats that a session can have.
pub const MAX_CAPACITY: i32 = 500;
/// The most seats that somebody takes at once.
pub const MAX_PARTY: i32 = 20;
/// The most dates of a weekly series.
pub const MAX_WEEKS: i32 = 52;
/// The longest session, in minutes.
pub const MAX_MINUTES: i32 = 24 * 60;
/// Number of characters that a title may have.
pub const MAX_TITLE: usize = 120;

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Planned, and seen by staff alone.
    Draft,
    /// Open to those who take seats.
    Published,
    Cancelled,
}

impl State {
    /// The name in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the name that [`State::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A group session, as transactions read it, and as the answer to whoever planned, changed or cancelled it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: i64,
    /// The first date of the weekly series that it is one of.
    pub series_id: Option<i64>,
    /// [`NOBODY`](crate::nobody::NOBODY) where it has no doctor.
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub capacity: i32,
    /// The price of a seat.
    pub price: Option<(i64, String)>,
    pub state: State,
    pub version: i32,
}

impl Group {
    pub fn time(&self) -> Range {
        Range::new(self.starts_at, self.ends_at)
    }

    /// The price of so many seats.
    pub fn price_of(&self, seats: i32) -> Option<Price> {
        let (minor, currency) = self.price.clone()?;
        Price::of(Some(minor.saturating_mul(seats.into())), Some(currency))
    }

    /// Whether seats can be taken, as far as it is about the session: it is published and has not begun.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == State::Published && self.starts_at > now
    }

    /// Whether this caller plans, changes and cancels it: its doctor, and admins of all clinics.
    pub fn is_planned_by(&self, caller: &Caller) -> bool {
        must_plan(caller, self.doctor_id).is_ok()
    }

    /// Whether this caller is one of the staff who see who has seats in it: its doctor, and the desk of its clinic.
    pub fn is_seen_by(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Patient { .. } => false,
            Caller::Doctor { doctor_id, .. } => *doctor_id == self.doctor_id,
            Caller::Admin { .. } | Caller::Reception { .. } => !caller.is_kept_from(self.clinic_id),
        }
    }

    /// The time of the doctor that it has.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: self.starts_at.as_second(),
        }
    }

    /// What a request made that planned or changed it.
    pub fn made(&self) -> Made {
        Made::Version {
            changed: Changed::Group,
            id: self.id,
            version: self.version,
        }
    }

    /// What its appointments have of it.
    fn hold<'a>(&self, zone: &'a TimeZone) -> GroupHold<'a> {
        GroupHold {
            group_id: self.id,
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            time: self.time(),
            zone,
        }
    }
}

/// What is said of a session when it is planned or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub title: String,
    pub starts_at: Timestamp,
    pub minutes: i32,
    pub capacity: i32,
    /// The price of a seat.
    pub price: Option<Price>,
}

impl Details {
    pub fn time(&self) -> Range {
        Range::new(self.starts_at, plus_minutes(self.starts_at, self.minutes.into()))
    }

    /// # Errors
    /// `VALIDATION_FAILED`.
    fn check(&self) -> Result<(), AppError> {
        let malformed = |field| Err(AppError::invalid(field, FieldProblem::Malformed));
        if self.title.trim().is_empty() {
            return Err(AppError::invalid(Field::Title, FieldProblem::Missing));
        }
        if !(1..=MAX_CAPACITY).contains(&self.capacity) {
            return malformed(Field::Capacity);
        }
        if !(1..=MAX_MINUTES).contains(&self.minutes) {
            return malformed(Field::Length);
        }
        Ok(())
    }
}

/// Refuses whoever does not plan sessions of this doctor: doctors plan their own, admins of all clinics everybody's and those
/// without a doctor.
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_plan(caller: &Caller, doctor_id: i64) -> Result<(), AppError> {
    match caller {
        Caller::Doctor { doctor_id: own, .. } if *own == doctor_id => Ok(()),
        _ => must_be_admin(caller),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in [State::Draft, State::Published, State::Cancelled] {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("full"), None);
    }

    #[test]
    fn a_session_has_a_title_a_length_and_seats() {
        let right = Details {
            title: "Vaccination afternoon".to_owned(),
            starts_at: Timestamp::UNIX_EPOCH,
            minutes: 120,
            capacity: 12,
            price: None,
        };
        assert_eq!(right.check(), Ok(()));
        for (wrong, field) in [
            (
                Details {
                    title: " ".to_owned(),
                    ..right.clone()
                },
                Field::Title,
            ),
            (
                Details {
                    minutes: 0,
                    ..right.clone()
                },
                Field::Length,
            ),
            (
                Details {
                    minutes: MAX_MINUTES + 1,
                    ..right.clone()
                },
                Field::Length,
            ),
            (
                Details {
                    capacity: 0,
                    ..right.clone()
                },
                Field::Capacity,
            ),
            (
                Details {
                    capacity: MAX_CAPACITY + 1,
                    ..right.clone()
                },
                Field::Capacity,
            ),
        ] {
            let refused = wrong.check().unwrap_err();
            assert!(matches!(refused, AppError::ValidationFailed { field: of, .. } if of == field));
        }
    }
}
