//! The pages about payments: of patients, and of the desk.

mod one;
mod receipt;
mod section;
mod takings;

use engine::{
    appointment::Item,
    group::Listed,
    i18n::Texts,
    money::Price,
    payment::terms::{Terms, When},
    stay,
};
use leptos::prelude::*;

pub use self::{
    one::PaymentPage,
    receipt::{AdminReceiptPage, ReceiptPage},
    section::{of_patient, of_stay, take_for_stay, take_section},
    takings::TakingsPage,
};

/// What something asks for, as far as the pages speak of it.
#[derive(Clone, Debug)]
pub struct Asks {
    pub price: Option<Price>,
    /// What is paid before it is booked.
    pub first: Option<Price>,
    pub terms: Terms,
}

impl From<&Item> for Asks {
    fn from(item: &Item) -> Self {
        Self {
            price: item.price.clone(),
            first: item.paid_first.clone(),
            terms: item.terms,
        }
    }
}

impl From<&stay::Item> for Asks {
    fn from(item: &stay::Item) -> Self {
        Self {
            price: Some(item.stay.price()),
            first: item.stay.first(),
            terms: item.stay.terms,
        }
    }
}

/// A seat of a session.
impl From<&Listed> for Asks {
    fn from(listed: &Listed) -> Self {
        Self {
            price: listed.group.price_of(1),
            first: listed.first(),
            terms: listed.terms,
        }
    }
}

/// How something is paid, in words; nothing where nothing is said of it.
pub fn how(asks: impl Into<Asks>, texts: Texts) -> String {
    let Asks { price, first, terms } = asks.into();
    let is_all = first.is_some() && first == price;
    let price = price.map(|price| price.text(texts.locale()));
    match (first, terms.when) {
        (Some(first), _) if is_all => {
            texts.with("pay-first-all", &[("amount", first.text(texts.locale()).into())])
        }
        (Some(first), _) => texts.with(
            "pay-first-deposit",
            &[
                ("amount", first.text(texts.locale()).into()),
                ("price", price.unwrap_or_default().into()),
            ],
        ),
        (None, When::Desk) => texts.text("pay-at-desk"),
        (None, _) => String::new(),
    }
}

/// What goes back of what is paid first, in sentences.
pub fn rule(asks: impl Into<Asks>, texts: Texts) -> Option<AnyView> {
    let asks = asks.into();
    asks.first.as_ref()?;
    let refund = asks.terms.refund;
    let first = match refund.full_minutes / 60 {
        0 => texts.text("pay-rule-any"),
        hours => texts.with("pay-rule-full", &[("hours", i64::from(hours).into())]),
    };
    let late = (refund.full_minutes > 0).then(|| match refund.late_percent {
        0 => texts.text("pay-rule-none"),
        percent => texts.with("pay-rule-late", &[("percent", i64::from(percent).into())]),
    });
    let late = late.map(|late| format!(" {late} {}", texts.text("pay-rule-moved")));
    let clinic = texts.text("pay-rule-clinic");
    Some(view! { <p class="soft">{first} {late} {format!(" {clinic}")}</p> }.into_any())
}

/// The state of a payment in words.
pub fn state_text(state: engine::payment::PaymentState, texts: Texts) -> String {
    texts.text(&format!("payment-state-{}", state.as_str().replace('_', "-")))
}

/// How it was paid, in words.
pub fn means_text(means: engine::payment::Provider, texts: Texts) -> String {
    texts.text(&format!("means-{}", means.as_str()))
}
