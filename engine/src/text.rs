//! The one door by which what people type becomes text that is kept, compared and searched.
//!
//! Text is normalised (NFC), so that two ways to write one letter are the same. White space and control characters become
//! a space and never vanish: `2⇥5 ml` is not `25 ml`. Formatting that turns the direction of what follows is left out.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::error::{AppError, Field, FieldProblem};

/// Begins a part of a text that has a direction of its own, and ends it (Unicode Bidirectional Algorithm, UAX #9).
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Cleans text for a field with one line. A line break is a space, and a run of white space is one.
pub fn line(text: &str) -> String {
    clean(text, false)
}

/// Cleans text for a field with several lines. Line breaks stay, and other white space becomes a space.
pub fn lines(text: &str) -> String {
    clean(text, true)
}

/// Cleans the text of a field, with as many lines as the field has.
///
/// # Errors
/// `VALIDATION_FAILED` when it is longer than `most` characters.
pub fn typed(field: Field, text: &str, most: usize) -> Result<String, AppError> {
    let text = clean(text, field.has_lines());
    let over = text.chars().count().saturating_sub(most);
    match over {
        0 => Ok(text),
        over => Err(AppError::invalid(field, FieldProblem::too_long_by(over))),
    }
}

/// Cleans the text of a field, and refuses one in which nothing can be seen.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub fn required(field: Field, text: &str, most: usize) -> Result<String, AppError> {
    let text = typed(field, text, most)?;
    if text.is_empty() {
        return Err(AppError::invalid(field, FieldProblem::Missing));
    }
    Ok(text)
}

/// The typed text of a draft, of any length: only what the database does not take becomes a space.
pub fn storable(text: &str) -> String {
    let is_kept = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let text: String = text.chars().map(|c| if is_kept(c) { c } else { ' ' }).collect();
    text.trim().to_owned()
}

/// The same password, however a keyboard writes its letters.
pub fn password(typed: &str) -> Cow<'_, str> {
    normalised(typed)
}

/// Whether anything in a text can be seen.
pub fn is_visible(text: &str) -> bool {
    !text.chars().all(is_invisible)
}

/// A text inside of other text, such that a direction of its letters stays within it. Text without letters that are
/// written from right to left is returned as it is.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(has_direction) {
        return Cow::Borrowed(text);
    }
    let mut isolated = String::with_capacity(text.len() + 6);
    isolated.push(FIRST_STRONG_ISOLATE);
    match has_isolates_in_pairs(text) {
        true => isolated.push_str(text),
        false => isolated.extend(text.chars().filter(|&c| !turns(c))),
    }
    isolated.push(POP_DIRECTIONAL_ISOLATE);
    Cow::Owned(isolated)
}

fn normalised(text: &str) -> Cow<'_, str> {
    match is_nfc(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

fn clean(text: &str, has_lines: bool) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut is_spaced = false;
    let mut before = None;
    for c in normalised(text).chars() {
        let after = before.replace(c);
        if has_lines && is_line_break(c) {
            if (after, c) != (Some('\r'), '\n') {
                cleaned.push('\n');
            }
            is_spaced = true;
        } else if c.is_whitespace() || c.is_control() {
            if !is_spaced {
                cleaned.push(' ');
            }
            is_spaced = true;
        } else if !turns(c) {
            cleaned.push(c);
            is_spaced = false;
        }
    }
    match is_visible(&cleaned) {
        // Once more, since what was left out may have stood between a letter and its accent.
        true => normalised(&cleaned.trim_matches(is_edge).replace(" \n", "\n")).into_owned(),
        false => String::new(),
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character says nothing at the beginning or the end of a text.
fn is_edge(c: char) -> bool {
    // These join letters, or choose the form of the one before.
    let is_of_letter = matches!(
        c,
        '\u{200c}' | '\u{200d}' | '\u{34f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    is_invisible(c) && !is_of_letter
}

/// Whether a character alone shows nothing: white space, controls, what Unicode calls ignorable, and blanks that are
/// called letters.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d159}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a character turns the direction of what follows it, or is a mark of the order of bytes.
fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
    )
}

/// Whether a character is of a script that is written from right to left, or turns the direction.
fn has_direction(c: char) -> bool {
    turns(c)
        || matches!(
            c,
            '\u{590}'..='\u{8ff}'
                | '\u{200f}'
                | '\u{fb1d}'..='\u{fdff}'
                | '\u{fe70}'..='\u{fefe}'
                | '\u{10800}'..='\u{10fff}'
                | '\u{1e800}'..='\u{1efff}'
        )
}

/// Whether every isolate of a text ends in it, and nothing else turns the direction.
fn has_isolates_in_pairs(text: &str) -> bool {
    let mut open = 0_u32;
    for c in text.chars() {
        match c {
            FIRST_STRONG_ISOLATE => open += 1,
            POP_DIRECTIONAL_ISOLATE if open > 0 => open -= 1,
            c if turns(c) => return false,
            _ => {}
        }
    }
    open == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_becomes_a_space_and_never_vanishes() {
        for space in [
            "\t", "\u{b}", "\u{c}", "\r", "\n", "\r\n", "\u{85}", "\u{a0}", "\u{2028}", "\u{3000}", "\0",
            "\u{1f}", " \t ",
        ] {
            assert_eq!(line(&format!("2{space}5 ml")), "2 5 ml", "{space:?}");
        }
        assert_eq!(line("1\t0\t0"), "1 0 0");
        assert_eq!(line(" \t Sari \n"), "Sari");
    }

    #[test]
    fn line_breaks_stay_where_there_are_lines() {
        for (typed, expected) in [
            ("a\r\nb", "a\nb"),
            ("a\rb\n\nc", "a\nb\n\nc"),
            ("a\u{85}b\u{2028}c", "a\nb\nc"),
            ("a \t\n\tb\tc", "a\nb c"),
            ("\r\n\r\na\r\n", "a"),
        ] {
            assert_eq!(lines(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn letters_are_normalised() {
        assert_eq!(line("Ame\u{301}lie"), "Am\u{e9}lie");
        assert_eq!(password("Ame\u{301}lie"), "Am\u{e9}lie");
        assert_eq!(
            typed(Field::Name, &"e\u{301}".repeat(6), 6),
            Ok("\u{e9}".repeat(6))
        );
        // ZWSP parts Thai words, ZWJ holds a family together.
        assert_eq!(line("สวัส\u{200b}ดี 👩\u{200d}👧"), "สวัส\u{200b}ดี 👩\u{200d}👧");
        assert_eq!(line("❤\u{fe0f}"), "❤\u{fe0f}");
    }

    #[test]
    fn what_cannot_be_seen_is_missing() {
        for name in [
            "",
            " ",
            "\u{200b}",
            "\u{3164}",
            "\u{2800}",
            "\u{feff}\u{200d}",
            "\u{ad}\u{2060}",
            "\u{ffa0} \u{115f}",
            "\u{202e}\u{202c}",
            "\u{fe0f}",
            "\u{e0041}",
        ] {
            assert!(!is_visible(name), "{name:?}");
            assert_eq!(
                required(Field::Name, name, 9),
                Err(AppError::invalid(Field::Name, FieldProblem::Missing)),
                "{name:?}"
            );
        }
        assert_eq!(line("\u{200b}Sari\u{3164}"), "Sari");
    }

    #[test]
    fn length_is_counted_in_characters_of_what_is_kept() {
        assert_eq!(typed(Field::Name, " Sa\0ri\u{7} ", 5), Ok("Sa ri".to_owned()));
        assert_eq!(typed(Field::Name, "Jürgen", 6), Ok("Jürgen".to_owned()));
        assert_eq!(
            typed(Field::Name, "Jürgens", 4),
            Err(AppError::invalid(Field::Name, FieldProblem::TooLongBy(3)))
        );
    }

    #[test]
    fn text_from_right_to_left_is_isolated_and_turns_nothing_else() {
        assert_eq!(isolated("Dr Sari, 3 mg"), "Dr Sari, 3 mg");
        assert_eq!(isolated("سارة"), "\u{2068}سارة\u{2069}");
        assert_eq!(isolated("a\u{202e}b\u{2069}"), "\u{2068}ab\u{2069}");
        let nested = format!("{}, 3", isolated("סבא"));
        assert_eq!(isolated(&nested), format!("\u{2068}{nested}\u{2069}"));
        assert_eq!(line("a\u{202e}b"), "ab");
    }

    #[test]
    fn clean_text_stays_as_it_is() {
        for typed in [
            "e\u{202c}\u{301} a",
            "a \u{feff} b",
            "a \u{200b} \n b\t",
            "\u{1100}\u{2069}\u{1161}",
            "\r\n \u{85}x",
        ] {
            for clean in [line, lines] {
                assert_eq!(clean(&clean(typed)), clean(typed), "{typed:?}");
            }
        }
    }

    #[test]
    fn a_draft_keeps_what_was_typed() {
        assert_eq!(storable("a\tb\u{202e}\r\nc\0d "), "a\tb\u{202e}\r\nc d");
    }
}
