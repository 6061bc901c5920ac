//! Whom the one box finds while somebody types.

use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use leptos::prelude::RenderHtml;
use serde::Deserialize;
use tower_sessions::Session;

use super::{find::forms::shortened, page::results};
use crate::{
    account::{guard, session::BrowserSession},
    server::{AppState, problem},
};
use engine::{
    desk::find::{Asked, find_anybody},
    error::AppError,
    i18n::{Locale, Texts},
};

/// What was typed so far.
#[derive(Deserialize)]
pub struct Typing {
    #[serde(default)]
    q: String,
}

/// `POST /live/find`: whom the box finds, as a list. It changes nothing; what is looked for is no part of a URL.
pub async fn suggest(
    State(state): State<AppState>,
    Extension(locale): Extension<Locale>,
    session: Session,
    typing: Result<Form<Typing>, FormRejection>,
) -> Response {
    match suggestions(&state, locale, session, typing).await {
        Ok(response) => response,
        Err(error) => problem(error, locale),
    }
}

async fn suggestions(
    state: &AppState,
    locale: Locale,
    session: Session,
    typing: Result<Form<Typing>, FormRejection>,
) -> Result<Response, AppError> {
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let caller = guard::caller_of(&state.database, &session)
        .await?
        .filter(|caller| caller.role().is_staff())
        .ok_or(AppError::NotFound)?;
    let Ok(Form(typing)) = typing else {
        return Err(AppError::NotFound);
    };
    let asked = Asked::new(&shortened(&typing.q), state.config.rules.country);
    let found = find_anybody(&state.database, &caller, asked, state.now()).await?;
    let html = results(&found, caller.role(), Texts::of(locale)).to_html();
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
