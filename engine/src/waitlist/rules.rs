//! What the waitlist goes by: pure rules, in the clinic's zone.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::{local_date, plus_minutes, wall_time};

/// Number of entries that a patient may have at once.
pub const MAX_ENTRIES: i64 = 10;
/// Number of offers of one time that may lapse before it is everybody's.
pub const MAX_LAPSES_OF_TIME: i64 = 3;
/// Number of offers that somebody may leave without an answer before they are taken off the list.
pub const MAX_LAPSES_OF_ENTRY: i32 = 3;
/// Number of patients who are told of a time that is everybody's.
pub(super) const MOST_TOLD: usize = 5;
/// Number of patients who are told of a time that was passed on since they have an appointment then.
pub(super) const MOST_SKIPPED: i64 = 5;

/// Minutes before the start, above which an offer stands long, and below which nothing is kept for anybody.
const FAR_MINUTES: i64 = 24 * 60;
const NEAR_MINUTES: i64 = 4 * 60;
/// Minutes for which an offer stands.
const LONG_MINUTES: i64 = 30;
const SHORT_MINUTES: i64 = 15;
/// The hours in which people are asked, in minutes after midnight.
const FROM_MINUTE: i32 = 8 * 60;
const UNTIL_MINUTE: i32 = 20 * 60;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$item_about:meta])* $item:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$item_about])* #[serde(rename = $word)] $item,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$item,)+];

            /// The word in the database and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.as_str() == word)
            }
        }
    };
}

words! {
    /// The state of an entry.
    EntryState {
        Waiting = "waiting",
        /// A time is kept for the patient, who has not answered yet.
        Offered = "offered",
        /// A time was booked.
        Accepted = "accepted",
        /// It is over without a booking.
        Ended = "ended",
    }
}

impl EntryState {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Offered)
    }
}

words! {
    /// Why an entry ended without a booking.
    EndedBecause {
        /// The patient does not want to wait any more, or the desk took them off.
        Left = "left",
        /// The last day that was wished for is over.
        DatesOver = "dates_over",
        /// The appointment that was to be moved is over, cancelled, or sooner than any offer could be.
        AppointmentOver = "appointment_over",
        /// So many offers had no answer.
        Unanswered = "unanswered",
        /// Seats of the session were offered, and the patient does not want them any more.
        Declined = "declined",
        /// The session in which seats were waited for does not take place.
        SessionCancelled = "session_cancelled",
    }
}

words! {
    /// The state of an offer.
    OfferState {
        /// The time is kept until the end of the offer.
        Offered = "offered",
        Accepted = "accepted",
        Declined = "declined",
        /// It ran out without an answer.
        Lapsed = "lapsed",
        /// The patient left the list, or what it was about is gone.
        Withdrawn = "withdrawn",
        /// Nothing was kept: the patient was told of a time that is everybody's.
        Told = "told",
        /// The patient was passed over for an appointment at that time, and told.
        Skipped = "skipped",
        /// The session in which seats are waited for moved to that time, and the patient was told.
        Moved = "moved",
        /// The session does not take place, and the patient was told.
        CalledOff = "called_off",
    }
}

words! {
    /// How a time came to be offered.
    Why {
        /// Somebody gave it up, or lost it.
        Freed = "freed",
        /// A closed day was opened, or a plan widened.
        Opened = "opened",
        /// The staff chose whom it is offered to.
        ByHand = "by_hand",
    }
}

/// Days of the week: Monday is 1, Tuesday 2, Wednesday 4 and so on, added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekdays(pub i16);

impl Weekdays {
    pub const ALL: Self = Self(127);

    /// The bit of a weekday.
    pub fn bit(weekday: civil::Weekday) -> i16 {
        1 << weekday.to_monday_zero_offset()
    }

    pub fn has(self, weekday: civil::Weekday) -> bool {
        self.0 & Self::bit(weekday) != 0
    }

    pub fn is_whole(self) -> bool {
        self.0 == Self::ALL.0
    }
}

/// Parts of the day by its start: until noon is 1, until five in the afternoon 2, the evening 4, added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayParts(pub i16);

impl DayParts {
    pub const ALL: Self = Self(7);
    pub const MORNING: Self = Self(1);
    pub const AFTERNOON: Self = Self(2);
    pub const EVENING: Self = Self(4);

    /// The bit of a time of the day.
    pub fn bit(at: civil::DateTime) -> i16 {
        match at.hour() {
            ..12 => Self::MORNING.0,
            12..17 => Self::AFTERNOON.0,
            _ => Self::EVENING.0,
        }
    }

    pub fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }

    pub fn is_whole(self) -> bool {
        self.0 == Self::ALL.0
    }
}

/// Seats of a group session, all of them or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub group_id: i64,
    pub seats: i32,
}

/// What somebody who waits wishes for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    pub service_id: i64,
    /// `None` for whichever doctor, or clinic.
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    pub weekdays: Weekdays,
    pub day_parts: DayParts,
    /// The shortest time before the start at which an offer is still of use, in minutes.
    pub notice_minutes: i32,
}

/// What becomes of a time that came free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is kept for the next one until then.
    Kept(Timestamp),
    /// It is everybody's, and some who wait are told of it then.
    Everybodys { told_at: Timestamp },
}

/// What becomes of a time that came free, which so many have let lapse: it is kept for half an hour where it is more than a
/// day away, for a quarter of an hour down to four hours. Nearer than that, after three who did not answer, and at night, it
/// is everybody's.
pub fn standing(starts_at: Timestamp, lapses: i64, zone: &TimeZone, now: Timestamp) -> Standing {
    let ahead = (starts_at.as_second() - now.as_second()) / 60;
    let told_at = next_waking(now, zone);
    if told_at > now || ahead < NEAR_MINUTES || lapses >= MAX_LAPSES_OF_TIME {
        return Standing::Everybodys { told_at };
    }
    let minutes = match ahead > FAR_MINUTES {
        true => LONG_MINUTES,
        false => SHORT_MINUTES,
    };
    Standing::Kept(plus_minutes(now, minutes))
}

/// The end of an offer that the staff make: as long as any, also where a rule would keep nothing, from the moment at which the
/// patient may be asked, but not beyond the start.
pub(super) fn kept_by_hand(starts_at: Timestamp, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let asked_at = next_waking(now, zone);
    let ahead = (starts_at.as_second() - asked_at.as_second()) / 60;
    let minutes = match ahead > FAR_MINUTES {
        true => LONG_MINUTES,
        false => SHORT_MINUTES,
    };
    plus_minutes(asked_at, minutes).min(starts_at)
}

/// The next moment from this one on at which people may be asked.
fn next_waking(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let (local, date) = (wall_time(at, zone), local_date(at, zone));
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let morning = |date| crate::time::first_instant(date, FROM_MINUTE, zone).unwrap_or(at);
    match minute {
        ..FROM_MINUTE => morning(date),
        FROM_MINUTE..UNTIL_MINUTE => at,
        _ => date.tomorrow().map_or(at, morning),
    }
}

/// The range in which a place on the list lies, counted from 1: nobody learns how many exactly are before them.
pub fn range_of_place(place: i64) -> (i64, Option<i64>) {
    match place {
        ..=3 => (1, Some(3)),
        4..=10 => (4, Some(10)),
        11..=25 => (11, Some(25)),
        _ => (26, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_offer_stands_by_how_far_ahead_its_time_is() {
        let now = at("2026-11-24T10:00:00Z");
        for (minutes_ahead, lapses, kept) in [
            (24 * 60 + 1, 0, Some(30)),
            (24 * 60, 0, Some(15)),
            (4 * 60, 0, Some(15)),
            (4 * 60 - 1, 0, None),
            (48 * 60, 2, Some(30)),
            (48 * 60, 3, None),
        ] {
            let starts_at = plus_minutes(now, minutes_ahead);
            let expected = match kept {
                Some(minutes) => Standing::Kept(plus_minutes(now, minutes)),
                None => Standing::Everybodys { told_at: now },
            };
            let stands = standing(starts_at, lapses, &TimeZone::UTC, now);
            assert_eq!(stands, expected, "{minutes_ahead} {lapses}");
        }
    }

    #[test]
    fn nobody_is_asked_at_night() {
        let jakarta = zone("Asia/Jakarta").unwrap();
        for (now, told_at) in [
            // 20:00 there.
            ("2026-11-24T13:00:00Z", "2026-11-25T01:00:00Z"),
            // 07:59 there.
            ("2026-11-25T00:59:00Z", "2026-11-25T01:00:00Z"),
        ] {
            let stands = standing(at("2026-11-29T03:00:00Z"), 0, &jakarta, at(now));
            assert_eq!(stands, Standing::Everybodys { told_at: at(told_at) });
        }
        let day = standing(
            at("2026-11-29T03:00:00Z"),
            0,
            &jakarta,
            at("2026-11-25T01:00:00Z"),
        );
        assert_eq!(day, Standing::Kept(at("2026-11-25T01:30:00Z")));
    }

    #[test]
    fn what_is_offered_by_hand_at_night_is_kept_until_somebody_may_be_asked() {
        let jakarta = zone("Asia/Jakarta").unwrap();
        // 23:00 there.
        let now = at("2026-11-24T16:00:00Z");
        for (starts_at, until) in [
            ("2026-11-27T03:00:00Z", "2026-11-25T01:30:00Z"),
            ("2026-11-25T03:00:00Z", "2026-11-25T01:15:00Z"),
            ("2026-11-25T00:30:00Z", "2026-11-25T00:30:00Z"),
        ] {
            assert_eq!(kept_by_hand(at(starts_at), &jakarta, now), at(until));
        }
    }

    #[test]
    fn a_place_is_told_as_a_range() {
        assert_eq!(range_of_place(1), (1, Some(3)));
        assert_eq!(range_of_place(4), (4, Some(10)));
        assert_eq!(range_of_place(900), (26, None));
    }

    #[test]
    fn days_and_parts_of_the_day_are_bits() {
        assert_eq!(Weekdays::bit(civil::Weekday::Monday), 1);
        assert_eq!(Weekdays::bit(civil::Weekday::Sunday), 64);
        for (hour, part) in [(0, 1), (11, 1), (12, 2), (16, 2), (17, 4), (23, 4)] {
            assert_eq!(DayParts::bit(civil::date(2026, 11, 24).at(hour, 30, 0, 0)), part);
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in OfferState::ALL {
            assert_eq!(OfferState::parse(state.as_str()), Some(*state));
        }
        assert_eq!(EntryState::parse("gone"), None);
    }
}
