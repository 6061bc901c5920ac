//! A payment, as its patient sees it. It only shows what is so: what decides is said by the provider.

use engine::{
    appointment::{self, Item, Status},
    error::AppError,
    i18n::Texts,
    payment::{Account, PaymentState, View, Why, account_of_payment},
    time,
};
use http::{HeaderValue, header};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_axum::ResponseOptions;

use crate::{
    account::guard,
    booking::page::times_of,
    payment::forms::GoOnPaying,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, path_parameter, texts},
};

/// The seconds after which a browser looks again while something is about to happen.
const LOOK_AGAIN: &str = "10";

/// What became of a payment: it is waited for, booked, over, or on its way back.
#[component]
pub fn PaymentPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        let (state, texts) = (expect_context::<AppState>(), texts());
        let id: i64 = path_parameter("payment")?;
        let account = account_of_payment(&state.database, caller.clone(), id).await?;
        let payment = account.payments.iter().find(|payment| payment.id == id);
        let payment = payment.ok_or(AppError::NotFound)?;
        let found = appointment::find(&state.database, Some(caller), None, account.reference.clone());
        let item = found.await?;
        if payment.state.is_open()
            && let Some(response) = use_context::<ResponseOptions>()
        {
            response.insert_header(header::REFRESH, HeaderValue::from_static(LOOK_AGAIN));
        }
        let said = said(&account, payment, &item, texts);
        let title = texts.text("payment-title");
        let of = texts.with("payment-of", &[("reference", account.reference.clone().into())]);
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    <div class="page-head"><div><h1>{title}</h1><p>{of}</p></div></div>
                    {said}
                </div>
            },
        ))
    })
}

/// What is to be said of a payment, and the ways on.
fn said(account: &Account, payment: &View, item: &Item, texts: Texts) -> AnyView {
    let newer = account.payments.iter().rev().find(|other| other.id > payment.id);
    match payment.state {
        PaymentState::Created | PaymentState::Paying => match newer {
            Some(newer) => overtaken(newer, texts),
            None => waiting(payment, item, texts),
        },
        PaymentState::Paid => paid(payment, item, texts),
        PaymentState::Failed | PaymentState::Expired => match newer {
            Some(newer) => overtaken(newer, texts),
            None => over(payment, item, texts),
        },
        PaymentState::RefundDue
        | PaymentState::Refunding
        | PaymentState::RefundFailed
        | PaymentState::Refunded => back(payment, item, texts),
    }
}

/// The patient went to pay once more.
fn overtaken(newer: &View, texts: Texts) -> AnyView {
    let href = crate::payment::path_of(newer.id);
    view! {
        <p>{texts.text("payment-newer")}</p>
        <div class="actions"><a class="btn primary" href=href>{texts.text("payment-title")}</a></div>
    }
    .into_any()
}

fn waiting(payment: &View, item: &Item, texts: Texts) -> AnyView {
    let is_there = payment.state == PaymentState::Paying;
    let (title, text) = match is_there {
        true => ("payment-waiting", "payment-waiting-text"),
        false => ("payment-opening", "payment-opening-text"),
    };
    let until = item
        .held_until
        .filter(|_| item.status == Status::Held)
        .map(|until| {
            let clock = time::clock(until, &item.zone, texts.locale());
            view! { <p>{texts.with("payment-until", &[("time", clock.into())])}</p> }
        });
    let id = payment.id.to_string();
    let again = crate::payment::path_of(payment.id);
    view! {
        <section class="stack-s" aria-labelledby="waiting">
            <h2 id="waiting">{icon("hourglass")} " " {texts.text(title)}</h2>
            <p role="status">{texts.text(text)}</p>
            {until}
            <form method="post" action=GoOnPaying::url() class="actions">
                <Hidden name="payment" value=id />
                <button class="btn primary">{texts.text("payment-go-on")}</button>
                <a class="btn quiet" href=again>{icon("refresh")}{texts.text("payment-look-again")}</a>
            </form>
        </section>
    }
    .into_any()
}

fn paid(payment: &View, item: &Item, texts: Texts) -> AnyView {
    let amount = payment.price.text(texts.locale());
    let (title, text) = match item.status {
        Status::Pending => ("payment-asked", "payment-asked-text"),
        Status::Cancelled | Status::Rejected | Status::Expired => ("payment-kept", "payment-kept-text"),
        _ => ("payment-booked", "payment-booked-text"),
    };
    let body = view! { <p>{texts.with(text, &[("amount", amount.into())])}</p> };
    let receipt = payment.receipt_number.map(|number| {
        let href = format!("{}/receipt", crate::payment::path_of(payment.id));
        view! { <a class="btn" href=href>{icon("printer")}{texts.with("paid-receipt", &[("number", number.into())])}</a> }
    });
    let done = match item.status {
        Status::Pending | Status::Confirmed => format!("/appointments/{}/done", item.reference),
        _ => format!("/appointments/{}", item.reference),
    };
    view! {
        {notice(Tone::Good, texts.text(title), body)}
        <div class="actions">
            <a class="btn primary" href=done>{texts.text("payment-view")}</a>
            {receipt}
        </div>
    }
    .into_any()
}

/// Nothing was booked: the same time may be paid again while it is held.
fn over(payment: &View, item: &Item, texts: Texts) -> AnyView {
    let (title, text) = match payment.state {
        PaymentState::Failed => ("payment-failed", "payment-failed-text"),
        _ => ("payment-expired", "payment-expired-text"),
    };
    let phone = [("phone", item.clinic_phone.clone().into())];
    let body = view! { <p>{texts.with(text, &phone)}</p> };
    let is_held = matches!(item.status, Status::Held | Status::Expired);
    let again = is_held.then(|| {
        let href = format!("/book/{}/check", item.reference);
        view! { <a class="btn primary" href=href>{texts.text("payment-again")}</a> }
    });
    view! {
        {notice(Tone::Warn, texts.text(title), body)}
        <div class="actions">
            {again}
            <a class="btn" href=times_of(item)>{texts.text("payment-other-times")}</a>
        </div>
    }
    .into_any()
}

/// The money goes back, or went back.
fn back(payment: &View, item: &Item, texts: Texts) -> AnyView {
    let refund = payment.refund.as_ref();
    let amount = refund.map_or(&payment.price, |refund| &refund.amount);
    let amount = amount.text(texts.locale());
    let why = refund.map(|refund| refund.why);
    let (title, text, tone) = match (payment.state, why) {
        (PaymentState::Refunded, _) => ("payment-back-done", "payment-back-done-text", Tone::Good),
        (PaymentState::RefundFailed, _) => ("payment-back-hand", "payment-back-hand-text", Tone::Warn),
        (_, Some(Why::TooLate)) => ("payment-late", "payment-late-text", Tone::Warn),
        (_, Some(Why::Twice)) => ("payment-twice", "payment-twice-text", Tone::Warn),
        _ => ("payment-back-due", "payment-back-due-text", Tone::Good),
    };
    let values = [
        ("amount", amount.into()),
        ("phone", item.clinic_phone.clone().into()),
    ];
    let body = view! { <p>{texts.with(text, &values)}</p> };
    let to_the_appointment = (why == Some(Why::Twice)).then(|| {
        let href = format!("/appointments/{}", item.reference);
        view! { <a class="btn primary" href=href>{texts.text("payment-view")}</a> }
    });
    view! {
        {notice(tone, texts.with(title, &values), body)}
        <div class="actions">
            {to_the_appointment}
            <a class="btn" href=times_of(item)>{texts.text("payment-other-times")}</a>
        </div>
    }
    .into_any()
}
