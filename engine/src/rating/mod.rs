//! Ratings: one for an appointment that has taken place, by its patient (A5).

pub mod integrity;
mod rate;
pub use self::rate::*;
use crate::{
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
};

/// The length of a comment, in characters.
pub const MAX_COMMENT: usize = 500;

/// A score from one star to five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(i16);

impl Score {
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// # Errors
    /// `VALIDATION_FAILED` for the score.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        if text.trim().is_empty() {
            return Err(AppError::invalid(Field::Score, FieldProblem::Missing));
        }
        text.trim()
            .parse()
            .ok()
            .and_then(Self::new)
            .ok_or(AppError::invalid(Field::Score, FieldProblem::Malformed))
    }

    pub fn new(stars: i16) -> Option<Self> {
        (1..=5).contains(&stars).then_some(Self(stars))
    }

    pub fn stars(self) -> i16 {
        self.0
    }
}

/// The ratings of a doctor together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Average {
    /// The sum of all scores; there is at least one.
    pub sum: i64,
    pub count: i64,
}

impl Average {
    /// `4.8`; Indonesian and German write `4,8`. Rounded as people do, half up.
    pub fn text(self, locale: Locale) -> String {
        let count = self.count.max(1);
        let tenths = (20 * self.sum + count) / (2 * count);
        let point = match locale {
            Locale::En => '.',
            Locale::Id | Locale::De => ',',
        };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_to_five() {
        for (typed, expected) in [
            ("1", Ok(1)),
            (" 5 ", Ok(5)),
            ("", Err(FieldProblem::Missing)),
            ("0", Err(FieldProblem::Malformed)),
            ("6", Err(FieldProblem::Malformed)),
            ("-1", Err(FieldProblem::Malformed)),
            ("4.5", Err(FieldProblem::Malformed)),
            ("99999999999", Err(FieldProblem::Malformed)),
            ("5; drop table ratings", Err(FieldProblem::Malformed)),
        ] {
            let expected = expected.map_err(|problem| AppError::invalid(Field::Score, problem));
            assert_eq!(Score::parse(typed).map(Score::stars), expected, "{typed}");
        }
    }

    #[test]
    fn an_average_is_rounded_to_a_tenth() {
        for (sum, count, expected) in [
            (5, 1, "5.0"),
            (9, 2, "4.5"),
            (14, 3, "4.7"),
            (13, 3, "4.3"),
            (19, 4, "4.8"),
            (99, 20, "5.0"),
            (1, 1, "1.0"),
        ] {
            assert_eq!(
                Average { sum, count }.text(Locale::En),
                expected,
                "{sum} of {count}"
            );
        }
        assert_eq!(Average { sum: 9, count: 2 }.text(Locale::De), "4,5");
    }
}
