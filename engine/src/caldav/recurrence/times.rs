//! The times of a clock that a rule makes, one period after the other.

use jiff::{SignedDuration, ToSpan, civil};

use super::rule::{Frequency, Rule};

/// The number of dates and times that may still be looked at for what belongs together: a day of three years is one in a
/// thousand.
#[derive(Clone, Copy, Debug)]
pub struct Looks(usize);

impl Default for Looks {
    fn default() -> Self {
        Self(300_000)
    }
}

impl Looks {
    /// Counts so many; whether there were as many left.
    fn take(&mut self, count: usize) -> bool {
        let left = self.0.checked_sub(count);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// Between which times of the clock a rule is followed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub from: civil::DateTime,
    pub until: civil::DateTime,
}

/// What a rule made within its bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// In their order.
    pub times: Vec<civil::DateTime>,
    /// Nothing comes after them, however far one looks.
    pub is_all: bool,
    /// There are more within the bounds than are looked for.
    pub is_cut: bool,
}

/// The times that a rule makes which began at this one, up to its end, which is `last` where the rule has one. What recurs by
/// dates has midnights.
pub fn times(
    rule: &Rule,
    began: civil::DateTime,
    last: Option<civil::DateTime>,
    bounds: Bounds,
    looks: &mut Looks,
) -> Made {
    let until = last.map_or(bounds.until, |last| last.min(bounds.until));
    let mut made = Made::default();
    let mut left = rule
        .count
        .map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
    let mut period = first_period(rule, began, bounds.from);
    loop {
        let Some((first, days)) = begins(rule, began, period) else {
            // The end of all years.
            made.is_all = true;
            return made;
        };
        if left == 0 || first > until {
            made.is_all = left == 0 || last.is_some_and(|last| last <= bounds.until);
            return made;
        }
        let times = of_period(rule, began, first, days);
        if !looks.take(days.max(times.len()).max(1)) {
            made.is_cut = true;
            return made;
        }
        for time in times {
            if time < began || left == 0 {
                continue;
            }
            left -= 1;
            if time <= until && time >= bounds.from {
                made.times.push(time);
            }
        }
        period += 1;
    }
}

/// The number of the first period that can matter. What is counted is counted from its beginning.
fn first_period(rule: &Rule, began: civil::DateTime, from: civil::DateTime) -> i64 {
    if rule.count.is_some() || from <= began {
        return 0;
    }
    let passed = from.duration_since(began);
    let periods = match rule.frequency {
        Frequency::Minutely => passed.as_mins(),
        Frequency::Hourly => passed.as_hours(),
        Frequency::Daily => passed.as_hours() / 24,
        Frequency::Weekly => passed.as_hours() / (24 * 7),
        Frequency::Monthly => passed.as_hours() / (24 * 31),
        Frequency::Yearly => passed.as_hours() / (24 * 366),
    };
    (periods / i64::from(rule.interval) - 1).max(0)
}

/// When a period begins, and how many days it has: none where it is shorter than one.
fn begins(rule: &Rule, began: civil::DateTime, period: i64) -> Option<(civil::DateTime, usize)> {
    let steps = period.checked_mul(i64::from(rule.interval))?;
    let date = began.date();
    let midnight = |date: civil::Date| date.to_datetime(civil::Time::midnight());
    let days = |steps: i64| jiff::Span::new().try_days(steps).ok();
    match rule.frequency {
        Frequency::Minutely => {
            let whole = midnight(date)
                + SignedDuration::from_mins(i64::from(began.hour()) * 60 + i64::from(began.minute()));
            let at = whole.checked_add(SignedDuration::from_mins(steps)).ok()?;
            Some((at, 0))
        }
        Frequency::Hourly => {
            let whole = midnight(date) + SignedDuration::from_hours(i64::from(began.hour()));
            let at = whole.checked_add(SignedDuration::from_hours(steps)).ok()?;
            Some((at, 0))
        }
        Frequency::Daily => Some((midnight(date.checked_add(days(steps)?).ok()?), 1)),
        Frequency::Weekly => {
            let first = rule
                .first_of_week(date)
                .checked_add(days(steps.checked_mul(7)?)?)
                .ok()?;
            Some((midnight(first), 7))
        }
        Frequency::Monthly => {
            let span = jiff::Span::new().try_months(steps).ok()?;
            let first = date.first_of_month().checked_add(span).ok()?;
            Some((
                midnight(first),
                usize::try_from(first.days_in_month()).unwrap_or(31),
            ))
        }
        Frequency::Yearly => {
            let span = jiff::Span::new().try_years(steps).ok()?;
            let first = date.first_of_year().checked_add(span).ok()?;
            Some((
                midnight(first),
                usize::try_from(first.days_in_year()).unwrap_or(366),
            ))
        }
    }
}

/// The times of a period, in their order.
fn of_period(
    rule: &Rule,
    began: civil::DateTime,
    first: civil::DateTime,
    days: usize,
) -> Vec<civil::DateTime> {
    let clock = began.time();
    let or = |numbers: &[i16], one: i8| match numbers.is_empty() {
        true => vec![i16::from(one)],
        false => numbers.to_vec(),
    };
    let fits = |numbers: &[i16], one: i8| numbers.is_empty() || numbers.contains(&i16::from(one));
    let (hours, minutes) = match rule.frequency {
        Frequency::Minutely => {
            let is_one = fits(&rule.hours, first.hour()) && fits(&rule.minutes, first.minute());
            let hours = if is_one {
                vec![i16::from(first.hour())]
            } else {
                Vec::new()
            };
            (hours, vec![i16::from(first.minute())])
        }
        Frequency::Hourly => {
            let is_one = fits(&rule.hours, first.hour());
            let hours = if is_one {
                vec![i16::from(first.hour())]
            } else {
                Vec::new()
            };
            (hours, or(&rule.minutes, clock.minute()))
        }
        _ => (or(&rule.hours, clock.hour()), or(&rule.minutes, clock.minute())),
    };
    let seconds = or(&rule.seconds, clock.second());
    let mut times = Vec::new();
    for day in 0..days.max(1) {
        let Ok(date) = first.date().checked_add(i32::try_from(day).unwrap_or(0).days()) else {
            break;
        };
        if !rule.means(date, began.date()) {
            continue;
        }
        for (hour, minute, second) in each_of(&hours, &minutes, &seconds) {
            let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
            times.push(
                date.to_datetime(civil::Time::midnight())
                    .saturating_add(SignedDuration::from_secs(seconds)),
            );
        }
    }
    at_places(times, &rule.places)
}

fn each_of<'a>(
    hours: &'a [i16],
    minutes: &'a [i16],
    seconds: &'a [i16],
) -> impl Iterator<Item = (i16, i16, i16)> + 'a {
    hours.iter().flat_map(move |hour| {
        minutes
            .iter()
            .flat_map(move |minute| seconds.iter().map(move |second| (*hour, *minute, *second)))
    })
}

/// Those of the times that are meant by their places; where none are, all are.
fn at_places(times: Vec<civil::DateTime>, places: &[i16]) -> Vec<civil::DateTime> {
    if places.is_empty() {
        return times;
    }
    let count = i16::try_from(times.len()).unwrap_or(i16::MAX);
    let is_meant = |place: i16| places.contains(&place) || places.contains(&(place - count - 1));
    let numbered = (1..).zip(times).filter(|(place, _)| is_meant(*place));
    numbered.map(|(_, time)| time).collect()
}
