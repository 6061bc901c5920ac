//! The lock order: the one place that says what a transaction may wait for while it holds something else.

use std::cell::Cell;

/// The kinds of locks, in the order in which every transaction takes them; within a kind, by id.
///
/// A transaction that holds a lock only waits for one of the same kind or of a later one. So no two transactions wait
/// for each other in a circle, whatever they do: PostgreSQL never has to look for a deadlock, which costs a second and
/// ends one of them. [`locking`](super::locking) asserts the order in tests and in every other build with debug
/// assertions. A part of a transaction that may start over says so and why: see [`Tx::new_part`](super::Tx::new_part).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// The row of the workers' rounds, where two workers meet.
    WorkerRounds,
    /// The key of a request that may be sent twice, where a twin of the request waits.
    IdempotencyKey,
    /// The call of a phone agent for which something is done.
    PhoneCall,
    /// The row that counts how often something was asked for.
    RateLimit,
    /// The turns of the doctors of a service: who does not mind which one it is waits until the one before has one.
    Turns,
    /// The browser of a visitor who chooses a time.
    Visitor,
    /// The services, then the clinics: `for no key update` by an admin who describes one, `for share` by one who lets a
    /// doctor offer them.
    Organisation,
    /// The account of a member of staff whose tokens are counted.
    Account,
    /// Doctors: `for share` by a booking, `for no key update` by a change of when or for what they can be booked.
    Doctor,
    /// The hours of doctors' calendars, by doctor and hour.
    CalendarHours,
    /// The stays that take or give back rooms, all of a transaction at once.
    Stays,
    /// Kinds of rooms: `for share` by who takes rooms, `for no key update` by a change of how many there are.
    RoomTypes,
    /// The nights of rooms, by kind and date.
    RoomNights,
    /// The sessions of groups, by id: `for no key update` by whoever takes seats, changes or cancels one.
    Groups,
    /// The patient who is booked, or whose tokens are counted.
    Patient,
    Appointments,
    /// The thread of a text consultation, or the room of one by video.
    Consultation,
    /// A token of a program or of a browser.
    Token,
    /// The address of somebody's calendar.
    CalendarFeed,
    /// Those who wait for a time, by id. It comes late, since a time is offered when everything else is done.
    Waitlist,
    /// A webhook, by whoever changes it, posts to it, or writes down what became of that.
    Webhooks,
    /// A doctor's account at a server of calendars, by whoever changes it, works on it, or writes down what became of that.
    CalendarAccounts,
}

impl Lock {
    pub(super) const ALL: [Self; 22] = [
        Self::WorkerRounds,
        Self::IdempotencyKey,
        Self::PhoneCall,
        Self::RateLimit,
        Self::Turns,
        Self::Visitor,
        Self::Organisation,
        Self::Account,
        Self::Doctor,
        Self::CalendarHours,
        Self::Stays,
        Self::RoomTypes,
        Self::RoomNights,
        Self::Groups,
        Self::Patient,
        Self::Appointments,
        Self::Consultation,
        Self::Token,
        Self::CalendarFeed,
        Self::Waitlist,
        Self::Webhooks,
        Self::CalendarAccounts,
    ];

    /// The name in metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WorkerRounds => "worker_rounds",
            Self::IdempotencyKey => "idempotency_key",
            Self::PhoneCall => "phone_call",
            Self::RateLimit => "rate_limit",
            Self::Turns => "turns",
            Self::Visitor => "visitor",
            Self::Organisation => "organisation",
            Self::Account => "account",
            Self::Doctor => "doctor",
            Self::CalendarHours => "calendar_hours",
            Self::Stays => "stays",
            Self::RoomTypes => "room_types",
            Self::RoomNights => "room_nights",
            Self::Groups => "groups",
            Self::Patient => "patient",
            Self::Appointments => "appointments",
            Self::Consultation => "consultation",
            Self::Token => "token",
            Self::CalendarFeed => "calendar_feed",
            Self::Waitlist => "waitlist",
            Self::Webhooks => "webhooks",
            Self::CalendarAccounts => "calendar_accounts",
        }
    }
}

/// The latest kind of lock that an attempt has asked for.
#[derive(Debug, Default)]
pub(super) struct Progress(Cell<Option<Lock>>);

impl Progress {
    /// Goes on to this kind.
    ///
    /// # Panics
    /// In builds with debug assertions, where the kind comes before one that was taken already.
    pub fn advance(&self, lock: Lock) {
        let latest = self.0.get();
        debug_assert!(
            latest.is_none_or(|latest| latest <= lock),
            "a lock out of order: {lock:?} after {latest:?}"
        );
        self.0.set(latest.max(Some(lock)));
    }

    /// Starts over with the first kind.
    pub fn restart(&self) {
        self.0.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_are_listed_in_their_order() {
        assert!(Lock::ALL.is_sorted());
    }

    #[test]
    fn kinds_can_be_taken_in_their_order_and_more_than_once() {
        let progress = Progress::default();
        for lock in Lock::ALL {
            progress.advance(lock);
            progress.advance(lock);
        }
    }

    #[test]
    #[should_panic(expected = "a lock out of order: Doctor after Some(Patient)")]
    fn an_earlier_kind_cannot_be_taken_after_a_later_one() {
        let progress = Progress::default();
        progress.advance(Lock::Patient);
        progress.advance(Lock::Doctor);
    }

    #[test]
    fn a_new_part_starts_over() {
        let progress = Progress::default();
        progress.advance(Lock::Patient);
        progress.restart();
        progress.advance(Lock::Doctor);
    }
}
