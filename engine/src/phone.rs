//! Phone numbers, as people type and paste them, and the digits of one-time codes.
//!
//! Validity, trunk prefixes and country codes are those of libphonenumber, by its port `phonenumber`. What the port does
//! not know are the international prefixes of carriers, and digits and signs outside ASCII: they are read here.

use std::str::FromStr;

use phonenumber::{
    Metadata, country,
    metadata::{DATABASE, Descriptor},
};
use regex::{Regex, RegexBuilder};

use crate::{
    error::{AppError, Field, FieldProblem},
    text,
};

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

/// The number of these digits after a plus sign.
fn international(digits: &str) -> Option<String> {
    let (code, rest) = calling_code(digits)?;
    let regions = DATABASE.by_code(&code)?;
    let national = national(rest, regions.first()?, &regions)?;
    e164(code, &national)
}

/// The country code that the digits begin with, and the rest. No code is the beginning of another one.
fn calling_code(digits: &str) -> Option<(u16, &str)> {
    (1..=3).find_map(|length| {
        let code = digits.get(..length)?.parse().ok()?;
        DATABASE.by_code(&code)?;
        Some((code, &digits[length..])).filter(|_| !digits.starts_with('0'))
    })
}

fn e164(code: u16, national: &str) -> Option<String> {
    let number = format!("+{code}{national}");
    // A plus sign, and 7 to 15 digits.
    matches!(number.len(), 8..=16).then_some(number)
}

/// The digits of a number within its country, without a trunk prefix, if one of these regions has such a number.
fn national(digits: &str, main: &Metadata, regions: &[&Metadata]) -> Option<String> {
    let shortened = without_trunk_prefix(digits, main);
    // A number that needs its first digits keeps them.
    [shortened, Some(digits.to_owned())]
        .into_iter()
        .flatten()
        .find(|number| regions.iter().any(|region| is_valid(number, region)))
}

/// The digits after the prefix by which calls within the country begin, as libphonenumber has it.
fn without_trunk_prefix(digits: &str, region: &Metadata) -> Option<String> {
    let own = region.national_prefix_for_parsing();
    let pattern = own.map(|regex| regex.as_str()).or(region.national_prefix())?;
    let found = regex(&format!("^(?:{pattern})"))?.captures(digits)?;
    let rest = &digits[found.get(0)?.end()..];
    let last = found.get(found.len() - 1).filter(|_| found.len() > 1);
    match (region.national_prefix_transform_rule(), last) {
        (Some(rule), Some(_)) => {
            let mut expanded = String::new();
            // `$15` is the first group and a five.
            let groups = regex(r"\$([0-9])")?;
            found.expand(&groups.replace_all(rule, "$${$1}"), &mut expanded);
            Some(expanded + rest)
        }
        _ => Some(rest.to_owned()),
    }
}

/// Whether a region has a number of some kind with these digits.
fn is_valid(national: &str, region: &Metadata) -> bool {
    let all = region.descriptors();
    let kinds = [
        all.mobile(),
        all.fixed_line(),
        all.toll_free(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
        all.premium_rate(),
    ];
    is_of(national, all.general()) && kinds.into_iter().flatten().any(|kind| is_of(national, kind))
}

fn is_of(national: &str, kind: &Descriptor) -> bool {
    regex(&format!("^(?:{})$", kind.national_number().as_str()))
        .is_some_and(|pattern| pattern.is_match(national))
}

fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .ignore_whitespace(true)
        .build()
        .ok()
}

/// The digits of a number, with a leading plus sign where there is one; `None` where there is something else.
fn compact(text: &str) -> Option<String> {
    let (text, context) = without_scheme(text)?;
    let mut compact = String::new();
    for c in text.chars() {
        match ascii_digit(c) {
            Some(digit) => compact.push(digit),
            None if is_plus(c) && compact.is_empty() => compact.push('+'),
            None if is_between(c) => {}
            None => return None,
        }
    }
    match context {
        Some(context) if !compact.starts_with('+') => Some(format!("{context}{compact}")),
        _ => Some(compact),
    }
    .filter(|compact| compact.bytes().any(|byte| byte.is_ascii_digit()))
}

/// The number of a link such as `tel:0812-5550;phone-context=+62`, and its country code. Texts without a scheme are
/// numbers themselves.
fn without_scheme(text: &str) -> Option<(&str, Option<String>)> {
    let scheme = ["tel:", "sms:", "smsto:", "callto:"].into_iter().find(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(scheme) = scheme else {
        return Some((text, None));
    };
    let rest = text[scheme.len()..].trim_start_matches('/');
    let (number, parameters) = rest.split_once([';', '?']).unwrap_or((rest, ""));
    let mut context = None;
    for parameter in parameters.split([';', '&']) {
        match parameter.trim().split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("phone-context") && value.starts_with('+') => {
                context = Some(value.to_owned());
            }
            // An extension is a part of the number, which no code can be sent to.
            Some((name, _)) if name.eq_ignore_ascii_case("ext") || name.eq_ignore_ascii_case("isub") => {
                return None;
            }
            _ => {}
        }
    }
    Some((number, context))
}

/// A text without what cannot be seen, and without white space around it.
pub fn visible(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    text.trim().to_owned()
}

/// Whether a character shows nothing by itself, white space apart; the key cap of an emoji stands around its digit.
fn is_invisible(c: char) -> bool {
    c == '\u{20e3}' || !c.is_whitespace() && text::is_invisible(c)
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '\u{ff0b}' | '\u{fe62}' | '\u{207a}' | '\u{208a}')
}

/// Whether a character is a dash of any kind.
pub fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{2500}'
                | '\u{2796}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{30fc}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff70}'
                | '~'
                | '\u{223c}'
                | '\u{ff5e}'
                | '_'
    )
}

/// Whether a character stands between digits and means nothing.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || is_dash(c)
        || matches!(
            c,
            '.' | '/'
                | '('
                | ')'
                | '['
                | ']'
                | '\u{b7}'
                | '\u{2022}'
                | '\u{2024}'
                | '\u{2219}'
                | '\u{2044}'
                | '\u{2215}'
                | '\u{207d}'
                | '\u{207e}'
                | '\u{ff08}'
                | '\u{ff09}'
                | '\u{ff3b}'
                | '\u{ff3d}'
                | '\u{ff0e}'
                | '\u{ff0f}'
                | '\u{fe59}'
                | '\u{fe5a}'
                | '\u{30fb}'
        )
}

/// The zeros of the decimal digits that Unicode has; each is followed by one to nine.
const ZEROS: [u32; 47] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066,
    0x110f0, 0x1e950, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
];

/// The ASCII digit that a digit of any script stands for.
pub fn ascii_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = u32::from(c);
    let zero = ZEROS
        .into_iter()
        .find(|zero| (*zero..*zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod countries {
    use super::*;

    #[test]
    fn a_number_belongs_to_its_country() {
        let of = |typed: &str, countries: &[&str]| {
            let countries: Vec<Country> = countries.iter().filter_map(|code| Country::parse(code)).collect();
            Phone::parse(typed, Country::default()).is_ok_and(|phone| phone.is_of(&countries))
        };
        assert!(of("0812 5550 0101", &["ID"]));
        assert!(of("+65 8123 4567", &["ID", "SG"]));
        assert!(of("+1 202 555 0123", &["US"]));
        for (typed, countries) in [
            ("+65 8123 4567", &["ID"][..]),
            ("+1 202 555 0123", &["CA"]),
            ("+1 416 555 0123", &["US"]),
            ("+881 6 1234 5678", &["ID", "US"]),
            ("0812 5550 0101", &[]),
        ] {
            assert!(!of(typed, countries), "{typed}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, country: &str) -> Option<String> {
        let country = Country::parse(country).unwrap();
        Phone::parse(typed, country).ok().map(|phone| phone.0)
    }

    #[test]
    fn one_number_has_many_spellings() {
        for typed in [
            "+62 812-5550-0101",
            "0812 5550 0101",
            "812 5550 0101",
            "62 812 5550 0101",
            "+62 (0)812 5550 0101",
            "+62 0812 5550 0101",
            "0062 812 5550 0101",
            "0062 0812 5550 0101",
            "0062 (0) 812.5550.0101",
            "00 62 (0812) 5550/0101",
            "001 62 812 5550 0101",
            "001 62 0812 5550 0101",
            "007 62 812 5550 0101",
            "008 62 812 5550 0101",
            "009 62 812 5550 0101",
            "017 62 812 5550 0101",
            "01017 62 812 5550 0101",
            "tel:+62-812-5550-0101",
            "TEL:0812-5550-0101;phone-context=+62",
            "sms:+6281255500101?body=Halo",
            "\u{202a}+62\u{a0}812\u{2011}5550\u{2011}0101\u{202c}",
            "\u{feff}\u{2066}0812\u{2013}5550\u{2014}0101\u{2069}",
            "\u{200e}+62 812\u{2212}5550\u{ff0d}0101\u{200f}",
            "＋６２（０）８１２　５５５０　０１０１",
            "٠٨١٢ ٥٥٥٠ ٠١٠١",
            "۰۸۱۲۵۵۵۰۰۱۰۱",
            "०८१२-५५५०-०१०१",
            "0\u{fe0f}\u{20e3}812 5550 0101",
        ] {
            assert_eq!(read(typed, "ID").as_deref(), Some("+6281255500101"), "{typed:?}");
        }
    }

    #[test]
    fn a_country_keeps_its_zero_or_drops_its_trunk_prefix() {
        for (typed, country, expected) in [
            ("+39 06 698 12345", "ID", "+390669812345"),
            ("+39 (0)6 698 12345", "ID", "+390669812345"),
            ("0039 06 698 12345", "ID", "+390669812345"),
            ("001 39 06 698 12345", "ID", "+390669812345"),
            ("06 698 12345", "IT", "+390669812345"),
            ("+39 347 123 4567", "IT", "+393471234567"),
            ("+225 01 02 03 04 05", "ID", "+2250102030405"),
            ("0049 (0) 170 1234567", "ID", "+491701234567"),
            ("0170 1234567", "DE", "+491701234567"),
            ("0062 0812 5550 0101", "DE", "+6281255500101"),
            ("+44 (0)20 7946 0958", "ID", "+442079460958"),
            ("+61 (0)412 345 678", "ID", "+61412345678"),
            ("+7 8 912 345 67 89", "ID", "+79123456789"),
            ("8 912 345 67 89", "RU", "+79123456789"),
            ("+36 06 20 123 4567", "ID", "+36201234567"),
            ("+54 9 11 2345 6789", "ID", "+5491123456789"),
            ("011 15 2345 6789", "AR", "+5491123456789"),
            ("011 62 812 5550 0101", "US", "+6281255500101"),
            ("(202) 555-0123", "US", "+12025550123"),
            ("00 1 202 555 0123", "ID", "+12025550123"),
            ("008 44 20 7946 0958", "ID", "+442079460958"),
            ("(021) 5550 0110", "ID", "+622155500110"),
        ] {
            assert_eq!(
                read(typed, country).as_deref(),
                Some(expected),
                "{typed:?} in {country}"
            );
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_refused() {
        for typed in [
            "",
            "\u{200b}",
            "+",
            "0",
            "12345",
            "112",
            "+62",
            "+62 812",
            "+0812345678",
            "+62 812 3456 7890 1234",
            "+62 8123 abc",
            "+62812345678'; drop table patients",
            "+1 555 0100",
            "++62 812 5550 0101",
            "0812 5550 0101 ext 5",
            "tel:+6281255500101;ext=5",
            "+999 812 5550 0101",
            "0812+55500101",
            "½½½½½½½",
            "1800 FLOWERS",
            "0081 90 1234 5678",
        ] {
            assert_eq!(read(typed, "ID"), None, "{typed:?}");
        }
        let long = "0".repeat(MAX_TYPED + 1);
        let refused = Phone::parse(&long, Country::default());
        assert_eq!(
            refused,
            Err(AppError::invalid(Field::Phone, FieldProblem::TooLong))
        );
        let blank = Phone::parse(" \u{feff} ", Country::default());
        assert_eq!(blank, Err(AppError::invalid(Field::Phone, FieldProblem::Missing)));
    }

    #[test]
    fn a_phone_number_does_not_show_in_debug_output() {
        let phone = Phone::parse("+6281234567890", Country::default()).unwrap();
        assert!(!format!("{phone:?}").contains("812"));
    }

    #[test]
    fn a_code_is_six_digits_of_any_script() {
        for typed in [
            "123456",
            " 123 456 ",
            "123\u{2013}456",
            "１２３４５６",
            "١٢٣٤٥٦",
            "\u{202a}123\u{a0}456\u{202c}",
        ] {
            assert_eq!(code(typed).as_deref(), Ok("123456"), "{typed:?}");
        }
        let missing = AppError::invalid(Field::Code, FieldProblem::Missing);
        assert_eq!(code(" \u{200b}"), Err(missing));
        let malformed = AppError::invalid(Field::Code, FieldProblem::Malformed);
        for typed in ["12345", "1234567", "12345a", "code", "+123456"] {
            assert_eq!(code(typed), Err(malformed), "{typed}");
        }
    }

    #[test]
    fn a_part_of_a_number_is_searched_for_without_its_trunk_prefix() {
        for (typed, expected) in [
            ("0812 3456", Some("8123456")),
            ("+62 812", Some("62812")),
            ("+62 (0)812", Some("62812")),
            ("0062 812", Some("62812")),
            ("+62 (0)812 5550 0101", Some("6281255500101")),
            ("001 62 0812 5550 0101", Some("6281255500101")),
            ("٠٨١٢ ٥٥٥٠", Some("8125550")),
            ("\u{202a}0812\u{2011}5550", Some("8125550")),
            ("Maya Putri", None),
            ("", None),
        ] {
            assert_eq!(part(typed, Country::default()).as_deref(), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_country_is_two_letters_or_a_calling_code() {
        assert_eq!(Country::parse("id"), Some(Country::default()));
        assert_eq!(Country::parse(" DE "), Country::of_calling_code("+49"));
        assert_eq!(Country::of_calling_code("+62"), Some(Country::default()));
        for bad in ["", "Indonesia", "XX", "+62"] {
            assert_eq!(Country::parse(bad), None, "{bad}");
        }
        for bad in ["", "62", "+", "+999", "+6212", "+x"] {
            assert_eq!(Country::of_calling_code(bad), None, "{bad}");
        }
    }
}
