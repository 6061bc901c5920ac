//! The language of a request.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use engine::i18n::Locale;

/// Finds the language of a request, for the handlers and layers within.
pub async fn find_locale(mut request: Request, next: Next) -> Response {
    let locale = locale(request.headers());
    request.extensions_mut().insert(locale);
    next.run(request).await
}

/// The names of the cookie that remembers the chosen language: by HTTP, and by HTTPS.
const LANGUAGE_COOKIE: &str = "janji-language";
const SECURE_LANGUAGE_COOKIE: &str = "__Host-janji-language";

/// The name of the cookie that remembers the chosen language.
pub fn language_cookie(is_secure: bool) -> &'static str {
    match is_secure {
        true => SECURE_LANGUAGE_COOKIE,
        false => LANGUAGE_COOKIE,
    }
}

/// Whether the cookie of this name remembers a language.
pub fn is_of_language(name: &str) -> bool {
    name == LANGUAGE_COOKIE || name == SECURE_LANGUAGE_COOKIE
}

/// The cookies of these headers, by name and value. What is no cookie has an empty name.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(';'))
        .map(|cookie| cookie.trim().split_once('=').unwrap_or_default())
}

/// The language of these headers: the chosen one, or else that of the browser.
pub fn locale(headers: &HeaderMap) -> Locale {
    let chosen = cookies(headers)
        .find(|(name, _)| is_of_language(name))
        .and_then(|(_, code)| Locale::parse(code));
    let asked = || {
        // Several lines are one list.
        let lines: Vec<&str> = headers
            .get_all(header::ACCEPT_LANGUAGE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        Locale::negotiate(&lines.join(","))
    };
    chosen.unwrap_or_else(asked)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::HeaderName};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_chosen_language_goes_before_the_browsers() {
        let accept = ("accept-language", "de");
        assert_eq!(locale(&headers(&[accept])), Locale::De);
        assert_eq!(
            locale(&headers(&[accept, ("cookie", "a=b; janji-language=id")])),
            Locale::Id
        );
        assert_eq!(
            locale(&headers(&[accept, ("cookie", "__Host-janji-language=id")])),
            Locale::Id
        );
        assert_eq!(
            locale(&headers(&[accept, ("cookie", "janji-language=xx")])),
            Locale::De
        );
    }
}
