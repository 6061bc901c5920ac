//! Payments for appointments, seats and rooms: before they are booked, at the desk, and back again.
//!
//! A patient *starts* to pay for what they hold: the hold lasts until the provider's page ends. The page is *opened* outside
//! of every transaction. What became of it is *settled* in one place, whoever says so: a signed event of the provider, or
//! its answer to our own question. It books the time, also one whose hold ran out while it is still free; else the money goes
//! back. What a worker has to do outside is *due work*, and its result *done work*.
//!
//! Whoever changes a payment has locked its appointment or its stay ([`Subject`]): a payment has no lock of its own.
//!
//! A visit of several appointments is paid on one page. Each of those that are paid first has a payment of its own, its *share*; the first
//! of them has the page. They are paid, fail and end together, with all of the visit locked; each goes back by itself.

mod accept;
pub mod board;
mod book;
mod book_rooms;
mod book_visit;
mod by_hand;
mod fewer;
pub mod integrity;
mod listen;
mod moved;
mod opened;
mod page;
mod pay_back;
mod read;
mod receipt;
mod refund;
mod row;
mod settle;
mod shares;
mod start;
mod start_rooms;
mod start_seats;
mod start_visit;
mod subject;
mod take_at_desk;
pub mod terms;
mod tidy;
mod work;

use jiff::Timestamp;

pub use self::{
    by_hand::{RefundByHand, refund_by_hand, see_to},
    listen::listen,
    opened::{Opening, Way, begin_opening, give_opening_back, not_opened, opened, way},
    pay_back::catch_up,
    read::{Account, DayTotal, RefundView, View, account_of, account_of_payment, day_totals, paid_of},
    receipt::{Receipt, receipt},
    settle::settle,
    start::{GRACE_MINUTES, SESSION_MINUTES, Start, Started, start},
    start_rooms::{StartRooms, start_rooms},
    start_seats::{StartSeats, start_seats},
    start_visit::{StartVisit, start_visit},
    subject::{Subject, SubjectName},
    take_at_desk::{TakeAtDesk, Taken, take_at_desk},
    tidy::tidy,
    work::{done_work, due_work},
};
use crate::{i18n::Locale, money::Price};

/// Where the money comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    Stripe,
    Midtrans,
    /// The one of our own, for the demo and tests.
    Demo,
    /// At the desk.
    Cash,
    /// At the desk, by a card terminal that Janji knows nothing of.
    Terminal,
}

impl Provider {
    pub const ALL: [Self; 5] = [
        Self::Stripe,
        Self::Midtrans,
        Self::Demo,
        Self::Cash,
        Self::Terminal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Midtrans => "midtrans",
            Self::Demo => "demo",
            Self::Cash => "cash",
            Self::Terminal => "terminal",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text)
    }

    /// Whether it is the clinic itself that takes the money.
    pub fn is_desk(self) -> bool {
        matches!(self, Self::Cash | Self::Terminal)
    }
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Somebody wants to pay, and the provider's page is not there yet.
    Created,
    /// The provider's page is there.
    Paying,
    Paid,
    /// It goes back, all of it or what the rule says, and nothing was done for that yet.
    RefundDue,
    Refunding,
    Refunded,
    /// The provider cannot pay it back: somebody has to.
    RefundFailed,
    Failed,
    Expired,
}

impl PaymentState {
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Paying,
        Self::Paid,
        Self::RefundDue,
        Self::Refunding,
        Self::Refunded,
        Self::RefundFailed,
        Self::Failed,
        Self::Expired,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::RefundDue => "refund_due",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::RefundFailed => "refund_failed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the money has come.
    pub fn is_paid(self) -> bool {
        !matches!(self, Self::Created | Self::Paying | Self::Failed | Self::Expired)
    }

    /// Whether it may still be paid on the provider's page.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Paying)
    }
}

/// What became of an amount that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundState {
    Due,
    Refunding,
    Refunded,
    /// The provider cannot do it: somebody has to.
    Failed,
    /// Somebody did.
    ByHand,
}

impl RefundState {
    pub const ALL: [Self; 5] = [
        Self::Due,
        Self::Refunding,
        Self::Refunded,
        Self::Failed,
        Self::ByHand,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::ByHand => "by_hand",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Why an amount goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The time was somebody else's when the money came.
    TooLate,
    /// It was paid for already.
    Twice,
    /// The patient cancelled, and the rule of the appointment says how much.
    Cancelled,
    /// The clinic cancelled or declined it: everything goes back.
    ByClinic,
    /// It was made at the provider, and not here.
    Outside,
    /// What is paid costs less since: a stay has fewer nights. The rest of the payment stands.
    Fewer,
}

impl Why {
    pub const ALL: [Self; 6] = [
        Self::TooLate,
        Self::Twice,
        Self::Cancelled,
        Self::ByClinic,
        Self::Outside,
        Self::Fewer,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLate => "too_late",
            Self::Twice => "twice",
            Self::Cancelled => "cancelled",
            Self::ByClinic => "by_clinic",
            Self::Outside => "outside",
            Self::Fewer => "fewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == text)
    }

    /// Whether the payment has this state because of it: there is one such refund for each payment, and it is of all that
    /// is left.
    pub fn ends_payment(self) -> bool {
        !matches!(self, Self::Outside | Self::Fewer)
    }
}

/// Something that a provider says of a payment, in a signed event or in its answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFact {
    pub provider: Provider,
    /// Our own id of the payment, where the provider gives it back.
    pub payment_id: Option<i64>,
    /// The provider's id of its page.
    pub session: Option<String>,
    /// The provider's id of the payment itself.
    pub provider_payment: Option<String>,
    pub kind: FactKind,
    /// The id of the event, by which it is taken in once; none for an answer to our own question.
    pub event_id: Option<String>,
}

/// What a provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// The money has come, so much of it.
    Paid { amount: Price },
    /// It was tried, and will not come.
    Failed,
    /// The page has ended without it.
    Expired,
    /// An amount went back. `refund` is the provider's id of that; `key` is ours, where the provider gives it back.
    Refunded {
        refund: String,
        key: Option<String>,
        amount: Price,
    },
    /// An amount could not go back.
    RefundFailed { refund: String, key: Option<String> },
    /// Whoever paid has asked their bank for the money. By the provider's id of the dispute.
    Disputed { dispute: String },
    /// The dispute is over; what went back by it is a [`FactKind::Refunded`] of its own.
    DisputeClosed { dispute: String },
}

/// What came of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The time or the rooms are booked by it, or what was booked is paid.
    Booked { subject: Subject },
    /// The money goes back.
    GoesBack,
    /// The amount or the currency is not what was asked for: nothing is booked, and somebody is told.
    WrongAmount,
    /// It changed the payment otherwise.
    Noted,
    /// It was known already, or has been overtaken: nothing changed.
    Known,
    /// There is no such payment here.
    Unknown,
}

/// A page of a provider that is to be opened, outside of every transaction, under the key `janji-{payment_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    pub payment_id: i64,
    pub provider: Provider,
    pub price: Price,
    /// The reference of the appointment or stay: the only thing that the provider is told of it.
    pub reference: String,
    pub locale: Locale,
    pub ends_at: Timestamp,
}

impl NewSession {
    /// The key under which the provider opens the page once.
    pub fn key(&self) -> String {
        format!("janji-{}", self.payment_id)
    }
}

/// A page that a provider has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedSession {
    /// The provider's id of it.
    pub session: String,
    pub url: String,
}

/// A page that a provider is to be asked about, or to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    pub payment_id: i64,
    pub provider: Provider,
    pub session: String,
    /// The address of the page.
    pub url: Option<String>,
    pub price: Price,
    pub ends_at: Timestamp,
}

/// An amount that a provider is to pay back, under this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    pub refund_id: i64,
    pub payment_id: i64,
    pub provider: Provider,
    pub session: String,
    pub provider_payment: Option<String>,
    pub amount: Price,
    pub key: String,
}

/// What a worker has to do outside. It has it for the time of its lease, and says [`Done`] afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// To open a page that was not heard of again. It is the same one, by its key.
    Open(NewSession),
    /// To ask what became of a page.
    Ask(OpenSession),
    /// To end a page, since nobody is to pay there any more.
    Expire(OpenSession),
    Refund(NewRefund),
}

/// What came of a piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Opened(OpenedSession),
    /// The provider said what became of it: the fact is settled first.
    Told(PaymentFact),
    /// The provider said that nothing has become of it yet.
    StillOpen,
    /// The refund is under way; `refund` is the provider's id. An event or the next question says what comes of it.
    RefundUnderWay {
        refund: String,
    },
    Refunded {
        refund: String,
    },
    /// The provider will never do it, as it cannot for some means. A refund is one for the worklist then, and a page that
    /// cannot be opened has failed.
    Refused,
    /// There was no answer, or no sense in it: the same again, under the same key, later.
    Later,
}
