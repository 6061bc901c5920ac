//! What is asked of providers, and what their answers mean.

use engine::{
    i18n::Locale,
    money::Price,
    payment::{FactKind, NewRefund, NewSession, OpenSession, PaymentFact, Provider},
};
use janji::payment::{
    provider::{Payments, Repaid, Standing, Trouble},
    stand_in::{Entry, Fault},
};
use jiff::{SignedDuration, Timestamp};

use super::{PRICE, Till, payments};

fn rupiah(minor: i64) -> Price {
    Price {
        minor,
        currency: "IDR".to_owned(),
    }
}

fn page(payment_id: i64, provider: Provider) -> NewSession {
    NewSession {
        payment_id,
        provider,
        price: rupiah(PRICE),
        reference: "K7QM-4D2P".to_owned(),
        locale: Locale::De,
        ends_at: Timestamp::now() + SignedDuration::from_mins(31),
    }
}

fn opened(page: &NewSession, session: &str) -> OpenSession {
    OpenSession {
        payment_id: page.payment_id,
        provider: page.provider,
        session: session.to_owned(),
        url: Some(format!("https://provider.example/redirection/{session}?lang=id")),
        price: page.price.clone(),
        ends_at: page.ends_at,
    }
}

async fn open(payments: &Payments, page: &NewSession) -> Result<OpenSession, Trouble> {
    let there = payments.open(page, Timestamp::now()).await?;
    Ok(opened(page, &there.session))
}

async fn ask(payments: &Payments, page: &OpenSession) -> Result<Vec<PaymentFact>, Trouble> {
    let provider = payments.of(page.provider).unwrap();
    match provider.ask(page, Timestamp::now()).await? {
        Standing::Open => Ok(Vec::new()),
        Standing::Told(facts) => Ok(facts),
    }
}

fn kinds(facts: &[PaymentFact]) -> Vec<FactKind> {
    facts.iter().map(|fact| fact.kind.clone()).collect()
}

fn refund(page: &OpenSession, facts: &[PaymentFact], minor: i64) -> NewRefund {
    NewRefund {
        refund_id: 1,
        payment_id: page.payment_id,
        provider: page.provider,
        session: page.session.clone(),
        provider_payment: facts[0].provider_payment.clone(),
        amount: rupiah(minor),
        key: format!("refund-{}", page.payment_id),
    }
}

fn paid() -> FactKind {
    FactKind::Paid {
        amount: rupiah(PRICE),
    }
}

#[tokio::test]
async fn the_same_key_opens_the_same_page_also_where_an_answer_was_lost() {
    let till = Till::open(Provider::Stripe).await;
    let new = page(7, Provider::Stripe);
    till.stand_in.fail([Fault::Down, Fault::Lost]);
    assert_eq!(open(&till.payments, &new).await, Err(Trouble::Unsure));
    assert!(till.stand_in.pages().is_empty());
    assert_eq!(open(&till.payments, &new).await, Err(Trouble::Unsure));
    let first = open(&till.payments, &new).await.unwrap();
    let second = open(&till.payments, &new).await.unwrap();
    assert_eq!(first.session, second.session);
    assert_eq!(till.stand_in.pages(), [first.session]);
    let other = NewSession {
        price: rupiah(PRICE + 100),
        ..new
    };
    assert_eq!(open(&till.payments, &other).await, Err(Trouble::Refused));
}

#[tokio::test]
async fn a_page_of_stripe_lasts_for_half_an_hour_at_least() {
    let till = Till::open(Provider::Stripe).await;
    let short = NewSession {
        ends_at: Timestamp::now() + SignedDuration::from_mins(20),
        ..page(7, Provider::Stripe)
    };
    assert_eq!(open(&till.payments, &short).await, Err(Trouble::Refused));
}

#[tokio::test]
async fn each_provider_says_what_was_paid_in_our_units() {
    for provider in [Provider::Stripe, Provider::Midtrans] {
        let till = Till::open(provider).await;
        let page = open(&till.payments, &page(7, provider)).await.unwrap();
        assert_eq!(ask(&till.payments, &page).await.unwrap(), []);
        assert!(till.stand_in.pay(&page.session));
        let facts = ask(&till.payments, &page).await.unwrap();
        assert_eq!(kinds(&facts), [paid()], "{provider:?}");
        assert_eq!(facts[0].payment_id, Some(7));
        assert_eq!(facts[0].session.as_ref(), Some(&page.session));
        let units = match provider {
            Provider::Midtrans => PRICE / 100,
            _ => PRICE,
        };
        assert_eq!(till.stand_in.book()[0].amount, units);
    }
}

#[tokio::test]
async fn money_that_comes_later_is_not_there_yet() {
    for provider in [Provider::Stripe, Provider::Midtrans] {
        let till = Till::open(provider).await;
        let page = open(&till.payments, &page(7, provider)).await.unwrap();
        assert!(till.stand_in.pay_later(&page.session));
        assert_eq!(ask(&till.payments, &page).await.unwrap(), [], "{provider:?}");
        assert!(till.stand_in.pay(&page.session));
        assert_eq!(kinds(&ask(&till.payments, &page).await.unwrap()), [paid()]);
    }
    let till = Till::open(Provider::Stripe).await;
    let page = open(&till.payments, &page(8, Provider::Stripe)).await.unwrap();
    assert!(till.stand_in.pay_later(&page.session) && till.stand_in.fail_later(&page.session));
    assert_eq!(
        kinds(&ask(&till.payments, &page).await.unwrap()),
        [FactKind::Failed]
    );
}

#[tokio::test]
async fn a_page_that_is_ended_says_so_unless_somebody_has_paid() {
    let till = Till::open(Provider::Stripe).await;
    let provider = till.payments.of(Provider::Stripe).unwrap();
    let now = Timestamp::now();
    for (payment_id, is_paid, expected) in [(7, false, FactKind::Expired), (8, true, paid())] {
        let page = open(&till.payments, &page(payment_id, Provider::Stripe))
            .await
            .unwrap();
        if is_paid {
            till.stand_in.pay(&page.session);
        }
        let Standing::Told(facts) = provider.expire(&page, now).await.unwrap() else {
            panic!("it is open")
        };
        assert_eq!(kinds(&facts), [expected]);
        assert!(!till.stand_in.pay(&page.session));
    }
}

#[tokio::test]
async fn a_page_of_midtrans_ends_at_once_whether_something_was_chosen_or_not() {
    let till = Till::open(Provider::Midtrans).await;
    let provider = till.payments.of(Provider::Midtrans).unwrap();
    let page = open(&till.payments, &page(7, Provider::Midtrans)).await.unwrap();
    assert_eq!(provider.ask(&page, Timestamp::now()).await, Ok(Standing::Open));
    // Also where the first answer was lost.
    for _ in 0..2 {
        let Ok(Standing::Told(facts)) = provider.expire(&page, Timestamp::now()).await else {
            panic!("it is open")
        };
        assert_eq!(kinds(&facts), [FactKind::Expired]);
    }
    assert!(!till.stand_in.pay(&page.session));
    // One that was chosen can be ended.
    let page = open(&till.payments, &super::adapters::page(8, Provider::Midtrans))
        .await
        .unwrap();
    till.stand_in.pay_later(&page.session);
    let Ok(Standing::Told(facts)) = provider.expire(&page, Timestamp::now()).await else {
        panic!("it is open")
    };
    assert_eq!(kinds(&facts), [FactKind::Expired]);
}

#[tokio::test]
async fn an_amount_goes_back_once_whatever_becomes_of_the_answers() {
    for provider in [Provider::Stripe, Provider::Midtrans] {
        let till = Till::open(provider).await;
        let page = open(&till.payments, &page(7, provider)).await.unwrap();
        till.stand_in.pay(&page.session);
        let facts = ask(&till.payments, &page).await.unwrap();
        let refund = refund(&page, &facts, PRICE);
        let account = till.payments.of(provider).unwrap();
        // The question before it is answered, it is done, and the answer is lost.
        till.stand_in.fail([Fault::None, Fault::Lost]);
        assert_eq!(account.refund(&refund).await, Err(Trouble::Unsure));
        assert_eq!(till.stand_in.book().len(), 2, "{provider:?}");
        let Ok(Repaid::Done { refund: first }) = account.refund(&refund).await else {
            panic!("it did not go back")
        };
        assert_eq!(account.refund(&refund).await, Ok(Repaid::Done { refund: first }));
        let book: i64 = till.stand_in.book().iter().map(|entry| entry.amount).sum();
        assert_eq!((book, till.stand_in.book().len()), (0, 2), "{provider:?}");
    }
}

#[tokio::test]
async fn a_charge_that_is_not_settled_is_cancelled_once_also_where_the_answer_was_lost() {
    let till = Till::open(Provider::Midtrans).await;
    let page = open(&till.payments, &page(7, Provider::Midtrans)).await.unwrap();
    assert!(till.stand_in.pay_by_card(&page.session));
    let facts = ask(&till.payments, &page).await.unwrap();
    assert_eq!(kinds(&facts), [paid()]);
    let account = till.payments.of(Provider::Midtrans).unwrap();
    // Only all of it can be cancelled: a half waits until it is settled.
    let half = refund(&page, &facts, PRICE / 2);
    let waits = Repaid::UnderWay {
        refund: half.key.clone(),
    };
    assert_eq!(account.refund(&half).await, Ok(waits));
    let all = refund(&page, &facts, PRICE);
    // The status, the refund that is refused, and the cancellation whose answer is lost.
    till.stand_in.fail([Fault::None, Fault::None, Fault::Lost]);
    assert_eq!(account.refund(&all).await, Err(Trouble::Unsure));
    assert_eq!(till.stand_in.book().len(), 2);
    assert!(matches!(account.refund(&all).await, Ok(Repaid::Done { .. })));
    // It went back with the rest.
    assert!(matches!(account.refund(&half).await, Ok(Repaid::Done { .. })));
    let book: i64 = till.stand_in.book().iter().map(|entry| entry.amount).sum();
    assert_eq!((book, till.stand_in.book().len()), (0, 2));
}

#[tokio::test]
async fn no_more_goes_back_than_was_paid() {
    let till = Till::open(Provider::Stripe).await;
    let page = open(&till.payments, &page(7, Provider::Stripe)).await.unwrap();
    till.stand_in.pay(&page.session);
    let facts = ask(&till.payments, &page).await.unwrap();
    let provider = till.payments.of(Provider::Stripe).unwrap();
    let more = refund(&page, &facts, PRICE + 100);
    assert_eq!(provider.refund(&more).await, Err(Trouble::Refused));
    assert_eq!(
        till.stand_in.book(),
        [Entry {
            page: page.session,
            amount: PRICE,
            currency: "idr".to_owned()
        }]
    );
}

#[tokio::test]
async fn no_program_pays_back_what_came_by_a_bank_transfer() {
    let till = Till::open(Provider::Midtrans).await;
    let page = open(&till.payments, &page(7, Provider::Midtrans)).await.unwrap();
    till.stand_in.pay_later(&page.session);
    till.stand_in.pay(&page.session);
    let facts = ask(&till.payments, &page).await.unwrap();
    let provider = till.payments.of(Provider::Midtrans).unwrap();
    assert_eq!(
        provider.refund(&refund(&page, &facts, PRICE)).await,
        Err(Trouble::Refused)
    );
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_not_opened_twice_at_midtrans() {
    let till = Till::open(Provider::Midtrans).await;
    let new = page(7, Provider::Midtrans);
    till.stand_in.fail([Fault::Lost]);
    assert_eq!(open(&till.payments, &new).await, Err(Trouble::Unsure));
    assert_eq!(open(&till.payments, &new).await, Err(Trouble::Refused));
    assert_eq!(till.stand_in.pages(), ["K7QM-4D2P-7"]);
}

#[tokio::test]
async fn nobody_answers_where_there_is_no_provider() {
    // Nobody listens on this port any more.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for provider in [Provider::Stripe, Provider::Midtrans] {
        let payments = payments(&url, provider);
        assert_eq!(
            open(&payments, &page(7, provider)).await,
            Err(Trouble::Unreachable)
        );
    }
}
