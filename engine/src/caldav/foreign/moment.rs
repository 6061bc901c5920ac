//! Points in time as calendars write them: a date, a time of whichever clock, or one of the clock of a zone.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::{Unread, lines::Line, zone::Zones};

/// A zone, and the name by which it is found again.
#[derive(Clone, Debug)]
pub struct Zone {
    pub name: String,
    pub zone: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Zone {
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        }
    }
}

/// A date, or a time of the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Of a date, its midnight.
    pub local: civil::DateTime,
    pub is_date: bool,
    /// The zone of the clock; without, it is whichever clock hangs where the doctor is.
    pub zone: Option<Zone>,
}

impl Moment {
    /// The moment of the first value of a line.
    pub(super) fn of(line: &Line, zones: &Zones) -> Result<Self, Unread> {
        Self::read(&line.value, line, zones)
    }

    /// The moments of a line that has several, separated by commas.
    pub(super) fn all_of(line: &Line, zones: &Zones) -> Result<Vec<Self>, Unread> {
        let values = line
            .value
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty());
        values.map(|value| Self::read(value, line, zones)).collect()
    }

    /// The moment that a value of a line says.
    pub(super) fn read(value: &str, line: &Line, zones: &Zones) -> Result<Self, Unread> {
        let (local, is_date, is_utc) = local(value).ok_or(Unread::Malformed)?;
        let zone = match (is_date, is_utc, line.param("TZID")) {
            (true, _, _) => None,
            (false, true, _) => Some(Zone::utc()),
            (false, false, Some(name)) => Some(zones.find(name)?),
            (false, false, None) => None,
        };
        Ok(Self { local, is_date, zone })
    }

    /// The point in time, where what has no zone is read by this clock. A time that the clock jumps over is as long after the
    /// jump as it would have been, and of two that it shows the first is meant (RFC 5545, 3.3.5).
    pub fn at(&self, floating: &TimeZone) -> Timestamp {
        let zone = self.zone.as_ref().map_or(floating, |zone| &zone.zone);
        instant(self.local, zone)
    }

    /// The same point in time on the clock of another moment.
    pub fn on_clock_of(&self, other: &Self, floating: &TimeZone) -> civil::DateTime {
        match self.is_date || self.zone == other.zone {
            true => self.local,
            false => {
                let zone = other.zone.as_ref().map_or(floating, |zone| &zone.zone);
                zone.to_datetime(self.at(floating))
            }
        }
    }
}

/// The point in time at which a clock shows this.
pub(in crate::caldav) fn instant(local: civil::DateTime, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    // Only at the ends of time there is none.
    ambiguous.compatible().unwrap_or(match local.year() < 0 {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    })
}

/// A clock, later by so much on its own face.
pub(in crate::caldav) fn later(local: civil::DateTime, by: SignedDuration) -> civil::DateTime {
    local.saturating_add(by)
}

/// Reads `20261124`, `20261124T100000` and `20261124T100000Z`: the clock, whether it is a date, whether it is of UTC.
pub(in crate::caldav) fn local(value: &str) -> Option<(civil::DateTime, bool, bool)> {
    let (value, is_utc) = match value.strip_suffix(['Z', 'z']) {
        Some(value) => (value, true),
        None => (value, false),
    };
    let (day, clock) = match value.split_once(['T', 't']) {
        Some((day, clock)) => (day, Some(clock)),
        None => (value, None),
    };
    let is_number =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(day, 8) || clock.is_some_and(|clock| !is_number(clock, 6)) {
        return None;
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    let date = civil::Date::new(number(&day[..4])?, small(&day[4..6])?, small(&day[6..])?).ok()?;
    let time = match clock {
        None => civil::Time::midnight(),
        // A leap second is the second before it.
        Some(clock) => {
            let second = small(&clock[4..])?;
            let second = if second == 60 { 59 } else { second };
            civil::Time::new(small(&clock[..2])?, small(&clock[2..4])?, second, 0).ok()?
        }
    };
    (clock.is_some() || !is_utc).then_some((date.to_datetime(time), clock.is_none(), is_utc))
}
