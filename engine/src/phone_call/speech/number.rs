//! Small numbers in words.

use crate::i18n::Locale;

/// A number below one hundred in words.
pub(super) fn number(n: u8, locale: Locale) -> String {
    match locale {
        Locale::En => english(n),
        Locale::De => german(n),
        Locale::Id => indonesian(n),
    }
}

/// A day of a month, as a date has it: `first`, `ersten`, `satu`.
pub(super) fn day_of_month(day: i8, locale: Locale) -> String {
    let day = day.unsigned_abs();
    match locale {
        Locale::En => english_ordinal(day),
        Locale::De => german_ordinal(day),
        // Dates have plain numbers.
        Locale::Id => indonesian(day),
    }
}

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

fn of(words: &[&'static str], n: u8) -> &'static str {
    words.get(usize::from(n)).copied().unwrap_or_default()
}

fn english(n: u8) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => of(&ENGLISH, n).to_owned(),
        (tens, 0) => of(&ENGLISH_TENS, tens).to_owned(),
        (tens, ones) => format!("{}-{}", of(&ENGLISH_TENS, tens), of(&ENGLISH, ones)),
    }
}

fn english_ordinal(n: u8) -> String {
    let irregular = |n: u8| match n {
        1 => Some("first"),
        2 => Some("second"),
        3 => Some("third"),
        5 => Some("fifth"),
        8 => Some("eighth"),
        9 => Some("ninth"),
        12 => Some("twelfth"),
        20 => Some("twentieth"),
        30 => Some("thirtieth"),
        _ => None,
    };
    match (irregular(n), n / 10, n % 10) {
        (Some(word), ..) => word.to_owned(),
        (None, tens @ 2.., ones) => match irregular(ones) {
            Some(word) => format!("{}-{word}", of(&ENGLISH_TENS, tens)),
            None => format!("{}-{}th", of(&ENGLISH_TENS, tens), of(&ENGLISH, ones)),
        },
        (None, ..) => format!("{}th", of(&ENGLISH, n)),
    }
}

const GERMAN: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const GERMAN_TENS: [&str; 10] = [
    "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
];

fn german(n: u8) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => of(&GERMAN, n).to_owned(),
        (tens, 0) => of(&GERMAN_TENS, tens).to_owned(),
        (tens, 1) => format!("einund{}", of(&GERMAN_TENS, tens)),
        (tens, ones) => format!("{}und{}", of(&GERMAN, ones), of(&GERMAN_TENS, tens)),
    }
}

fn german_ordinal(n: u8) -> String {
    match n {
        1 => "ersten".to_owned(),
        3 => "dritten".to_owned(),
        7 => "siebten".to_owned(),
        8 => "achten".to_owned(),
        0..=19 => format!("{}ten", german(n)),
        _ => format!("{}sten", german(n)),
    }
}

const INDONESIAN: [&str; 12] = [
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh",
    "sebelas",
];

fn indonesian(n: u8) -> String {
    match (n / 10, n % 10) {
        _ if n < 12 => of(&INDONESIAN, n).to_owned(),
        (1, ones) => format!("{} belas", of(&INDONESIAN, ones)),
        (tens, 0) => format!("{} puluh", of(&INDONESIAN, tens)),
        (tens, ones) => format!("{} puluh {}", of(&INDONESIAN, tens), of(&INDONESIAN, ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_spoken() {
        for (n, en, de, id) in [
            (0, "zero", "null", "nol"),
            (11, "eleven", "elf", "sebelas"),
            (16, "sixteen", "sechzehn", "enam belas"),
            (20, "twenty", "zwanzig", "dua puluh"),
            (21, "twenty-one", "einundzwanzig", "dua puluh satu"),
            (37, "thirty-seven", "siebenunddreißig", "tiga puluh tujuh"),
            (59, "fifty-nine", "neunundfünfzig", "lima puluh sembilan"),
        ] {
            assert_eq!([english(n), german(n), indonesian(n)], [en, de, id]);
        }
    }

    #[test]
    fn every_day_of_a_month_has_a_word() {
        for (day, en, de) in [
            (1, "first", "ersten"),
            (2, "second", "zweiten"),
            (3, "third", "dritten"),
            (4, "fourth", "vierten"),
            (7, "seventh", "siebten"),
            (9, "ninth", "neunten"),
            (12, "twelfth", "zwölften"),
            (16, "sixteenth", "sechzehnten"),
            (20, "twentieth", "zwanzigsten"),
            (21, "twenty-first", "einundzwanzigsten"),
            (25, "twenty-fifth", "fünfundzwanzigsten"),
            (27, "twenty-seventh", "siebenundzwanzigsten"),
            (30, "thirtieth", "dreißigsten"),
            (31, "thirty-first", "einunddreißigsten"),
        ] {
            let words = [Locale::En, Locale::De].map(|locale| day_of_month(day, locale));
            assert_eq!(words, [en, de]);
        }
    }
}
