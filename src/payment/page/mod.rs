//! The pages about payments: of patients, and of the desk.

mod one;
mod receipt;
mod section;
mod takings;

use engine::{appointment::Item, i18n::Texts, payment::terms::When};
use leptos::prelude::*;

pub use self::{
    one::PaymentPage,
    receipt::{AdminReceiptPage, ReceiptPage},
    section::{of_patient, take_section},
    takings::TakingsPage,
};

/// How an appointment or a hold is paid, in words; nothing where nothing is said of it.
pub fn how(item: &Item, texts: Texts) -> String {
    let price = item.price.as_ref().map(|price| price.text(texts.locale()));
    match (&item.paid_first, item.terms.when) {
        (Some(first), _) if item.price.as_ref() == Some(first) => {
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
pub fn rule(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    item.paid_first.as_ref()?;
    let refund = item.terms.refund;
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
    Some(view! { <p class="soft">{first} {late} {format!(" {clinic}")}</p> })
}

/// The state of a payment in words.
pub fn state_text(state: engine::payment::PaymentState, texts: Texts) -> String {
    texts.text(&format!("payment-state-{}", state.as_str().replace('_', "-")))
}

/// How it was paid, in words.
pub fn means_text(means: engine::payment::Provider, texts: Texts) -> String {
    texts.text(&format!("means-{}", means.as_str()))
}
