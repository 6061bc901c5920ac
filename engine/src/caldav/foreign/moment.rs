//! Points in time as calendars write them: a date, a time of whichever clock, or one of the clock of a zone.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::{
    Unread,
    face::local,
    lines::Line,
    zone::{Zone, Zones},
};

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
