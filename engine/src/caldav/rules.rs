//! The states of accounts, what can be wrong with one, and when it is tried again.

use jiff::{SignedDuration, Timestamp};

/// The kind of a server of calendars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    CalDav,
    CalCom,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::CalDav, Self::CalCom];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalDav => "caldav",
            Self::CalCom => "calcom",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What becomes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has said yet which calendars are meant.
    Choosing,
    Active,
    /// Its server lets us in no more: what happens is kept for it.
    Paused,
    /// It is unlinked: what we wrote there is taken out, and then it is no more.
    Ending,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Choosing, Self::Active, Self::Paused, Self::Ending];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Choosing => "choosing",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ending => "ending",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Why something failed at a server of calendars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Unreachable,
    TimedOut,
    /// The name, or where it leads on to, is of no use to the public.
    PrivateAddress,
    /// User and password are not known there.
    Unauthorized,
    /// It asks to be left alone for some time.
    Busy,
    /// There is no server of calendars, or the calendar is gone.
    NotFound,
    /// It answered with an error.
    Refused,
    /// Its answer cannot be understood.
    Unreadable,
    /// Its answer is longer than what is read.
    TooLong,
    /// The password cannot be opened on this server.
    Sealed,
}

impl Trouble {
    pub const ALL: [Self; 10] = [
        Self::Unreachable,
        Self::TimedOut,
        Self::PrivateAddress,
        Self::Unauthorized,
        Self::Busy,
        Self::NotFound,
        Self::Refused,
        Self::Unreadable,
        Self::TooLong,
        Self::Sealed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::PrivateAddress => "private_address",
            Self::Unauthorized => "unauthorized",
            Self::Busy => "busy",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
            Self::Sealed => "sealed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == word)
    }

    /// Whether whatever is tried next there would fail as well.
    pub fn is_of_the_account(self) -> bool {
        match self {
            Self::Unreachable
            | Self::TimedOut
            | Self::PrivateAddress
            | Self::Unauthorized
            | Self::Busy
            | Self::Sealed => true,
            Self::NotFound | Self::Refused | Self::Unreadable | Self::TooLong => false,
        }
    }
}

/// What a doctor is asked or told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// An appointment was deleted there: it is asked what becomes of it.
    Deleted,
    /// An appointment was moved there, and here with it.
    Moved,
    /// An appointment was moved there and cannot be: it was moved back.
    Refused,
}

impl Question {
    pub const ALL: [Self; 3] = [Self::Deleted, Self::Moved, Self::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Moved => "moved",
            Self::Refused => "refused",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.as_str() == word)
    }
}

/// What a doctor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The appointment stays, and is written again.
    Keep,
    /// It is called off, and its patient is told.
    Cancel,
    /// It was only to be read.
    Read,
}

impl Answer {
    pub const ALL: [Self; 3] = [Self::Keep, Self::Cancel, Self::Read];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Cancel => "cancel",
            Self::Read => "read",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }

    /// Whether it is an answer to this.
    pub fn suits(self, question: Question) -> bool {
        match question {
            Question::Deleted => matches!(self, Self::Keep | Self::Cancel),
            Question::Moved | Question::Refused => self == Self::Read,
        }
    }
}

/// The seconds for which an account, or a job, is left alone after the first failure, the second and so on; then always the last.
const RESTS: [i64; 6] = [5, 30, 2 * 60, 10 * 60, 30 * 60, 3600];

/// The longest time for which a server is left alone because it asked for that, in seconds.
const LONGEST_WAIT: i64 = 24 * 3600;

/// The failures in a row by a password after which it is not tried again: servers lock out who goes on.
pub(super) const MOST_REFUSALS: i32 = 3;

/// The hours for which it is tried to take out what we wrote to an account that is unlinked.
pub(super) const UNLINK_HOURS: i64 = 72;

/// The attempts at taking out one entry of an account that is unlinked, after which it stays there: by [`RESTS`], the same time.
pub(super) const UNLINK_ATTEMPTS: i32 = 75;

/// Until when something is left alone after so many failures in a row, of which the last one asked for `wait`.
pub fn rest(failures: i32, wait: Option<SignedDuration>, now: Timestamp) -> Timestamp {
    let before = usize::try_from(failures - 1).unwrap_or_default();
    let own = RESTS[before.min(RESTS.len() - 1)];
    let asked = wait.map_or(0, |wait| wait.as_secs()).min(LONGEST_WAIT);
    now.saturating_add(SignedDuration::from_secs(own.max(asked)))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_fails_is_left_alone_for_an_hour_at_most_unless_it_asks_for_more() {
        let seconds = |failures, wait: Option<i64>| {
            rest(
                failures,
                wait.map(SignedDuration::from_secs),
                Timestamp::UNIX_EPOCH,
            )
            .as_second()
        };
        assert_eq!(
            [1, 2, 3, 100].map(|failures| seconds(failures, None)),
            [5, 30, 120, 3600]
        );
        assert_eq!(seconds(1, Some(60)), 60);
        assert_eq!(seconds(100, Some(60)), 3600);
        assert_eq!(seconds(1, Some(i64::MAX)), 24 * 3600);
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        assert!(
            Kind::ALL
                .into_iter()
                .all(|kind| Kind::parse(kind.as_str()) == Some(kind))
        );
        assert!(
            State::ALL
                .into_iter()
                .all(|state| State::parse(state.as_str()) == Some(state))
        );
        assert!((Trouble::ALL.into_iter()).all(|trouble| Trouble::parse(trouble.as_str()) == Some(trouble)));
        assert!((Question::ALL.into_iter()).all(|one| Question::parse(one.as_str()) == Some(one)));
        assert!(
            Answer::ALL
                .into_iter()
                .all(|answer| Answer::parse(answer.as_str()) == Some(answer))
        );
    }

    #[test]
    fn what_was_deleted_is_decided_and_the_rest_is_read() {
        assert!(Answer::Keep.suits(Question::Deleted) && Answer::Cancel.suits(Question::Deleted));
        assert!(!Answer::Read.suits(Question::Deleted));
        assert!(Answer::Read.suits(Question::Refused) && !Answer::Cancel.suits(Question::Moved));
    }
}
