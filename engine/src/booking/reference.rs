//! References: short names of appointments that people can say on the phone, such as `K7QM-4D2P`.

use rand::RngExt;

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
