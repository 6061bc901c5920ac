//! The states of webhooks and of what they are told, and when an attempt is made again.

use jiff::{SignedDuration, Timestamp};

/// What becomes of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// What happens is kept for it and not posted.
    Paused,
    /// For good.
    Ended,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Ended];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Why a webhook is not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    ByHand,
    /// Nothing arrived there for three days.
    Failing,
    /// The address answered that it is gone for good (410).
    Gone,
    Deleted,
}

impl Because {
    pub const ALL: [Self; 4] = [Self::ByHand, Self::Failing, Self::Gone, Self::Deleted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Deleted => "deleted",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|because| because.as_str() == word)
    }
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    Due,
    Delivered,
    /// Given up.
    Failed,
    /// Of a webhook that ended before it was posted.
    Dropped,
}

impl DeliveryState {
    pub const ALL: [Self; 4] = [Self::Due, Self::Delivered, Self::Failed, Self::Dropped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Unreachable,
    TimedOut,
    /// The name leads to an address that is of no use to the public.
    PrivateAddress,
    /// It answered with another address, which nobody follows.
    Redirected,
    /// It answered with an error.
    Refused,
    Gone,
    /// Its secret cannot be opened on this server.
    Sealed,
}

impl Trouble {
    pub const ALL: [Self; 7] = [
        Self::Unreachable,
        Self::TimedOut,
        Self::PrivateAddress,
        Self::Redirected,
        Self::Refused,
        Self::Gone,
        Self::Sealed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::PrivateAddress => "private_address",
            Self::Redirected => "redirected",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Sealed => "sealed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == word)
    }

    /// What an answer with this status means; none where all is well.
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            200..300 => None,
            300..400 => Some(Self::Redirected),
            410 => Some(Self::Gone),
            _ => Some(Self::Refused),
        }
    }
}

/// The seconds until the next attempt, after the first, the second and so on; then always the last.
const PAUSES: [i64; 7] = [5, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600];

/// The hours after its first attempt for which a delivery is tried.
pub const GIVE_UP_HOURS: i64 = 72;

/// The seconds for which a webhook is left alone after so many failures in a row, so that what waits for it is not all tried
/// in vain.
const RESTS: [i64; 4] = [5, 30, 60, 5 * 60];

fn in_steps(steps: &[i64], count: i32) -> i64 {
    let before = usize::try_from(count - 1).unwrap_or_default();
    steps[before.min(steps.len() - 1)]
}

/// When a delivery is tried again after this many attempts, of which the first was at `first`; none where it is given up. The
/// last attempt is at the very end of that time.
pub fn next_attempt(attempts: i32, first: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let end = first
        .checked_add(SignedDuration::from_hours(GIVE_UP_HOURS))
        .ok()?;
    let next = now
        .checked_add(SignedDuration::from_secs(in_steps(&PAUSES, attempts)))
        .ok()?;
    (now < end).then_some(next.min(end))
}

/// Until when a webhook is left alone after so many failures in a row.
pub fn rest(failures: i32, now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(in_steps(&RESTS, failures)))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_further_and_further_apart_and_end_after_three_days() {
        let first = Timestamp::UNIX_EPOCH;
        let (mut now, mut attempts, mut seconds) = (first, 1, Vec::new());
        while let Some(next) = next_attempt(attempts, first, now) {
            seconds.push(next.duration_since(now).as_secs());
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!(seconds[..8], [5, 60, 300, 1800, 7200, 21600, 43200, 43200]);
        assert_eq!(now.as_second(), GIVE_UP_HOURS * 3600);
        assert_eq!(seconds.len(), 12);
    }

    #[test]
    fn a_webhook_that_fails_is_left_alone_for_five_minutes_at_most() {
        let seconds = |failures| rest(failures, Timestamp::UNIX_EPOCH).as_second();
        assert_eq!([1, 2, 3, 4, 100].map(seconds), [5, 30, 60, 300, 300]);
    }

    #[test]
    fn a_status_means_one_thing() {
        for (status, expected) in [
            (200, None),
            (204, None),
            (301, Some(Trouble::Redirected)),
            (404, Some(Trouble::Refused)),
            (410, Some(Trouble::Gone)),
            (503, Some(Trouble::Refused)),
        ] {
            assert_eq!(Trouble::of_status(status), expected, "{status}");
        }
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        for because in Because::ALL {
            assert_eq!(Because::parse(because.as_str()), Some(because));
        }
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
        }
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::parse(trouble.as_str()), Some(trouble));
        }
    }
}
