//! Calendars elsewhere: a doctor's account at a server of calendars, both ways (X3).
//!
//! # To there
//!
//! What is to be written is a row, a *job*, of which there is one for an appointment and what is to be done with it. It is written
//! in the transaction that changes the appointment. A worker *claims* an account for some time: so there is one at a time, on all
//! servers together. What a job comes to is decided when it is done, under the lock of the appointment, by how the appointment is
//! then; nothing is asked outside while that lock is held. Each appointment has one name there, which is noted before it is first
//! written: whoever loses an answer, or dies before noting it, finds what was written under that name and writes no second one.
//!
//! # From there
//!
//! The server is asked what has changed. An entry that is as we wrote it is none. One of ours that was moved is a request to move
//! the appointment, by the rules and locks that everybody has; what is refused is written back, and the doctor is told. One that
//! was deleted is a question to the doctor: no patient loses an appointment by a finger that slipped. Anything else that was
//! changed of ours is overwritten. Each entry is a transaction of its own, so that one that is broken holds up no other.
//!
//! A server is asked of all calendars at once whether something was changed in them, where it can say that; see [`glance`].
//!
//! Entries of others take times of the doctor: see [`busy`].

mod account;
mod answer;
pub mod busy;
mod choose;
mod claim;
mod clock;
mod decide;
mod dispatch;
mod elsewhere;
mod entry;
mod erased;
mod finish;
mod foreign;
mod glance;
pub mod integrity;
mod known;
mod link;
mod listen;
mod measure;
mod note;
mod pull;
mod read;
mod reading;
mod recurrence;
mod remote;
mod round;
mod rules;
mod secret;
mod tidy;
mod unlink;
mod wake;

pub use self::{
    answer::{AnswerQuestion, MAX_REASON, answer},
    choose::{Choice, choose},
    claim::{Claimed, LEASE_MINUTES, claim},
    dispatch::{Dispatch, Remotes},
    erased::write_without_names,
    link::{LinkAccount, MAX_COLLECTIONS, MAX_PASSWORD, MAX_USER, Offered, link},
    listen::listen,
    measure::measure,
    read::{AccountView, CollectionView, QuestionView, accounts, questions},
    remote::{Access, Asked, Entry, Failed, Glimpse, Listed, Place, Put, Remote, Remoting, Written},
    round::{PULL_MINUTES, round, start},
    rules::{Answer, Kind, Question, State, Trouble, rest},
    secret::Password,
    tidy::tidy,
    unlink::unlink,
    wake::sync_now,
};
