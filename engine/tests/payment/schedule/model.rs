//! The provider of the schedules: it repeats, reorders and loses what it says.

use std::collections::BTreeMap;

use engine::payment::{Done, FactKind, OpenedSession, PaymentFact, Work};

use crate::payment::{fact, rupiah, session_of};

/// Numbers that are the same for the same seed.
pub struct Chance(pub u64);

impl Chance {
    /// One of `0..below`.
    pub fn one_of(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Open { ends_at: i64 },
    Paid,
    Ended,
}

/// A provider: its pages, its account book, and what it has still to say.
#[derive(Default)]
pub struct Model {
    pub pages: BTreeMap<i64, Page>,
    /// What is asked for on each page.
    pub asked: BTreeMap<i64, i64>,
    /// What was paid back, by key, with the number of calls that had an effect.
    pub refunds: BTreeMap<String, (i64, i64, u32)>,
    pub queue: Vec<PaymentFact>,
    said: u32,
}

impl Model {
    fn say(&mut self, payment_id: i64, kind: FactKind) {
        self.said += 1;
        let event = format!("evt-{payment_id}-{}", self.said);
        self.queue.push(fact(payment_id, kind, Some(&event)));
    }

    /// Somebody pays on one of the pages that are open.
    pub fn pay(&mut self, chance: &mut Chance, now: i64) {
        let open: Vec<i64> = (self.pages.iter())
            .filter(|(_, page)| matches!(page, Page::Open { ends_at } if *ends_at > now))
            .map(|(id, _)| *id)
            .collect();
        if open.is_empty() {
            return;
        }
        let id = open[usize::try_from(chance.one_of(open.len() as u64)).unwrap()];
        self.pages.insert(id, Page::Paid);
        let amount = rupiah(self.asked[&id]);
        self.say(id, FactKind::Paid { amount });
    }

    pub fn end_pages(&mut self, now: i64) {
        let over: Vec<i64> = (self.pages.iter())
            .filter(|(_, page)| matches!(page, Page::Open { ends_at } if *ends_at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.pages.insert(id, Page::Ended);
            self.say(id, FactKind::Expired);
        }
    }

    /// Does a piece of work, and answers what came of it.
    pub fn work(&mut self, work: &Work) -> Done {
        match work {
            Work::Open(page) => {
                let ends_at = page.ends_at.as_second();
                self.asked.insert(page.payment_id, page.price.minor);
                self.pages
                    .entry(page.payment_id)
                    .or_insert(Page::Open { ends_at });
                Done::Opened(OpenedSession {
                    session: session_of(page.payment_id),
                    url: "https://provider.example/page".to_owned(),
                })
            }
            Work::Ask(page) => self.answer(page.payment_id),
            Work::Expire(page) => {
                if let Some(Page::Open { .. }) = self.pages.get(&page.payment_id) {
                    self.pages.insert(page.payment_id, Page::Ended);
                }
                self.answer(page.payment_id)
            }
            Work::Refund(refund) => {
                let known = self.refunds.contains_key(&refund.key);
                let entry = (refund.payment_id, refund.amount.minor, 1);
                let made = self.refunds.entry(refund.key.clone()).or_insert(entry);
                assert_eq!(
                    (made.0, made.1),
                    (entry.0, entry.1),
                    "another request under a key"
                );
                if !known {
                    let kind = FactKind::Refunded {
                        refund: format!("re-{}", refund.key),
                        key: Some(refund.key.clone()),
                        amount: refund.amount.clone(),
                    };
                    self.say(refund.payment_id, kind);
                }
                Done::Refunded {
                    refund: format!("re-{}", refund.key),
                }
            }
        }
    }

    fn answer(&self, payment_id: i64) -> Done {
        match self.pages.get(&payment_id) {
            Some(Page::Paid) => {
                let amount = rupiah(self.asked[&payment_id]);
                let kind = FactKind::Paid { amount };
                Done::Told(fact(payment_id, kind, None))
            }
            Some(Page::Ended) => Done::Told(fact(payment_id, FactKind::Expired, None)),
            Some(Page::Open { .. }) => Done::StillOpen,
            None => Done::Refused,
        }
    }
}
