//! The pages of those who watch: locks, and the integrity check.

pub mod chart;
mod integrity;
mod locks;

pub use self::{integrity::IntegrityPage, locks::LocksPage};
use engine::i18n::{Locale, Texts};

/// A number with as many decimals as say something, in the way of the language.
fn decimal(value: f64, decimals: usize, texts: Texts) -> String {
    let text = format!("{value:.decimals$}");
    match texts.locale() {
        Locale::En => text,
        Locale::Id | Locale::De => text.replace('.', ","),
    }
}

/// A count, of which the metrics make a float.
fn whole(count: f64) -> String {
    // The sum of nothing is minus zero.
    format!("{:.0}", count + 0.0)
}

/// A short time, in milliseconds or seconds.
fn duration(seconds: f64, texts: Texts) -> String {
    let milliseconds = seconds * 1000.0;
    if milliseconds >= 1000.0 {
        format!("{} s", decimal(seconds, 1, texts))
    } else if milliseconds >= 10.0 {
        format!("{} ms", decimal(milliseconds, 0, texts))
    } else {
        format!("{} ms", decimal(milliseconds, 1, texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_by_its_size() {
        for (seconds, expected) in [
            (0.000_42, "0.4 ms"),
            (0.0034, "3.4 ms"),
            (0.0123, "12 ms"),
            (0.999, "999 ms"),
            (1.25, "1.2 s"),
            (61.0, "61.0 s"),
        ] {
            assert_eq!(duration(seconds, Texts::of(Locale::En)), expected);
        }
        assert_eq!(duration(0.0034, Texts::of(Locale::De)), "3,4 ms");
    }
}
