//! Webhooks, for programs.

mod data;

use axum::{Extension, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use self::data::{
    MadeWebhook, NewWebhook, ReplaySince, Replayed, WebhookChange, WebhookData, WebhookDelivery,
};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Edit, Fault, Id, InPath, Listed, Nothing, Query, RequestTexts,
        SentKey, done, found, found_version, listed, made, number, page_of, paged,
    },
    openapi::WEBHOOKS,
};
use engine::{
    account::{
        scope::{Needs, Scope},
        token::PresentedToken,
    },
    error::{AppError, Field},
    webhook::{
        self, ChangeWebhook, DeliveryFilter, DeliveryState, MakeWebhook, Replay, RotateSecret, Wishes,
    },
};

/// The names of fields that are others in forms.
const NAMES: [(Field, &str); 2] = [(Field::Doctor, "doctor_id"), (Field::Clinic, "clinic_id")];

/// Refuses a token that may not read what the webhook would be told.
fn must_read(shown: &PresentedToken, details: bool) -> Result<(), AppError> {
    match !details || shown.reach.meets(Needs::Scope(Scope::Read)) {
        true => Ok(()),
        false => Err(AppError::Forbidden),
    }
}

/// Makes a webhook.
///
/// What happens from then on is posted to `url`, signed as Standard Webhooks has it. Doctors are told of their own appointments,
/// admins of all clinics of all.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = WEBHOOKS, request_body = NewWebhook, security(("token" = ["webhooks"])),
    responses(
        (status = 201, description = "Made. The secret is in this answer and in no other", body = Done<MadeWebhook>,
         headers(("Location" = String, description = "The path of the webhook"))),
        (status = 403, description = "`FORBIDDEN`: `details` needs a token with the scope `read` as well"),
        (status = 404, description = "`NOT_FOUND`: for doctors and admins of all clinics alone"),
    ),
)]
pub async fn make_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewWebhook>,
) -> Answer {
    webhook::must_have_webhooks(&caller)?;
    must_read(&shown, request.details)?;
    let now = state.now();
    let allows_private = state.config.operation.webhook_private;
    let wishes = Wishes::new(
        &request.url,
        &request.description,
        &request.events,
        allows_private,
    )?;
    let command = MakeWebhook {
        key: sent.of(&caller, "make-webhook", &request)?,
        wishes: wishes
            .only_of(request.doctor_id, request.clinic_id)
            .with_details(request.details),
        language: texts.locale(),
        browser: None,
        secret_key: state.config.accounts.secret_key.clone(),
        caller: caller.clone(),
    };
    let (saved, secret) = webhook::make(&state.database, command, now)
        .await
        .map_err(|error| Fault::from(error).under(&NAMES))?;
    tracing::info!(webhook.id = saved.id, "somebody made a webhook");
    let view = webhook::one(&state.database, &caller, saved.id, now).await?;
    let message = match secret {
        Some(_) => "api-webhook-made",
        None => "api-webhook-told",
    };
    let location = format!("/api/v1/webhooks/{}", saved.id);
    Ok(made(
        texts,
        message,
        &location,
        MadeWebhook::new(view, secret.as_ref()),
    ))
}

/// Lists the caller's webhooks, the newest first; for admins of all clinics, all.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    responses(
        (status = 200, description = "Webhooks, without their secrets", body = Done<Vec<WebhookData>>),
        (status = 404, description = "`NOT_FOUND`: for doctors and admins of all clinics alone"),
    ),
)]
pub async fn webhooks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let all = webhook::list(&state.database, &caller, state.now()).await?;
    let all: Vec<WebhookData> = all.into_iter().map(WebhookData::from).collect();
    Ok(found(texts, all))
}

/// Returns a webhook.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "The webhook, without its secret", body = Done<WebhookData>)),
)]
pub async fn one_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let view = webhook::one(&state.database, &caller, id, state.now()).await?;
    let version = view.version;
    Ok(found_version(texts, WebhookData::from(view), version))
}

/// Changes a webhook.
///
/// What waits for it already is posted to the new address, and told as it was when it happened.
#[utoipa::path(
    put, path = "/v1/webhooks/{id}", tag = WEBHOOKS, request_body = WebhookChange, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses(
        (status = 200, description = "Changed", body = Done<WebhookData>),
        (status = 403, description = "`FORBIDDEN`: `details` needs a token with the scope `read` as well"),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_webhook(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<WebhookChange>,
) -> Answer {
    let (key, version) = (edit.key("change-webhook")?, edit.version()?);
    let Edit {
        caller,
        shown,
        id,
        body,
        ..
    } = edit;
    must_read(&shown, body.details)?;
    let now = state.now();
    let allows_private = state.config.operation.webhook_private;
    let wishes = Wishes::new(&body.url, &body.description, &body.events, allows_private)?;
    let command = ChangeWebhook {
        caller: caller.clone(),
        id,
        version,
        wishes: wishes
            .only_of(body.doctor_id, body.clinic_id)
            .with_details(body.details),
        key,
    };
    webhook::change(&state.database, command, now)
        .await
        .map_err(|error| Fault::from(error).under(&NAMES))?;
    tracing::info!(webhook.id = id, "somebody changed a webhook");
    let view = webhook::one(&state.database, &caller, id, now).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        WebhookData::from(view),
    ))
}

/// Deletes a webhook. Nothing more is posted, and what waited is dropped.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "Deleted", body = Done<Nothing>)),
)]
pub async fn delete_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    webhook::delete(&state.database, &caller, id, state.now()).await?;
    tracing::info!(webhook.id = id, "somebody deleted a webhook");
    Ok(done(StatusCode::OK, texts, "api-webhook-deleted", Nothing))
}

/// Pauses a webhook. What happens is kept for it, for a month at most.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/pause", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "Paused, now or before", body = Done<WebhookData>)),
)]
pub async fn pause_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    webhook::pause(&state.database, &caller, id).await?;
    let view = webhook::one(&state.database, &caller, id, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        WebhookData::from(view),
    ))
}

/// Lets a webhook go on. What was kept for it is posted now.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/resume", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "Active, now or before", body = Done<WebhookData>)),
)]
pub async fn resume_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let now = state.now();
    webhook::resume(&state.database, &caller, id, now).await?;
    let view = webhook::one(&state.database, &caller, id, now).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        WebhookData::from(view),
    ))
}

/// Gives a webhook a new secret. For a day, requests are signed with the one before as well.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/secret", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "The secret is in this answer and in no other", body = Done<MadeWebhook>)),
)]
pub async fn rotate_webhook_secret(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let now = state.now();
    let command = RotateSecret {
        key: sent.of(&caller, "rotate-webhook-secret", &id)?,
        caller: caller.clone(),
        id,
        browser: None,
        secret_key: state.config.accounts.secret_key.clone(),
    };
    let secret = webhook::rotate(&state.database, command, now).await?;
    tracing::info!(webhook.id = id, "a webhook has a new secret");
    let view = webhook::one(&state.database, &caller, id, now).await?;
    let message = match secret {
        Some(_) => "api-webhook-made",
        None => "api-webhook-told",
    };
    Ok(done(
        StatusCode::OK,
        texts,
        message,
        MadeWebhook::new(view, secret.as_ref()),
    ))
}

/// Tells a webhook that somebody tries it out, once: `webhook.test`. Its deliveries have what was answered.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/test", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "It is posted", body = Done<Nothing>)),
)]
pub async fn test_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    webhook::send_test(&state.database, &caller, id, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-webhook-posted", Nothing))
}

/// A part of the deliveries of a webhook.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesFilter {
    /// `due`, `delivered`, `failed` or `dropped`.
    #[param(example = "failed")]
    state: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists what a webhook was told in the last month, the newest first.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries", tag = WEBHOOKS, params(
        ("id" = i64, Path, description = "The id of a webhook"), DeliveriesFilter
    ),
    security(("token" = ["webhooks"])),
    responses((status = 200, description = "A page of the list", body = Listed<WebhookDelivery>)),
)]
pub async fn webhook_deliveries(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<DeliveriesFilter>,
) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let wanted = DeliveryFilter {
        state: match filter.state.as_deref() {
            None => None,
            Some(word) => Some(DeliveryState::parse(word).ok_or_else(|| Fault::malformed("state"))?),
        },
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let views = webhook::deliveries(&state.database, &caller, id, wanted, state.now()).await?;
    let (views, next) = paged(views, limit, |last| last.id.to_string());
    let deliveries = views.into_iter().map(WebhookDelivery::from).collect();
    Ok(listed(texts, deliveries, next))
}

/// Posts a delivery again, under its id, whether it was delivered or given up.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/deliveries/{delivery_id}/replay", tag = WEBHOOKS, security(("token" = ["webhooks"])),
    params(
        ("id" = i64, Path, description = "The id of a webhook"),
        ("delivery_id" = i64, Path, description = "The id of one of its deliveries")
    ),
    responses((status = 200, description = "It is posted again; 0 if it waits already", body = Done<Replayed>)),
)]
pub async fn replay_delivery(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath((id, delivery_id)): InPath<(i64, i64)>,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let which = Replay::One(delivery_id);
    let deliveries = webhook::replay(&state.database, &caller, id, which, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-webhook-posted",
        Replayed { deliveries },
    ))
}

/// Posts all deliveries again that were given up, under their ids, of what happened since.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/replay", tag = WEBHOOKS, request_body = ReplaySince,
    security(("token" = ["webhooks"])), extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a webhook")),
    responses((status = 200, description = "They are posted again", body = Done<Replayed>)),
)]
pub async fn replay_failed(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ReplaySince>,
) -> Answer {
    let which = Replay::FailedSince(request.since);
    let deliveries = webhook::replay(&state.database, &caller, id, which, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-webhook-posted",
        Replayed { deliveries },
    ))
}
