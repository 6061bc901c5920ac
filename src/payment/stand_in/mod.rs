//! The provider of our own, for the demo and for tests: it has hosted pages, signs events, pays back, and keeps an account
//! book. It speaks as Stripe and as Midtrans do. Its events can be delayed, repeated, put out of order, lost and forged, and
//! its answers lost. No money moves, and everything is forgotten when the program ends.

mod answers;
mod courier;
mod midtrans;
mod page;
mod stripe;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use jiff::Timestamp;
use serde_json::Value;

pub use self::{
    answers::Fault,
    courier::{Delivery, run},
};

/// The path of the provider below the address of the demo.
pub const PATH: &str = "/demo/provider";

/// More pages are not opened: anybody may ask the demo for some.
const MAX_PAGES: usize = 10_000;

/// The time by which the provider goes.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the provider knows of whoever takes payments by it.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Signs events as Stripe does.
    pub webhook_secret: String,
    /// Signs notifications as Midtrans does.
    pub server_key: String,
    /// The style sheet of its pages.
    pub style: String,
    /// Where it is reached itself, for the addresses of its pages.
    pub own_url: String,
    /// Where events go, and where notifications go; nowhere where they are empty.
    pub events_to: String,
    pub notifications_to: String,
}

/// How somebody speaks with the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Stripe,
    Midtrans,
}

/// What became of a hosted page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    /// A means was chosen by which the money comes later.
    Waiting,
    Paid,
    /// A means that comes later was chosen in vain.
    Failed,
    Expired,
}

/// A hosted page, and the payment on it.
#[derive(Clone, Debug)]
struct Hosted {
    dialect: Dialect,
    id: String,
    payment: String,
    amount: i64,
    currency: String,
    description: String,
    locale: String,
    metadata: HashMap<String, String>,
    to_paid: String,
    to_not_paid: String,
    expires_at: i64,
    standing: Standing,
    /// When a means was chosen by which the money comes later; nought where none was.
    waits_since: i64,
    /// Whether a means of this kind can be paid back by a program.
    repays: bool,
    /// Whether a card was charged for it that has not been settled: that is cancelled, and not refunded.
    is_unsettled: bool,
    refunds: Vec<Refund>,
}

#[derive(Clone, Debug)]
struct Refund {
    id: String,
    amount: i64,
    metadata: HashMap<String, String>,
}

impl Hosted {
    fn repaid(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}

/// A line of the account book: what came for a page, or went back, in the provider's units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub page: String,
    pub amount: i64,
    pub currency: String,
}

#[derive(Default)]
struct Inner {
    account: Account,
    pages: Vec<Hosted>,
    book: Vec<Entry>,
    queue: Vec<Delivery>,
    /// The answers by the keys of their requests, with what was asked.
    answered: HashMap<String, (String, u16, Value)>,
    faults: Vec<Fault>,
    calls: u64,
    last_number: u64,
}

/// The provider. Whoever has a copy has the same one.
#[derive(Clone)]
pub struct StandIn {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
    client: reqwest::Client,
}

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StandIn(…)")
    }
}

impl StandIn {
    /// An address as a browser is led to it: by its path where it is of the site that this provider is a part of. The browser may
    /// know that by another name, and its cookies, and what its forms may lead to, are of one name alone.
    pub fn in_browser(&self, url: &str) -> String {
        let inner = self.inner();
        let site = inner.account.own_url.strip_suffix(PATH);
        site.and_then(|site| url.strip_prefix(site))
            .unwrap_or(url)
            .to_owned()
    }

    /// # Errors
    /// Where the client for its events cannot be set up.
    pub fn new(account: Account, clock: Clock) -> Result<Self, reqwest::Error> {
        let inner = Inner {
            account,
            ..Inner::default()
        };
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
            clock,
            client: super::provider::client::client()?,
        })
    }

    /// The calls and pages of the provider.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .merge(stripe::routes())
            .merge(midtrans::routes())
            .merge(page::routes())
            .with_state(self.clone())
    }

    /// Says where the provider is reached, and where its events and notifications go from now on.
    pub fn tell(&self, own_url: &str, events_to: &str, notifications_to: &str) {
        let mut inner = self.inner();
        inner.account.own_url = own_url.to_owned();
        inner.account.events_to = events_to.to_owned();
        inner.account.notifications_to = notifications_to.to_owned();
    }

    /// The account book: what came, and with a minus what went back.
    pub fn book(&self) -> Vec<Entry> {
        self.inner().book.clone()
    }

    /// The number of calls by programs so far.
    pub fn calls(&self) -> u64 {
        self.inner().calls
    }

    /// The ids of the pages, in the order in which they were opened.
    pub fn pages(&self) -> Vec<String> {
        let inner = self.inner();
        inner.pages.iter().map(|page| page.id.clone()).collect()
    }

    /// Has the next calls of programs go wrong.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.inner().faults.extend(faults);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seconds(&self) -> i64 {
        (self.clock)().as_second()
    }

    /// Somebody pays on a page. Answers whether that was possible.
    pub fn pay(&self, page: &str) -> bool {
        self.change(page, &[Standing::Open, Standing::Waiting], Standing::Paid)
    }

    /// Somebody pays by a card that is charged now and settled in the night.
    pub fn pay_by_card(&self, page: &str) -> bool {
        if let Some(found) = self.inner().pages.iter_mut().find(|known| known.id == page) {
            found.is_unsettled = true;
        }
        self.pay(page)
    }

    /// Somebody chooses a means by which the money comes later, such as a transfer, which no program pays back.
    pub fn pay_later(&self, page: &str) -> bool {
        self.change(page, &[Standing::Open], Standing::Waiting)
    }

    /// What was to come later does not come.
    pub fn fail_later(&self, page: &str) -> bool {
        self.change(page, &[Standing::Waiting], Standing::Failed)
    }

    /// Ends a page on which nobody has paid.
    pub fn expire(&self, page: &str) -> bool {
        self.change(page, &[Standing::Open], Standing::Expired)
    }

    /// Somebody of the clinic pays back at the provider itself, and not by Janji.
    pub fn repay_outside(&self, page: &str, amount: i64) -> bool {
        let mut inner = self.inner();
        inner.repay(page, amount, HashMap::new(), None).is_some()
    }

    /// Whoever paid asks their bank for the money; and loses it, or wins.
    pub fn dispute(&self, page: &str, kind: &str, status: &str) {
        let mut inner = self.inner();
        if let Some(page) = inner.pages.iter().find(|known| known.id == page).cloned() {
            let object = stripe::dispute(&page, status);
            inner.queue_event(&page, &format!("charge.dispute.{kind}"), object, self.seconds());
        }
    }

    fn change(&self, page: &str, from: &[Standing], to: Standing) -> bool {
        let now = self.seconds();
        let mut inner = self.inner();
        inner.end_old(now);
        let Some(found) = inner.pages.iter_mut().find(|known| known.id == page) else {
            return false;
        };
        if !from.contains(&found.standing) {
            return false;
        }
        let was_waiting = found.standing == Standing::Waiting;
        found.standing = to;
        found.repays = !(was_waiting || to == Standing::Waiting);
        if to == Standing::Waiting {
            found.waits_since = now;
        }
        let page = found.clone();
        if to == Standing::Paid {
            inner.book.push(Entry {
                page: page.id.clone(),
                amount: page.amount,
                currency: page.currency.clone(),
            });
        }
        inner.announce(&page, was_waiting, now);
        true
    }
}

impl Inner {
    /// A number that no other thing has.
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Ends the pages whose time is over.
    fn end_old(&mut self, now: i64) {
        let ended: Vec<Hosted> = self
            .pages
            .iter_mut()
            .filter(|page| page.standing == Standing::Open && page.expires_at <= now)
            .map(|page| {
                page.standing = Standing::Expired;
                page.clone()
            })
            .collect();
        for page in ended {
            self.announce(&page, false, now);
        }
    }

    /// Pays an amount of a page back. `None` where it was not paid, or less of it is left.
    fn repay(
        &mut self,
        page: &str,
        amount: i64,
        metadata: HashMap<String, String>,
        id: Option<String>,
    ) -> Option<(Hosted, Refund)> {
        let number = self.number();
        let found = self.pages.iter_mut().find(|known| known.id == page)?;
        if found.standing != Standing::Paid || amount <= 0 || found.repaid() + amount > found.amount {
            return None;
        }
        let refund = Refund {
            id: id.unwrap_or_else(|| format!("re_{number}")),
            amount,
            metadata,
        };
        found.refunds.push(refund.clone());
        let page = found.clone();
        self.book.push(Entry {
            page: page.id.clone(),
            amount: -amount,
            currency: page.currency.clone(),
        });
        match page.dialect {
            Dialect::Stripe => {
                let object = stripe::refund(&page, &refund);
                self.queue_event(&page, "refund.created", object, 0);
            }
            Dialect::Midtrans => self.queue_notification(&page),
        }
        Some((page, refund))
    }

    /// Says what became of a page.
    fn announce(&mut self, page: &Hosted, was_waiting: bool, now: i64) {
        if page.dialect == Dialect::Midtrans {
            self.queue_notification(page);
            return;
        }
        let kind = match (page.standing, was_waiting) {
            (Standing::Paid, true) => "checkout.session.async_payment_succeeded",
            (Standing::Paid, false) | (Standing::Waiting, _) => "checkout.session.completed",
            (Standing::Failed, _) => "checkout.session.async_payment_failed",
            (Standing::Expired, _) => "checkout.session.expired",
            (Standing::Open, _) => return,
        };
        self.queue_event(page, kind, stripe::session(page), now);
    }
}
