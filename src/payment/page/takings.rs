//! What a day of a clinic brought, by person and by how it was paid.

use engine::{
    i18n::Texts,
    organisation,
    payment::{DayTotal, day_totals},
    time,
};
use jiff::civil;
use leptos::prelude::*;

use super::means_text;
use crate::{
    account::guard,
    server::AppState,
    ui::{Page, icon, isolate, page, query, texts},
};

/// The takings of a day.
#[component]
pub fn TakingsPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (state, texts) = (expect_context::<AppState>(), texts());
        let clinics = organisation::clinics(&state.database).await?;
        let clinics: Vec<_> = clinics
            .into_iter()
            .filter(|clinic| !caller.is_kept_from(clinic.id))
            .collect();
        let said = query("clinic").and_then(|id| id.parse::<i64>().ok());
        let clinic = clinics
            .iter()
            .find(|clinic| Some(clinic.id) == said)
            .or(clinics.first());
        let today = clinic.map(|clinic| {
            let zone = time::shown_zone(&clinic.what.time_zone);
            time::local_date(state.now(), &zone)
        });
        let date = query("date")
            .and_then(|date| date.parse::<civil::Date>().ok())
            .or(today);
        let totals = match (clinic, date) {
            (Some(clinic), Some(date)) => {
                day_totals(&state.database, caller.clone(), clinic.id, date).await?
            }
            _ => Vec::new(),
        };
        let chosen = clinic.map(|clinic| clinic.id);
        let choices = clinics
            .iter()
            .map(|clinic| {
                let is_chosen = Some(clinic.id) == chosen;
                view! { <option value=clinic.id.to_string() selected=is_chosen>{clinic.what.name.clone()}</option> }
            })
            .collect_view();
        let body = match totals.as_slice() {
            [] => view! { <p class="soft">{texts.text("takings-none")}</p> }.into_any(),
            totals => table(totals, texts).into_any(),
        };
        let title = texts.text("takings-title");
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="stack">
                    <div class="page-head">
                        <div><h1>{title}</h1><p>{texts.text("takings-intro")}</p></div>
                    </div>
                    <form method="get" action="/admin/takings" class="fields">
                        <div class="field">
                            <label for="clinic">{texts.text("takings-clinic")}</label>
                            <select id="clinic" name="clinic">{choices}</select>
                        </div>
                        <div class="field">
                            <label for="date">{texts.text("takings-date")}</label>
                            <input id="date" name="date" type="date" value=date.map(|date| date.to_string()) />
                        </div>
                        <button class="btn">{icon("search")}{texts.text("takings-show")}</button>
                    </form>
                    {body}
                </div>
            },
        ))
    })
}

fn table(totals: &[DayTotal], texts: Texts) -> impl IntoView + use<> {
    let head = [
        "takings-who",
        "takings-means",
        "takings-count",
        "takings-in",
        "takings-back",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    let rows = totals.iter().map(|total| row(total, texts)).collect_view();
    let sums = sums(totals)
        .into_iter()
        .map(|(payments, taken, back)| {
            view! {
                <tr>
                    <th scope="row">{texts.text("takings-sum")}</th>
                    <td></td>
                    <td data-label=texts.text("takings-count")><span>{payments}</span></td>
                    <td data-label=texts.text("takings-in")><span>{taken.text(texts.locale())}</span></td>
                    <td data-label=texts.text("takings-back")><span>{back.text(texts.locale())}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("takings-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("takings-title")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>{sums}</tfoot>
            </table>
        </div>
    }
}

fn row(total: &DayTotal, texts: Texts) -> impl IntoView + use<> {
    let who = total
        .taken_by
        .clone()
        .unwrap_or_else(|| texts.text("takings-online"));
    view! {
        <tr>
            <th scope="row">{isolate(who)}</th>
            <td data-label=texts.text("takings-means")><span>{means_text(total.means, texts)}</span></td>
            <td data-label=texts.text("takings-count")><span>{total.payments}</span></td>
            <td data-label=texts.text("takings-in")><span>{total.taken.text(texts.locale())}</span></td>
            <td data-label=texts.text("takings-back")><span>{total.paid_back.text(texts.locale())}</span></td>
        </tr>
    }
}

/// The sums, one for each currency.
fn sums(totals: &[DayTotal]) -> Vec<(i64, engine::money::Price, engine::money::Price)> {
    let mut sums: Vec<(i64, engine::money::Price, engine::money::Price)> = Vec::new();
    for total in totals {
        match sums
            .iter_mut()
            .find(|(_, taken, _)| taken.currency == total.taken.currency)
        {
            Some((payments, taken, back)) => {
                *payments += total.payments;
                taken.minor += total.taken.minor;
                back.minor += total.paid_back.minor;
            }
            None => sums.push((total.payments, total.taken.clone(), total.paid_back.clone())),
        }
    }
    sums
}
