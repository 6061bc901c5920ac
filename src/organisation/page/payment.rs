//! The part of a form that says how something is paid, and what goes back: of a service, and of a kind of rooms.

use engine::error::Field;
use leptos::prelude::*;

use super::{Form, Input, select};

/// The texts that are not the same for services and rooms.
pub(crate) struct PaymentHints {
    pub about: &'static str,
    pub deposit: &'static str,
    pub refund: &'static str,
}

/// When it is paid, the deposit, and the rule of what goes back.
pub(crate) fn payment_fields(form: &Form, hints: &PaymentHints) -> impl IntoView + use<> {
    let texts = form.texts;
    let pay_when = ["none", "desk", "before", "deposit"]
        .map(|when| (when.to_owned(), texts.text(&format!("pay-when-{when}"))))
        .to_vec();
    let input = |field, label, inputmode, hint| {
        let input = Input {
            inputmode: Some(inputmode),
            class: "field w-s",
            ..Input::text(field, label).optional().hint(hint)
        };
        input.view(form)
    };
    view! {
        <fieldset class="fields">
            <legend>{texts.text("service-payment")}</legend>
            <p class="hint">{texts.text(hints.about)}</p>
            {select(form, Field::PayWhen.name(), "service-pay-when", pay_when)}
            {input(Field::Deposit, "service-deposit", "decimal", hints.deposit)}
            {input(Field::RefundHours, "service-refund-hours", "numeric", hints.refund)}
            {input(Field::LateRefund, "service-late-refund", "numeric", "service-late-refund-hint")}
        </fieldset>
    }
}
