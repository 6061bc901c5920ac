//! Who calls, and in which language.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use engine::{
    account::{Caller, limit, scope::Needs, token},
    error::AppError,
    i18n::{Locale, Texts},
};

use crate::server::{
    AppState,
    api::{
        fault::{Fault, KnownCaller},
        scope::Scopes,
    },
};

/// The texts in the caller's language.
pub struct RequestTexts(pub Texts);

impl<S: Sync> FromRequestParts<S> for RequestTexts {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let locale = parts.extensions.get::<Locale>().copied();
        Ok(Self(Texts::of(locale.unwrap_or_default())))
    }
}

/// The token that a program shows.
pub struct Bearer(pub String);

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        bearer(&parts.headers)
            .map(|token| Self(token.to_owned()))
            .ok_or(AppError::Unauthenticated.into())
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The caller, by the token of the request (I4, I5). Refuses too many requests, and a token without the scope that the
/// handler states. The token itself is in the extensions, as [`token::Shown`].
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let Bearer(token) = Bearer::from_request_parts(parts, state).await?;
        let shown = token::find(&state.database, &token, state.now()).await?;
        limit::check(state.requests.count(shown.id))?;
        let caller = shown.caller.clone();
        if let Some(known) = parts.extensions.get::<KnownCaller>() {
            // Asked twice, it is the same one.
            let _ = known.0.set(caller.clone());
        }
        let needed = needs(parts);
        if !shown.reach.meets(needed) {
            return Err(Fault::out_of_reach(needed));
        }
        parts.extensions.insert(shown);
        Ok(Self(caller))
    }
}

/// The scope that this call states. A call without one, or outside of the API, needs everything.
fn needs(parts: &Parts) -> Needs {
    let route = parts.extensions.get::<MatchedPath>();
    let scopes = parts.extensions.get::<Arc<Scopes>>();
    match (scopes, route) {
        (Some(scopes), Some(route)) => scopes.needs(&parts.method, route.as_str()),
        _ => Needs::Everything,
    }
}

/// The caller, if the request has a token: for calls that are public and show more to some.
pub struct OptionalCaller(pub Option<Caller>);

impl FromRequestParts<AppState> for OptionalCaller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(Self(None));
        }
        let Authenticated(caller) = Authenticated::from_request_parts(parts, state).await?;
        Ok(Self(Some(caller)))
    }
}
