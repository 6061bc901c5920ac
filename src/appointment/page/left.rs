//! How long there is still time for something, and how long somebody has been waiting.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::ui::icon;
use engine::i18n::Texts;

/// How long there still is for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Minutes(i64),
    HoursAndMinutes(i64, i64),
    Hours(i64),
    Days(i64),
}

impl Left {
    /// As exact as it helps: the nearer the end, the more.
    pub(super) fn until(end: Timestamp, now: Timestamp) -> Self {
        let seconds = end.duration_since(now).as_secs().max(0);
        // A minute that has begun is still there.
        let minutes = (seconds + 59) / 60;
        match minutes {
            0..60 => Self::Minutes(minutes),
            60..600 => Self::HoursAndMinutes(minutes / 60, minutes % 60),
            600..2880 => Self::Hours(minutes / 60),
            _ => Self::Days(minutes / 1440),
        }
    }
}

pub(super) fn left(left: Left, texts: Texts) -> impl IntoView {
    let class = if matches!(left, Left::Minutes(_)) {
        "left soon"
    } else {
        "left"
    };
    let text = match left {
        Left::Minutes(minutes) => texts.with("left-minutes", &[("minutes", minutes.into())]),
        Left::HoursAndMinutes(hours, minutes) => texts.with(
            "left-hours-minutes",
            &[("hours", hours.into()), ("minutes", minutes.into())],
        ),
        Left::Hours(hours) => texts.with("left-hours", &[("hours", hours.into())]),
        Left::Days(days) => texts.with("left-days", &[("days", days.into())]),
    };
    view! { <span class=class>{icon("hourglass")} " " {text}</span> }
}

/// For how long somebody has been waiting since then: the longer, the less exact.
pub fn waited(since: Timestamp, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let minutes = now.duration_since(since).as_mins().max(0);
    let text = match minutes {
        0..60 => texts.with("waited-minutes", &[("minutes", minutes.into())]),
        60..2880 => texts.with("waited-hours", &[("hours", (minutes / 60).into())]),
        _ => texts.with("waited-days", &[("days", (minutes / 1440).into())]),
    };
    view! { <span class="waited">{text}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::time::plus_minutes;

    #[test]
    fn the_time_left_is_told_as_exactly_as_it_helps() {
        let now = Timestamp::UNIX_EPOCH;
        for (minutes, expected) in [
            (-5, Left::Minutes(0)),
            (40, Left::Minutes(40)),
            (60, Left::HoursAndMinutes(1, 0)),
            (125, Left::HoursAndMinutes(2, 5)),
            (21 * 60 + 30, Left::Hours(21)),
            (24 * 60, Left::Hours(24)),
            (3 * 24 * 60, Left::Days(3)),
        ] {
            assert_eq!(
                Left::until(plus_minutes(now, minutes), now),
                expected,
                "{minutes}"
            );
        }
        let half_a_minute = now + jiff::SignedDuration::from_secs(30);
        assert_eq!(Left::until(half_a_minute, now), Left::Minutes(1));
    }
}
