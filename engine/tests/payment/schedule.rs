//! Random schedules of all that can happen to a payment, with a provider of our own that repeats, reorders and loses what it
//! says, is down, and answers too late. `PAYMENT_SCHEDULES` says how many are tried; the seed of one that fails is in its
//! message.

use std::collections::BTreeMap;

use engine::{
    appointment::{ChangeStatus, Status, change_status, expire},
    payment::{
        self, Done, FactKind, OpenedSession, PaymentFact, Provider, Started, Work, done_work, due_work,
        settle,
    },
    time::plus_minutes,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{PRICE, clinic, fact, rupiah, session_of, start};
use crate::support::{INSTANT, RULES, TestApp, patient_caller};

const STEPS: u32 = 14;
const USUAL_SCHEDULES: u64 = 25;

/// Numbers that are the same for the same seed.
struct Chance(u64);

impl Chance {
    /// One of `0..below`.
    fn one_of(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Open { ends_at: i64 },
    Paid,
    Ended,
}

/// A provider: its pages, its account book, and what it has still to say.
#[derive(Default)]
struct Model {
    pages: BTreeMap<i64, Page>,
    /// What was paid back, by key, with the number of calls that had an effect.
    refunds: BTreeMap<String, (i64, i64, u32)>,
    queue: Vec<PaymentFact>,
    said: u32,
}

impl Model {
    fn say(&mut self, payment_id: i64, kind: FactKind) {
        self.said += 1;
        let event = format!("evt-{payment_id}-{}", self.said);
        self.queue.push(fact(payment_id, kind, Some(&event)));
    }

    /// Somebody pays on one of the pages that are open.
    fn pay(&mut self, chance: &mut Chance, now: i64) {
        let open: Vec<i64> = (self.pages.iter())
            .filter(|(_, page)| matches!(page, Page::Open { ends_at } if *ends_at > now))
            .map(|(id, _)| *id)
            .collect();
        if open.is_empty() {
            return;
        }
        let id = open[usize::try_from(chance.one_of(open.len() as u64)).unwrap()];
        self.pages.insert(id, Page::Paid);
        self.say(
            id,
            FactKind::Paid {
                amount: rupiah(PRICE),
            },
        );
    }

    fn end_pages(&mut self, now: i64) {
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
    fn work(&mut self, work: &Work) -> Done {
        match work {
            Work::Open(page) => {
                let ends_at = page.ends_at.as_second();
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
                let kind = FactKind::Paid {
                    amount: rupiah(PRICE),
                };
                Done::Told(fact(payment_id, kind, None))
            }
            Some(Page::Ended) => Done::Told(fact(payment_id, FactKind::Expired, None)),
            Some(Page::Open { .. }) => Done::StillOpen,
            None => Done::Refused,
        }
    }
}

/// One schedule: a patient, a rival, and all that can happen.
struct Schedule<'a> {
    app: &'a TestApp,
    chance: Chance,
    model: Model,
    number: usize,
    patient: i64,
    rival: i64,
    doctor: usize,
    slot: i64,
    reference: String,
    minutes: i64,
}

impl Schedule<'_> {
    fn now(&self) -> jiff::Timestamp {
        plus_minutes(self.app.now, self.minutes)
    }

    async fn goes_to_pay(&mut self) {
        let command = start(self.number, self.patient, &self.reference);
        let started = payment::start(&self.app.database, command, self.now()).await;
        let Ok(Started::Paying { payment_id }) = started else {
            return;
        };
        // The server dies before it opens the page, or before it stores it.
        let (dies, is_late) = (self.chance.one_of(8) == 0, self.chance.one_of(8) == 0);
        let ends_at = plus_minutes(self.now(), payment::SESSION_MINUTES).as_second();
        if dies {
            return;
        }
        self.model.pages.insert(payment_id, Page::Open { ends_at });
        if is_late {
            return;
        }
        let page = OpenedSession {
            session: session_of(payment_id),
            url: "https://provider.example/page".to_owned(),
        };
        payment::opened(&self.app.database, payment_id, page, self.now())
            .await
            .unwrap();
    }

    /// An event arrives, up to three times at once, in whatever order; some are lost.
    async fn hears(&mut self) {
        if self.model.queue.is_empty() {
            return;
        }
        let place = usize::try_from(self.chance.one_of(self.model.queue.len() as u64)).unwrap();
        let event = self.model.queue.swap_remove(place);
        let copies = (0..self.chance.one_of(4)).map(|_| {
            let (database, event, now) = (self.app.database.clone(), event.clone(), self.now());
            tokio::spawn(async move { settle(&database, event, RULES, now).await.unwrap() })
        });
        for copy in copies.collect::<Vec<_>>() {
            copy.await.unwrap();
        }
    }

    async fn works(&mut self, has_faults: bool) -> usize {
        let due = due_work(&self.app.database, &[Provider::Demo], 10, self.now())
            .await
            .unwrap();
        let count = due.len();
        for work in due {
            let fault = if has_faults { self.chance.one_of(5) } else { 9 };
            let done = match fault {
                // It is down.
                0 => Done::Later,
                // It did it, and its answer got lost.
                1 => {
                    self.model.work(&work);
                    Done::Later
                }
                // The worker dies after the answer.
                2 => {
                    self.model.work(&work);
                    continue;
                }
                _ => self.model.work(&work),
            };
            done_work(&self.app.database, &work, done, RULES, self.now())
                .await
                .unwrap();
        }
        count
    }

    async fn cancels(&mut self) {
        let caller = match self.chance.one_of(2) {
            0 => patient_caller(self.patient),
            _ => self.app.doctor_caller(self.doctor),
        };
        let standing: Vec<String> = sqlx::query_scalar(
            "select reference from appointments where patient_id = $1 and status in ('pending', 'confirmed')",
        )
        .bind(self.patient)
        .fetch_all(&mut self.app.connection().await)
        .await
        .unwrap();
        for reference in standing {
            let command = ChangeStatus {
                caller: caller.clone(),
                which: reference.into(),
                to: Status::Cancelled,
                version: None,
                reason: "Something came up".to_owned(),
                key: None,
            };
            let _ = change_status(&self.app.database, command, self.now()).await;
        }
    }

    async fn step(&mut self) {
        match self.chance.one_of(10) {
            0 | 1 => self.goes_to_pay().await,
            2 | 3 => {
                let now = self.now().as_second();
                self.model.pay(&mut self.chance, now);
            }
            4 | 5 => self.hears().await,
            6 => {
                self.works(true).await;
            }
            7 => {
                self.minutes += i64::try_from(self.chance.one_of(25)).unwrap();
                self.model.end_pages(self.now().as_second());
                expire(&self.app.database, self.now()).await.unwrap();
            }
            8 => self.cancels().await,
            _ => {
                let wanted = self.app.wanted(self.doctor, INSTANT, self.app.slot(self.slot));
                let _ = self.app.books(self.rival, wanted).await;
            }
        }
    }

    /// Lets the rest come in, and the worker do what is left.
    async fn comes_to_rest(&mut self) {
        for _ in 0..60 {
            while !self.model.queue.is_empty() {
                self.hears().await;
            }
            self.minutes += 20;
            self.model.end_pages(self.now().as_second());
            expire(&self.app.database, self.now()).await.unwrap();
            self.works(false).await;
            let open: i64 = sqlx::query_scalar(
                "select (select count(*) from payments where work_due_at is not null)
                      + (select count(*) from refunds where work_due_at is not null)",
            )
            .fetch_one(&mut self.app.connection().await)
            .await
            .unwrap();
            if open == 0 && self.model.queue.is_empty() {
                return;
            }
        }
        panic!("something is never over");
    }

    async fn agrees_with_the_provider(&self) {
        for (payment_id, page) in &self.model.pages {
            let (paid, back): (i64, i64) = sqlx::query_as(
                "select coalesce(max(payments.amount_minor) filter (where paid_at is not null), 0),
                        coalesce(sum(refunds.amount_minor) filter (where refunds.state = 'refunded'), 0)::bigint
                 from payments left join refunds on payment_id = payments.id where payments.id = $1",
            )
            .bind(payment_id)
            .fetch_one(&mut self.app.connection().await)
            .await
            .unwrap();
            let is_paid = *page == Page::Paid;
            assert_eq!(
                paid,
                if is_paid { PRICE } else { 0 },
                "payment {payment_id}: {page:?}"
            );
            let refunds = self
                .model
                .refunds
                .values()
                .filter(|refund| refund.0 == *payment_id);
            let refunds: Vec<_> = refunds.collect();
            assert!(refunds.len() <= 1, "payment {payment_id}: {refunds:?}");
            assert_eq!(
                back,
                refunds.iter().map(|refund| refund.1).sum::<i64>(),
                "payment {payment_id}"
            );
        }
        let owners: i64 = sqlx::query_scalar(
            "select count(*) from appointments
             where doctor_id = $1 and starts_at = $2 and status not in ('held', 'cancelled', 'rejected', 'expired')",
        )
        .bind(self.app.wanted(self.doctor, INSTANT, self.app.slot(self.slot)).doctor_id)
        .bind(jiff_sqlx::ToSqlx::to_sqlx(self.app.slot(self.slot)))
        .fetch_one(&mut self.app.connection().await)
        .await
        .unwrap();
        assert!(owners <= 1, "{owners} owners");
    }
}

#[sqlx::test]
async fn whatever_happens_money_is_booked_once_or_goes_back_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = clinic(options).await;
    let count = std::env::var("PAYMENT_SCHEDULES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(USUAL_SCHEDULES);
    for seed in 1..=count {
        let number = usize::try_from(seed).unwrap();
        let (patient, rival) = (
            add_patient(&app, 2 * number).await,
            add_patient(&app, 2 * number + 1).await,
        );
        let (doctor, slot) = (number % 4, 100 + 2 * i64::try_from(seed / 4).unwrap());
        let wanted = app.wanted(doctor, INSTANT, app.slot(slot));
        let reference = app.hold(number, wanted, app.now).await.unwrap();
        let mut schedule = Schedule {
            app: &app,
            chance: Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            model: Model::default(),
            number,
            patient,
            rival,
            doctor,
            slot,
            reference,
            minutes: 0,
        };
        schedule.goes_to_pay().await;
        for _ in 0..STEPS {
            schedule.step().await;
        }
        schedule.comes_to_rest().await;
        schedule.agrees_with_the_provider().await;
        eprintln!("schedule {seed} kept every rule");
    }
    app.assert_whole().await;
}

/// A patient with a number of their own, however many there are.
async fn add_patient(app: &TestApp, number: usize) -> i64 {
    sqlx::query_scalar("insert into patients (phone, name) values ($1, 'Somebody') returning id")
        .bind(format!("+62812777{number:06}"))
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap()
}
