//! Public pages for visitors whom the server does not know: one rendering for all who ask for the same page at once.
//!
//! Where a clinic opens its calendar at eight, hundreds look at the same times in the same second. Nobody is shown what was
//! so before they asked: see [`Together`](engine::together::Together). Each answer still carries a nonce of its own.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::nonce::Nonce;

use super::{
    AppState,
    fields::{KEEPS_COOKIES, PROBE},
    locale::{cookies, is_of_language, locale},
    problem,
};

/// The pages that are the same for all whom no cookie tells apart, by what their path begins with.
const FOLDERS: [&str; 2] = ["/doctors/", "/services/"];

/// The largest page that is kept to be shared, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// How the policy of a page names its nonce.
const NONCE: &str = "'nonce-";

/// Answers visitors together, and everybody else by themselves.
pub async fn answer_together(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !is_for_all(&request) {
        return next.run(request).await;
    }
    let locale = locale(request.headers());
    let host = request.headers().get(header::HOST).map(HeaderValue::as_bytes);
    // The policy of a page names the host, and a browser without cookies is sent the first one with its page.
    let question = format!(
        "{} {} {} {}",
        locale.code(),
        request.headers().contains_key(header::COOKIE),
        String::from_utf8_lossy(host.unwrap_or_default()),
        request.uri()
    );
    let own = copy_of(&request);
    let render = || async { Ok(Rendered::of(next.clone().run(request).await).await) };
    match state.together.ask(("page", question), render).await {
        Ok(rendered) => match &*rendered {
            Rendered::Page(page) => page.answer(),
            Rendered::Own => next.run(own).await,
        },
        Err(error) => problem(error, locale),
    }
}

fn is_for_all(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::GET
        && cookies(request.headers()).all(|(name, _)| name == PROBE || is_of_language(name))
        && (path == "/" || FOLDERS.iter().any(|folder| path.starts_with(folder)))
}

/// The same request without its body, which a `GET` has not.
fn copy_of(request: &Request) -> Request {
    let mut copy = Request::new(Body::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    copy
}

/// What came of rendering a page.
enum Rendered {
    Page(Shared),
    /// It is for one visitor alone: it begins a session, or is no page to be shown to others.
    Own,
}

/// A page to be shown to several visitors.
struct Shared {
    headers: HeaderMap,
    /// The pieces of the policy and of the page between which the nonce stands.
    policy: Vec<String>,
    body: Vec<String>,
}

impl Rendered {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let mut begun = parts.headers.get_all(header::SET_COOKIE).iter();
        if parts.status != StatusCode::OK || begun.any(|cookie| *cookie != KEEPS_COOKIES) {
            return Self::Own;
        }
        let policy = parts.headers.get(header::CONTENT_SECURITY_POLICY);
        let Some((policy, nonce)) = policy.and_then(with_nonce) else {
            return Self::Own;
        };
        let between = |text: &str| text.split(nonce).map(str::to_owned).collect();
        let Ok(body) = to_bytes(body, MAX_BYTES).await else {
            return Self::Own;
        };
        let Ok(page) = str::from_utf8(&body) else {
            return Self::Own;
        };
        Self::Page(Shared {
            policy: between(policy),
            body: between(page),
            headers: parts.headers,
        })
    }
}

impl Shared {
    /// The page with a nonce that no other answer has.
    fn answer(&self) -> Response {
        let nonce = Nonce::new();
        let mut answer = self.body.join(&nonce).into_response();
        *answer.headers_mut() = self.headers.clone();
        if let Ok(policy) = HeaderValue::from_str(&self.policy.join(&nonce)) {
            answer
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer
    }
}

/// A policy, and the nonce that it names.
fn with_nonce(policy: &HeaderValue) -> Option<(&str, &str)> {
    let policy = policy.to_str().ok()?;
    let (_, rest) = policy.split_once(NONCE)?;
    let (nonce, _) = rest.split_once('\'')?;
    (!nonce.is_empty()).then_some((policy, nonce))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(cookie: Option<HeaderValue>) -> Response {
        let mut page = "<script nonce=\"abc\"></script>".into_response();
        let policy = HeaderValue::from_static("script-src 'nonce-abc'");
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(cookie) = cookie {
            page.headers_mut().append(header::SET_COOKIE, cookie);
        }
        page
    }

    fn is_shared(rendered: &Rendered) -> bool {
        matches!(rendered, Rendered::Page(_))
    }

    #[tokio::test]
    async fn what_begins_a_session_or_is_no_page_is_for_one_alone() {
        assert!(is_shared(&Rendered::of(page(None)).await));
        assert!(is_shared(&Rendered::of(page(Some(KEEPS_COOKIES))).await));
        let session = HeaderValue::from_static("janji=abc; HttpOnly");
        assert!(!is_shared(&Rendered::of(page(Some(session.clone()))).await));
        let mut both = page(Some(KEEPS_COOKIES));
        both.headers_mut().append(header::SET_COOKIE, session);
        assert!(!is_shared(&Rendered::of(both).await));
        let mut missing = page(None);
        *missing.status_mut() = StatusCode::NOT_FOUND;
        assert!(!is_shared(&Rendered::of(missing).await));
        assert!(!is_shared(&Rendered::of("no policy".into_response()).await));
    }

    #[test]
    fn a_cookie_that_may_be_of_a_session_is_answered_by_itself() {
        let asks = |path: &str, cookie: &'static str| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = path.parse().unwrap();
            if !cookie.is_empty() {
                let cookie = HeaderValue::from_static(cookie);
                request.headers_mut().insert(header::COOKIE, cookie);
            }
            is_for_all(&request)
        };
        assert!(asks("/", ""));
        assert!(asks(
            "/doctors/1?from=2026-01-01",
            "janji-cookies=1; janji-language=de"
        ));
        for cookie in [
            "janji=a",
            "janji-cookies=1; __Host-janji=a",
            "janji-cookies=1; other",
            ";",
        ] {
            assert!(!asks("/doctors/1", cookie), "{cookie}");
        }
        assert!(!asks("/sign-in", ""));
        assert!(!asks("/appointments", ""));
    }
}
