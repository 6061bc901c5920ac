//! What a service asks for, and what goes back: pure rules.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{money::Price, time::plus_minutes};

/// When something is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// Nothing is said of it.
    #[default]
    Unsaid,
    /// At the desk of the clinic.
    Desk,
    /// Before it is booked: this much of the price in its smallest unit, or all of it.
    Before { deposit: Option<i64> },
}

impl When {
    /// The word for programs and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsaid => "none",
            Self::Desk => "desk",
            Self::Before { deposit: None } => "before",
            Self::Before { deposit: Some(_) } => "deposit",
        }
    }

    /// As it is stored: the word, and the deposit.
    pub fn to_store(self) -> (Option<&'static str>, Option<i64>) {
        match self {
            Self::Unsaid => (None, None),
            Self::Desk => (Some("desk"), None),
            Self::Before { deposit } => (Some("before"), deposit),
        }
    }

    pub fn stored(word: Option<&str>, deposit: Option<i64>) -> Self {
        match word {
            Some("desk") => Self::Desk,
            Some("before") => Self::Before { deposit },
            _ => Self::Unsaid,
        }
    }

    /// What is paid before something of this price is booked, in its smallest unit.
    pub fn first(self, price: Option<&Price>) -> Option<i64> {
        match self {
            Self::Before { deposit } => {
                let price = price?.minor;
                Some(deposit.unwrap_or(price).min(price)).filter(|minor| *minor > 0)
            }
            Self::Unsaid | Self::Desk => None,
        }
    }
}

/// What a patient gets back who cancels. Whatever the clinic calls off is paid back whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRule {
    /// Minutes before the start until which everything goes back.
    pub full_minutes: i32,
    /// What goes back later, in percent.
    pub late_percent: i32,
}

impl Terms {
    /// Reads the terms of a row.
    pub fn stored(
        word: Option<&str>,
        deposit: Option<i64>,
        refund_minutes: Option<i32>,
        late_percent: Option<i32>,
    ) -> Self {
        Self {
            when: When::stored(word, deposit),
            refund: RefundRule {
                full_minutes: refund_minutes.unwrap_or_default(),
                late_percent: late_percent.unwrap_or_default(),
            },
        }
    }
}

impl RefundRule {
    /// What goes back of an amount when its patient cancels now, in its smallest unit: at most the amount, and no fraction of
    /// a rupiah, which nobody could pay back.
    pub fn back(self, paid: &Price, starts_at: Timestamp, now: Timestamp) -> i64 {
        if now <= plus_minutes(starts_at, -i64::from(self.full_minutes)) {
            return paid.minor;
        }
        let back = paid
            .minor
            .saturating_mul(i64::from(self.late_percent.clamp(0, 100)))
            / 100;
        match paid.currency.as_str() {
            "IDR" => back - back % 100,
            _ => back,
        }
    }
}

/// How a service, an appointment, a kind of rooms or a stay is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub when: When,
    pub refund: RefundRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(minor: i64, currency: &str) -> Price {
        Price {
            minor,
            currency: currency.to_owned(),
        }
    }

    #[test]
    fn what_goes_back_depends_on_the_time_before_the_start() {
        let rule = RefundRule {
            full_minutes: 24 * 60,
            late_percent: 50,
        };
        let start = Timestamp::UNIX_EPOCH;
        for (minutes_before, expected) in [
            (48 * 60, 15_000_000),
            (24 * 60, 15_000_000),
            (24 * 60 - 1, 7_500_000),
            (0, 7_500_000),
            (-10, 7_500_000),
        ] {
            let back = rule.back(
                &price(15_000_000, "IDR"),
                start,
                plus_minutes(start, -minutes_before),
            );
            assert_eq!(back, expected, "{minutes_before}");
        }
    }

    #[test]
    fn a_part_is_rounded_down_and_has_no_fraction_of_a_rupiah() {
        let rule = RefundRule {
            full_minutes: 60,
            late_percent: 33,
        };
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(rule.back(&price(10_100, "EUR"), start, start), 3333);
        assert_eq!(rule.back(&price(10_100, "IDR"), start, start), 3300);
        let nothing = RefundRule::default();
        assert_eq!(
            nothing.back(&price(10_100, "EUR"), start, plus_minutes(start, 1)),
            0
        );
        assert_eq!(nothing.back(&price(10_100, "EUR"), start, start), 10_100);
    }

    #[test]
    fn nothing_is_paid_first_where_there_is_no_price() {
        let deposit = When::Before { deposit: Some(5000) };
        assert_eq!(deposit.first(Some(&price(20_000, "EUR"))), Some(5000));
        assert_eq!(deposit.first(Some(&price(3000, "EUR"))), Some(3000));
        assert_eq!(
            When::Before { deposit: None }.first(Some(&price(20_000, "EUR"))),
            Some(20_000)
        );
        assert_eq!(deposit.first(None), None);
        assert_eq!(When::Desk.first(Some(&price(20_000, "EUR"))), None);
    }

    #[test]
    fn it_is_read_as_it_is_stored() {
        for when in [
            When::Unsaid,
            When::Desk,
            When::Before { deposit: None },
            When::Before { deposit: Some(1) },
        ] {
            let (word, deposit) = when.to_store();
            assert_eq!(When::stored(word, deposit), when);
        }
    }
}
