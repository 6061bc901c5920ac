//! The times that events take: their series worked out, between now and as far ahead as anything can be booked.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use crate::{
    caldav::{
        foreign::{Event, Length, Moment, instant, later},
        recurrence::{Bounds, Looks, times},
    },
    time::{Range, plus_minutes},
};

const DAY: i64 = 24 * 60;

/// The number of days ahead up to which times are worked out. A service can be booked 730 working days ahead at most, which are
/// 1,022 days.
const DAYS_AHEAD: i64 = 1100;

/// The number of times that are kept of one object, once those that touch are one: a year of three an day.
const MAX_TIMES: usize = 4000;

/// The range for which times are worked out: from a day ago, as nobody books before.
pub fn window(now: Timestamp) -> Range {
    Range::new(plus_minutes(now, -DAY), plus_minutes(now, DAYS_AHEAD * DAY))
}

/// What is busy of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// One after the other, and none touches the next.
    pub busy: Vec<Range>,
    /// Nothing more ever comes of them, whatever is done with clocks.
    pub is_all: bool,
    /// There are more of them than are kept: the first ones are.
    pub is_cut: bool,
}

/// The times that events take within a window. Dates, and clocks without a zone, are those of each of these zones, which are those
/// of the clinics where the doctor works.
pub fn times_of(events: &[Event], floating: &[TimeZone], window: Range) -> Times {
    let mut all = Times {
        is_all: true,
        ..Times::default()
    };
    let mut looks = Looks::default();
    let mut series: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        series.entry(&event.uid).or_default().push(event);
    }
    let has_zone = |event: &Event| event.start.zone.is_some();
    let utc = [TimeZone::UTC];
    let zones = match events.iter().all(has_zone) || floating.is_empty() {
        true => &utc[..],
        false => floating,
    };
    for zone in zones {
        for events in series.values() {
            let of_series = Series { events, zone, window };
            of_series.add_to(&mut all, &mut looks);
        }
    }
    let is_past = all.busy.iter().all(|range| range.end <= window.start);
    let is_within = all.busy.iter().all(|range| range.end <= window.end);
    all.is_all &= is_past || is_within && events.iter().all(has_zone);
    all.busy
        .retain(|range| range.overlaps(window) && range.start < range.end);
    for range in &mut all.busy {
        *range = Range::new(range.start.max(window.start), range.end.min(window.end));
    }
    merge(&mut all.busy);
    all.is_cut |= all.busy.len() > MAX_TIMES;
    all.busy.truncate(MAX_TIMES);
    all
}

/// Makes one of ranges that touch.
fn merge(ranges: &mut Vec<Range>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let is_one = next.start <= last.end;
        if is_one {
            last.end = last.end.max(next.end);
        }
        is_one
    });
}

/// The events of one UID: a series, and those of its instances that are not like the others.
struct Series<'a> {
    events: &'a [&'a Event],
    /// Of what has no zone of its own.
    zone: &'a TimeZone,
    window: Range,
}

/// A change that goes on for all later instances of a series.
struct Later<'a> {
    /// From which instance on, by the clock of the series.
    from: civil::DateTime,
    by: SignedDuration,
    event: &'a Event,
}

impl Series<'_> {
    fn add_to(&self, all: &mut Times, looks: &mut Looks) {
        for event in self.events {
            match &event.instead_of {
                // Also where what they are instead of is not there: some calendars give nothing else of a series.
                Some(_) if !event.is_free => {
                    all.busy.push(self.range(event, event.start.local, event.length))
                }
                Some(_) => {}
                None => self.add_master(event, all, looks),
            }
        }
    }

    /// The range that begins at a time of an event's clock.
    fn range(&self, event: &Event, start: civil::DateTime, length: Length) -> Range {
        let zone = event.start.zone.as_ref().map_or(self.zone, |zone| &zone.zone);
        let end = instant(later(start, length.on_clock), zone);
        let end = end.checked_add(length.exact).unwrap_or(Timestamp::MAX);
        Range::new(instant(start, zone), end)
    }

    fn add_master(&self, master: &Event, all: &mut Times, looks: &mut Looks) {
        let later_ones = self.later_ones(master);
        let instead = self.starts_of(
            master,
            self.events.iter().filter_map(|event| event.instead_of.as_ref()),
        );
        let except = self.starts_of(master, master.except_dates.iter());
        let bounds = self.bounds(master, &later_ones);
        let mut starts: BTreeMap<civil::DateTime, Length> = BTreeMap::new();
        for rule in &master.rules {
            for start in self.follow(rule, master, bounds, all, looks) {
                starts.insert(start, master.length);
            }
        }
        for (date, length) in &master.dates {
            let start = date.on_clock_of(&master.start, self.zone);
            starts.insert(start, length.unwrap_or(master.length));
        }
        // It is the first of its series, whatever the rule says.
        starts.entry(master.start.local).or_insert(master.length);
        let mut left_out = HashSet::new();
        for rule in &master.except_rules {
            left_out.extend(self.follow(rule, master, bounds, &mut Times::default(), looks));
        }
        for (start, length) in starts {
            let is_instead = instead.has(start, master.start.is_date);
            if is_instead || left_out.contains(&start) || except.has(start, master.start.is_date) {
                continue;
            }
            let change = later_ones.iter().rev().find(|later| later.from <= start);
            match change {
                None if !master.is_free => all.busy.push(self.range(master, start, length)),
                Some(change) if !change.event.is_free => {
                    all.busy
                        .push(self.range(master, later(start, change.by), change.event.length));
                }
                _ => {}
            }
        }
    }

    /// The starts that a rule makes within bounds.
    fn follow(
        &self,
        rule: &crate::caldav::recurrence::Rule,
        master: &Event,
        bounds: Bounds,
        all: &mut Times,
        looks: &mut Looks,
    ) -> Vec<civil::DateTime> {
        let zone = master.start.zone.as_ref().map_or(self.zone, |zone| &zone.zone);
        let last = rule.until.map(|until| until.on_clock(zone));
        let made = times(rule, master.start.local, last, bounds, looks);
        all.is_all &= made.is_all;
        all.is_cut |= made.is_cut;
        let is_date = master.start.is_date;
        let whole = |time: civil::DateTime| match is_date {
            true => time.date().to_datetime(civil::Time::midnight()),
            false => time,
        };
        made.times.into_iter().map(whole).collect()
    }

    /// The changes that go on, in their order.
    fn later_ones(&self, master: &Event) -> Vec<Later<'_>> {
        let changes = self.events.iter().filter(|event| event.and_later);
        let mut changes: Vec<Later<'_>> = changes
            .filter_map(|event| {
                let from = event.instead_of.as_ref()?.on_clock_of(&master.start, self.zone);
                let start = event.start.on_clock_of(&master.start, self.zone);
                Some(Later {
                    from,
                    by: start.duration_since(from),
                    event,
                })
            })
            .collect();
        changes.sort_by_key(|change| change.from);
        changes
    }

    /// Between which times of the clock of a series its instances can be in the window: with two days around it, as clocks are
    /// a day apart at most, and as much as an instance takes or is moved by.
    fn bounds(&self, master: &Event, later_ones: &[Later<'_>]) -> Bounds {
        let around = SignedDuration::from_hours(48);
        let longest = |length: Length| length.on_clock + length.exact;
        let lengths = later_ones.iter().map(|later| longest(later.event.length));
        let longest = lengths.fold(longest(master.length), SignedDuration::max);
        let moves = later_ones.iter().map(|later| later.by);
        let (sooner, later_by) = moves.fold(
            (SignedDuration::ZERO, SignedDuration::ZERO),
            |(least, most), by| (least.min(by), most.max(by)),
        );
        let utc = |at: Timestamp| TimeZone::UTC.to_datetime(at);
        Bounds {
            from: utc(self.window.start)
                .saturating_sub(around)
                .saturating_sub(longest)
                .saturating_sub(later_by),
            until: utc(self.window.end).saturating_add(around).saturating_sub(sooner),
        }
    }

    fn starts_of<'m>(&self, master: &Event, moments: impl Iterator<Item = &'m Moment>) -> Starts {
        let mut starts = Starts::default();
        for moment in moments {
            let start = moment.on_clock_of(&master.start, self.zone);
            match moment.is_date {
                true => starts.dates.insert(start.date()),
                false => starts.times.insert(start),
            };
        }
        starts
    }
}

/// Instances of a series that are named by when they would begin: by the time, or by the date alone.
#[derive(Default)]
struct Starts {
    times: HashSet<civil::DateTime>,
    dates: HashSet<civil::Date>,
}

impl Starts {
    fn has(&self, start: civil::DateTime, is_date: bool) -> bool {
        self.times.contains(&start)
            || self.dates.contains(&start.date())
            // Some name the midnight of a date.
            || is_date && self.times.iter().any(|time| time.date() == start.date())
    }
}
