//! An event, or an instance of a series that is not like the others.

use jiff::SignedDuration;

use super::{
    Owner, Unread,
    face::local,
    lines::{Component, Line},
    moment::Moment,
    zone::Zones,
};
use crate::caldav::recurrence::Rule;

/// The number of dates that a series names one by one, and of rules.
const MAX_DATES: usize = 5000;
const MAX_RULES: usize = 8;

/// How long something takes: so much on the face of the clock, and then so much whatever the clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Length {
    pub on_clock: SignedDuration,
    pub exact: SignedDuration,
}

/// An event, as far as it takes time.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What the instances of a series have in common.
    pub uid: String,
    /// Which instance of the series it is in place of.
    pub instead_of: Option<Moment>,
    /// Whether it is in place of all later ones as well.
    pub and_later: bool,
    /// It takes nobody's time: it is cancelled, declined, or said to be so.
    pub is_free: bool,
    pub start: Moment,
    pub length: Length,
    pub rules: Vec<Rule>,
    pub except_rules: Vec<Rule>,
    /// Further starts, some with a length of their own.
    pub dates: Vec<(Moment, Option<Length>)>,
    pub except_dates: Vec<Moment>,
}

impl Event {
    pub(super) fn of(part: &Component, zones: &Zones, owner: &Owner) -> Result<Self, Unread> {
        let start = Moment::of(part.line("DTSTART").ok_or(Unread::Malformed)?, zones)?;
        let instead_of = part.line("RECURRENCE-ID");
        let rules = |name: &str| {
            let rules = part.all(name).map(|line| Rule::read(&line.value));
            let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
            (rules.len() <= MAX_RULES)
                .then_some(rules)
                .ok_or(Unread::UnknownRule)
        };
        let (mut dates, mut except_dates) = (Vec::new(), Vec::new());
        for line in part.all("RDATE") {
            dates.extend(dates_of(line, zones)?);
        }
        for line in part.all("EXDATE") {
            except_dates.extend(Moment::all_of(line, zones)?);
        }
        if dates.len() + except_dates.len() > MAX_DATES {
            return Err(Unread::TooLarge);
        }
        Ok(Self {
            uid: part.value("UID").unwrap_or_default().to_owned(),
            and_later: instead_of
                .and_then(|line| line.param("RANGE"))
                .is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE")),
            instead_of: instead_of.map(|line| Moment::of(line, zones)).transpose()?,
            is_free: is_free(part, owner),
            length: length(part, &start, zones)?,
            start,
            rules: rules("RRULE")?,
            except_rules: rules("EXRULE")?,
            dates,
            except_dates,
        })
    }
}

/// Whether the time of an event is nobody's.
fn is_free(part: &Component, owner: &Owner) -> bool {
    let says = |name: &str, word: &str| {
        part.value(name)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    let is_owner = |line: &&Line| {
        let of_value = line
            .value
            .split_once(':')
            .map_or(line.value.as_str(), |(_, address)| address);
        let mut addresses = [Some(of_value), line.param("EMAIL")].into_iter().flatten();
        addresses.any(|address| owner.is(address))
    };
    says("TRANSP", "TRANSPARENT")
        || says("STATUS", "CANCELLED")
        || part.all("ATTENDEE").filter(is_owner).any(|line| {
            line.param("PARTSTAT")
                .is_some_and(|status| status.eq_ignore_ascii_case("DECLINED"))
        })
}

impl Owner {
    /// Whether this address is theirs.
    fn is(&self, address: &str) -> bool {
        let (own, address) = (self.username.trim(), address.trim());
        let own_part = match own.contains('@') {
            true => address,
            false => address.split('@').next().unwrap_or_default(),
        };
        !own.is_empty() && own.eq_ignore_ascii_case(own_part)
    }
}

/// How long an event takes. Without a word of it, a date takes the whole day, and a time of the clock no time at all.
fn length(part: &Component, start: &Moment, zones: &Zones) -> Result<Length, Unread> {
    let one_day = SignedDuration::from_hours(24);
    if let Some(line) = part.line("DTEND") {
        return between(start, &Moment::of(line, zones)?);
    }
    if let Some(line) = part.line("DURATION") {
        let mut length = duration(&line.value).ok_or(Unread::Malformed)?;
        if start.is_date {
            length.on_clock = length.on_clock.max(one_day);
        }
        return Ok(length);
    }
    Ok(Length {
        on_clock: if start.is_date {
            one_day
        } else {
            SignedDuration::ZERO
        },
        exact: SignedDuration::ZERO,
    })
}

/// How long it is from a start to an end: by the clock of both, where they have the same.
fn between(start: &Moment, end: &Moment) -> Result<Length, Unread> {
    let mut length = Length::default();
    if start.is_date || start.zone == end.zone {
        length.on_clock = end.local.duration_since(start.local);
        if start.is_date {
            // Some write the last date where the one after it belongs.
            length.on_clock = length.on_clock.max(SignedDuration::from_hours(24));
        }
    } else {
        // One of the two may be of whichever clock; no program writes that.
        let utc = jiff::tz::TimeZone::UTC;
        length.exact = end.at(&utc).duration_since(start.at(&utc));
    }
    match length.on_clock.is_negative() || length.exact.is_negative() {
        true => Err(Unread::Malformed),
        false => Ok(length),
    }
}

/// Reads `P1W`, `P1DT2H` and `PT15M`: weeks and days by the clock, the rest as it is. What would end before it began is nothing.
pub(super) fn duration(text: &str) -> Option<Length> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
    let (mut length, mut number, mut is_time, mut is_any) = (Length::default(), String::new(), false, false);
    for sign in text.chars() {
        let unit = match (sign, is_time) {
            ('0'..='9', _) if number.len() < 9 => {
                number.push(sign);
                continue;
            }
            ('T', false) if number.is_empty() => {
                is_time = true;
                continue;
            }
            ('W', false) => 7 * 86_400,
            ('D', false) => 86_400,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        let seconds = std::mem::take(&mut number)
            .parse::<i64>()
            .ok()?
            .checked_mul(unit)?;
        let of = if is_time {
            &mut length.exact
        } else {
            &mut length.on_clock
        };
        *of = of.checked_add(SignedDuration::from_secs(seconds))?;
        is_any = true;
    }
    (is_any && number.is_empty()).then_some(length)
}

/// The further starts of a line.
fn dates_of(line: &Line, zones: &Zones) -> Result<Vec<(Moment, Option<Length>)>, Unread> {
    let is_period = line
        .param("VALUE")
        .is_some_and(|value| value.eq_ignore_ascii_case("PERIOD"));
    if !is_period {
        let dates = Moment::all_of(line, zones)?;
        return Ok(dates.into_iter().map(|date| (date, None)).collect());
    }
    let values = line
        .value
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty());
    values
        .map(|value| {
            let (start, end) = value.split_once('/').ok_or(Unread::Malformed)?;
            let start = Moment::read(start, line, zones)?;
            let length = match local(end) {
                Some(_) => between(&start, &Moment::read(end, line, zones)?)?,
                None => duration(end).ok_or(Unread::Malformed)?,
            };
            Ok((start, Some(length)))
        })
        .collect()
}
