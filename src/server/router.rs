//! Every route of the server that is not a page; pages are in [`crate::app`].

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::request::Parts,
    middleware,
    routing::{any, get, post},
};
use leptos::{
    prelude::{expect_context, provide_context},
    server_fn::axum::server_fn_paths,
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions, render_app_async_with_context,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    limit::RequestBodyLimitLayer,
    services::{ServeDir, ServeFile},
};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

use super::{
    AppState,
    api::scope::Scopes,
    cors::{self, Cors},
    etag, forms, layers, rate_limit_headers,
};
use crate::{
    account::{
        guard::{ClientAddress, Known},
        session::{BrowserSession, Store},
    },
    api,
    app::App,
    server, ui,
};
use engine::i18n::Locale;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "janji";
const SESSION_DAYS: i64 = 30;

/// A form is a few lines of text.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What server functions and pages find in their context.
pub fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = expect_context::<Parts>();
        provide_context(state.clone());
        provide_context(Known::default());
        provide_context(parts.extensions.get::<Locale>().copied().unwrap_or_default());
        if let Some(address) = parts.extensions.get::<ClientAddress>() {
            provide_context(address.clone());
        }
        if let Some(session) = parts.extensions.get::<Session>() {
            provide_context(BrowserSession::new(session.clone()));
        }
    }
}

/// The whole server.
pub fn router(state: AppState) -> Router {
    let sessions = SessionManagerLayer::new(Store(state.database.clone()))
        .with_name(SESSION_COOKIE)
        // Strict would sign out people who come from a link in a message.
        .with_same_site(SameSite::Lax)
        .with_secure(state.config.secure_cookies)
        .with_expiry(Expiry::OnInactivity(Duration::days(SESSION_DAYS)));

    let shell = {
        let state = state.clone();
        move || ui::shell(&state)
    };
    let mut pages = Router::new()
        .route(
            "/form/{*name}",
            post(|State(state): State<AppState>, request: Request| forms::handle(state, request)),
        )
        .route("/live/times/{doctor_id}", get(crate::availability::stream::times))
        .route(
            "/appointments/{reference}/calendar.ics",
            get(crate::ical::feed::appointment),
        )
        .leptos_routes_with_context(&state, pages_alone(), context(state.clone()), shell.clone())
        .fallback(render_app_async_with_context(context(state.clone()), shell));
    if state.config.demo {
        pages = pages.route("/demo/messages.json", get(crate::notification::api::messages));
    }
    let pages = pages
        .layer(middleware::from_fn_with_state(state.clone(), layers::identify))
        .layer(sessions)
        .layer(middleware::from_fn(forms::say_what_sessions_do_not));

    Router::new()
        .route("/healthz", get(crate::monitoring::health::alive))
        .route("/readyz", get(crate::monitoring::health::ready))
        .route("/metrics", get(crate::monitoring::metrics::metrics))
        .merge(feeds())
        .merge(files(&state))
        .merge(pages)
        .layer(middleware::from_fn(layers::check_origin))
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .merge(api(&state))
        .layer(middleware::from_fn(rate_limit_headers::tell))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(layers::safe_headers))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// What programs call (X1). They show a token, so that there is neither a session nor an origin to check: a cookie
/// opens nothing here.
fn api(state: &AppState) -> Router<AppState> {
    let (calls, description) = api::routes().split_for_parts();
    let api = calls
        .route("/api/v1/openapi.json", get(api::json))
        .route("/api/docs", get(api::page))
        // No nested path is empty.
        .route("/api/", any(server::api::nothing))
        .layer(Extension(Arc::new(Scopes::of(&description))))
        .layer(middleware::from_fn(etag::etag))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(state.clone(), server::api::tell))
        .layer(middleware::from_fn_with_state(state.clone(), layers::identify));
    match state.config.cors_origins.as_slice() {
        [] => api,
        origins => api.layer(middleware::from_fn_with_state(Cors::new(origins), cors::allow)),
    }
}

/// The routes of the pages. Left to itself, leptos would add one for each server function, which would go
/// past [`forms::handle`].
fn pages_alone() -> Vec<AxumRouteListing> {
    let forms = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    generate_route_list_with_exclusions(App, Some(forms))
}

/// The calendars that programs fetch again and again, without a session (X3).
fn feeds() -> Router<AppState> {
    Router::new()
        .route("/calendars/{file}", get(crate::ical::feed::feed))
        .layer(middleware::from_fn(etag::etag))
}

/// The files of the program: compressed when it was built, not at every request.
fn files(state: &AppState) -> Router<AppState> {
    let root = state.leptos.site_root.to_string();
    let mut files = Router::new();
    for folder in [state.leptos.site_pkg_dir.as_ref(), "fonts", "swagger"] {
        let service = ServeDir::new(format!("{root}/{folder}"))
            .precompressed_br()
            .precompressed_gzip();
        files = files.nest_service(&format!("/{folder}"), service);
    }
    for file in ["favicon.svg", "icons.svg", "logo.svg", "robots.txt"] {
        let service = ServeFile::new(format!("{root}/{file}"))
            .precompressed_br()
            .precompressed_gzip();
        files = files.route_service(&format!("/{file}"), service);
    }
    files.layer(middleware::from_fn(layers::cache_files))
}
