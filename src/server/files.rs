//! The files of the program: scripts, styles, fonts and icons.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::services::{ServeDir, ServeFile};

use super::AppState;

/// Serves the files, which were compressed when the program was built.
pub fn files(state: &AppState) -> Router<AppState> {
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
    files.layer(middleware::from_fn(cache_files))
}

/// Lets browsers keep a file for a year if its name has a hash, and otherwise for a day.
async fn cache_files(request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    let value = if path.starts_with("/pkg/") {
        "public, max-age=31536000, immutable"
    } else if path.starts_with("/fonts/") {
        "public, max-age=31536000"
    } else {
        "public, max-age=86400"
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}
