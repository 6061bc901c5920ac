//! How numbers are made: country codes, trunk prefixes and the kinds of numbers of a region, by libphonenumber's metadata.

use phonenumber::{
    Metadata,
    metadata::{DATABASE, Descriptor},
};
use regex::{Regex, RegexBuilder};

/// The number of these digits after a plus sign.
pub(super) fn international(digits: &str) -> Option<String> {
    let (code, rest) = calling_code(digits)?;
    let regions = DATABASE.by_code(&code)?;
    let national = national(rest, regions.first()?, &regions)?;
    e164(code, &national)
}

/// The country code that the digits begin with, and the rest. No code is the beginning of another one.
pub(super) fn calling_code(digits: &str) -> Option<(u16, &str)> {
    (1..=3).find_map(|length| {
        let code = digits.get(..length)?.parse().ok()?;
        DATABASE.by_code(&code)?;
        Some((code, &digits[length..])).filter(|_| !digits.starts_with('0'))
    })
}

pub(super) fn e164(code: u16, national: &str) -> Option<String> {
    let number = format!("+{code}{national}");
    // A plus sign, and 7 to 15 digits.
    matches!(number.len(), 8..=16).then_some(number)
}

/// The digits of a number within its country, without a trunk prefix, if one of these regions has such a number.
pub(super) fn national(digits: &str, main: &Metadata, regions: &[&Metadata]) -> Option<String> {
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
pub(super) fn is_valid(national: &str, region: &Metadata) -> bool {
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

pub(super) fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .ignore_whitespace(true)
        .build()
        .ok()
}
