//! E-mail addresses, as people type them.

use crate::{
    error::{AppError, Field, FieldProblem},
    text::required,
};

/// The length of an address, in characters.
pub const MAX_EMAIL: usize = 200;

/// Reads an e-mail address, in lower case.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn email_address(typed: &str) -> Result<String, AppError> {
    let email = required(Field::Email, typed, MAX_EMAIL)?.to_lowercase();
    let is_one = email.is_ascii()
        && email.bytes().all(|byte| byte.is_ascii_graphic())
        && email
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
    match is_one {
        true => Ok(email),
        false => Err(AppError::invalid(Field::Email, FieldProblem::Malformed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_word_with_one_at_sign() {
        assert_eq!(
            email_address(" Ayu@Clinic.example ").unwrap(),
            "ayu@clinic.example"
        );
        for typed in [
            "ayu",
            "@clinic.example",
            "ayu@",
            "a@b@c",
            "a b@c.example",
            "ayu@clinic.example\r\nBcc: x@y.example",
        ] {
            assert!(email_address(typed).is_err(), "{typed}");
        }
    }
}
