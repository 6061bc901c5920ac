//! The hours of a doctor at a clinic, as the calendar of bookings reads them.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};

use super::DAYS;
use crate::{
    availability::{DayPlan, Horizon, Hours, Off, Plan, ServiceRules, TimeOff, Weekly},
    demo::people::{self, Place, Service},
};

pub(super) fn rules(service: &Service) -> ServiceRules {
    ServiceRules {
        duration: service.duration.into(),
        buffer_before: 0,
        buffer_after: service.buffer_after.into(),
        interval: service.interval,
        notice: 0,
        horizon: Horizon::CalendarDays(3 * DAYS),
    }
}

pub(super) fn week(place: &Place, now: Timestamp) -> Plan {
    let hours = |ranges: &[(i32, i32)]| -> Vec<Hours> {
        ranges
            .iter()
            .map(|&(from_minute, until_minute)| Hours {
                from_minute,
                until_minute,
            })
            .collect()
    };
    let weekly = |week: people::Week, is_break: bool| {
        week.iter().flat_map(move |&(weekdays, ranges)| {
            weekdays
                .iter()
                .filter_map(|&weekday| {
                    civil::Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()
                })
                .flat_map(move |weekday| {
                    hours(ranges).into_iter().map(move |hours| Weekly {
                        weekday,
                        hours,
                        is_break,
                        valid_from: None,
                        valid_until: None,
                    })
                })
        })
    };
    Plan {
        weekly: weekly(place.week, false)
            .chain(weekly(place.breaks, true))
            .collect(),
        exceptions: place
            .exceptions
            .iter()
            .map(|exception| {
                (
                    people::day(now, place.clinic, exception.in_days),
                    DayPlan {
                        hours: hours(exception.hours),
                        breaks: Vec::new(),
                    },
                )
            })
            .collect::<BTreeMap<_, _>>(),
        time_off: vec![TimeOff {
            kind: Off::Closure,
            first_day: people::CLOSURE.0,
            last_day: people::CLOSURE.0,
            hours: None,
            yearly: true,
        }],
    }
}
