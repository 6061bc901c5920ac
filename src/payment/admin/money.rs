//! What each day brought: a table first, and a picture of each currency.

use engine::{i18n::Texts, payment::board::Revenue, time};
use leptos::prelude::*;

use crate::{monitoring::page::chart::bars, ui::csv_link};

/// The days as a table and, for each currency, as a picture; nothing where nothing came.
pub(super) fn revenue(days: &[Revenue], texts: Texts) -> Option<impl IntoView + use<>> {
    if days.is_empty() {
        return None;
    }
    let locale = texts.locale();
    let keys = [
        "payments-count",
        "payments-taken",
        "payments-back",
        "payments-kept",
    ];
    let head = keys.map(|key| view! { <th scope="col" class="number">{texts.text(key)}</th> });
    let rows = days
        .iter()
        .map(|day| {
            let cells = [
                day.payments.to_string(),
                day.taken.text(locale),
                day.paid_back.text(locale),
                signed(day, texts),
            ]
            .into_iter()
            .zip(keys)
            .map(|(text, key)| view! { <td class="number" data-label=texts.text(key)>{text}</td> })
            .collect_view();
            view! { <tr><th scope="row">{time::short_date(day.day, texts)}</th>{cells}</tr> }
        })
        .collect_view();
    let mut currencies: Vec<&str> = days.iter().map(|day| day.taken.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    // An id for each heading: there are few currencies, and no clinic of more than three.
    let pictures = currencies
        .into_iter()
        .zip(["revenue-1", "revenue-2", "revenue-3"])
        .map(|(currency, id)| {
            let title = texts.with("payments-picture", &[("currency", currency.to_owned().into())]);
            view! {
                <h3 id=id>{title}</h3>
                {bars(id, &kept(days, currency, texts), false)}
            }
        })
        .collect_view();
    Some(view! {
        <section class="stack">
            <h2 id="revenue">{texts.text("payments-revenue")}</h2>
            <p>{texts.text("payments-revenue-intro")}</p>
            <div class="table-wrap" role="region" aria-labelledby="revenue" tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("payments-revenue")}</caption>
                    <thead><tr><th scope="col">{texts.text("payments-day")}</th>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {csv_link("/admin/revenue.csv".to_owned(), texts)}
            {pictures}
        </section>
    })
}

/// What stayed of a day, with its sign: prices have none.
fn signed(day: &Revenue, texts: Texts) -> String {
    let kept = day.kept();
    let sign = if kept.minor < 0 { "−" } else { "" };
    format!("{sign}{}", kept.text(texts.locale()))
}

/// What stayed of each day in a currency, in whole units, as far as there is something to draw.
fn kept(days: &[Revenue], currency: &str, texts: Texts) -> Vec<(String, f64)> {
    days.iter()
        .filter(|day| day.taken.currency == currency)
        .map(|day| {
            let kept = day.kept();
            // A picture needs no more than one knows of numbers like these.
            let units = match kept.minor > 0 {
                true => kept.amount().parse::<f64>().unwrap_or_default(),
                false => 0.0,
            };
            (time::short_date(day.day, texts), units)
        })
        .collect()
}
