//! References: short names of appointments that people can say on the phone, such as `K7QM-4D2P`.

use rand::RngExt;

use crate::phone;

/// Letters and digits that nobody mistakes for each other: no 0 and O, no 1 and I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A new reference, 40 random bits. A unique constraint makes sure.
pub fn new() -> String {
    let mut rng = rand::rng();
    let mut half = || -> String {
        (0..4)
            .map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]))
            .collect()
    };
    format!("{}-{}", half(), half())
}

/// Reads a reference as people say and paste it: in any case, with any dash or none, with white space, a number sign or
/// what cannot be seen around its letters, in full width.
pub fn read(text: &str) -> Option<String> {
    let letters = letters(text, |c| c.is_whitespace())?;
    let are_known = letters.bytes().all(|letter| ALPHABET.contains(&letter));
    (letters.len() == 8 && are_known).then(|| format!("{}-{}", &letters[..4], &letters[4..]))
}

/// The letters of a part of a reference that somebody searches for; `None` where a text cannot be one.
pub fn part(text: &str) -> Option<String> {
    match read(text) {
        Some(whole) => Some(whole.replace('-', "")),
        // A blank is more likely one between names.
        None => letters(text, |_| false),
    }
}

/// Letters and digits of a text in capitals, without what may stand between them.
fn letters(text: &str, is_between: fn(char) -> bool) -> Option<String> {
    let mut letters = String::new();
    for c in phone::visible(text).chars() {
        let c = match c {
            // Full width is as far from ASCII for each of them.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
            c => phone::ascii_digit(c).unwrap_or(c),
        };
        match c {
            '#' | '.' | ',' | ':' | '"' | '\'' | '(' | ')' => {}
            c if c.is_ascii_alphanumeric() => letters.push(c.to_ascii_uppercase()),
            c if phone::is_dash(c) || is_between(c) => {}
            _ => return None,
        }
    }
    Some(letters)
}

/// Whether a text has the form of a reference.
pub fn is_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 9
        && bytes[4] == b'-'
        && [&bytes[..4], &bytes[5..]]
            .iter()
            .all(|half| half.iter().all(|byte| ALPHABET.contains(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_no_characters_that_look_alike() {
        for _ in 0..100 {
            let reference = new();
            assert_eq!(reference.len(), 9);
            assert_eq!(reference.as_bytes()[4], b'-');
            assert!(!reference.contains(['0', 'O', '1', 'I']));
            assert!(is_one(&reference));
        }
    }

    #[test]
    fn a_reference_is_read_as_people_say_it() {
        for text in [
            "K7QM-4D2P",
            "k7qm-4d2p",
            " K7QM 4D2P ",
            "K7QM4D2P",
            "#K7QM-4D2P",
            "# k7qm – 4d2p",
            "K7QM\u{2011}4D2P",
            "K7QM\u{2212}4D2P.",
            "K 7 Q M - 4 D 2 P",
            "\u{202a}K7QM\u{a0}4D2P\u{202c}",
            "Ｋ７ＱＭ－４Ｄ２Ｐ",
            "ｋ７ｑｍ　４ｄ２ｐ",
            "＃Ｋ７ＱＭ４Ｄ２Ｐ",
        ] {
            assert_eq!(read(text).as_deref(), Some("K7QM-4D2P"), "{text:?}");
        }
        for text in [
            "",
            "K7QM-4D2",
            "K7QM-4D2PX",
            "K7QM-4D2O",
            "K7QM/4D2P",
            "K7QM-4D2é",
            "12",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_malformed_reference_is_refused() {
        for text in [
            "",
            "K7QM4D2P",
            "K7QM-4D2",
            "k7qm-4d2p",
            "K7QM-4D2O",
            "K7QM-4D2\0",
            "K7QM_4D2P",
            "ÄÄÄÄ-",
        ] {
            assert!(!is_one(text), "{text}");
        }
    }
}
