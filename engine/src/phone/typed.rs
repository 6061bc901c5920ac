//! The signs that people type and paste around digits, and the digits of all scripts.

use crate::text;

/// The digits of a number, with a leading plus sign where there is one; `None` where there is something else.
pub(super) fn compact(text: &str) -> Option<String> {
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
pub(super) fn is_between(c: char) -> bool {
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
