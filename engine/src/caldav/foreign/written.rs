//! Events as they are kept: iCalendar with what says when they take place, and without a word of what they are.
//!
//! It is written from what was understood, and not copied from what came: so nothing else can be in it.

use std::{collections::HashMap, fmt::Write};

use jiff::civil;

use super::{Event, Length, Moment, moment::later};

/// Writes events.
pub fn written(events: &[Event]) -> String {
    let mut uids: HashMap<&str, usize> = HashMap::new();
    let mut text = String::from("BEGIN:VCALENDAR\n");
    for event in events {
        let next = uids.len() + 1;
        let uid = uids.entry(&event.uid).or_insert(next);
        text.push_str("BEGIN:VEVENT\n");
        // Writing to a string does not fail.
        let _ = writeln!(text, "UID:{uid}");
        if let Some(instead_of) = &event.instead_of {
            let range = if event.and_later {
                ";RANGE=THISANDFUTURE"
            } else {
                ""
            };
            let _ = writeln!(text, "RECURRENCE-ID{range}{}", moment(instead_of));
        }
        let _ = writeln!(text, "DTSTART{}", moment(&event.start));
        let _ = match end(&event.start, event.length) {
            Ok(end) => writeln!(text, "DTEND{end}"),
            Err(duration) => writeln!(text, "DURATION:{duration}"),
        };
        if event.is_free {
            text.push_str("TRANSP:TRANSPARENT\n");
        }
        for (name, rules) in [("RRULE", &event.rules), ("EXRULE", &event.except_rules)] {
            for rule in rules {
                let _ = writeln!(text, "{name}:{rule}");
            }
        }
        for (date, length) in &event.dates {
            let _ = match length {
                None => writeln!(text, "RDATE{}", moment(date)),
                Some(length) => {
                    let end =
                        end(date, *length).map(|end| end.rsplit(':').next().unwrap_or_default().to_owned());
                    let end = end.unwrap_or_else(|duration| duration);
                    writeln!(text, "RDATE;VALUE=PERIOD{}/{end}", moment(date))
                }
            };
        }
        for date in &event.except_dates {
            let _ = writeln!(text, "EXDATE{}", moment(date));
        }
        text.push_str("END:VEVENT\n");
    }
    text.push_str("END:VCALENDAR\n");
    text
}

/// `;TZID="Europe/Berlin":20261124T100000`: the parameters of a moment, and its value.
fn moment(moment: &Moment) -> String {
    let local = local(moment.local);
    match &moment.zone {
        _ if moment.is_date => format!(";VALUE=DATE:{}", &local[..8]),
        None => format!(":{local}"),
        Some(zone) if zone.name == "UTC" => format!(":{local}Z"),
        Some(zone) => format!(";TZID=\"{}\":{local}", zone.name),
    }
}

/// `20261124T100000`.
pub(in crate::caldav) fn local(local: civil::DateTime) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// How long something takes, as it ends: by the clock of its start where that says all, or `DURATION` with what it takes whatever the
/// clock does. Nothing has both parts of a day on the clock and the like.
fn end(start: &Moment, length: Length) -> Result<String, String> {
    match length.exact.is_zero() {
        true => Ok(moment(&Moment {
            local: later(start.local, length.on_clock),
            ..start.clone()
        })),
        false => {
            let days = length.on_clock.as_secs() / 86_400;
            Err(format!("P{days}DT{}S", length.exact.as_secs()))
        }
    }
}
