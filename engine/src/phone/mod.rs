//! Phone numbers, as people type and paste them, and the digits of one-time codes.
//!
//! Validity, trunk prefixes and country codes are those of libphonenumber, by its port `phonenumber`. What the port does
//! not know are the international prefixes of carriers, and digits and signs outside ASCII: they are read here.

mod numbering;
#[cfg(test)]
mod tests;
mod typed;

use std::str::FromStr;

use phonenumber::{Metadata, country, metadata::DATABASE};

pub use self::typed::{ascii_digit, is_dash, visible};
use self::{
    numbering::{calling_code, e164, international, is_valid, national, regex},
    typed::{compact, is_between},
};
use crate::error::{AppError, Field, FieldProblem};

/// A phone number as E.164 has it: a plus sign and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

/// The country whose numbers are typed without a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(country::Id);

/// Longest text that is read as a phone number, in characters: whatever people put around fifteen digits.
const MAX_TYPED: usize = 200;

/// Number of digits of a one-time code.
const CODE_DIGITS: usize = 6;

impl Default for Country {
    fn default() -> Self {
        Self(country::ID)
    }
}

impl Country {
    /// Reads a code of two letters, such as `ID`.
    pub fn parse(text: &str) -> Option<Self> {
        let id = country::Id::from_str(&text.trim().to_ascii_uppercase()).ok()?;
        DATABASE.by_id(id.as_ref()).map(|_| Self(id))
    }

    /// Finds the main country of a calling code, such as `+62`.
    pub fn of_calling_code(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('+')?;
        let is_one = matches!(digits.len(), 1..=3) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let code: u16 = digits.parse().ok().filter(|_| is_one)?;
        Self::parse(DATABASE.by_code(&code)?.first()?.id())
    }

    /// The code by which others call it, such as 62.
    pub fn calling_code(self) -> Option<u16> {
        self.metadata().map(Metadata::country_code)
    }

    fn metadata(self) -> Option<&'static Metadata> {
        DATABASE.by_id(self.0.as_ref())
    }

    /// The prefixes by which this country calls others, the longest first.
    fn international_prefixes(self, digits: &str) -> Vec<usize> {
        // Indonesia's carriers have one each, which the metadata lists but in part.
        let carriers = match self.0 {
            country::ID => "010[0-9]{2}|00[1789]|017",
            _ => "00",
        };
        let listed = self
            .metadata()
            .and_then(Metadata::international_prefix)
            .map_or("00", |regex| regex.as_str());
        let mut lengths: Vec<usize> = [carriers, listed, "00"]
            .into_iter()
            .filter_map(|pattern| Some(regex(&format!("^(?:{pattern})"))?.find(digits)?.end()))
            .collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        lengths.dedup();
        lengths
    }
}

impl Phone {
    /// Reads what people type and paste: white space, dashes, dots, slashes, brackets and what cannot be seen do not
    /// count; digits may be those of any script. A number without a plus sign is one of `country`, or follows one of the
    /// prefixes by which that country calls others. A trunk prefix is left out where the other country's numbers have
    /// none, and kept where they do.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for the phone.
    pub fn parse(typed: &str, country: Country) -> Result<Self, AppError> {
        let text = visible(typed);
        if text.is_empty() {
            return Err(AppError::invalid(Field::Phone, FieldProblem::Missing));
        }
        let malformed = AppError::invalid(Field::Phone, FieldProblem::Malformed);
        if text.chars().count() > MAX_TYPED {
            return Err(AppError::invalid(Field::Phone, FieldProblem::TooLong));
        }
        let compact = compact(&text).ok_or(malformed)?;
        let read = match compact.strip_prefix('+') {
            Some(digits) => international(digits),
            None => from_within(country, &compact),
        };
        read.map(Self).ok_or(malformed)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a number of one of these countries. Countries that share a calling code are told apart by their
    /// numbers.
    pub fn is_of(&self, countries: &[Country]) -> bool {
        let Some((code, national)) = calling_code(self.0.trim_start_matches('+')) else {
            return false;
        };
        (countries.iter().filter_map(|country| country.metadata()))
            .any(|metadata| metadata.country_code() == code && is_valid(national, metadata))
    }
}

/// Phone numbers do not belong in logs.
impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// Reads a one-time code: digits of any script, with white space and dashes between them.
///
/// # Errors
/// `VALIDATION_FAILED` for what cannot be a code.
pub fn code(typed: &str) -> Result<String, AppError> {
    let text = visible(typed);
    if text.is_empty() {
        return Err(AppError::invalid(Field::Code, FieldProblem::Missing));
    }
    let mut digits = String::new();
    for c in text.chars() {
        match ascii_digit(c) {
            Some(digit) => digits.push(digit),
            None if is_between(c) => {}
            None => return Err(AppError::invalid(Field::Code, FieldProblem::Malformed)),
        }
    }
    match digits.len() {
        CODE_DIGITS => Ok(digits),
        _ => Err(AppError::invalid(Field::Code, FieldProblem::Malformed)),
    }
}

/// The digits of a part of a phone number that is searched for, without a leading country code sign or trunk prefix, so
/// that they are found in a stored number. `None` where the text is no part of a number.
pub fn part(typed: &str, country: Country) -> Option<String> {
    if let Ok(whole) = Phone::parse(typed, country) {
        return Some(whole.0.trim_start_matches('+').to_owned());
    }
    let text = visible(typed);
    let compact = compact(&text)?;
    let (is_international, digits) = match compact.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, compact.as_str()),
    };
    let part = match is_international {
        true => calling_code(digits).and_then(|(code, rest)| {
            let metadata = DATABASE.by_code(&code)?.into_iter().next()?;
            let rest = match metadata.national_prefix() {
                Some(prefix) => rest.strip_prefix(prefix).unwrap_or(rest),
                None => rest,
            };
            Some(format!("{code}{rest}"))
        }),
        false => country
            .international_prefixes(digits)
            .first()
            .map(|length| digits[*length..].to_owned()),
    };
    Some(part.unwrap_or_else(|| digits.trim_start_matches('0').to_owned()))
}

/// The number that somebody in this country dials by these digits; none where they may mean two.
fn from_within(country: Country, digits: &str) -> Option<String> {
    let metadata = country.metadata()?;
    let code = metadata.country_code();
    // Countries that share a code call each other by national numbers.
    if let Some(national) = national(digits, metadata, &DATABASE.by_code(&code)?) {
        return e164(code, &national);
    }
    let mut readings: Vec<String> = country
        .international_prefixes(digits)
        .into_iter()
        .filter_map(|length| international(&digits[length..]))
        .collect();
    readings.dedup();
    match readings.len() {
        0 => {}
        1 => return readings.pop(),
        // Such as 0081…, to Japan, or to America by the carrier of 008: no code goes to who is meant by chance.
        _ => return None,
    }
    // With the country code, and without a plus sign.
    digits.strip_prefix(&code.to_string())?;
    international(digits)
}
