//! Rooms that somebody wants for some nights.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A number of rooms of a kind for the nights of `[arrival, departure)`: numbers and dates only, so that an error can carry it
/// in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedRooms {
    pub room_type_id: i64,
    pub arrival: Date,
    /// The night of this date is not one of them.
    pub departure: Date,
    pub rooms: i32,
}

impl WantedRooms {
    /// The number of nights; none or fewer where it ends before it begins.
    pub fn nights(self) -> i32 {
        nights_between(self.arrival, self.departure)
    }

    /// Every night, in order.
    pub fn each_night(self) -> impl Iterator<Item = Date> {
        nights(self.arrival, self.departure)
    }
}

/// Counts the nights of `[arrival, departure)`. Dates have no clock: a day of 23 or 25 hours is a night like any other.
pub(super) fn nights_between(arrival: Date, departure: Date) -> i32 {
    (departure - arrival).get_days()
}

/// Lists the nights of `[arrival, departure)`.
pub(super) fn nights(arrival: Date, departure: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(arrival), |date| date.tomorrow().ok())
        .take_while(move |date| *date < departure)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn nights_are_counted_across_months_leap_days_and_changes_of_the_clock() {
        for (arrival, departure, count) in [
            (date(2027, 12, 31), date(2028, 1, 1), 1),
            (date(2028, 2, 28), date(2028, 3, 1), 2),
            (date(2027, 2, 28), date(2027, 3, 1), 1),
            // Berlin puts its clocks forward on 28 March 2027, and back on 31 October 2027.
            (date(2027, 3, 27), date(2027, 3, 29), 2),
            (date(2027, 10, 30), date(2027, 11, 1), 2),
            (date(2027, 1, 1), date(2027, 4, 1), 90),
            (date(2027, 1, 2), date(2027, 1, 2), 0),
            (date(2027, 1, 2), date(2027, 1, 1), -1),
        ] {
            let wanted = WantedRooms {
                room_type_id: 1,
                arrival,
                departure,
                rooms: 1,
            };
            assert_eq!(wanted.nights(), count, "{arrival} {departure}");
            let each: Vec<Date> = wanted.each_night().collect();
            assert_eq!(i32::try_from(each.len()).unwrap(), count.max(0));
            assert!(each.iter().all(|night| (arrival..departure).contains(night)));
        }
    }
}
