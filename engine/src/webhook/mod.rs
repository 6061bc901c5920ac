//! Webhooks: programs elsewhere are told what happens to appointments, stays and group sessions (X7).
//!
//! What is told is a row, a *delivery*, written for each webhook in the transaction in which it happens: told if and only if
//! it is so. A worker *claims* a webhook for some time, posts what it is told next outside of any transaction, and writes down
//! what became of it. Of one appointment, nothing is posted before what happened earlier was delivered or given up. One that
//! is slow or broken keeps nobody else waiting: a webhook has one request under way, on all servers together.
//!
//! A delivery arrives *at least once*: a worker may die between the answer and the note of it, and another one posts the same
//! again, under the same name, once the claim has ended. By default it tells ids and a status; never a name.

mod change;
mod claim;
mod delete;
mod deliver;
mod delivery;
mod finish;
pub mod integrity;
mod listen;
mod make;
mod owner;
mod pause;
mod post;
mod read;
mod replay;
mod rotate;
mod rules;
mod secret;
mod target;
mod tell;
mod test;
mod tidy;
mod topic;
mod wishes;

pub use self::{
    change::{ChangeWebhook, change},
    claim::{LEASE_MINUTES, claim},
    delete::delete,
    deliver::{Dispatch, MOST_AT_ONCE, deliver, deliver_one, measure, start},
    delivery::Claimed,
    listen::listen,
    make::{MAX_WEBHOOKS, MakeWebhook, make},
    owner::must_have_webhooks,
    pause::{pause, resume},
    post::{ANSWER_KEPT, Posted, Poster, Posting, Request},
    read::{DeliveryFilter, DeliveryView, WebhookView, deliveries, list, one},
    replay::{Replay, replay},
    rotate::{OLD_SECRET_HOURS, RotateSecret, rotate},
    rules::{Because, DeliveryState, GIVE_UP_HOURS, State, Trouble, next_attempt, rest},
    secret::SigningSecret,
    target::{Target, is_public},
    tell::tell,
    test::send_test,
    tidy::tidy,
    topic::{Subject, Topic},
    wishes::{MAX_DESCRIPTION, Wishes},
};
