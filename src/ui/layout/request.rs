//! The address of the page that is asked for, and the answer that names another one.

use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use engine::error::AppError;

/// The value of a parameter of the page's query.
pub fn query(name: &str) -> Option<String> {
    leptos_router::hooks::use_query_map()
        .get_untracked()
        .get(name)
        .map(|value| engine::text::line(&value))
        .filter(|value| !value.is_empty())
}

/// The value of a parameter in the page's path.
///
/// # Errors
/// `NOT_FOUND` where it cannot be read.
pub fn path_parameter<T: std::str::FromStr>(name: &str) -> Result<T, AppError> {
    leptos_router::hooks::use_params_map()
        .get_untracked()
        .get(name)
        .and_then(|value| value.parse().ok())
        .ok_or(AppError::NotFound)
}

/// Answers with another page instead (303): after a form, or where a page has nothing to show.
pub fn redirect(path: &str) {
    if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, location);
    }
}
