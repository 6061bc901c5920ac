//! The fields of a form as a browser sends them, and those that our forms carry beside what was typed.

use axum::http::{HeaderMap, HeaderValue, header};

/// The name of the field by which a form of a booking shows whose hold it is about, also after its session has ended.
pub const HOLDER: &str = "holder";

/// The name of the field of forms that lead nowhere without cookies.
pub const COOKIES: &str = "cookies";

/// The cookie that shows that a browser keeps cookies: its name, and how it is set.
pub const PROBE: &str = "janji-cookies";
pub const KEEPS_COOKIES: HeaderValue =
    HeaderValue::from_static("janji-cookies=1; Path=/; SameSite=Lax; HttpOnly");

/// The name of the field of a form with its file.
pub const FILE: &str = "file";

/// The parameter of the address of a button that is not the form's own: the path of the form whose fields come along, and
/// are kept for the page.
pub const OF: &str = "of";

/// The parameter that says which language a button chooses, where the fields that come along are another form's.
pub const LANGUAGE: &str = "to";

/// Whether a browser asks, which is shown pages.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// Reads the fields of a form.
pub fn fields_of(body: &[u8]) -> Vec<(String, String)> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || decoded(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        // Rust also reads a sign.
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        (rest, _) = match (first, escaped) {
            (b'%', Some(byte)) => (&tail[2..], bytes.push(byte)),
            (b'+', _) => (tail, bytes.push(b' ')),
            (byte, _) => (tail, bytes.push(*byte)),
        };
    }
    // PostgreSQL takes no NUL.
    String::from_utf8_lossy(&bytes).replace('\0', "")
}
