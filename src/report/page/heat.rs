//! Weekdays and hours as a table, in which many is dark.

use engine::{i18n::Texts, report::Hour, report::Part, time};
use jiff::civil::Weekday;
use leptos::prelude::*;

use super::number::percent;

/// The number of shades.
const SHADES: i64 = 5;

/// The shade of a count among counts up to this one: none for none, and the last for the most.
fn shade(count: i64, most: i64) -> i64 {
    match count {
        0 => 0,
        _ => 1 + (SHADES - 1) * count / most.max(1),
    }
}

/// The hours in which appointments begin; nothing where there are none.
pub(super) fn section(hours: &[Hour], texts: Texts) -> Option<impl IntoView + use<>> {
    let most = hours.iter().map(|hour| hour.appointments).max()?;
    let (first, last) = (
        hours.iter().map(|hour| hour.hour).min()?,
        hours.iter().map(|hour| hour.hour).max()?,
    );
    let weekdays = (1..=7).filter_map(|weekday| Weekday::from_monday_one_offset(weekday).ok());
    let names: Vec<String> = weekdays
        .map(|weekday| texts.text(time::weekday_key(weekday)))
        .collect();
    let head = names
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> })
        .collect_view();
    let rows = (first..=last)
        .map(|of_day| {
            let cells = (1..)
                .zip(&names)
                .map(|(weekday, name)| {
                    let hour = hours
                        .iter()
                        .find(|hour| (hour.weekday, hour.hour) == (weekday, of_day));
                    cell(hour, most, name, texts)
                })
                .collect_view();
            view! { <tr><th scope="row">{format!("{of_day:02}:00")}</th>{cells}</tr> }
        })
        .collect_view();
    Some(view! {
        <section class="stack">
            <h2 id="report-heat">{texts.text("report-heat")}</h2>
            <p>{texts.text("report-heat-text")}</p>
            <div class="table-wrap" role="region" aria-labelledby="report-heat" tabindex="0">
                <table class="heat">
                    <caption class="hide">{texts.text("report-heat")}</caption>
                    <thead><tr><th scope="col">{texts.text("report-hour")}</th>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    })
}

fn cell(hour: Option<&Hour>, most: i64, weekday: &str, texts: Texts) -> impl IntoView + use<> {
    let count = hour.map_or(0, |hour| hour.appointments);
    let no_shows = hour.filter(|hour| hour.no_show > 0).map(|hour| {
        let part = Part {
            of: hour.completed + hour.no_show,
            part: hour.no_show,
        };
        view! { <small>{percent(Some(part), texts)}</small> }
    });
    let class = format!("shade-{}", shade(count, most));
    let text = (count > 0).then(|| count.to_string());
    view! { <td class=class data-label=weekday.to_owned()>{text}{no_shows}</td> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_is_dark() {
        let shades = [0, 1, 25, 50, 75, 99, 100].map(|count| shade(count, 100));
        assert_eq!(shades, [0, 1, 2, 3, 4, 4, 5]);
        assert_eq!(shade(1, 1), SHADES);
    }
}
