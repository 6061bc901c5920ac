//! The figures of the whole report, each beside that of the period before and its definition.

use engine::{
    i18n::Texts,
    money::Price,
    report::{Figures, Money, Part, Period, Report},
};
use leptos::prelude::*;

use super::{
    days_of,
    number::{NONE, decimal, hours, passing, percent},
};

/// A figure of a report: the keys of its name and of its definition, and how it is written.
struct Line {
    key: &'static str,
    text: fn(&Figures, Texts) -> String,
}

const fn line(key: &'static str, text: fn(&Figures, Texts) -> String) -> Line {
    Line { key, text }
}

/// The figures, in the order of the page. Each `key` has a definition at `key-what`.
const LINES: [Line; 26] = [
    line("report-appointments", |f, _| f.appointments.to_string()),
    line("report-completed", |f, _| f.completed.to_string()),
    line("report-cancelled", |f, _| f.cancelled.to_string()),
    line("report-capacity", |f, texts| {
        f.capacity
            .map_or_else(|| NONE.to_owned(), |capacity| hours(capacity.minutes, texts))
    }),
    line("report-utilisation", |f, texts| percent(f.utilisation(), texts)),
    line("report-attended", |f, texts| percent(f.attended(), texts)),
    line("report-used", |f, texts| hours(f.used_minutes, texts)),
    line("report-buffers", |f, texts| hours(f.buffer_minutes, texts)),
    line("report-lost", |f, texts| hours(f.lost_minutes, texts)),
    line("report-no-shows", |f, texts| percent(Some(f.no_shows()), texts)),
    line("report-late", |f, texts| {
        percent(Some(f.late_cancellations()), texts)
    }),
    line("report-fill", |f, texts| percent(Some(f.fill_rate()), texts)),
    line("report-fill-waitlist", |f, _| f.filled.by_waitlist.to_string()),
    line("report-lead", |f, texts| {
        passing(f.lead_hours.map(|lead| lead.0), texts)
    }),
    line("report-lead-p90", |f, texts| {
        passing(f.lead_hours.map(|lead| lead.1), texts)
    }),
    line("report-answer", |f, texts| {
        passing(f.requests.minutes_to_answer.map(|minutes| minutes / 60.0), texts)
    }),
    line("report-expired", |f, texts| {
        percent(Some(f.requests.expired_share()), texts)
    }),
    line("report-new", |f, texts| {
        let new = Part {
            of: f.stood(),
            part: f.new_patients,
        };
        counted(f.new_patients, new, texts)
    }),
    line("report-known", |f, texts| {
        let known = Part {
            of: f.stood(),
            part: f.known_patients,
        };
        counted(f.known_patients, known, texts)
    }),
    line("report-coming", |f, texts| {
        let coming = Part {
            of: f.stood(),
            part: f.coming,
        };
        percent(Some(coming), texts)
    }),
    line("report-delivered", |f, texts| {
        let arrived = Part {
            of: f.reminders.sent + f.reminders.failed,
            part: f.reminders.delivered,
        };
        percent(Some(arrived), texts)
    }),
    line("report-reminded", |f, texts| {
        percent(Some(f.reminders.reminded), texts)
    }),
    line("report-unreminded", |f, texts| {
        percent(Some(f.reminders.unreminded), texts)
    }),
    line("report-taken", |f, texts| {
        sums(&f.money, |money| money.taken, texts)
    }),
    line("report-back", |f, texts| {
        sums(&f.money, |money| money.paid_back, texts)
    }),
    line("report-rating", |f, texts| match f.mean_score() {
        Some(mean) => format!("{} ({})", decimal(mean, 1, texts), f.ratings),
        None => NONE.to_owned(),
    }),
];

/// A count, and the part that it is.
fn counted(count: i64, part: Part, texts: Texts) -> String {
    match part.of {
        0 => NONE.to_owned(),
        _ => format!("{count} ({})", percent(Some(part), texts)),
    }
}

/// A sum of each currency.
pub(super) fn sums(money: &[Money], of: fn(&Money) -> i64, texts: Texts) -> String {
    let sums: Vec<String> = money
        .iter()
        .map(|money| {
            let price = Price {
                minor: of(money),
                currency: money.currency.clone(),
            };
            price.text(texts.locale())
        })
        .collect();
    match sums.is_empty() {
        true => NONE.to_owned(),
        false => sums.join(" · "),
    }
}

/// The figures of the whole.
pub(super) fn section(
    report: &Report,
    period: Period,
    conflicts: f64,
    texts: Texts,
) -> impl IntoView + use<> {
    let row = |key: &str, now: String, before: String| {
        view! {
            <tr>
                <th scope="row">{texts.text(key)}</th>
                <td class="number" data-label=texts.text("report-now")>{now}</td>
                <td class="number" data-label=texts.text("report-before")>{before}</td>
                <td data-label=texts.text("report-what")><small>{texts.text(&format!("{key}-what"))}</small></td>
            </tr>
        }
    };
    let rows = LINES
        .iter()
        .map(|line| {
            let text = |figures| (line.text)(figures, texts);
            row(line.key, text(&report.total), text(&report.before))
        })
        .collect_view();
    let conflicts = row(
        "report-conflicts",
        format!("{:.0}", conflicts + 0.0),
        NONE.to_owned(),
    );
    let head = ["report-figure", "report-now", "report-before", "report-what"]
        .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <section class="stack">
            <h2 id="report-figures">{texts.text("report-figures")}</h2>
            <p>{days_of(period, texts)} " " {texts.text("report-compared")} " " {days_of(period.before(), texts)}</p>
            {unknown(report, texts)}
            <div class="table-wrap" role="region" aria-labelledby="report-figures" tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("report-figures")}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}{conflicts}</tbody>
                </table>
            </div>
        </section>
    }
}

/// Says what is not known of the capacity: days that nobody wrote down when they ended.
fn unknown(report: &Report, texts: Texts) -> Option<impl IntoView + use<>> {
    let of = |figures: &Figures| figures.capacity.map_or(0, |capacity| capacity.planned_days);
    let days = of(&report.total) + of(&report.before);
    (days > 0).then(|| {
        let text = texts.with("report-planned-days", &[("count", days.into())]);
        view! { <p class="soft">{text}</p> }
    })
}

#[cfg(test)]
mod tests {
    use engine::i18n::Locale;

    use super::*;

    #[test]
    fn every_figure_has_a_name_and_a_definition_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            for key in LINES.iter().map(|line| line.key).chain(["report-conflicts"]) {
                for key in [key.to_owned(), format!("{key}-what")] {
                    assert!(!texts.text(&key).starts_with("Unknown localization"), "{key}");
                }
            }
        }
    }

    #[test]
    fn a_report_about_nothing_is_written_too() {
        for texts in Locale::ALL.map(Texts::of) {
            for line in &LINES {
                assert!(
                    !(line.text)(&Figures::default(), texts).is_empty(),
                    "{}",
                    line.key
                );
            }
        }
    }
}
