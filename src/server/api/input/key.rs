//! The idempotency key and the version of a request.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, header::IF_MATCH, request::Parts},
};
use engine::{
    account::Caller,
    error::{self, AppError, Field},
    idempotency::{Key, KeyOwner},
};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::server::{api::fault::Fault, etag};

/// The version in `If-Match` (C7, RFC 9110, 13.1.1): the `ETag` that was read, or just the version. It can be in the
/// body as `version` instead.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` that was read. The change is made only if nobody else has made one since.
    #[param(rename = "If-Match", value_type = Option<String>, example = "\"3\"")]
    version: Option<i32>,
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let mut tags = parts.headers.get_all(IF_MATCH).iter();
        let version = match (tags.next(), tags.next()) {
            (None, _) => None,
            (Some(tag), None) if tag == "*" => None,
            (Some(tag), None) => {
                Some(etag::version_in(tag).ok_or_else(|| Fault::malformed(IF_MATCH.as_str()))?)
            }
            // Nobody has read two versions at once.
            (Some(_), Some(_)) => return Err(Fault::malformed(IF_MATCH.as_str())),
        };
        Ok(Self { version })
    }
}

impl IfMatch {
    /// The version from `If-Match` or the body, if there is one.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where they do not say the same.
    pub fn or(&self, in_body: Option<i32>) -> Result<Option<i32>, Fault> {
        match (self.version, in_body) {
            (Some(one), Some(other)) if one != other => Err(Fault::malformed("version")),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// The version from `If-Match` or the body, where one is required.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, also where neither says it.
    pub fn or_needed(&self, in_body: Option<i32>) -> Result<i32, Fault> {
        self.or(in_body)?.ok_or_else(|| Fault::missing("version"))
    }

    /// The version from `If-Match`, where one is required and there is no body.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn needed(&self) -> Result<i32, Fault> {
        self.version.ok_or_else(|| Fault::missing(IF_MATCH.as_str()))
    }
}

/// The header of the idempotency key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The idempotency key of the request, if it has one (B6). A request with several is refused: nobody could say which of them
/// it is known by.
pub struct SentKey(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for SentKey {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let mut lines = parts.headers.get_all(&IDEMPOTENCY_KEY).iter();
        let key = lines.next().cloned();
        match lines.next() {
            None => Ok(Self(key)),
            Some(_) => Err(AppError::invalid(Field::IdempotencyKey, error::FieldProblem::Malformed).into()),
        }
    }
}

impl SentKey {
    /// Binds the key to the caller, the operation and the request.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of(
        &self,
        caller: &Caller,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<Option<Key>, AppError> {
        let Some(key) = &self.0 else {
            return Ok(None);
        };
        let key = key
            .to_str()
            .map_err(|_| AppError::invalid(Field::IdempotencyKey, error::FieldProblem::Malformed))?;
        Key::sent(KeyOwner::Caller(caller), key, operation, request).map(Some)
    }

    /// Binds the key to a request with a password, which `request` leaves out. Another password is another request,
    /// and the stored digest cannot be used to guess passwords without the key.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn of_secret(
        &self,
        caller: &Caller,
        operation: &'static str,
        request: &impl Serialize,
        password: &str,
    ) -> Result<Option<Key>, AppError> {
        let salt = self.0.as_ref().map_or(&[][..], HeaderValue::as_bytes);
        let password = Sha256::new()
            .chain_update(salt.len().to_be_bytes())
            .chain_update(salt)
            .chain_update(password)
            .finalize()
            .to_vec();
        self.of(caller, operation, &(request, password))
    }
}

/// Serialises a secret as nothing, for the digest of a request; see [`SentKey::of_secret`].
///
/// # Errors
/// Those of the serializer.
pub fn unit<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}
