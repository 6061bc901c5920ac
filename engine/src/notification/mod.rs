//! Messages to people outside of the pages (X2).
//!
//! # The outbox
//!
//! What is to be said is a row of the outbox, written in the transaction that makes it true. A worker *claims* rows that are
//! due for some minutes, puts each into words from what is so at that moment, sends it outside of any transaction and writes
//! down what became of it. Codes, and each way out of the house, have a lane of their own: nobody waits behind a provider
//! that hangs.
//!
//! There is exactly one row for each thing to say. Sending is *at least once*: a worker may die between the provider's answer
//! and the note of it, and another one sends the message again, under the same name, once the claim has ended.

mod about;
mod act;
mod again;
pub mod board;
mod bounce;
mod calendar;
mod claim;
mod claimed;
mod contact;
mod day;
mod deliver;
mod finish;
mod kind;
mod letter;
mod links;
mod listen;
mod offer;
pub mod outbox;
mod payment;
mod prepare;
mod reach;
mod receipt;
mod reminder;
mod stay;
mod stops;
mod visit;
pub mod wording;
mod words;
mod worker;

pub use self::{
    act::{Linked, LinkedOffer, LinkedStay, come, open, open_offer, open_stay, unsubscribe},
    again::send_again,
    bounce::{Bounce, BounceClass, BounceReport, BounceStatus, Bounced, take_bounce},
    claim::{LEASE_MINUTES, Lane, claim},
    claimed::Claimed,
    contact::{Contact, SaveContact, confirm_email, contact, save_contact},
    day::tell_days,
    deliver::{Dispatch, deliver, deliver_one},
    finish::{End, next_attempt},
    kind::{Channel, Kind, State, Trouble},
    letter::{CalendarPart, Letter, Link, Outcome, Sender, Senders, Sending},
    links::{appointment_path, offer_path, stay_path},
    prepare::Settings,
    reach::{Reach, reach},
    receipt::{Receipt, take_receipt},
    worker::{Outbox, WakeUps, listen},
};
