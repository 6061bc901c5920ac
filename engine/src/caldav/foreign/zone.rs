//! The zones that events name: those of the world, by any of their names, and those that an event brings along.

use jiff::tz::TimeZone;

use super::{Unread, face::local, lines::Component, windows};
use crate::time;

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

/// How a zone is named that only the event knew, by the rules of its clock: a TZID that nobody else gives.
const RULES: &str = "/janji.rules/";

/// The zones of a calendar object.
#[derive(Clone, Debug, Default)]
pub struct Zones(Vec<(String, Option<Zone>)>);

impl Zones {
    /// The zones that a calendar object describes.
    pub(super) fn of<'a>(described: impl Iterator<Item = &'a Component>) -> Self {
        let zones = described.filter_map(|part| {
            let name = part.value("TZID")?;
            let known = part.value("X-LIC-LOCATION").and_then(of_the_world);
            Some((name.to_owned(), known.or_else(|| described_by(part))))
        });
        Self(zones.collect())
    }

    /// The zone of this name.
    ///
    /// # Errors
    /// [`Unread::UnknownZone`].
    pub(super) fn find(&self, name: &str) -> Result<Zone, Unread> {
        if let Some(rules) = name.strip_prefix(RULES) {
            return of_rules(rules).ok_or(Unread::UnknownZone);
        }
        let described = || {
            let zone = self.0.iter().find(|(described, _)| described == name);
            zone.and_then(|(_, zone)| zone.clone())
        };
        of_the_world(name).or_else(described).ok_or(Unread::UnknownZone)
    }
}

/// The zone that people live in by this name: that of IANA, also behind the name of whoever gave it out, or that of Windows.
fn of_the_world(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    let zone = |name: &str| {
        let zone = time::zone(name)?;
        let name = zone.iana_name()?.to_owned();
        Some(Zone { name, zone })
    };
    if name.eq_ignore_ascii_case("Z") || name.eq_ignore_ascii_case("UTC") || name.eq_ignore_ascii_case("GMT")
    {
        return Some(Zone::utc());
    }
    let of_iana = zone(name).or_else(|| zone(windows::iana_name(name)?));
    // /mozilla.org/20050126_1/Europe/Berlin: a name has up to three words.
    of_iana.or_else(|| {
        let starts = name.match_indices('/').map(|(place, _)| place + 1);
        let mut starts: Vec<usize> = starts.collect();
        starts.reverse();
        let among: Vec<usize> = starts.into_iter().take(3).skip(1).collect();
        name.starts_with('/')
            .then(|| among.into_iter().rev().find_map(|start| zone(&name[start..])))
            .flatten()
    })
}

/// The zone of these rules, as POSIX writes them.
fn of_rules(rules: &str) -> Option<Zone> {
    let zone = TimeZone::posix(rules).ok()?;
    let name = format!("{RULES}{rules}");
    Some(Zone { name, zone })
}

/// What a description says that a clock does at some moment, or each year.
struct Observance {
    began: String,
    is_daylight: bool,
    /// In seconds.
    offset: i32,
    /// The day and time of each year, as POSIX writes them.
    yearly: Option<String>,
}

impl Observance {
    fn of(part: &Component) -> Option<Self> {
        let began = part.value("DTSTART")?;
        Some(Self {
            began: began.to_owned(),
            is_daylight: part.name == "DAYLIGHT",
            offset: offset(part.value("TZOFFSETTO")?)?,
            yearly: part.value("RRULE").and_then(|rule| yearly(rule, began)),
        })
    }
}

/// The zone that a description describes: what it says that clocks do nowadays. Nobody is booked in the past.
fn described_by(part: &Component) -> Option<Zone> {
    let mut observances: Vec<Observance> = part.parts.iter().filter_map(Observance::of).collect();
    observances.sort_by(|one, other| one.began.cmp(&other.began));
    let last = |is_daylight: bool| {
        let of_kind = observances.iter().filter(|one| one.is_daylight == is_daylight);
        of_kind.rev().find(|one| one.yearly.is_some())
    };
    let rules = match (last(false), last(true)) {
        (Some(standard), Some(daylight)) => format!(
            "{}{},{},{}",
            clock("STD", standard.offset),
            clock("DST", daylight.offset),
            daylight.yearly.as_deref()?,
            standard.yearly.as_deref()?
        ),
        _ => clock("STD", observances.last()?.offset),
    };
    of_rules(&rules)
}

/// `<STD>-1:00:00` for a clock that is an hour ahead of UTC: POSIX counts to the west.
fn clock(name: &str, offset: i32) -> String {
    let (sign, ahead) = if offset > 0 { ("-", offset) } else { ("", -offset) };
    format!(
        "<{name}>{sign}{}:{:02}:{:02}",
        ahead / 3600,
        ahead / 60 % 60,
        ahead % 60
    )
}

/// Reads `+0100` and `-033000`, in seconds.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.trim().split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let pair = |place: usize| {
        digits
            .get(place..place + 2)
            .map_or(Some(0), |pair| pair.parse::<i32>().ok())
    };
    Some(sign * (pair(0)? * 3600 + pair(2)? * 60 + pair(4)?))
}

/// The day of each year on which a clock is set, `M3.5.0/2:00:00` for the last Sunday of March, of a rule that says so.
fn yearly(rule: &str, began: &str) -> Option<String> {
    let part = |name: &str| {
        let parts = rule.split(';').filter_map(|part| part.split_once('='));
        parts
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_ascii_uppercase())
            .next()
    };
    if part("FREQ")? != "YEARLY" || part("UNTIL").is_some() {
        return None;
    }
    let month: u8 = part("BYMONTH")?.parse().ok()?;
    let day = part("BYDAY")?;
    let (ordinal, name) = day.split_at_checked(day.len().checked_sub(2)?)?;
    let weekday = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
        .iter()
        .position(|one| *one == name)?;
    let week = match (ordinal, part("BYMONTHDAY")) {
        ("-1", _) => 5,
        // The first such weekday of so many days.
        ("", Some(days)) => (days.split(',').next()?.parse::<i32>().ok()? - 1) / 7 + 1,
        (ordinal, _) => ordinal.trim_start_matches('+').parse().ok()?,
    };
    let (began, _, _) = local(began)?;
    let time = began.time();
    (1..=5).contains(&week).then(|| {
        format!(
            "M{month}.{week}.{weekday}/{}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    })
}
