//! What words have to be like, and how their placeholders are filled in.

use super::{Wording, Words};
use crate::{
    error::{AppError, Field, FieldProblem},
    text::{isolated, required},
};

/// The most characters of a text to a phone, of a subject and of the text of a mail.
const MAX_SMS: usize = 600;
const MAX_SUBJECT: usize = 150;
const MAX_MAIL: usize = 4000;

/// The digits of a code.
const CODE_DIGITS: usize = 6;

/// What is not right with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub error: AppError,
    /// The placeholder that it is about, as it was typed.
    pub placeholder: Option<String>,
}

impl Wrong {
    fn of(field: Field, problem: FieldProblem, placeholder: Option<&str>) -> Self {
        Self {
            error: AppError::invalid(field, problem),
            placeholder: placeholder.map(ToOwned::to_owned),
        }
    }
}

/// Cleans words, and checks their placeholders. What goes out in one way alone keeps no words for the other.
///
/// # Errors
/// Everything that is not right, at least one.
pub fn check(wording: Wording, words: &Words) -> Result<Words, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut take = |is_there: bool, field: Field, text: &str, most: usize| {
        if !is_there {
            return String::new();
        }
        match required(field, text, most) {
            Ok(text) => {
                wrong.extend(wrong_in(wording, field, &text));
                text
            }
            Err(error) => {
                wrong.push(Wrong {
                    error,
                    placeholder: None,
                });
                String::new()
            }
        }
    };
    let words = Words {
        sms: take(wording.has_sms(), Field::SmsText, &words.sms, MAX_SMS),
        subject: take(
            wording.has_mail(),
            Field::MailSubject,
            &words.subject,
            MAX_SUBJECT,
        ),
        mail: take(wording.has_mail(), Field::MailText, &words.mail, MAX_MAIL),
    };
    match wrong.is_empty() {
        true => Ok(words),
        false => Err(wrong),
    }
}

/// Whether these words can be sent.
pub fn fits(wording: Wording, words: &Words) -> bool {
    check(wording, words).is_ok()
}

fn wrong_in(wording: Wording, field: Field, text: &str) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for part in parts(text) {
        match part {
            Part::Placeholder(name) if wording.placeholders().contains(&name) => found.push(name),
            Part::Placeholder(name) | Part::Stray(name) => {
                wrong.push(Wrong::of(field, FieldProblem::UnknownPlaceholder, Some(name)));
            }
            Part::Text(_) => {}
        }
    }
    if field != Field::MailSubject {
        let missing = wording.needed().iter().filter(|name| !found.contains(name));
        wrong.extend(missing.map(|name| Wrong::of(field, FieldProblem::MissingPlaceholder, Some(name))));
    }
    if wording == Wording::Code {
        if has_link(text) {
            wrong.push(Wrong::of(field, FieldProblem::HasLink, None));
        }
        if has_code(text) {
            wrong.push(Wrong::of(field, FieldProblem::HasCode, None));
        }
    }
    wrong
}

/// A part of a text with placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
    /// A brace without the other one.
    Stray(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let inside = &brace[1..];
        match inside.find(['{', '}']) {
            Some(end) if brace.starts_with('{') && inside[end..].starts_with('}') => {
                parts.push(Part::Placeholder(&inside[..end]));
                rest = &inside[end + 1..];
            }
            _ => {
                parts.push(Part::Stray(&brace[..1]));
                rest = inside;
            }
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Whether something in a text can be taken for the address of a page: a phone makes a link of it.
fn has_link(text: &str) -> bool {
    let lower = text.to_lowercase();
    if lower.contains("://") || lower.contains("www.") {
        return true;
    }
    let signs: Vec<char> = lower.chars().collect();
    let is_word = |sign: Option<&char>| sign.is_some_and(|sign| sign.is_alphanumeric() || *sign == '}');
    let is_end = |sign: Option<&char>| sign.is_some_and(|sign| sign.is_alphabetic() || *sign == '{');
    (1..signs.len()).any(|at| {
        signs[at] == '.'
            && is_word(signs.get(at - 1))
            && is_end(signs.get(at + 1))
            && is_end(signs.get(at + 2))
    })
}

/// Whether digits in a text can be taken for a code.
fn has_code(text: &str) -> bool {
    text.split(|sign: char| !sign.is_ascii_digit())
        .any(|digits| digits.len() >= CODE_DIGITS)
}

/// Fills the placeholders of a text in. A value that is written from right to left turns nothing else round.
pub(crate) fn fill(text: &str, values: &[(&str, String)]) -> String {
    parts(text)
        .into_iter()
        .map(|part| match part {
            Part::Placeholder(name) => (values.iter().find(|(known, _)| *known == name))
                .map_or_else(String::new, |(_, value)| isolated(value).into_owned()),
            Part::Text(text) | Part::Stray(text) => text.to_owned(),
        })
        .collect()
}

/// The paragraphs of the text of a mail, filled in.
pub(in crate::notification) fn filled(mail: &str, values: &[(&str, String)]) -> Vec<String> {
    mail.split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| fill(paragraph, values))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    fn sms(wording: Wording, sms: &str) -> Result<Words, Vec<(FieldProblem, Option<String>)>> {
        let words = Words {
            sms: sms.to_owned(),
            ..super::super::shipped(wording, Locale::En)
        };
        check(wording, &words).map_err(|wrong| {
            (wrong.into_iter())
                .map(|wrong| match wrong.error {
                    AppError::ValidationFailed {
                        field: Field::SmsText,
                        problem,
                    } => (problem, wrong.placeholder),
                    error => panic!("{error:?}"),
                })
                .collect()
        })
    }

    #[test]
    fn what_is_shipped_fits() {
        for wording in Wording::ALL {
            for locale in Locale::ALL {
                let words = super::super::shipped(*wording, locale);
                assert_eq!(
                    check(*wording, &words),
                    Ok(words.clone()),
                    "{wording:?} {locale:?}"
                );
            }
        }
    }

    #[test]
    fn placeholders_are_those_that_are_filled_in() {
        let about = |problem, name: &str| Err(vec![(problem, Some(name.to_owned()))]);
        assert!(sms(Wording::Confirmed, "See you {when}.").is_ok());
        assert_eq!(
            sms(Wording::Confirmed, "See you {wen}, {when}."),
            about(FieldProblem::UnknownPlaceholder, "wen")
        );
        assert_eq!(
            sms(Wording::Confirmed, "See you {when."),
            Err(vec![
                (FieldProblem::UnknownPlaceholder, Some("{".to_owned())),
                (FieldProblem::MissingPlaceholder, Some("when".to_owned())),
            ])
        );
        assert_eq!(
            sms(Wording::Confirmed, "See you."),
            about(FieldProblem::MissingPlaceholder, "when")
        );
        assert_eq!(
            sms(Wording::Confirmed, "{when} {reason}"),
            about(FieldProblem::UnknownPlaceholder, "reason")
        );
        assert_eq!(
            sms(Wording::Confirmed, " "),
            Err(vec![(FieldProblem::Missing, None)])
        );
    }

    #[test]
    fn a_code_stays_a_code_and_brings_no_link() {
        let problems = |text: &str| sms(Wording::Code, text).err().unwrap_or_default();
        assert_eq!(
            problems("Klinik Sehat: {code}, good for {minutes} minutes. Keep it."),
            []
        );
        assert_eq!(problems("Open 24 hours, z. B. today: {code}"), []);
        assert_eq!(
            problems("Ask the desk."),
            [(FieldProblem::MissingPlaceholder, Some("code".to_owned()))]
        );
        for link in [
            "https://x",
            "www.klinik",
            "clinic.example/x",
            "{code}.example",
            "see a.co",
        ] {
            assert_eq!(
                problems(&format!("{{code}} {link}")),
                [(FieldProblem::HasLink, None)],
                "{link}"
            );
        }
        assert_eq!(
            problems("{code} or call 0215550100"),
            [(FieldProblem::HasCode, None)]
        );
    }

    #[test]
    fn each_placeholder_is_filled_in_once() {
        let values = [("when", "{place}".to_owned()), ("place", "אבג".to_owned())];
        assert_eq!(
            fill("a {when} b {place}{x}", &values),
            "a {place} b \u{2068}אבג\u{2069}"
        );
        assert_eq!(filled("{when}\n\n\n{when}", &values), ["{place}", "{place}"]);
    }
}
