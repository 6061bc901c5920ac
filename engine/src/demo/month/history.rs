//! Histories of appointments: the changes that led to a status, and who made them.

use jiff::Timestamp;

use super::{DAY, HOUR};
use crate::{
    account::Role,
    appointment::Status,
    demo::people::Service,
    time::{Range, plus_minutes},
};

/// The author of a change, before the ids are known.
#[derive(Clone, Copy)]
pub(super) enum By {
    Visitor,
    Patient,
    Doctor,
    /// On behalf of the doctor.
    Admin,
}

impl By {
    pub(super) fn role(self) -> Role {
        match self {
            Self::Visitor => Role::Visitor,
            Self::Patient => Role::Patient,
            Self::Doctor => Role::Doctor,
            Self::Admin => Role::Admin,
        }
    }
}

pub(super) struct Change {
    pub(super) to: Status,
    pub(super) at: Timestamp,
    pub(super) by: By,
    pub(super) reason: &'static str,
}

/// Returns the changes that led to the present status, all of them legal transitions.
pub(super) fn history(
    number: usize,
    service: &Service,
    visit: Range,
    now: Timestamp,
    is_busy_doctor: bool,
) -> Vec<Change> {
    use Status::*;

    let number_of_hours = i64::try_from(number % 18).unwrap_or(0);
    // Some of what is still ahead waits for an answer: it was asked for within the last day.
    let waits = visit.start > plus_minutes(now, 3 * HOUR)
        && !service.instant
        && number.is_multiple_of(if is_busy_doctor { 3 } else { 5 });
    let begun = if waits {
        plus_minutes(now, -HOUR - number_of_hours * HOUR)
    } else {
        plus_minutes(visit.start.min(now), -3 * DAY - number_of_hours * HOUR)
    };
    let change = |to: Status, at: Timestamp, by: By| Change {
        to,
        at,
        by,
        reason: "",
    };
    let because = |to: Status, at: Timestamp, by: By, reason: &'static str| Change { to, at, by, reason };

    let booked = plus_minutes(begun, 4);
    let mut history = vec![change(Held, begun, By::Visitor)];
    if service.instant {
        history.push(change(Confirmed, booked, By::Patient));
    } else {
        history.push(change(Pending, booked, By::Patient));
        if waits {
            return history;
        }
        let answered = plus_minutes(begun, 3 * HOUR + number_of_hours);
        match number % 13 {
            5 => {
                history.push(because(
                    Rejected,
                    answered,
                    By::Doctor,
                    "Please see a dermatologist with this first",
                ));
                return history;
            }
            9 => {
                history.push(change(Cancelled, plus_minutes(begun, HOUR), By::Patient));
                return history;
            }
            3 => history.push(change(Confirmed, answered, By::Admin)),
            _ => history.push(change(Confirmed, answered, By::Doctor)),
        }
    }
    let later = plus_minutes(begun, DAY);
    match number % 11 {
        4 => history.push(because(
            Cancelled,
            later,
            By::Patient,
            "I am better already, thank you",
        )),
        7 => history.push(because(
            Cancelled,
            later,
            By::Doctor,
            "I have to be at the hospital, I am sorry",
        )),
        10 if visit.end <= now => history.push(change(NoShow, plus_minutes(visit.start, 10), By::Doctor)),
        _ if visit.end <= now => {
            history.push(change(InProgress, visit.start, By::Doctor));
            history.push(change(Completed, visit.end, By::Doctor));
        }
        _ if visit.start <= now => history.push(change(InProgress, visit.start, By::Doctor)),
        _ => {}
    }
    history
}
