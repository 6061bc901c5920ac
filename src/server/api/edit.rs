//! The extractor of a call that changes something with a version.

use axum::extract::{FromRequest, FromRequestParts, Request};
use engine::{
    account::{Caller, token::PresentedToken},
    error::AppError,
    idempotency::Key,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Authenticated, Body, Fault, Id, IfMatch, SentKey};
use crate::server::AppState;

/// A body that may have the version that was read.
pub trait Versioned {
    fn version(&self) -> Option<i32>;
}

/// A request to change what the path names by its id.
pub struct Edit<T> {
    pub caller: Caller,
    /// The token by which the caller is known.
    pub shown: PresentedToken,
    pub id: i64,
    pub body: T,
    seen: IfMatch,
    sent: SentKey,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Edit<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let Authenticated(caller) = Authenticated::from_request_parts(&mut parts, state).await?;
        // Left there by whoever read it.
        let shown = parts.extensions.get::<PresentedToken>().cloned();
        let shown = shown.ok_or(AppError::Unauthenticated)?;
        let Id(id) = Id::from_request_parts(&mut parts, state).await?;
        let seen = IfMatch::from_request_parts(&mut parts, state).await?;
        let sent = SentKey::from_request_parts(&mut parts, state).await?;
        let Body(body) = Body::from_request(Request::from_parts(parts, body), state).await?;
        Ok(Self {
            caller,
            shown,
            id,
            body,
            seen,
            sent,
        })
    }
}

impl<T: Versioned + Serialize> Edit<T> {
    /// The version that the caller has read, from `If-Match` or the body.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, also where neither says it.
    pub fn version(&self) -> Result<i32, Fault> {
        self.seen.or_needed(self.body.version())
    }

    /// The idempotency key of this request, if it has one.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn key(&self, operation: &'static str) -> Result<Option<Key>, Fault> {
        let request = (self.id, self.version()?, &self.body);
        Ok(self.sent.of(&self.caller, operation, &request)?)
    }

    /// The idempotency key of this request with a password in it, which the body serialises as nothing.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn key_of_secret(&self, operation: &'static str, password: &str) -> Result<Option<Key>, Fault> {
        let request = (self.id, self.version()?, &self.body);
        Ok(self.sent.of_secret(&self.caller, operation, &request, password)?)
    }
}

/// Implements [`Versioned`] for bodies with a field `version`.
macro_rules! versioned {
    ($($body:ty),+) => {
        $(impl $crate::server::api::Versioned for $body {
            fn version(&self) -> Option<i32> {
                self.version
            }
        })+
    };
}
pub(crate) use versioned;
