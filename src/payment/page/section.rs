//! What is paid, on the pages of appointments; and the form by which the desk takes a payment.

use engine::{
    account::Caller,
    appointment::{AppointmentName, Item},
    error::{AppError, Field},
    i18n::Texts,
    money::Price,
    payment::{Account, PaymentState, Provider, Subject, SubjectName, View, account_of},
    stay, time,
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Asks, means_text, state_text};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    payment::forms::{FORM, TakePayment, TypedAmount},
    server::AppState,
    ui::{Hidden, TextField, icon, isolate, texts},
};

/// What is paid, as far as its section speaks of it.
struct For {
    asks: Asks,
    subject: Subject,
    reference: String,
    zone: TimeZone,
    clinic: (i64, String),
}

impl From<&Item> for For {
    fn from(item: &Item) -> Self {
        Self {
            asks: item.into(),
            subject: Subject::Appointment(item.id),
            reference: item.reference.clone(),
            zone: item.zone.clone(),
            clinic: (item.clinic_id, item.clinic_name.clone()),
        }
    }
}

impl From<&stay::Item> for For {
    fn from(item: &stay::Item) -> Self {
        Self {
            asks: item.into(),
            subject: Subject::Stay(item.stay.id),
            reference: item.stay.reference.clone(),
            zone: item.zone.clone(),
            clinic: (item.stay.clinic_id, item.clinic_name.clone()),
        }
    }
}

impl For {
    fn name(&self) -> SubjectName {
        match self.subject {
            Subject::Appointment(id) => SubjectName::Appointment(AppointmentName::Id(id)),
            Subject::Stay(id) => SubjectName::Stay(id),
        }
    }
}

/// A payment in a line, with the way to its receipt.
fn line(view: &View, item: &For, receipts: &str, texts: Texts) -> impl IntoView + use<> {
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
    let back = (view.back_already > 0).then(|| {
        let back = Price {
            minor: view.back_already,
            currency: view.price.currency.clone(),
        };
        let back = texts.with("paid-back-of-it", &[("amount", back.text(texts.locale()).into())]);
        view! { " " <span class="tag">{back}</span> }
    });
    let receipt = view.receipt_number.map(|number| {
        let href = format!("{receipts}/{}/receipt", view.id);
        view! { " " <a href=href>{texts.with("paid-receipt", &[("number", number.into())])}</a> }
    });
    view! { <li>{text} {state} {back} {receipt}</li> }
}

/// What was paid and what is open, in rows; nothing where no payment was ever begun and nothing is asked for.
fn account_view(
    account: &Account,
    item: &For,
    receipts: &'static str,
    texts: Texts,
) -> impl IntoView + use<> {
    let currency = account
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
    let how = super::how(item.asks.clone(), texts);
    // Whoever has paid is not told to.
    let how = (!how.is_empty() && account.paid() == 0)
        .then(|| view! { <div><dt>{texts.text("pay-how")}</dt><dd>{how}</dd></div> });
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
        {super::rule(item.asks.clone(), texts)}
    }
}

/// What is paid, for the patient; nothing where nothing is to be said.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(caller: &Caller, item: &Item) -> Result<Option<AnyView>, AppError> {
    for_patient(caller, item.into()).await
}

/// What is paid for a stay, for the patient; nothing where nothing is to be said.
///
/// # Errors
/// Those of the database.
pub async fn of_stay(caller: &Caller, item: &stay::Item) -> Result<Option<AnyView>, AppError> {
    for_patient(caller, item.into()).await
}

async fn for_patient(caller: &Caller, item: For) -> Result<Option<AnyView>, AppError> {
    let (state, texts) = (expect_context::<AppState>(), texts());
    let account = account_of(&state.database, caller.clone(), item.name()).await?;
    if account.payments.is_empty() && super::how(item.asks.clone(), texts).is_empty() {
        return Ok(None);
    }
    let body = account_view(&account, &item, "/payments", texts);
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
    for_desk(caller, item.into()).await
}

/// What is paid for a stay, for the desk, and the form that takes what is open.
///
/// # Errors
/// Those of the database.
pub async fn take_for_stay(caller: &Caller, item: &stay::Item) -> Result<Option<AnyView>, AppError> {
    for_desk(caller, item.into()).await
}

async fn for_desk(caller: &Caller, item: For) -> Result<Option<AnyView>, AppError> {
    let (state, texts) = (expect_context::<AppState>(), texts());
    let account = account_of(&state.database, caller.clone(), item.name()).await?;
    if account.payments.is_empty() && item.asks.price.is_none() {
        return Ok(None);
    }
    let typed: TypedAmount = guard::session().typed(FORM, &item.reference).await?;
    let none = account
        .payments
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("paid-none")}</p> });
    let form = account.open().map(|open| take_form(&item, &open, typed, texts));
    let body = account_view(&account, &item, "/admin/payments", texts);
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

fn take_form(item: &For, open: &Price, typed: TypedAmount, texts: Texts) -> impl IntoView + use<> {
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
            {item.subject.stay_id().map(|id| view! { <Hidden name="stay" value=id.to_string() /> })}
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
                <a class="btn quiet" href=format!("/admin/takings?clinic={}", item.clinic.0)>
                    {texts.text("takings-title")} " " {isolate(item.clinic.1.clone())}
                </a>
            </div>
        </form>
    }
}
