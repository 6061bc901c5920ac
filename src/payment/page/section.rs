//! What is paid, on the pages of appointments; and the form by which the desk takes a payment.

use engine::{
    account::Caller,
    appointment::Item,
    error::{AppError, Field},
    i18n::Texts,
    money::Price,
    payment::{Account, PaymentState, Provider, View, account_of},
    time,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{means_text, state_text};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    payment::forms::{FORM, TakePayment, TypedAmount},
    server::AppState,
    ui::{Hidden, TextField, icon, isolate, texts},
};

/// A payment in a line, with the way to its receipt.
fn line(view: &View, item: &Item, receipts: &str, texts: Texts) -> impl IntoView + use<> {
    let when = time::moment(view.paid_at.unwrap_or(view.created_at), &item.zone, texts);
    let mut values = vec![
        ("amount", view.price.text(texts.locale()).into()),
        ("means", means_text(view.provider, texts).into()),
        ("when", when.into()),
    ];
    let text = match &view.taken_by {
        Some(who) => {
            values.push(("who", who.clone().into()));
            texts.with("paid-line-by", &values)
        }
        None => texts.with("paid-line", &values),
    };
    let state = (view.state != PaymentState::Paid).then(|| state_text(view.state, texts));
    let state = state.map(|state| view! { " " <span class="tag">{state}</span> });
    let receipt = view.receipt_number.map(|number| {
        let href = format!("{receipts}/{}/receipt", view.id);
        view! { " " <a href=href>{texts.with("paid-receipt", &[("number", number.into())])}</a> }
    });
    view! { <li>{text} {state} {receipt}</li> }
}

/// What was paid and what is open, in rows; nothing where no payment was ever begun and nothing is asked for.
fn account_view(
    account: &Account,
    item: &Item,
    receipts: &'static str,
    texts: Texts,
) -> impl IntoView + use<> {
    let currency = item
        .price
        .as_ref()
        .map(|price| price.currency.clone())
        .unwrap_or_default();
    let paid = Price {
        minor: account.paid(),
        currency,
    };
    let open = account.open().map(|open| open.text(texts.locale()));
    let open = open.map(|open| view! { <div><dt>{texts.text("paid-still-open")}</dt><dd>{open}</dd></div> });
    let how = super::how(item, texts);
    let how = (!how.is_empty()).then(|| view! { <div><dt>{texts.text("pay-how")}</dt><dd>{how}</dd></div> });
    let begun = account.payments.iter();
    // What came to nothing is of no interest once something has come.
    let shown = begun
        .filter(|view| view.state.is_paid() || account.payments.iter().all(|other| !other.state.is_paid()));
    let lines = shown.map(|view| line(view, item, receipts, texts)).collect_view();
    let paid = (paid.minor > 0).then(|| {
        let paid = paid.text(texts.locale());
        view! { <div><dt>{texts.text("paid-so-far")}</dt><dd>{paid}</dd></div> }
    });
    view! {
        <dl class="summary">{how} {paid} {open}</dl>
        <ul class="plain">{lines}</ul>
        {super::rule(item, texts)}
    }
}

/// What is paid, for the patient; nothing where nothing is to be said.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(caller: &Caller, item: &Item) -> Result<Option<AnyView>, AppError> {
    let (state, texts) = (expect_context::<AppState>(), texts());
    let account = account_of(&state.database, caller.clone(), item.reference.as_str().into()).await?;
    if account.payments.is_empty() && super::how(item, texts).is_empty() {
        return Ok(None);
    }
    let body = account_view(&account, item, "/payments", texts);
    Ok(Some(
        view! {
            <section class="stack-s" aria-labelledby="paid">
                <h2 id="paid">{texts.text("paid-title")}</h2>
                {body}
            </section>
        }
        .into_any(),
    ))
}

/// What is paid, for the desk, and the form that takes what is open; nothing for an appointment without a price.
///
/// # Errors
/// Those of the database.
pub async fn take_section(caller: &Caller, item: &Item) -> Result<Option<AnyView>, AppError> {
    let (state, texts) = (expect_context::<AppState>(), texts());
    let account = account_of(&state.database, caller.clone(), item.reference.as_str().into()).await?;
    if account.payments.is_empty() && item.price.is_none() {
        return Ok(None);
    }
    let typed: TypedAmount = guard::session().typed(FORM, &item.reference).await?;
    let none = account
        .payments
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("paid-none")}</p> });
    let form = account.open().map(|open| take_form(item, &open, typed, texts));
    let body = account_view(&account, item, "/admin/payments", texts);
    Ok(Some(
        view! {
            <section class="card stack" id="payment" aria-labelledby="paid">
                <h2 id="paid">{texts.text("paid-title")}</h2>
                {none}
                {body}
                {form}
            </section>
        }
        .into_any(),
    ))
}

fn take_form(item: &Item, open: &Price, typed: TypedAmount, texts: Texts) -> impl IntoView + use<> {
    let hint = texts.with("take-amount-hint", &[("open", open.text(texts.locale()).into())]);
    let means = [
        (Provider::Cash, "take-cash"),
        (Provider::Terminal, "take-terminal"),
    ]
    .map(|(means, key)| {
        let is_chosen = match typed.means.as_str() {
            "" => means == Provider::Cash,
            typed => typed == means.as_str(),
        };
        view! {
            <label class="choice">
                <input type="radio" name="means" value=means.as_str() checked=is_chosen required />
                <span>{texts.text(key)}</span>
            </label>
        }
    });
    view! {
        <form method="post" action=TakePayment::url() class="stack-s">
            <KeyField />
            <Hidden name="reference" value=item.reference.clone() />
            <h3>{texts.text("take-payment")}</h3>
            <TextField
                field=Field::Amount
                label=texts.text("take-amount")
                hint=hint
                value=typed.amount
                inputmode="decimal"
                required=false
            />
            <fieldset class="choices">
                <legend>{texts.text("take-means")}</legend>
                {means}
            </fieldset>
            <div class="actions">
                <button class="btn primary">{icon("check")}{texts.text("take-do")}</button>
                <a class="btn quiet" href=format!("/admin/takings?clinic={}", item.clinic_id)>
                    {texts.text("takings-title")} " " {isolate(item.clinic_name.clone())}
                </a>
            </div>
        </form>
    }
}
