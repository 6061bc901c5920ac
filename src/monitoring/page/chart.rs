//! Drawings of numbers. They say nothing that the tables do not say in words.

use leptos::prelude::*;

use super::duration;
use engine::i18n::Texts;

/// Narrow, so that the letters can be read on a phone.
const WIDTH: f64 = 360.0;
const MARGIN: f64 = 10.0;
const ROW: f64 = 36.0;
const FOOT: f64 = 22.0;
/// The range of the chart: from a tenth of a millisecond to half a minute, in seconds.
const FIRST: f64 = 0.0001;
const LAST: f64 = 30.0;

/// Returns the place of a duration on the logarithmic axis.
fn along(seconds: f64) -> f64 {
    let part = (seconds.clamp(FIRST, LAST) / FIRST).ln() / (LAST / FIRST).ln();
    MARGIN + part * (WIDTH - 2.0 * MARGIN)
}

/// A coordinate needs no more than a tenth of a pixel.
fn at(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}

/// Returns the lower end of the rows.
fn bottom(rows: usize) -> f64 {
    (0..rows).fold(0.0, |height, _| height + ROW)
}

/// For each name three times, as dots on a line: p50, p95 and p99.
pub fn spreads(heading: &'static str, rows: &[(String, [f64; 3])], texts: Texts) -> impl IntoView + use<> {
    let bottom = bottom(rows.len());
    let rules = [0.001, 0.01, 0.1, 1.0, 10.0]
        .map(|seconds| {
            let x = at(along(seconds));
            view! {
                <line class="rule" x1=x.clone() x2=x.clone() y1="0" y2=at(bottom) />
                <text x=x y=at(bottom + 15.0) text-anchor="middle">{duration_of_rule(seconds, texts)}</text>
            }
        })
        .into_iter()
        .collect_view();
    let mut y = 0.0;
    let rows = rows
        .iter()
        .map(|(name, times)| {
            let (label, middle) = (at(y + 14.0), at(y + 26.0));
            y += ROW;
            let dots = times
                .map(|time| {
                    view! { <circle class="dot" cx=at(along(time)) cy=middle.clone() r="4" /> }
                })
                .into_iter()
                .collect_view();
            view! {
                <text x=at(MARGIN) y=label>{name.clone()}</text>
                <line
                    class="line"
                    x1=at(along(times[0]))
                    x2=at(along(times[2]))
                    y1=middle.clone()
                    y2=middle
                />
                {dots}
            }
        })
        .collect_view();
    view! {
        <svg
            class="chart"
            viewBox=format!("0 0 {WIDTH} {}", at(bottom + FOOT))
            role="img"
            aria-labelledby=heading
        >
            {rules}
            <line class="axis" x1=at(MARGIN) x2=at(WIDTH - MARGIN) y1=at(bottom) y2=at(bottom) />
            {rows}
        </svg>
    }
}

/// A rule stands at a round time.
fn duration_of_rule(seconds: f64, texts: Texts) -> String {
    duration(seconds, texts).replace(".0 ", " ").replace(",0 ", " ")
}

/// For each name a number, as a bar.
pub fn bars(heading: &'static str, rows: &[(String, f64)], bad: bool) -> impl IntoView + use<> {
    let most = rows.iter().map(|row| row.1).fold(1.0, f64::max);
    let class = if bad { "bar bad" } else { "bar" };
    let height = at(bottom(rows.len()) + 4.0);
    let mut y = 0.0;
    let rows = rows
        .iter()
        .map(|(name, count)| {
            let (label, bar) = (at(y + 14.0), at(y + 20.0));
            y += ROW;
            view! {
                <text x=at(MARGIN) y=label.clone()>{name.clone()}</text>
                <text x=at(WIDTH - MARGIN) y=label text-anchor="end">{super::whole(*count)}</text>
                <rect
                    class=class
                    x=at(MARGIN)
                    y=bar
                    width=at(count / most * (WIDTH - 2.0 * MARGIN))
                    height="10"
                    rx="2"
                />
            }
        })
        .collect_view();
    view! {
        <svg class="chart" viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-labelledby=heading>
            {rows}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_power_of_ten_is_equally_wide_in_the_chart() {
        for seconds in [0.0, 0.0001, 0.5, 30.0, 1e9] {
            assert!((MARGIN..=WIDTH - MARGIN).contains(&along(seconds)), "{seconds}");
        }
        let (low, high) = (along(0.01) - along(0.001), along(1.0) - along(0.1));
        assert!((low - high).abs() < 1e-9);
    }
}
