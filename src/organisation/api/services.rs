//! The calls for services.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::put::put;
use super::service::{Mode, NewService, ServiceChange, ServiceDescription, of_service};
use super::{Described, is_admin, order};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Fault, Id, IfMatch, OptionalCaller, Query, RequestTexts, SentKey,
        done, found, found_version, made, yes_or_no,
    },
    openapi::ORGANISATION,
};
use engine::{
    error::AppError,
    organisation::{self, MODES},
};

/// A search for services.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ServiceFilter {
    /// Whether the service can be booked; only admins see the others.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// The mode of the consultation.
    #[param(value_type = Option<Mode>)]
    mode: Option<String>,
    /// `name` by default; a minus sign reverses the order.
    #[param(pattern = "^-?(name|key|duration_minutes)$", example = "-duration_minutes")]
    sort: Option<String>,
}

/// Lists the services that patients can book, and to admins all services.
#[utoipa::path(
    get, path = "/v1/services", tag = ORGANISATION, params(ServiceFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "Services", body = Done<Vec<ServiceDescription>>)),
)]
pub async fn services(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<ServiceFilter>,
) -> Answer {
    // public: patients choose among them.
    let for_admin = is_admin(caller.as_ref());
    let (place, is_backwards) = order(filter.sort.as_deref(), &["name", "key", "duration_minutes"])?;
    let active = yes_or_no("active", filter.active.as_deref())?;
    let mode = filter.mode.as_deref();
    if mode.is_some_and(|mode| !MODES.contains(&mode)) {
        return Err(Fault::malformed("mode"));
    }
    let mut services = organisation::services(&state.database).await?;
    services.retain(|service| {
        (for_admin || service.what.active)
            && active.is_none_or(|active| active == service.what.active)
            && mode.is_none_or(|mode| mode == service.what.mode)
    });
    services.sort_by(|one, other| {
        let (this, that) = (&one.what, &other.what);
        let order = match place {
            1 => this.key.cmp(&that.key),
            2 => this.rules.duration.cmp(&that.rules.duration),
            _ => this.name.cmp(&that.name),
        };
        let order = if is_backwards { order.reverse() } else { order };
        order.then(one.id.cmp(&other.id))
    });
    let services: Vec<ServiceDescription> = services
        .into_iter()
        .map(|service| of_service(service, for_admin, texts.locale()))
        .collect();
    Ok(found(texts, services))
}

/// Returns a service.
#[utoipa::path(
    get, path = "/v1/services/{id}", tag = ORGANISATION, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a service")),
    responses((status = 200, description = "The service; its version is in the `ETag`", body = Done<ServiceDescription>)),
)]
pub async fn service(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let for_admin = is_admin(caller.as_ref());
    let service = organisation::service(&state.database, id).await?;
    if !service.what.active && !for_admin {
        return Err(AppError::NotFound.into());
    }
    let version = service.version;
    Ok(found_version(
        texts,
        of_service(service, for_admin, texts.locale()),
        version,
    ))
}

/// Adds a service.
#[utoipa::path(
    post, path = "/v1/services", tag = ORGANISATION, request_body = NewService, security(("token" = ["organise"])),
    responses(
        (status = 201, description = "Added", body = Done<Described>,
         headers(("Location" = String, description = "The path of the service"))),
    ),
)]
pub async fn add_service(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewService>,
) -> Answer {
    let saved = put(&state, caller, &sent, None, &request).await?;
    let location = format!("/api/v1/services/{}", saved.id);
    Ok(made(texts, "api-organisation-added", &location, saved))
}

/// Replaces the description of a service.
///
/// The request replaces the whole description: an optional field that is missing is cleared.
#[utoipa::path(
    put, path = "/v1/services/{id}", tag = ORGANISATION, request_body = ServiceChange, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a service"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_service(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ServiceChange>,
) -> Answer {
    let (request, version) = request.split();
    let which = (id, seen.or_needed(version)?);
    let saved = put(&state, caller, &sent, Some(which), &request).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}
