//! Forms: server functions, and how their errors are answered.
//!
//! A browser that posted a form goes back to the page it came from, with the error in the URL; a
//! program is told by the status and as problem+json (RFC 9457).

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::{
    prelude::provide_context,
    server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
};

use tower_sessions::Session;

use super::fields::{COOKIES, HOLDER, LANGUAGE, OF, accepts_html, fields_of};
use super::{AppState, context::context, locale::locale, problem, security::address_of, unsent, upload};
use crate::{
    account::session::{BrowserSession, answer_from},
    ui,
};
use engine::{
    account::session::Beginner,
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
};

/// How many bytes of a serialised error are read; ours are far shorter.
const MAX_ERROR_BYTES: usize = 4096;

/// Runs the server function that the path names.
pub async fn handle(state: AppState, request: Request) -> Response {
    let accepts_html = accepts_html(request.headers());
    let back = back(
        request.headers().get(header::REFERER),
        request.headers().get(header::HOST),
    );
    let locale = request.extensions().get::<Locale>().copied().unwrap_or_default();
    let request = match upload::without_files(request).await {
        Ok(request) => request,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => {
            let error = AppError::invalid(Field::Body, FieldProblem::Malformed);
            return match accepts_html {
                true => redirect(&ui::with_error(&back, error, None)),
                false => problem(error, locale),
            };
        }
    };
    let (mut parts, body) = request.into_parts();
    // As large as the layer around lets it be.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let session = parts
        .extensions
        .get::<Session>()
        .map(|session| BrowserSession::new(session.clone(), state.config.rules.booking, state.now()));
    let (action, fields) = (parts.uri.path().to_owned(), fields_of(&body));
    let asked = fields_of(parts.uri.query().unwrap_or_default().as_bytes());
    let mut body = body;
    if let (Some(session), Some((_, of))) = (&session, asked.iter().find(|(name, _)| name == OF)) {
        let unfinished = unsent::unfinished(&ui::without_error(&back), of, fields.clone());
        if let Err(error) = unsent::keep(session, unfinished).await {
            tracing::warn!(%error, "a form that is not finished could not be kept");
        }
        if let Some((_, language)) = asked.iter().find(|(name, _)| name == LANGUAGE) {
            // The fields are those of the form.
            body = format!("language={}", ui::encode(language)).into();
            parts.headers.remove(header::CONTENT_LENGTH);
        }
    }
    let said = |name: &str| {
        let mut fields = fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let has_cookies = parts.headers.contains_key(header::COOKIE);
    if let (Some(session), Some(holder)) = (&session, said(HOLDER))
        && let Err(error) = session.adopt_visitor(holder).await
    {
        tracing::warn!(%error, "the holder of a time could not be kept");
    }
    let needs_cookies = said(COOKIES).is_some() && !has_cookies && asked.is_empty();
    let request = Request::from_parts(parts, Body::from(body));
    if needs_cookies && accepts_html {
        // Nothing is held, and no code is sent, for a browser that could not come back to it.
        let error = AppError::invalid(Field::Cookies, FieldProblem::Missing);
        return redirect(&ui::with_error(&back, error, None));
    }
    let sent = crate::idempotency::forms::Sent::default();
    let context = {
        let (everything, sent) = (context(state), sent.clone());
        move || {
            everything();
            provide_context(sent.clone());
        }
    };
    let response = leptos_axum::handle_server_fns_with_context(context, request)
        .await
        .into_response();
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        if response.status() == StatusCode::BAD_REQUEST {
            return problem(AppError::NotFound, locale);
        }
        forget_unsent(session.as_ref(), &action).await;
        return response;
    }
    let body = axum::body::to_bytes(response.into_body(), MAX_ERROR_BYTES)
        .await
        .unwrap_or_default();
    let error = AppError::de(body);
    if let (AppError::Unauthenticated, true, Some(session)) = (error, accepts_html, &session) {
        let page = ui::without_error(&back);
        return match unsent::keep(session, unsent::sent_from(&page, &action, fields)).await {
            Ok(()) => redirect(&format!("{}?next={}&ended=1", ui::door(&page), ui::encode(&page))),
            Err(error) => redirect(&ui::with_error(&back, error, None)),
        };
    }
    forget_unsent(session.as_ref(), &action).await;
    if accepts_html {
        // Whether it was done is not always known: the next try is the same request.
        let again = sent.get().filter(|_| error.is_transient());
        redirect(&ui::with_error(&back, error, again))
    } else {
        problem(error, locale)
    }
}

/// Forgets a form that was kept while nobody was signed in: it has been sent again, and its page says what came of it.
async fn forget_unsent(session: Option<&BrowserSession>, action: &str) {
    let Some(session) = session else { return };
    if let Ok(Some(unsent)) = session.unsent().await
        && unsent.action == action
        && let Err(error) = session.forget_unsent().await
    {
        tracing::warn!(%error, "a form that was sent again could not be forgotten");
    }
}

fn redirect(location: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Replaces the empty 500 with which tower-sessions answers when its store fails by our 503, or by a 429 where too many
/// sessions have begun from the caller's address.
pub async fn answer_for_sessions(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let html = accepts_html(headers);
    let back = (request.method() == Method::POST && html)
        .then(|| back(headers.get(header::REFERER), headers.get(header::HOST)));
    let locale = locale(headers);
    let beginner = Beginner {
        address: address_of(&state, &request),
        most: state.config.limits.sessions_per_address,
    };
    let (response, refusal) = answer_from(beginner, next.run(request)).await;
    let error = refusal.unwrap_or(AppError::Unavailable);
    let is_bare = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.body().size_hint().exact() == Some(0);
    match back {
        _ if !is_bare => response,
        Some(back) => redirect(&ui::with_error(&back, error, None)),
        None if html => (
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
            ui::message(error, Texts::of(locale)),
        )
            .into_response(),
        None => problem(error, locale),
    }
}

/// The path on this site that a form was sent from, without an error of an earlier try. Without a
/// Referer, the start page.
fn back(referer: Option<&HeaderValue>, host: Option<&HeaderValue>) -> String {
    let from_here = || {
        let uri: Uri = referer?.to_str().ok()?.parse().ok()?;
        let same = uri.authority()?.as_str() == host?.to_str().ok()?;
        same.then(|| {
            uri.path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string)
        })
    };
    from_here()
        .filter(|path| engine::account::local_path(path) == path)
        .unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_back_to_the_page_of_this_site_that_it_came_from() {
        for (referer, expected) in [
            (
                Some("http://a.example/doctors/1?from=2026-01-01"),
                "/doctors/1?from=2026-01-01",
            ),
            (Some("http://evil.example/doctors/1"), "/"),
            (Some("http://a.example//evil.example"), "/"),
            (Some("nonsense"), "/"),
            (None, "/"),
        ] {
            let referer = referer.map(HeaderValue::from_static);
            let host = HeaderValue::from_static("a.example");
            assert_eq!(back(referer.as_ref(), Some(&host)), expected, "{referer:?}");
        }
    }
}
