//! Figures in the words of a language.

use engine::{
    i18n::{Locale, Texts},
    report::Part,
};

/// What stands where there is no figure.
pub(super) const NONE: &str = "–";

/// A number with as many decimals as say something, in the way of the language.
pub(super) fn decimal(number: f64, decimals: usize, texts: Texts) -> String {
    let text = format!("{number:.decimals$}");
    match texts.locale() {
        Locale::En => text,
        Locale::Id | Locale::De => text.replace('.', ","),
    }
}

pub(super) fn percent(part: Option<Part>, texts: Texts) -> String {
    match part.and_then(Part::percent) {
        Some(percent) => {
            let sign = match texts.locale() {
                Locale::En | Locale::Id => "%",
                Locale::De => "\u{a0}%",
            };
            format!("{}{sign}", decimal(percent, 1, texts))
        }
        None => NONE.to_owned(),
    }
}

/// A sum of minutes, in hours.
pub(super) fn hours(minutes: i64, texts: Texts) -> String {
    let hours = decimal(minutes as f64 / 60.0, 1, texts);
    texts.with("report-hours", &[("count", hours.into())])
}

/// A time that passes, in days from two of them on, in minutes below two hours, and in hours in between.
pub(super) fn passing(hours: Option<f64>, texts: Texts) -> String {
    let (key, number, decimals) = match hours {
        None => return NONE.to_owned(),
        Some(hours) if hours >= 48.0 => ("report-days", hours / 24.0, 1),
        Some(hours) if hours >= 2.0 => ("report-hours", hours, 1),
        Some(hours) => ("report-minutes", hours * 60.0, 0),
    };
    texts.with(key, &[("count", decimal(number, decimals, texts).into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_unit_of_its_size() {
        let (en, de) = (Texts::of(Locale::En), Texts::of(Locale::De));
        for (hours, expected) in [
            (None, "–"),
            (Some(0.5), "30\u{a0}min"),
            (Some(2.25), "2.2\u{a0}h"),
            (Some(60.0), "2.5\u{a0}days"),
        ] {
            assert_eq!(passing(hours, en), expected);
        }
        assert_eq!(passing(Some(60.0), de), "2,5\u{a0}Tage");
        assert_eq!(percent(Some(Part { of: 3, part: 1 }), de), "33,3\u{a0}%");
        assert_eq!(percent(None, en), NONE);
    }
}
