//! How long somebody waits who asks now.

use engine::{
    i18n::Texts,
    report::{MAX_WAITS, Wait},
};
use leptos::prelude::*;

use super::number::NONE;

/// The third free time of each service of each doctor; nothing where nobody offers anything.
pub(super) fn section(waits: &[Wait], texts: Texts) -> Option<impl IntoView + use<>> {
    if waits.is_empty() {
        return None;
    }
    let keys = [
        "report-by-doctor",
        "report-by-clinic",
        "report-by-service",
        "report-third",
    ];
    let head = keys.map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    let rows = waits
        .iter()
        .map(|wait| {
            let days = match wait.days {
                Some(days) => texts.with("report-wait-days", &[("count", days.into())]),
                None => NONE.to_owned(),
            };
            view! {
                <tr>
                    <th scope="row">{wait.doctor.clone()}</th>
                    <td data-label=texts.text("report-by-clinic")>{wait.clinic.clone()}</td>
                    <td data-label=texts.text("report-by-service")>{wait.service.clone()}</td>
                    <td data-label=texts.text("report-third") class="number">{days}</td>
                </tr>
            }
        })
        .collect_view();
    let cut = (waits.len() == MAX_WAITS).then(|| {
        let text = texts.with("report-third-cut", &[("count", MAX_WAITS.to_string().into())]);
        view! { <p class="soft">{text}</p> }
    });
    Some(view! {
        <section class="stack">
            <h2 id="report-third">{texts.text("report-third")}</h2>
            <p>{texts.text("report-third-what")}</p>
            {cut}
            <div class="table-wrap" role="region" aria-labelledby="report-third" tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("report-third")}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    })
}
