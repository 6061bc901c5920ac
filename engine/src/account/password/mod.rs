//! Passwords: which ones are refused, and how they and codes are hashed: argon2id, on threads of its own.

mod queue;

use std::{collections::HashSet, sync::LazyLock};

use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

pub(super) use self::queue::{Work, hashing};
use crate::{
    error::{AppError, Field, FieldProblem},
    text,
};

/// The length of passwords, in characters.
pub const MIN_PASSWORD: usize = 12;
pub const MAX_PASSWORD: usize = 200;

/// The number of characters that a password has besides the words that anybody would try first.
const MIN_OF_ITS_OWN: usize = 6;

/// The ten thousand commonest passwords of at least five characters, in lower case and sorted, with the words of clinics.
/// From the list of zxcvbn (MIT licence), which counted those that were leaked.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").lines().collect());

/// Rows of keys and of characters, which people type along.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
];

/// Checks a password that an account is to have. `own` are the words that belong to the account: the name, the e-mail
/// address, the name of the clinic.
///
/// # Errors
/// `VALIDATION_FAILED`: `missing` without one, `malformed` for one that is too short, `too-long`, and `common` for one that
/// is easily guessed.
pub fn check_new_password(password: &str, own: &[&str]) -> Result<(), AppError> {
    let refused = |problem| Err(AppError::invalid(Field::NewPassword, problem));
    let password = text::password(password);
    match password.chars().count() {
        0 => return refused(FieldProblem::Missing),
        count if count > MAX_PASSWORD => return refused(FieldProblem::too_long_by(count - MAX_PASSWORD)),
        count if count < MIN_PASSWORD => return refused(FieldProblem::Malformed),
        _ => {}
    }
    match is_guessable(&password, own) {
        true => refused(FieldProblem::Common),
        false => Ok(()),
    }
}

fn is_guessable(password: &str, own: &[&str]) -> bool {
    let folded = password.to_lowercase();
    let bare: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    // Blanks, dots and the like are no password.
    if bare.chars().count() < MIN_OF_ITS_OWN || is_of_few(&bare) {
        return true;
    }
    let spelled: String = bare.chars().map(letter).collect();
    let spelled_core: String = core(&bare).chars().map(letter).collect();
    let is_common = [folded.trim(), &bare, &spelled, core(&bare), &spelled_core]
        .into_iter()
        .any(|word| COMMON.contains(word));
    if is_common || is_along_a_row(&bare) {
        return true;
    }
    // Words of the account, or one common word again and again, leave too little.
    let mut own: Vec<String> = own
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .chain(["janji"])
        .map(|word| text::password(word).to_lowercase())
        .filter(|word| word.chars().count() >= 4)
        .collect();
    own.sort_by_key(|word| std::cmp::Reverse(word.len()));
    [&bare, &spelled].into_iter().any(|text| {
        let rest = own
            .iter()
            .fold(text.clone(), |rest, word| rest.replace(word.as_str(), ""));
        rest.len() < text.len() && core(&rest).chars().count() < MIN_OF_ITS_OWN
    })
}

/// Whether it is one short part again and again, or of hardly any different characters.
fn is_of_few(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let different: HashSet<char> = chars.iter().copied().collect();
    let repeats = |length: usize| {
        let part: String = chars[..length].iter().collect();
        let is_short = length <= 4 || COMMON.contains(part.as_str());
        is_short && chars.iter().enumerate().all(|(at, c)| *c == chars[at % length])
    };
    different.len() < 4 || (1..=chars.len() / 2).any(repeats)
}

/// Whether most of it follows rows of keys or of characters, forwards or backwards.
fn is_along_a_row(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let follows = |pair: &[char]| {
        let (one, other): (String, String) = (pair.iter().collect(), pair.iter().rev().collect());
        ROWS.iter().any(|row| row.contains(&one) || row.contains(&other))
    };
    let steps = chars.windows(2).filter(|pair| follows(pair)).count();
    steps * 4 >= chars.len().saturating_sub(1) * 3
}

/// Without the digits that people add at the ends.
fn core(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_digit())
}

/// The letter that a digit or a sign often stands for.
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// argon2id, as a PHC string. Slow on purpose: not for an async task.
///
/// # Errors
/// `INTERNAL`.
pub fn hash_password(password: &str) -> Result<String, AppError> {
    hasher()
        .hash_password(text::password(password).as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| AppError::Internal)
}

/// Hashes a password on the threads for hashing.
///
/// # Errors
/// `INTERNAL`; `RATE_LIMITED` when too much is being hashed.
pub async fn password_hash(password: String) -> Result<String, AppError> {
    hashing(Work::NewPassword, move || hash_password(&password)).await?
}

/// Whether a password, or a code, is that of a hash. Passwords from before they were composed are compared as typed, too.
pub(super) fn matches(typed: &str, hash: &str) -> bool {
    let composed = text::password(typed);
    PasswordHash::new(hash).is_ok_and(|hash| {
        let is = |text: &str| hasher().verify_password(text.as_bytes(), &hash).is_ok();
        is(&composed) || composed != typed && is(typed)
    })
}

/// One of the choices that OWASP names as equivalent: 46 MiB, one pass. The ones with less memory stay below what the
/// allocator of Linux keeps for itself when it is given back (32 MiB), and some hundred sign-ins then cost 250 MB for good.
pub(super) fn hasher() -> Argon2<'static> {
    let params = Params::new(46 * 1024, 1, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 3] = [
        "Dr. Sari Dewi Lestari",
        "sari.dewi@kliniksehat.example",
        "Klinik Harapan",
    ];

    fn problem(password: &str) -> Option<FieldProblem> {
        match check_new_password(password, &OWN) {
            Err(AppError::ValidationFailed {
                field: Field::NewPassword,
                problem,
            }) => Some(problem),
            Ok(()) => None,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn passwords_that_are_easily_guessed_are_refused() {
        for password in [
            "password1234",
            "Password2026!",
            "p4ssw0rd1234",
            "passwordpassword",
            "qwertyuiop12",
            "qwerty123456",
            "123456789012",
            "210987654321",
            "abcdefghijklm",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "1a1a1a1a1a1a1a",
            "            ",
            "............",
            "sari.dewi@kliniksehat.example",
            "sarilestari1",
            "kliniksehat1",
            "harapan-2026",
            "JanjiJanji2026",
            "administrator",
            "leavemealone",
        ] {
            assert_eq!(problem(password), Some(FieldProblem::Common), "{password}");
        }
    }

    #[test]
    fn the_length_of_a_password_is_counted_in_composed_characters() {
        assert_eq!(problem(""), Some(FieldProblem::Missing));
        assert_eq!(problem("tulip barge"), Some(FieldProblem::Malformed));
        // Six letters, each of two characters.
        assert_eq!(problem(&"e\u{301}".repeat(6)), Some(FieldProblem::Malformed));
        assert_eq!(
            problem(&"tulip barge ".repeat(20)),
            Some(FieldProblem::TooLongBy(40))
        );
    }

    #[test]
    fn other_passwords_are_taken() {
        for password in [
            "correct horse battery",
            "a first password",
            "a second password",
            "another password",
            "only Ayu knows it",
            "tulip barge 7",
            "sari likes to swim",
            "gänseblümchen am fluß",
        ] {
            assert_eq!(problem(password), None, "{password}");
        }
    }

    #[test]
    fn one_password_is_the_same_however_it_is_composed() {
        let hash = hash_password("cafe\u{301} am fluss").unwrap();
        assert!(matches("caf\u{e9} am fluss", &hash));
        assert!(!matches("cafe am fluss", &hash));
        // As it was stored before.
        let old = hasher()
            .hash_password("cafe\u{301} am fluss".as_bytes())
            .unwrap()
            .to_string();
        assert!(matches("cafe\u{301} am fluss", &old));
    }
}
