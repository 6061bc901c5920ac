//! What the path names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use engine::{appointment::AppointmentName, error::AppError};
use serde::de::DeserializeOwned;

use crate::server::api::fault::Fault;

/// Several path parameters at once. Parameters that cannot be read are `NOT_FOUND`.
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(AppError::NotFound.into()),
        }
    }
}

/// The id in the path.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = in_path(parts, state).await?;
        id.parse().map(Self).map_err(|_| AppError::NotFound.into())
    }
}

/// The id or the reference of an appointment in the path.
pub struct AppointmentInPath(pub AppointmentName);

impl<S: Send + Sync> FromRequestParts<S> for AppointmentInPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let which = in_path(parts, state).await?;
        AppointmentName::parse(&which)
            .map(Self)
            .ok_or(AppError::NotFound.into())
    }
}

async fn in_path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Fault> {
    match Path::<String>::from_request_parts(parts, state).await {
        Ok(Path(text)) => Ok(text),
        Err(_) => Err(AppError::NotFound.into()),
    }
}
