//! Changing when doctors can be booked: the week, exceptions, absences and closures, with bookings already
//! in them.
//!
//! Appointments that are booked stay booked: before and after a change, its author is shown the appointments outside
//! the new schedule. Cancelling a day is a separate command.

mod affected;
mod calls;
mod clock;
mod closure;
mod day;
mod edit;
mod exception;
mod lock;
mod read;
pub mod week;

pub use self::lock::*;
pub use self::{
    affected::{Affected, AsDecided, Question},
    calls::{Call, CallList, Called, Tick, Why, call_list, call_lists, tick},
    clock::{clock, clock_text, hours, hours_of},
    closure::{Close, Closed, ask_to_close, close, close_as_decided, closures, reopen},
    day::{CancelDay, Cancelled, ask_to_cancel_day, cancel_day, cancel_day_as_decided},
    edit::{Edit, Edited, Preview, apply, ask_to_edit, edit, edit_as_decided, preview},
    exception::{Stopped, stopped},
    read::{LastChange, Off, Place, Reason, Schedule, last_change, schedule, version_for_the_day, why_not},
};
use jiff::{ToSpan, civil};

use self::clock::{BAD_HOURS, refuse_past_midnight};
use crate::{
    account::{Caller, Role, must_be_admin, must_plan, typed},
    availability::{DayPlan, Hours, Weekly},
    error::{AppError, Field, FieldProblem},
    text,
};

/// The length of the note of a date, in characters.
pub const MAX_NOTE: usize = 500;

/// The length of the reason that patients are told, in characters.
pub const MAX_REASON: usize = 500;

/// The number of ranges of a week or of a date.
const MAX_RANGES: usize = 100;

/// Refuses callers who may not see and change this schedule (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_theirs(caller: &Caller, doctor_id: i64) -> Result<(), AppError> {
    match caller {
        Caller::Doctor { doctor_id: own, .. } if *own == doctor_id => Ok(()),
        _ => must_be_admin(caller),
    }
}

/// Refuses callers who may not see and change this schedule at this clinic, or at all of them where there is none: a doctor has
/// their own, an admin of named clinics what is of these (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_theirs_at(caller: &Caller, doctor_id: i64, clinic_id: Option<i64>) -> Result<(), AppError> {
    match (caller.role(), clinic_id) {
        (Role::Admin, Some(clinic_id)) => caller.must_be_of(clinic_id),
        _ => must_be_theirs(caller, doctor_id),
    }
}

/// Refuses callers who see and change nothing of this schedule. At which clinics they do is asked beside it.
///
/// # Errors
/// `NOT_FOUND`.
pub fn may_have_part_of(caller: &Caller, doctor_id: i64) -> Result<(), AppError> {
    must_plan(caller).or_else(|_| must_be_theirs(caller, doctor_id))
}

/// Refuses callers who may not stop or cancel a day of this doctor at this clinic: the desk may at its clinics, also where the
/// plans are none of its business (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_have_the_day(caller: &Caller, doctor_id: i64, clinic_id: i64) -> Result<(), AppError> {
    match caller.role().is_at_desk() {
        true => caller.must_be_of(clinic_id),
        false => must_be_theirs(caller, doctor_id),
    }
}

/// Dates on which a doctor is away or a clinic closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    /// Both are included.
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    /// The hours of each date; the whole date if they are missing.
    pub hours: Option<Hours>,
    /// Whether it repeats on the same days of every later year.
    pub yearly: bool,
    pub note: String,
}

impl Dates {
    /// These dates, as they can be kept.
    ///
    /// # Errors
    /// `INVALID_DATE_RANGE` where they end before they begin, or repeat yearly and last a year; `VALIDATION_FAILED`.
    pub fn checked(mut self) -> Result<Self, AppError> {
        self.note = note(&self.note)?;
        let is_a_year = self.yearly && self.last_day >= self.first_day.saturating_add(1.year());
        if self.last_day < self.first_day || is_a_year {
            return Err(AppError::InvalidDateRange);
        }
        if let Some(hours) = self.hours {
            check_hours(&[hours])?;
        }
        Ok(self)
    }
}

/// A change of when a doctor can be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// This is the week at a clinic, in place of what it was.
    Week {
        clinic_id: i64,
        week: Vec<Weekly>,
    },
    /// A date does not follow the week.
    Exception {
        clinic_id: i64,
        day: civil::Date,
        plan: DayPlan,
        note: String,
    },
    /// The date follows the week again.
    RemoveException {
        clinic_id: i64,
        day: civil::Date,
    },
    /// The doctor is away: from one clinic, or from all.
    Absence {
        clinic_id: Option<i64>,
        dates: Dates,
    },
    RemoveAbsence {
        id: i64,
    },
    /// No more bookings on a date; those that are there stay.
    StopDay {
        clinic_id: i64,
        day: civil::Date,
        note: String,
    },
    /// Bookings are taken again on a date on which they were stopped. What was cancelled stays so.
    OpenDay {
        clinic_id: i64,
        day: civil::Date,
    },
}

impl Act {
    /// As the history of schedules has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Week { .. } => "week",
            Self::Exception { .. } => "exception",
            Self::RemoveException { .. } => "exception_removed",
            Self::Absence { .. } => "absence",
            Self::RemoveAbsence { .. } => "absence_removed",
            Self::StopDay { .. } => "day_stopped",
            Self::OpenDay { .. } => "day_opened",
        }
    }

    /// Whether there may be times after it that there were not before.
    pub(super) fn may_open_times(&self) -> bool {
        match self {
            Self::Week { .. }
            | Self::Exception { .. }
            | Self::RemoveException { .. }
            | Self::RemoveAbsence { .. }
            | Self::OpenDay { .. } => true,
            Self::Absence { .. } | Self::StopDay { .. } => false,
        }
    }

    /// Returns the clinic, if the act is about one.
    pub fn clinic_id(&self) -> Option<i64> {
        match self {
            Self::Week { clinic_id, .. }
            | Self::Exception { clinic_id, .. }
            | Self::RemoveException { clinic_id, .. }
            | Self::StopDay { clinic_id, .. }
            | Self::OpenDay { clinic_id, .. } => Some(*clinic_id),
            Self::Absence { clinic_id, .. } => *clinic_id,
            Self::RemoveAbsence { .. } => None,
        }
    }

    /// Refuses callers who may not do this with this doctor (I4).
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn must_be_theirs(&self, caller: &Caller, doctor_id: i64) -> Result<(), AppError> {
        match (self, self.clinic_id()) {
            (Self::StopDay { .. } | Self::OpenDay { .. }, Some(clinic_id)) => {
                must_have_the_day(caller, doctor_id, clinic_id)
            }
            // Of which clinic it is, the one who removes it asks of the row.
            (Self::RemoveAbsence { .. }, _) => may_have_part_of(caller, doctor_id),
            (_, clinic_id) => must_be_theirs_at(caller, doctor_id, clinic_id),
        }
    }

    /// This act, as it can be done.
    ///
    /// # Errors
    /// `INVALID_DATE_RANGE`, `VALIDATION_FAILED`.
    pub fn checked(self) -> Result<Self, AppError> {
        match self {
            Self::Week { clinic_id, week } => {
                check_week(&week)?;
                Ok(Self::Week { clinic_id, week })
            }
            Self::Exception {
                clinic_id,
                day,
                plan,
                note: said,
            } => {
                check_hours(&plan.hours)?;
                check_hours(&plan.breaks)?;
                Ok(Self::Exception {
                    clinic_id,
                    day,
                    plan,
                    note: note(&said)?,
                })
            }
            Self::Absence { clinic_id, dates } => Ok(Self::Absence {
                clinic_id,
                dates: dates.checked()?,
            }),
            Self::StopDay {
                clinic_id,
                day,
                note: said,
            } => Ok(Self::StopDay {
                clinic_id,
                day,
                note: note(&said)?,
            }),
            removal @ (Self::RemoveException { .. } | Self::RemoveAbsence { .. } | Self::OpenDay { .. }) => {
                Ok(removal)
            }
        }
    }
}

fn note(text: &str) -> Result<String, AppError> {
    // One line, unlike the note of a prescription.
    typed(Field::Note, &text::line(text), MAX_NOTE)
}

/// Whether these ranges are ones of a day that come one after the other.
fn check_hours(ranges: &[Hours]) -> Result<(), AppError> {
    if ranges.len() > MAX_RANGES {
        return Err(AppError::invalid(Field::Hours, FieldProblem::TooLong));
    }
    let mut ranges = ranges.to_vec();
    ranges.sort_by_key(|hours| hours.from_minute);
    ranges.iter().try_for_each(|hours| refuse_past_midnight(*hours))?;
    let are_sane = ranges.iter().all(|hours| {
        0 <= hours.from_minute && hours.from_minute < hours.until_minute && hours.until_minute <= 1440
    });
    let overlap = ranges
        .windows(2)
        .any(|pair| pair[1].from_minute < pair[0].until_minute);
    if are_sane && !overlap {
        Ok(())
    } else {
        Err(BAD_HOURS)
    }
}

/// Checks the hours of a week. Ranges of one weekday may overlap if they are valid on different dates.
fn check_week(week: &[Weekly]) -> Result<(), AppError> {
    if week.len() > MAX_RANGES {
        return Err(AppError::invalid(Field::Hours, FieldProblem::TooLong));
    }
    for (index, one) in week.iter().enumerate() {
        if matches!((one.valid_from, one.valid_until), (Some(from), Some(until)) if from > until) {
            return Err(AppError::InvalidDateRange);
        }
        check_hours(&[one.hours])?;
        for other in &week[index + 1..] {
            if one.weekday == other.weekday && one.is_break == other.is_break && may_meet(one, other) {
                check_hours(&[one.hours, other.hours])?;
            }
        }
    }
    Ok(())
}

/// Whether there is a date on which both could hold.
fn may_meet(one: &Weekly, other: &Weekly) -> bool {
    let begins_before_end = |first: &Weekly, second: &Weekly| match (first.valid_from, second.valid_until) {
        (Some(from), Some(until)) => from <= until,
        _ => true,
    };
    begins_before_end(one, other) && begins_before_end(other, one)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn hours(from_minute: i32, until_minute: i32) -> Hours {
        Hours {
            from_minute,
            until_minute,
        }
    }

    fn on(weekday: Weekday, hours: Hours) -> Weekly {
        Weekly {
            weekday,
            hours,
            is_break: false,
            valid_from: None,
            valid_until: None,
        }
    }

    #[test]
    fn hours_are_inside_of_a_day_and_one_after_the_other() {
        for (ranges, fine) in [
            (vec![], true),
            (vec![hours(0, 1440)], true),
            (vec![hours(540, 720), hours(720, 1020)], true),
            (vec![hours(720, 1020), hours(540, 720)], true),
            (vec![hours(540, 540)], false),
            (vec![hours(600, 540)], false),
            (vec![hours(-1, 540)], false),
            (vec![hours(540, 1441)], false),
            (vec![hours(540, 721), hours(720, 1020)], false),
        ] {
            assert_eq!(check_hours(&ranges).is_ok(), fine, "{ranges:?}");
        }
    }

    #[test]
    fn ranges_of_a_week_may_overlap_only_on_dates_that_never_meet() {
        let first = on(Weekday::Monday, hours(540, 720));
        let second = on(Weekday::Monday, hours(600, 780));
        assert_eq!(check_week(&[first, second]), Err(BAD_HOURS));
        assert_eq!(
            check_week(&[first, on(Weekday::Tuesday, hours(600, 780))]),
            Ok(())
        );
        let lunch = Weekly {
            is_break: true,
            ..second
        };
        assert_eq!(check_week(&[first, lunch]), Ok(()));
        let winter = Weekly {
            valid_until: Some(civil::date(2026, 3, 31)),
            ..first
        };
        let summer = |day| Weekly {
            valid_from: Some(civil::date(2026, day, 1)),
            ..second
        };
        assert_eq!(check_week(&[winter, summer(4)]), Ok(()));
        assert_eq!(check_week(&[winter, summer(3)]), Err(BAD_HOURS));
        let inverted = Weekly {
            valid_from: Some(civil::date(2026, 4, 1)),
            ..winter
        };
        assert_eq!(check_week(&[inverted]), Err(AppError::InvalidDateRange));
        assert!(check_week(&vec![on(Weekday::Monday, hours(0, 1)); 101]).is_err());
    }

    #[test]
    fn yearly_dates_are_shorter_than_a_year_and_end_after_they_begin() {
        let dates = |first_day: civil::Date, last_day: civil::Date, yearly| Dates {
            first_day,
            last_day,
            hours: None,
            yearly,
            note: " Holidays\0 ".to_owned(),
        };
        let (christmas, new_year) = (civil::date(2026, 12, 24), civil::date(2027, 1, 1));
        let checked = dates(christmas, new_year, true).checked().unwrap();
        assert_eq!(checked.note, "Holidays");
        assert!(dates(new_year, christmas, false).checked().is_err());
        assert!(
            dates(christmas, civil::date(2027, 12, 23), true)
                .checked()
                .is_ok()
        );
        assert!(
            dates(christmas, civil::date(2027, 12, 24), true)
                .checked()
                .is_err()
        );
        assert!(
            dates(christmas, civil::date(2027, 12, 24), false)
                .checked()
                .is_ok()
        );
        let mut inverted = dates(christmas, christmas, false);
        inverted.hours = Some(hours(600, 540));
        let past_midnight = AppError::invalid(Field::Hours, FieldProblem::PastMidnight);
        assert_eq!(inverted.checked(), Err(past_midnight));
    }
}
