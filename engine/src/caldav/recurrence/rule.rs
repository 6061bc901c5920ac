//! A rule of recurrence, as it is written.

use std::fmt;

use jiff::{Timestamp, civil, civil::Weekday, tz::TimeZone};

use crate::caldav::foreign::{Unread, instant, local};

/// The number of values of a part of a rule: all days of a year.
const MAX_VALUES: usize = 400;

/// The number of times of a day that a rule may name.
const MAX_A_DAY: usize = 24 * 60;

/// How often something recurs. Nothing that anybody has in a calendar comes every second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frequency {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    const NAMES: [(&'static str, Self); 6] = [
        ("MINUTELY", Self::Minutely),
        ("HOURLY", Self::Hourly),
        ("DAILY", Self::Daily),
        ("WEEKLY", Self::Weekly),
        ("MONTHLY", Self::Monthly),
        ("YEARLY", Self::Yearly),
    ];
}

/// When a rule ends, that included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    Date(civil::Date),
    /// By the clock of what recurs.
    Clock(civil::DateTime),
    At(Timestamp),
}

impl Until {
    /// The last moment on the clock of this zone.
    pub fn on_clock(self, zone: &TimeZone) -> civil::DateTime {
        match self {
            Self::Date(date) => date.at(23, 59, 59, 0),
            Self::Clock(clock) => clock,
            Self::At(at) => zone.to_datetime(at),
        }
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(one, _)| *one == name)
        .map(|(_, weekday)| *weekday)
}

fn name_of(weekday: Weekday) -> &'static str {
    WEEKDAYS
        .iter()
        .find(|(_, one)| *one == weekday)
        .map_or("MO", |(name, _)| name)
}

/// A rule of recurrence. What is empty says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub frequency: Frequency,
    pub interval: i32,
    pub count: Option<u32>,
    pub until: Option<Until>,
    pub months: Vec<i16>,
    pub weeks: Vec<i16>,
    /// Of the year; negative ones from its end, as those of months.
    pub year_days: Vec<i16>,
    pub month_days: Vec<i16>,
    /// Each with which of them it is, from the end where it is negative; 0 for all.
    pub weekdays: Vec<(i16, Weekday)>,
    pub hours: Vec<i16>,
    pub minutes: Vec<i16>,
    pub seconds: Vec<i16>,
    /// Which of all that a period has.
    pub places: Vec<i16>,
    pub week_begins: Weekday,
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`Unread::UnknownRule`].
    pub fn read(text: &str) -> Result<Self, Unread> {
        Self::parse(&text.to_ascii_uppercase()).ok_or(Unread::UnknownRule)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            weeks: Vec::new(),
            year_days: Vec::new(),
            month_days: Vec::new(),
            weekdays: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            seconds: Vec::new(),
            places: Vec::new(),
            week_begins: Weekday::Monday,
        };
        let mut frequency = None;
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match name.trim() {
                "FREQ" => {
                    let named = Frequency::NAMES.iter().find(|(name, _)| *name == value);
                    frequency = Some(named?.1);
                }
                name => rule.set(name, value.trim())?,
            }
        }
        rule.frequency = frequency?;
        let a_day = rule.hours.len().max(1) * rule.minutes.len().max(1) * rule.seconds.len().max(1);
        (a_day <= MAX_A_DAY).then_some(rule)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "INTERVAL" => {
                self.interval = value
                    .parse()
                    .ok()
                    .filter(|interval| (1..=10_000).contains(interval))?
            }
            "COUNT" => self.count = Some(value.parse().ok()?),
            "UNTIL" => self.until = Some(until(value)?),
            "WKST" => self.week_begins = weekday(value)?,
            "BYMONTH" => self.months = numbers(value, 1, 12, false)?,
            "BYWEEKNO" => self.weeks = numbers(value, 1, 53, true)?,
            "BYYEARDAY" => self.year_days = numbers(value, 1, 366, true)?,
            "BYMONTHDAY" => self.month_days = numbers(value, 1, 31, true)?,
            "BYHOUR" => self.hours = numbers(value, 0, 23, false)?,
            "BYMINUTE" => self.minutes = numbers(value, 0, 59, false)?,
            "BYSECOND" => self.seconds = numbers(value, 0, 59, false)?,
            "BYSETPOS" => self.places = numbers(value, 1, 366, true)?,
            "BYDAY" => self.weekdays = weekdays(value)?,
            // Other calendars than that of the world, or other ways to skip a day that is not there, are not understood.
            "RSCALE" if value == "GREGORIAN" => {}
            "SKIP" if value == "OMIT" => {}
            // What programs add for themselves says nothing of when it recurs.
            name if name.starts_with("X-") => {}
            _ => return None,
        }
        Some(())
    }
}

/// `20261231`, `20261231T235959`, `20261231T225959Z`.
fn until(value: &str) -> Option<Until> {
    let (clock, is_date, is_utc) = local(value)?;
    Some(match (is_date, is_utc) {
        (true, _) => Until::Date(clock.date()),
        (false, true) => Until::At(instant(clock, &TimeZone::UTC)),
        (false, false) => Until::Clock(clock),
    })
}

/// Numbers with commas between them, from least to most; their negatives as well, where they may be from the end.
fn numbers(value: &str, least: i16, most: i16, from_end: bool) -> Option<Vec<i16>> {
    let numbers: Option<Vec<i16>> = value
        .split(',')
        .map(|number| {
            let number: i16 = number.trim().parse().ok()?;
            let of_range = if from_end { number.abs() } else { number };
            (least..=most).contains(&of_range).then_some(number)
        })
        .collect();
    let mut numbers = numbers.filter(|numbers| numbers.len() <= MAX_VALUES)?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn weekdays(value: &str) -> Option<Vec<(i16, Weekday)>> {
    let weekdays = value.split(',').map(|day| {
        let day = day.trim();
        let (ordinal, name) = day.split_at_checked(day.len().checked_sub(2)?)?;
        let ordinal = match ordinal {
            "" => 0,
            ordinal => ordinal
                .parse::<i16>()
                .ok()
                .filter(|number| (1..=53).contains(&number.abs()))?,
        };
        Some((ordinal, weekday(name)?))
    });
    let weekdays: Vec<_> = weekdays.collect::<Option<_>>()?;
    (weekdays.len() <= MAX_VALUES).then_some(weekdays)
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frequency = Frequency::NAMES.iter().find(|(_, one)| *one == self.frequency);
        write!(
            f,
            "FREQ={};INTERVAL={}",
            frequency.map_or("DAILY", |(name, _)| name),
            self.interval
        )?;
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            let of_clock = |clock: civil::DateTime| clock.strftime("%Y%m%dT%H%M%S").to_string();
            let until = match until {
                Until::Date(date) => date.strftime("%Y%m%d").to_string(),
                Until::Clock(clock) => of_clock(clock),
                Until::At(at) => of_clock(TimeZone::UTC.to_datetime(at)) + "Z",
            };
            write!(f, ";UNTIL={until}")?;
        }
        for (name, numbers) in [
            ("BYMONTH", &self.months),
            ("BYWEEKNO", &self.weeks),
            ("BYYEARDAY", &self.year_days),
            ("BYMONTHDAY", &self.month_days),
            ("BYHOUR", &self.hours),
            ("BYMINUTE", &self.minutes),
            ("BYSECOND", &self.seconds),
            ("BYSETPOS", &self.places),
        ] {
            let numbers: Vec<String> = numbers.iter().map(i16::to_string).collect();
            if !numbers.is_empty() {
                write!(f, ";{name}={}", numbers.join(","))?;
            }
        }
        let weekdays: Vec<String> = self
            .weekdays
            .iter()
            .map(|(ordinal, weekday)| match ordinal {
                0 => name_of(*weekday).to_owned(),
                ordinal => format!("{ordinal}{}", name_of(*weekday)),
            })
            .collect();
        if !weekdays.is_empty() {
            write!(f, ";BYDAY={}", weekdays.join(","))?;
        }
        write!(f, ";WKST={}", name_of(self.week_begins))
    }
}
