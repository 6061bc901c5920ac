//! Forms that are not finished: those that came after their session had ended, and those whose page was left by a button that
//! is not their own. What was typed is kept, and stands in the form when the page is shown again.

use std::collections::HashMap;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_sessions::Session;

use super::{
    AppState,
    fields::{COOKIES, FILE, HOLDER, accepts_html},
    locale::locale,
};
use crate::{
    account::session::{BrowserSession, Unsent},
    ui::without_error,
};
use engine::{error::AppError, i18n::Texts};

/// Fields by which somebody proves who they are.
const SECRETS: [&str; 2] = ["code", "credential"];

/// A form that came from this page. Passwords, codes and files are not kept.
pub fn sent_from(page: &str, action: &str, fields: Vec<(String, String)>) -> Unsent {
    Unsent {
        page: without_error(page),
        action: action.to_owned(),
        fields: fields
            .into_iter()
            .filter(|(name, _)| {
                !name.contains("password") && !SECRETS.contains(&name.as_str()) && name != FILE
            })
            .collect(),
        is_unfinished: false,
        at: 0,
    }
}

/// A form whose page is left by a button that is not its own.
pub fn unfinished(page: &str, action: &str, fields: Vec<(String, String)>) -> Unsent {
    Unsent {
        is_unfinished: true,
        ..sent_from(page, action, fields)
    }
}

/// The largest page that is filled in.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Fills the form of a page in with what was typed before the session ended, or before another button was pressed.
pub async fn fill_in(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_page = request.method() == Method::GET && accepts_html(request.headers());
    let session = request.extensions().get::<Session>().filter(|_| is_page).cloned();
    let here = request
        .uri()
        .path_and_query()
        .map(|path| without_error(path.as_str()));
    let (Some(session), Some(here)) = (session, here) else {
        return next.run(request).await;
    };
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let Some(unsent) = unsent_here(&session, &here).await else {
        return next.run(request).await;
    };
    let texts = Texts::of(locale(request.headers()));
    let response = next.run(request).await;
    let is_page = response.status() == StatusCode::OK
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_PAGE_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let filled = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|page| filled(page, &unsent, texts));
    match filled {
        Some(page) => Response::from_parts(parts, Body::from(page)),
        None => Response::from_parts(parts, Body::from(bytes)),
    }
}

/// The form that was sent from the page that is asked for: by somebody who has signed in since, where that was missing.
async fn unsent_here(session: &BrowserSession, here: &str) -> Option<Unsent> {
    let unsent = session.unsent().await.ok()??;
    (unsent.page == here && (unsent.is_unfinished || session.signed_in().await.ok()?.is_some()))
        .then_some(unsent)
}

/// A tag of a page of ours, which are well-formed.
#[derive(Clone, Copy)]
struct Tag<'a> {
    /// Where it begins and ends in the page.
    start: usize,
    end: usize,
    name: &'a str,
    attributes: &'a str,
}

/// The next tag from this place on.
fn next_tag(page: &str, from: usize) -> Option<Tag<'_>> {
    let start = from + page[from..].find('<')?;
    let mut quoted = false;
    let length = page[start..].find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })?;
    let inside = &page[start + 1..start + length];
    let name_ends = inside
        .find(|c: char| c.is_whitespace() || c == '>')
        .unwrap_or(inside.len());
    Some(Tag {
        start,
        end: start + length + 1,
        name: &inside[..name_ends],
        attributes: inside[name_ends..].trim_end_matches('/'),
    })
}

/// The attributes of a tag, with their values as they are written.
fn attributes(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let name_ends = rest
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(rest.len());
        let (name, tail) = rest.split_at(name_ends);
        let (value, tail) = match tail.strip_prefix("=\"").and_then(|tail| tail.split_once('"')) {
            Some((value, tail)) => (Some(value), tail),
            None => (None, tail.trim_start_matches('=')),
        };
        found.push((name, value));
        rest = tail.trim_start();
    }
    found
}

impl Tag<'_> {
    fn value(&self, name: &str) -> Option<String> {
        attributes(self.attributes)
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| unescaped(value.unwrap_or_default()))
    }

    /// The tag without this attribute, and with it if it is given.
    fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut text = format!("<{}", self.name);
        for (known, value) in attributes(self.attributes) {
            if known == name {
                continue;
            }
            text.push(' ');
            text.push_str(known);
            if let Some(value) = value {
                text.push_str(&format!("=\"{value}\""));
            }
        }
        if let Some(value) = value {
            text.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        text.push('>');
        text
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// The place of the form that was sent: of several with one action the one that has most of the same values.
fn place_of(page: &str, unsent: &Unsent) -> Option<(usize, usize)> {
    let (mut best, mut from): (Option<(usize, usize, usize)>, usize) = (None, 0);
    while let Some(tag) = next_tag(page, from) {
        from = tag.end;
        if tag.name != "form" || tag.value("action").as_deref() != Some(&unsent.action) {
            continue;
        }
        let end = tag.end + page[tag.end..].find("</form>")?;
        let (mut same, mut at) = (0, tag.end);
        while let Some(input) = next_tag(page, at).filter(|input| input.start < end) {
            at = input.end;
            let field = input.value("name").zip(input.value("value"));
            same += usize::from(field.is_some_and(|field| unsent.fields.contains(&field)));
        }
        if best.is_none_or(|(most, ..)| same > most) {
            best = Some((same, tag.end, end));
        }
        from = end;
    }
    best.map(|(_, start, end)| (start, end))
}

/// The names of fields that are the page's own.
const OF_PAGE: [&str; 2] = [HOLDER, COOKIES];

/// The page with its form filled in, and a word about it where its session had ended; `None` where it does not have the form.
fn filled(page: &str, unsent: &Unsent, texts: Texts) -> Option<String> {
    let (start, end) = place_of(page, unsent)?;
    let mut values: HashMap<&str, std::collections::VecDeque<&str>> = HashMap::new();
    for (name, value) in &unsent.fields {
        values.entry(name).or_default().push_back(value);
    }
    let is_sent = |name: &str, value: &str| {
        let mut fields = unsent.fields.iter();
        fields.any(|(known, sent)| known == name && sent == value)
    };
    let mut form = String::new();
    let (mut at, mut select) = (start, None);
    while let Some(tag) = next_tag(page, at).filter(|tag| tag.start < end) {
        form.push_str(&page[at..tag.start]);
        at = tag.end;
        let name = tag.value("name").unwrap_or_default();
        let of_page = OF_PAGE.contains(&name.as_str());
        match (tag.name, tag.value("type").as_deref()) {
            // The page may know another version by now.
            ("input", Some("hidden")) if unsent.is_unfinished => form.push_str(&page[tag.start..tag.end]),
            ("input", Some("password" | "submit")) => form.push_str(&page[tag.start..tag.end]),
            ("input", Some("radio" | "checkbox")) => {
                let value = tag.value("value").unwrap_or_else(|| "on".to_owned());
                form.push_str(&tag.with("checked", is_sent(&name, &value).then_some("")));
            }
            ("input", _) if !of_page => {
                match values
                    .get_mut(name.as_str())
                    .and_then(std::collections::VecDeque::pop_front)
                {
                    Some(value) => form.push_str(&tag.with("value", Some(value))),
                    None => form.push_str(&page[tag.start..tag.end]),
                }
            }
            ("textarea", _) => {
                form.push_str(&page[tag.start..tag.end]);
                let close = at + page[at..].find("</textarea>")?;
                match values
                    .get_mut(name.as_str())
                    .and_then(std::collections::VecDeque::pop_front)
                {
                    Some(value) => form.push_str(&escaped(value)),
                    None => form.push_str(&page[at..close]),
                }
                at = close;
            }
            ("select", _) => {
                select = values.contains_key(name.as_str()).then_some(name);
                form.push_str(&page[tag.start..tag.end]);
            }
            ("option", _) => match &select {
                Some(name) => {
                    let value = tag.value("value").unwrap_or_default();
                    form.push_str(&tag.with("selected", is_sent(name, &value).then_some("")));
                }
                None => form.push_str(&page[tag.start..tag.end]),
            },
            ("/select", _) => {
                select = None;
                form.push_str(&page[tag.start..tag.end]);
            }
            _ => form.push_str(&page[tag.start..tag.end]),
        }
    }
    form.push_str(&page[at..end]);
    if unsent.is_unfinished {
        return Some(format!("{}{form}{}", page.get(..start)?, &page[end..]));
    }
    let main = page.find("<main")?;
    let (top, head) = (page.get(..start)?, next_tag(page, main)?.end);
    let notice = format!(
        "<section class=\"notice warn\" role=\"status\" id=\"unsent\" aria-labelledby=\"unsent-title\">\
         <h2 id=\"unsent-title\">{}</h2><p>{}</p></section>",
        escaped(&texts.text("unsent-title")),
        escaped(&texts.text("unsent-text")),
    );
    let (before, after) = top.split_at_checked(head)?;
    Some(format!("{before}{notice}{after}{form}{}", &page[end..]))
}

/// Keeps a form, with what a later step of a booking needs of it.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn keep(session: &BrowserSession, unsent: Unsent) -> Result<(), AppError> {
    let said = |name: &str| {
        let mut fields = unsent.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    if unsent.page.starts_with("/book/") {
        let (name, whose, reason) = (said("name"), said("whose"), said("reason"));
        let parts = said("parts");
        session
            .keep(|draft| {
                if let Some(name) = name {
                    draft.name = name;
                }
                if let Some(whose) = whose {
                    draft.whose = whose;
                }
                if let Some(reason) = reason {
                    draft.reason = reason;
                }
                if let Some(parts) = parts {
                    draft.parts = parts.split(',').map(str::to_owned).collect();
                }
            })
            .await?;
    }
    session.keep_unsent(unsent).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::fields::fields_of;
    use engine::i18n::Locale;

    const PAGE: &str = concat!(
        "<html><body><main id=\"main\"><h1>A</h1>",
        "<form method=\"post\" action=\"/form/a\"><input type=\"hidden\" name=\"id\" value=\"1\"></form>",
        "<form method=\"post\" action=\"/form/a\"><input type=\"hidden\" name=\"id\" value=\"2\">",
        "<input name=\"name\" type=\"text\" value=\"\" required><input name=\"row\" value=\"\">",
        "<input name=\"row\" value=\"x\"><textarea name=\"why\" rows=\"4\">old</textarea>",
        "<input type=\"radio\" name=\"whose\" value=\"1\" checked><input type=\"radio\" name=\"whose\" value=\"2\">",
        "<select name=\"offer\"><option value=\"a\" selected>A</option><option value=\"b\">B</option></select>",
        "<input type=\"password\" name=\"password\"></form><p>end</p></main></body></html>",
    );

    #[test]
    fn a_form_is_filled_in_as_it_was_sent() {
        let body = b"id=2&name=%22Sari%22+%3Cb%3E&row=1&row=2&why=a%0Ab&whose=2&offer=b&password=secret";
        let unsent = sent_from("/page?a=1", "/form/a", fields_of(body));
        let page = filled(PAGE, &unsent, Texts::of(Locale::En)).unwrap();
        for part in [
            "<input name=\"name\" type=\"text\" required value=\"&quot;Sari&quot; &lt;b&gt;\">",
            "<input name=\"row\" value=\"1\"><input name=\"row\" value=\"2\">",
            "<textarea name=\"why\" rows=\"4\">a\nb</textarea>",
            "value=\"1\"><input type=\"radio\" name=\"whose\" value=\"2\" checked=\"\">",
            "<option value=\"a\">A</option><option value=\"b\" selected=\"\">B</option>",
            "<input type=\"password\" name=\"password\"></form><p>end</p>",
            "<input type=\"hidden\" name=\"id\" value=\"1\"></form>",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("secret"));
        assert!(page.contains("id=\"unsent\""));
    }

    #[test]
    fn a_form_that_is_unfinished_is_filled_in_without_a_word() {
        let unsent = unfinished("/page", "/form/a", fields_of(b"id=2&name=Sari"));
        let page = filled(PAGE, &unsent, Texts::of(Locale::En)).unwrap();
        assert!(page.contains("value=\"Sari\""), "{page}");
        assert!(!page.contains("id=\"unsent\""), "{page}");
    }

    #[test]
    fn a_page_without_the_form_stays_as_it_is() {
        let unsent = sent_from("/page", "/form/b", Vec::new());
        assert_eq!(filled(PAGE, &unsent, Texts::of(Locale::En)), None);
    }
}
