//! Prices, as they are kept, typed and shown.

use crate::i18n::Locale;

/// The price of an appointment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// In the smallest unit of the currency.
    pub minor: i64,
    /// The currency code (ISO 4217).
    pub currency: String,
}

/// The number of digits of a typed amount.
const MAX_DIGITS: usize = 15;

impl Price {
    /// The price of these columns, which are both there or both not.
    pub fn of(minor: Option<i64>, currency: Option<String>) -> Option<Self> {
        minor
            .zip(currency)
            .map(|(minor, currency)| Self { minor, currency })
    }

    /// Reads an amount the way people type it: `150000`, `150.000`, `45,50`, `1,500.00`. A separator with fewer digits
    /// after it than a thousand has is the decimal one.
    pub fn parse(typed: &str, currency: &str) -> Option<Self> {
        let digits = digits_of(currency);
        let compact: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '\'')
            .collect();
        let (whole, part) = match compact.rsplit_once(['.', ',']) {
            Some((whole, part))
                if part.len() <= digits && (part.len() != 3 || !whole.contains(['.', ','])) =>
            {
                (whole, part)
            }
            _ => (compact.as_str(), ""),
        };
        let mut groups = whole.split(['.', ',']);
        let first = groups.next().unwrap_or_default();
        let groups: Vec<&str> = groups.collect();
        let is_grouped =
            groups.iter().all(|group| group.len() == 3) && (groups.is_empty() || first.len() <= 3);
        let amount = format!("{first}{}{part:0<digits$}", groups.concat());
        let is_number = !first.is_empty()
            && amount.len() <= MAX_DIGITS
            && amount.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || !is_grouped {
            return None;
        }
        Some(Self {
            minor: amount.parse().ok()?,
            currency: currency.to_owned(),
        })
    }

    /// Reads an amount the way programs write it: digits, and no more decimals than the currency has.
    pub fn exact(written: &str, currency: &str) -> Option<Self> {
        let (whole, part) = match written.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (written, ""),
        };
        let digits = digits_of(currency);
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_amount = !whole.is_empty()
            && are_digits(whole)
            && are_digits(part)
            && part.len() <= digits
            && whole.len() + digits <= MAX_DIGITS;
        if !is_amount {
            return None;
        }
        Some(Self {
            minor: format!("{whole}{part:0<digits$}").parse().ok()?,
            currency: currency.to_owned(),
        })
    }

    /// Writes the amount so that [`Self::parse`] reads it back: `150000`, `45.50`.
    pub fn amount(&self) -> String {
        let (whole, part) = self.parts();
        match part.is_empty() {
            true => whole.to_string(),
            false => format!("{whole}.{part}"),
        }
    }

    /// As people of this language read it: `Rp 150.000`, `45,50 €`.
    pub fn text(&self, locale: Locale) -> String {
        let (group, decimal) = match locale {
            Locale::En => (',', '.'),
            Locale::Id | Locale::De => ('.', ','),
        };
        let (whole, part) = self.parts();
        let digits = whole.to_string();
        let mut amount = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                amount.push(group);
            }
            amount.push(digit);
        }
        if !part.is_empty() {
            amount.push(decimal);
            amount.push_str(&part);
        }
        let currency = match self.currency.as_str() {
            "IDR" => "Rp",
            "EUR" => "€",
            "GBP" => "£",
            code => code,
        };
        // It does not break in between.
        match locale {
            Locale::De => format!("{amount}\u{a0}{currency}"),
            Locale::En | Locale::Id => format!("{currency}\u{a0}{amount}"),
        }
    }

    /// Before and after the decimal point; nothing after it where that is all zeros.
    fn parts(&self) -> (u64, String) {
        let digits = digits_of(&self.currency);
        let unit = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
        let minor = self.minor.unsigned_abs();
        match minor % unit {
            0 => (minor / unit, String::new()),
            part => (minor / unit, format!("{part:0digits$}")),
        }
    }
}

/// Returns the number of decimals of a currency (ISO 4217).
fn digits_of(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_the_way_people_type_it() {
        for (typed, currency, expected) in [
            ("150000", "IDR", Some(15_000_000)),
            ("150.000", "IDR", Some(15_000_000)),
            ("1.500.000", "IDR", Some(150_000_000)),
            ("45,50", "EUR", Some(4550)),
            ("45.5", "EUR", Some(4550)),
            (" 1 500.00 ", "NZD", Some(150_000)),
            ("1,500.00", "NZD", Some(150_000)),
            ("0", "EUR", Some(0)),
            ("1500", "JPY", Some(1500)),
            ("1,500", "JPY", Some(1500)),
            ("1.5", "JPY", None),
            ("1.250", "KWD", Some(1250)),
            ("45.505", "EUR", Some(4_550_500)),
            ("45.5055", "EUR", None),
            ("1.50.00", "EUR", None),
            (",50", "EUR", None),
            ("-5", "EUR", None),
            ("+5", "EUR", None),
            ("free", "EUR", None),
            ("", "EUR", None),
            ("1234567890123456", "EUR", None),
        ] {
            let minor = Price::parse(typed, currency).map(|price| price.minor);
            assert_eq!(minor, expected, "{typed} {currency}");
        }
    }

    #[test]
    fn an_amount_is_read_the_way_programs_write_it() {
        for (written, currency, expected) in [
            ("150000", "IDR", Some(15_000_000)),
            ("150000.5", "IDR", Some(15_000_050)),
            ("150000.00", "IDR", Some(15_000_000)),
            ("150.000", "IDR", None),
            ("1.250", "KWD", Some(1250)),
            ("1500", "JPY", Some(1500)),
            ("1500.0", "JPY", None),
            ("0", "EUR", Some(0)),
            ("0.05", "EUR", Some(5)),
            ("0.055", "EUR", None),
            ("45,50", "EUR", None),
            ("1.2.3", "EUR", None),
            ("5.", "EUR", None),
            (".5", "EUR", None),
            ("-5", "EUR", None),
            (" 5", "EUR", None),
            ("", "EUR", None),
            ("999999999999", "KWD", Some(999_999_999_999_000)),
            ("1000000000000", "KWD", None),
            ("9999999999999.99", "EUR", Some(999_999_999_999_999)),
        ] {
            let minor = Price::exact(written, currency).map(|price| price.minor);
            assert_eq!(minor, expected, "{written} {currency}");
        }
    }

    #[test]
    fn a_price_is_shown_in_the_language_and_typed_again_as_it_was() {
        let price = |minor, currency: &str| Price {
            minor,
            currency: currency.to_owned(),
        };
        for (price, [en, id, de]) in [
            (
                price(15_000_000, "IDR"),
                ["Rp\u{a0}150,000", "Rp\u{a0}150.000", "150.000\u{a0}Rp"],
            ),
            (
                price(4550, "EUR"),
                ["€\u{a0}45.50", "€\u{a0}45,50", "45,50\u{a0}€"],
            ),
            (
                price(5, "NZD"),
                ["NZD\u{a0}0.05", "NZD\u{a0}0,05", "0,05\u{a0}NZD"],
            ),
            (
                price(1500, "JPY"),
                ["JPY\u{a0}1,500", "JPY\u{a0}1.500", "1.500\u{a0}JPY"],
            ),
            (price(0, "EUR"), ["€\u{a0}0", "€\u{a0}0", "0\u{a0}€"]),
        ] {
            for (locale, expected) in [(Locale::En, en), (Locale::Id, id), (Locale::De, de)] {
                assert_eq!(price.text(locale), expected);
            }
            assert_eq!(Price::parse(&price.amount(), &price.currency), Some(price));
        }
    }
}
