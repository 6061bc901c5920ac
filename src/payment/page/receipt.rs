//! A receipt to print: for the patient, and at the desk.

use engine::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    payment::{Receipt, Subject, receipt},
    time,
};
use leptos::prelude::*;

use super::means_text;
use crate::{
    account::guard,
    payment::{desk_path_of, own_path_of},
    server::AppState,
    ui::{Page, Tone, icon, island::PrintButton, isolate, notice, page, path_parameter, query, texts},
};

/// The receipt of a payment, for its patient.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        receipt_page(caller, own_path_of).await
    })
}

/// The receipt of a payment, at the desk.
#[component]
pub fn AdminReceiptPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        receipt_page(caller, desk_path_of).await
    })
}

async fn receipt_page(caller: Caller, path_of: fn(Subject, &str) -> String) -> Result<Page, AppError> {
    let (state, texts) = (expect_context::<AppState>(), texts());
    let receipt = receipt(&state.database, caller, path_parameter("payment")?).await?;
    let done = query("done")
        .filter(|done| done == "take")
        .map(|_| notice(Tone::Good, texts.text("take-done"), ()));
    let back = path_of(receipt.subject, &receipt.reference);
    let title = format!("{} {}", texts.text("receipt-title"), receipt.number);
    let rows = rows(&receipt, texts);
    Ok(Page::new(
        title.clone(),
        view! {
            {done}
            <div class="narrow stack">
                <a class="back" href=back>{icon("arrow-left")}{receipt.reference.clone()}</a>
                <article class="slip stack-s">
                    <header>
                        <p>{isolate(receipt.clinic_name.clone())}</p>
                        <h1>{title}</h1>
                    </header>
                    {rows}
                </article>
                <div class="actions">
                    <PrintButton text=texts.text("receipt-print") />
                </div>
            </div>
        },
    ))
}

fn rows(receipt: &Receipt, texts: Texts) -> impl IntoView + use<> {
    let zone = time::shown_zone(&receipt.zone_name);
    let (key, when) = match receipt.subject {
        Subject::Appointment(_) => ("receipt-for-text", time::moment(receipt.starts_at, &zone, texts)),
        Subject::Stay(_) => (
            "receipt-for-stay",
            time::long_date(time::local_date(receipt.starts_at, &zone), texts),
        ),
    };
    let about = texts.with(
        key,
        &[
            ("reference", receipt.reference.clone().into()),
            ("when", when.into()),
        ],
    );
    let clinic = format!(
        "{}, {}, {}",
        receipt.clinic_name, receipt.clinic_address, receipt.clinic_phone
    );
    let back = receipt.paid_back.as_ref().map(|price| price.text(texts.locale()));
    let rows = [
        ("receipt-number", receipt.number.to_string()),
        ("receipt-date", time::moment(receipt.paid_at, &zone, texts)),
        ("receipt-amount", receipt.price.text(texts.locale())),
        ("receipt-means", means_text(receipt.provider, texts)),
        ("receipt-for", about),
        (
            "receipt-patient",
            receipt.patient_name.clone().unwrap_or_default(),
        ),
        ("receipt-taken-by", receipt.taken_by.clone().unwrap_or_default()),
        ("receipt-paid-back", back.unwrap_or_default()),
        ("receipt-clinic", clinic),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}
