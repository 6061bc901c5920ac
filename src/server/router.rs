//! The routes of the server and what wraps them. Pages are in [`crate::app`], calls of the API in [`crate::api`].

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware,
    routing::{any, get, post},
};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions, render_app_async_with_context,
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

use super::{
    AppState,
    api::{Problems, scope::Scopes},
    connection,
    context::context,
    cors::{self, Cors},
    edge, etag, farewell, forms, head, locale, rate_limit_headers, refusal, security, site, unsent, visitors,
};
use crate::{
    account::session::Store,
    api,
    app::{App, shell},
    fhir,
    payment::{numbers, stand_in::PATH},
    server, trace,
};
use engine::{account::tries, audit, phone_call};

/// The name of the session cookie. By HTTPS, its prefix has browsers keep out a cookie of the same name that a neighbouring
/// site or a connection without TLS has set.
pub fn session_cookie(is_secure: bool) -> &'static str {
    match is_secure {
        true => "__Host-janji",
        false => "janji",
    }
}

/// How long a browser keeps the cookie, in days: the longest that a session can last. When it ends is for the server to say.
const COOKIE_DAYS: i64 = 366;

/// Builds the whole server.
pub fn router(state: AppState) -> Router {
    audit::begin_counting(&state.database);
    tries::begin_counting(&state.database);
    phone_call::begin_counting(&state.database);
    drop(connection::numbers(&state.database));
    edge::begin_counting(&state.database);
    numbers::begin_counting(&state.database);
    let store = Store {
        database: state.database.clone(),
        lifetimes: state.config.lifetimes,
        rules: state.config.rules.booking,
    };
    let sessions = SessionManagerLayer::new(store)
        .with_name(session_cookie(state.config.secure_cookies))
        // Strict would sign out people who come from a link in a message.
        .with_same_site(SameSite::Lax)
        .with_secure(state.config.secure_cookies)
        .with_expiry(Expiry::OnInactivity(Duration::days(COOKIE_DAYS)));

    let document = {
        let state = state.clone();
        move || shell(&state)
    };
    let mut pages = Router::new()
        .route(
            "/form/{*name}",
            post(|State(state): State<AppState>, request: Request| forms::handle(state, request)),
        )
        .route("/live/times/{doctor_id}", get(crate::availability::stream::times))
        .route("/live/sheet", get(crate::desk::stream::sheet))
        .route("/live/groups", get(crate::group::stream::groups))
        .route("/live/find", post(crate::desk::suggest::suggest))
        .route("/admin/day.csv", get(crate::desk::files::day))
        .route("/admin/week.csv", get(crate::desk::files::week))
        .route("/doctor/week.csv", get(crate::desk::files::week))
        .route("/admin/calls.csv", get(crate::schedule::calls::files::calls))
        .route("/doctor/calls.csv", get(crate::schedule::calls::files::calls))
        .route("/staff/patients.csv", get(crate::desk::files::found))
        .route("/admin/board.csv", get(crate::appointment::files::board))
        .route("/admin/messages.csv", get(crate::notification::files::messages))
        .route("/admin/phone-calls.csv", get(crate::phone_call::files::calls))
        .route("/admin/security.csv", get(crate::audit::files::notes))
        .route("/admin/payments.csv", get(crate::payment::admin::files::payments))
        .route("/admin/revenue.csv", get(crate::payment::admin::files::revenue))
        .route("/staff/report.csv", get(crate::report::files::report_file))
        .route("/admin/changes.csv", get(crate::monitoring::files::changes))
        .route(
            "/account/data/{patient}/janji.zip",
            get(crate::privacy::files::copy),
        )
        .route(
            "/admin/patients/{patient}/data/janji.zip",
            get(crate::privacy::files::copy),
        )
        .route("/live/mine", get(crate::consultation::stream::mine))
        .route(
            "/live/consultations/{reference}",
            get(crate::consultation::stream::thread),
        )
        .route(
            "/appointments/{reference}/calendar.ics",
            get(crate::ical::feed::appointment),
        )
        .leptos_routes_with_context(&state, page_routes(), context(state.clone()), document.clone())
        .fallback(render_app_async_with_context(context(state.clone()), document));
    if state.config.demo {
        pages = pages.route("/demo/messages.json", get(crate::notification::api::messages));
    }
    // Layers that are laid at once are one service around each route, instead of as many as there are layers.
    let pages = pages.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(
                state.clone(),
                visitors::answer_together,
            ))
            .layer(middleware::from_fn_with_state(
                state.clone(),
                forms::answer_for_sessions,
            ))
            .layer(sessions)
            .layer(middleware::from_fn(locale::find_locale))
            .layer(middleware::from_fn_with_state(
                state.clone(),
                security::find_address,
            ))
            .layer(middleware::from_fn_with_state(state.clone(), unsent::fill_in)),
    );

    let refusals = pages.clone().with_state(state.clone());
    Router::new()
        .route("/healthz", get(crate::monitoring::health::alive))
        .route("/readyz", get(crate::monitoring::health::ready))
        .route("/metrics", get(crate::monitoring::metrics::metrics))
        .merge(feeds())
        .route("/logo/{file}", get(crate::organisation::files::logo))
        .merge(site::files())
        .route("/.well-known/security.txt", get(site::security_txt))
        .merge(pages)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            security::check_origin,
        ))
        // Browsers send it as they like, and it does nothing but count.
        .route(edge::REPORTS_PATH, post(edge::count_report))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(refusals, refusal::explain))
                .layer(middleware::from_fn(refusal::check_lengths))
                .layer(middleware::from_fn(edge::own_words)),
        )
        .merge(api(&state))
        .merge(for_programs(&state, fhir::routes(), fhir::scopes()))
        // Programs of providers, which sign what they send.
        .merge(crate::notification::receipts::routes())
        .merge(crate::hooks::retell::routes())
        .merge(crate::hooks::payment::routes())
        .merge(crate::hooks::calcom::routes())
        .merge(stand_in(&state))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(trace::follow))
                .layer(middleware::from_fn(head::answer_as_get))
                .layer(middleware::from_fn_with_state(
                    state.clone(),
                    farewell::close_connections,
                ))
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn_with_state(
                    state.clone(),
                    security::safe_headers,
                ))
                .layer(middleware::from_fn(fhir::outcome::write_outcomes))
                .layer(middleware::from_fn(edge::well_formed))
                .layer(CatchPanicLayer::custom(edge::panicked))
                .layer(middleware::from_fn(rate_limit_headers::write_retry_after))
                .layer(middleware::from_fn_with_state(
                    state.clone(),
                    rate_limit_headers::write_limits,
                )),
        )
        .with_state(state)
}

/// Builds the API.
fn api(state: &AppState) -> Router<AppState> {
    let (calls, description) = api::routes().split_for_parts();
    let calls = calls
        .route("/api/v1/openapi.json", get(api::json))
        .route("/api/docs", get(api::page))
        // No nested path is empty.
        .route("/api/", any(server::api::unknown_call));
    for_programs(state, calls, Scopes::of(&description))
}

/// Wraps calls of programs. These show a token, so there is neither a session nor an origin to check: a cookie opens nothing
/// here.
fn for_programs(state: &AppState, calls: Router<AppState>, scopes: Scopes) -> Router<AppState> {
    let problems = Problems {
        state: state.clone(),
        details: api::details,
    };
    let api = calls.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(locale::find_locale))
            .layer(middleware::from_fn_with_state(
                state.clone(),
                security::find_address,
            ))
            .layer(middleware::from_fn_with_state(
                problems,
                server::api::write_problems,
            ))
            .layer(CatchPanicLayer::custom(edge::panicked))
            .layer(middleware::from_fn(refusal::check_lengths))
            .layer(DefaultBodyLimit::disable())
            .layer(middleware::from_fn(etag::etag))
            .layer(Extension(Arc::new(scopes))),
    );
    match state.config.cors_origins.as_slice() {
        [] => api,
        origins => api.layer(middleware::from_fn_with_state(Cors::new(origins), cors::allow)),
    }
}

/// Lists the routes of the pages without those of server functions, which leptos would add past [`forms::handle`].
fn page_routes() -> Vec<AxumRouteListing> {
    let forms = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    generate_route_list_with_exclusions(App, Some(forms))
}

/// Builds the routes of the provider of our own, where this server is it: another site as far as its pages are concerned.
fn stand_in(state: &AppState) -> Router<AppState> {
    match state.payments.stand_in() {
        Some(stand_in) => Router::new().nest(PATH, stand_in.routes()),
        None => Router::new(),
    }
}

/// Builds the routes of calendar feeds, which programs poll without a session.
fn feeds() -> Router<AppState> {
    Router::new()
        .route("/calendars/{file}", get(crate::ical::feed::feed))
        .layer(middleware::from_fn(etag::etag))
}
