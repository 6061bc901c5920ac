//! What has to be done there so that a booking says what an appointment says.

use jiff::Timestamp;

use super::booking::Booking;

/// The next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is so already.
    Nothing,
    Make,
    /// Moves a booking, which gets another uid by that.
    Move {
        uid: String,
    },
    Cancel {
        uid: String,
    },
}

/// The step from what was found there to an appointment that begins at this moment, or that is not to be there.
pub fn next(found: Option<&Booking>, wanted: Option<Timestamp>) -> Step {
    let found = found.filter(|booking| booking.is_live());
    match (found, wanted) {
        (None, None) => Step::Nothing,
        (None, Some(_)) => Step::Make,
        (Some(booking), None) => Step::Cancel {
            uid: booking.uid.clone(),
        },
        (Some(booking), Some(start)) if booking.start == Some(start) => Step::Nothing,
        (Some(booking), Some(_)) => Step::Move {
            uid: booking.uid.clone(),
        },
    }
}

/// The booking that stands for an entry of ours among those that are there, if one takes its time. Of several, which requests
/// whose answers were lost may have left, always the same one.
pub fn of_entry<'a>(bookings: &'a [Booking], entry: &str) -> Option<&'a Booking> {
    let own = bookings
        .iter()
        .filter(|booking| booking.is_live() && booking.entry() == Some(entry));
    own.max_by(|one, other| one.uid.cmp(&other.uid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calcom::booking::metadata;

    const ENTRY: &str = "event-types/50//janji-7.ics";

    fn at(hour: i8) -> Timestamp {
        format!("2026-12-07T{hour:02}:00:00Z").parse().unwrap()
    }

    fn booking(uid: &str, status: &str, start: Timestamp) -> Booking {
        Booking {
            uid: uid.to_owned(),
            status: status.to_owned(),
            start: Some(start),
            event_type_id: 50,
            metadata: Some(metadata(ENTRY, 2)),
            ..Booking::default()
        }
    }

    #[test]
    fn one_step_leads_from_what_is_there_to_what_should_be() {
        let (live, over) = (booking("a", "accepted", at(2)), booking("b", "cancelled", at(2)));
        let uid = || "a".to_owned();
        for (found, wanted, expected) in [
            (None, None, Step::Nothing),
            (None, Some(at(2)), Step::Make),
            (Some(&over), Some(at(2)), Step::Make),
            (Some(&over), None, Step::Nothing),
            (Some(&live), Some(at(2)), Step::Nothing),
            (Some(&live), Some(at(3)), Step::Move { uid: uid() }),
            (Some(&live), None, Step::Cancel { uid: uid() }),
        ] {
            assert_eq!(next(found, wanted), expected, "{found:?} {wanted:?}");
        }
    }

    #[test]
    fn the_booking_of_an_entry_is_the_one_that_takes_its_time() {
        let all = [
            booking("a", "cancelled", at(2)),
            booking("b", "accepted", at(3)),
            booking("c", "cancelled", at(4)),
        ];
        let uid = |all: &[Booking]| of_entry(all, ENTRY).map(|booking| booking.uid.clone());
        assert_eq!(uid(&all).as_deref(), Some("b"));
        assert_eq!(uid(&all[..1]), None);
        assert_eq!(of_entry(&all, "event-types/50//janji-8.ics"), None);
    }
}
