//! The figures of a report, and what is reckoned from them.

/// A part of a whole, such as no-shows of all that were expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub of: i64,
    pub part: i64,
}

impl Part {
    /// In percent; none of nothing.
    pub fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.part as f64 / self.of as f64)
    }
}

/// What became of requests, by the first answer to each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Requests {
    pub confirmed: i64,
    pub rejected: i64,
    pub expired: i64,
    /// The median from asking to a yes or no, in minutes.
    pub minutes_to_answer: Option<f64>,
}

impl Requests {
    /// Requests that nobody answered in time.
    pub fn expired_share(self) -> Part {
        Part {
            of: self.confirmed + self.rejected + self.expired,
            part: self.expired,
        }
    }
}

/// Times that came free by a cancellation, and those of them that somebody else got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub freed: i64,
    pub filled: i64,
    /// Those of the filled ones that the waitlist filled.
    pub by_waitlist: i64,
}

/// Reminders, and whether those came who had one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminders {
    /// Reminders that left, those of them that are known to have arrived, and those that could not leave.
    pub sent: i64,
    pub delivered: i64,
    pub failed: i64,
    /// No-shows among the appointments with a reminder, and among those without.
    pub reminded: Part,
    pub unreminded: Part,
}

/// An amount that was taken, and what of such amounts went back, in the smallest unit of the currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    pub currency: String,
    pub taken: i64,
    pub paid_back: i64,
}

/// The minutes that could be booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub minutes: i64,
    /// Days of a doctor at a clinic whose minutes were written down when they ended, and those whose minutes are of the plan as
    /// it stands now.
    pub noted_days: i64,
    pub planned_days: i64,
}

/// The figures of a period, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub appointments: i64,
    pub pending: i64,
    pub confirmed: i64,
    pub in_progress: i64,
    pub completed: i64,
    pub no_show: i64,
    pub cancelled: i64,
    pub rejected: i64,
    pub expired: i64,
    /// Those of the cancelled ones that were cancelled inside of the cut-off.
    pub cancelled_late: i64,
    /// Minutes, with buffers, of what is confirmed, in progress or completed; of sessions those with somebody in a seat.
    pub used_minutes: i64,
    /// The buffers among these.
    pub buffer_minutes: i64,
    /// Minutes, with buffers, of those who came.
    pub attended_minutes: i64,
    /// Minutes, with buffers, that no-shows had.
    pub lost_minutes: i64,
    /// From booking to start, in hours: the median, and what nine of ten stay below.
    pub lead_hours: Option<(f64, f64)>,
    pub new_patients: i64,
    pub known_patients: i64,
    /// Appointments whose patient said that they come.
    pub coming: i64,
    pub ratings: i64,
    pub score_sum: i64,
    pub requests: Requests,
    pub filled: Filled,
    pub reminders: Reminders,
    pub money: Vec<Money>,
    /// None where a capacity is of nobody: of a service or a channel.
    pub capacity: Option<Capacity>,
}

impl Figures {
    pub fn utilisation(&self) -> Option<Part> {
        self.of_capacity(self.used_minutes)
    }

    pub fn attended(&self) -> Option<Part> {
        self.of_capacity(self.attended_minutes)
    }

    fn of_capacity(&self, part: i64) -> Option<Part> {
        self.capacity.map(|capacity| Part {
            of: capacity.minutes,
            part,
        })
    }

    pub fn no_shows(&self) -> Part {
        Part {
            of: self.completed + self.no_show,
            part: self.no_show,
        }
    }

    pub fn late_cancellations(&self) -> Part {
        Part {
            of: self.completed + self.no_show + self.cancelled_late,
            part: self.cancelled_late,
        }
    }

    pub fn fill_rate(&self) -> Part {
        Part {
            of: self.filled.freed,
            part: self.filled.filled,
        }
    }

    /// Appointments that stand or took place: those whose patients are counted.
    pub fn stood(&self) -> i64 {
        self.new_patients + self.known_patients
    }

    /// The mean of the stars.
    pub fn mean_score(&self) -> Option<f64> {
        (self.ratings > 0).then(|| self.score_sum as f64 / self.ratings as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_none_and_one_beyond_everything_is_shown() {
        assert_eq!(Part::default().percent(), None);
        assert_eq!(Part { of: 60, part: 90 }.percent(), Some(150.0));
        assert_eq!(Figures::default().utilisation(), None);
        assert_eq!(Figures::default().mean_score(), None);
    }

    #[test]
    fn a_rate_is_of_what_its_definition_says() {
        let figures = Figures {
            completed: 6,
            no_show: 2,
            cancelled_late: 2,
            used_minutes: 90,
            attended_minutes: 60,
            capacity: Some(Capacity {
                minutes: 120,
                ..Capacity::default()
            }),
            ..Figures::default()
        };
        assert_eq!(figures.no_shows().percent(), Some(25.0));
        assert_eq!(figures.late_cancellations().percent(), Some(20.0));
        assert_eq!(figures.utilisation().and_then(Part::percent), Some(75.0));
        assert_eq!(figures.attended().and_then(Part::percent), Some(50.0));
    }
}
