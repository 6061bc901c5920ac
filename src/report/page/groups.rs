//! The parts of a report: a table, and a picture of it.

use engine::{
    i18n::Texts,
    report::{By, Figures, Group},
};
use leptos::prelude::*;

use super::{
    by_text, lines,
    number::{NONE, decimal, passing, percent},
};
use crate::monitoring::page::chart::bars;

/// The most parts that are drawn.
const MAX_DRAWN: usize = 15;

/// The columns, by the keys of the figures that they are.
const COLUMNS: [&str; 11] = [
    "report-appointments",
    "report-utilisation",
    "report-attended",
    "report-no-shows",
    "report-late",
    "report-fill",
    "report-lead",
    "report-answer",
    "report-new",
    "report-taken",
    "report-rating",
];

fn cells(figures: &Figures, texts: Texts) -> [String; 11] {
    [
        figures.appointments.to_string(),
        percent(figures.utilisation(), texts),
        percent(figures.attended(), texts),
        percent(Some(figures.no_shows()), texts),
        percent(Some(figures.late_cancellations()), texts),
        percent(Some(figures.fill_rate()), texts),
        passing(figures.lead_hours.map(|lead| lead.0), texts),
        passing(
            figures.requests.minutes_to_answer.map(|minutes| minutes / 60.0),
            texts,
        ),
        figures.new_patients.to_string(),
        lines::sums(&figures.money, |money| money.taken, texts),
        figures
            .mean_score()
            .map_or_else(|| NONE.to_owned(), |mean| decimal(mean, 1, texts)),
    ]
}

/// The name of a part: channels are known by words, and all others have names of their own.
fn name(group: &Group, by: By, texts: Texts) -> String {
    match by {
        By::Channel => texts.text(&format!("report-channel-{}", group.name)),
        By::Doctor | By::Clinic | By::Service => group.name.clone(),
    }
}

/// The parts of the report; nothing where there are none.
pub(super) fn section(groups: &[Group], by: By, texts: Texts) -> Option<impl IntoView + use<>> {
    if groups.is_empty() {
        return None;
    }
    let heading = by_text(by, texts);
    let head = COLUMNS.map(|key| view! { <th scope="col" class="number">{texts.text(key)}</th> });
    let rows = groups
        .iter()
        .map(|group| {
            let cells = cells(&group.figures, texts)
                .into_iter()
                .zip(COLUMNS)
                .map(|(text, key)| view! { <td class="number" data-label=texts.text(key)>{text}</td> })
                .collect_view();
            view! { <tr><th scope="row">{name(group, by, texts)}</th>{cells}</tr> }
        })
        .collect_view();
    let drawn: Vec<(String, f64)> = groups
        .iter()
        .take(MAX_DRAWN)
        .map(|group| (name(group, by, texts), group.figures.appointments as f64))
        .collect();
    Some(view! {
        <section class="stack">
            <h2 id="report-groups">{heading.clone()}</h2>
            <div class="table-wrap" role="region" aria-labelledby="report-groups" tabindex="0">
                <table class="cards">
                    <caption class="hide">{heading.clone()}</caption>
                    <thead><tr><th scope="col">{heading}</th>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <h3 id="report-picture">{texts.text("report-appointments")}</h3>
            {bars("report-picture", &drawn, false)}
        </section>
    })
}

#[cfg(test)]
mod tests {
    use engine::{i18n::Locale, report::CHANNELS};

    use super::*;

    #[test]
    fn every_channel_and_every_part_has_a_name_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            let channels = CHANNELS.map(|channel| {
                let group = Group {
                    name: channel.to_owned(),
                    figures: Figures::default(),
                };
                name(&group, By::Channel, texts)
            });
            for text in channels.into_iter().chain(By::ALL.map(|by| by_text(by, texts))) {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }
}
