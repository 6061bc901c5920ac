//! The forms of webhooks.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{Caller, storable},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    time::plus_minutes,
    webhook::{self, Replay, RotateSecret, WebhookView, Wishes},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "webhook";

/// What the form is about where the webhook is not there yet.
pub(super) const NEW: &str = "new";

/// The form as it was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub url: String,
    pub description: String,
    /// The names of the events that were ticked.
    pub events: Vec<String>,
    /// Ids; empty for any.
    pub doctor: String,
    pub clinic: String,
    pub details: bool,
}

impl From<&WebhookView> for Typed {
    fn from(webhook: &WebhookView) -> Self {
        let id = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook
                .topics
                .iter()
                .map(|topic| topic.name().to_owned())
                .collect(),
            doctor: id(webhook.doctor_id),
            clinic: id(webhook.clinic_id),
            details: webhook.with_details,
        }
    }
}

impl Typed {
    fn new(
        url: &str,
        description: &str,
        events: &[String],
        doctor: &str,
        clinic: &str,
        details: bool,
    ) -> Self {
        Self {
            url: storable(url),
            description: storable(description),
            events: events.iter().map(|event| storable(event)).collect(),
            doctor: storable(doctor),
            clinic: storable(clinic),
            details,
        }
    }

    /// # Errors
    /// `VALIDATION_FAILED`.
    fn read(&self, state: &AppState) -> Result<Wishes, AppError> {
        let allows_private = state.config.operation.webhook_private;
        let wishes = Wishes::new(&self.url, &self.description, &self.events, allows_private)?;
        let wishes = wishes.only_of(
            chosen(Field::Doctor, &self.doctor)?,
            chosen(Field::Clinic, &self.clinic)?,
        );
        Ok(wishes.with_details(self.details))
    }
}

/// A number that was chosen; none for any.
fn chosen(field: Field, typed: &str) -> Result<Option<i64>, AppError> {
    match typed {
        "" => Ok(None),
        typed => typed
            .parse()
            .map(Some)
            .map_err(|_| AppError::invalid(field, FieldProblem::Malformed)),
    }
}

/// The page of webhooks for this caller.
pub(super) fn base_of(caller: &Caller) -> &'static str {
    match caller {
        Caller::Doctor { .. } => "/doctor/webhooks",
        Caller::Admin { .. } | Caller::Reception { .. } | Caller::Patient { .. } => "/admin/webhooks",
    }
}

/// Makes a webhook. The page that this leads to shows its secret, once.
#[server(prefix = "/form", endpoint = "make-webhook")]
pub async fn make_webhook(
    #[server(default)] url: String,
    #[server(default)] description: String,
    #[server(default)] events: Vec<String>,
    #[server(default)] doctor: String,
    #[server(default)] clinic: String,
    #[server(default)] details: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    webhook::must_have_webhooks(&caller)?;
    let (state, session) = (expect_context::<AppState>(), guard::session());
    let typed = Typed::new(&url, &description, &events, &doctor, &clinic, details);
    let attempt = async {
        guard::fresh().await?;
        let command = webhook::MakeWebhook {
            wishes: typed.read(&state)?,
            language: texts().locale(),
            browser: session.holder(),
            secret_key: state.config.accounts.secret_key.clone(),
            key: of_form(KeyOwner::Caller(&caller), &key, None, "make-webhook", "", &typed)?,
            caller: caller.clone(),
        };
        webhook::make(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(FORM, NEW.to_owned(), &typed, &result)
        .await?;
    let (saved, _) = result?;
    tracing::info!(webhook.id = saved.id, "somebody made a webhook");
    redirect(&format!("{}/{}?done=make", base_of(&caller), saved.id));
    Ok(())
}

/// The webhook that is changed, as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub id: i64,
    pub version: i32,
}

/// Changes a webhook.
#[server(prefix = "/form", endpoint = "change-webhook")]
pub async fn change_webhook(
    seen: Seen,
    #[server(default)] url: String,
    #[server(default)] description: String,
    #[server(default)] events: Vec<String>,
    #[server(default)] doctor: String,
    #[server(default)] clinic: String,
    #[server(default)] details: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    webhook::must_have_webhooks(&caller)?;
    let Seen { id, version } = seen;
    let (state, session) = (expect_context::<AppState>(), guard::session());
    let typed = Typed::new(&url, &description, &events, &doctor, &clinic, details);
    let attempt = async {
        // It says where everything goes.
        guard::fresh().await?;
        let subject = format!("{id} {version}");
        let command = webhook::ChangeWebhook {
            id,
            version,
            wishes: typed.read(&state)?,
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "change-webhook",
                &subject,
                &typed,
            )?,
            caller: caller.clone(),
        };
        webhook::change(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    // Nothing is kept under the number of somebody else's.
    if result != Err(AppError::NotFound) {
        session
            .settle_typed(FORM, id.to_string(), &typed, &result)
            .await?;
    }
    result?;
    tracing::info!(webhook.id = id, "somebody changed a webhook");
    redirect(&format!("{}/{id}?done=change", base_of(&caller)));
    Ok(())
}

/// Pauses a webhook, lets it go on, or deletes it.
#[server(prefix = "/form", endpoint = "webhook-state")]
pub async fn webhook_state(id: i64, #[server(default)] act: String) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let base = base_of(&caller);
    match act.as_str() {
        "pause" => webhook::pause(&state.database, &caller, id).await?,
        "resume" => webhook::resume(&state.database, &caller, id, state.now()).await?,
        "delete" => {
            webhook::delete(&state.database, &caller, id, state.now()).await?;
            tracing::info!(webhook.id = id, "somebody deleted a webhook");
            redirect(&format!("{base}?done=delete"));
            return Ok(());
        }
        _ => return Err(AppError::invalid(Field::WebhookState, FieldProblem::Malformed)),
    }
    redirect(&format!("{base}/{id}?done={act}"));
    Ok(())
}

/// Gives a webhook a new secret. The page that this leads to shows it, once.
#[server(prefix = "/form", endpoint = "rotate-webhook-secret")]
pub async fn rotate_webhook_secret(id: i64, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let subject = id.to_string();
    let command = RotateSecret {
        id,
        browser: guard::session().holder(),
        secret_key: state.config.accounts.secret_key.clone(),
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "rotate-webhook-secret",
            &subject,
            &(),
        )?,
        caller: caller.clone(),
    };
    webhook::rotate(&state.database, command, state.now()).await?;
    tracing::info!(webhook.id = id, "a webhook has a new secret");
    redirect(&format!("{}/{id}?done=rotate", base_of(&caller)));
    Ok(())
}

/// Tells a webhook that somebody tries it out.
#[server(prefix = "/form", endpoint = "test-webhook")]
pub async fn test_webhook(id: i64) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    webhook::send_test(&state.database, &caller, id, state.now()).await?;
    redirect(&format!("{}/{id}?done=test", base_of(&caller)));
    Ok(())
}

/// Posts a delivery again, or all that were given up in the last hours.
#[server(prefix = "/form", endpoint = "replay-webhook")]
pub async fn replay_webhook(
    id: i64,
    #[server(default)] delivery: Option<i64>,
    #[server(default)] hours: Option<u16>,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let now = state.now();
    let which = match (delivery, hours) {
        (Some(delivery), _) => Replay::One(delivery),
        (None, Some(hours)) => Replay::FailedSince(plus_minutes(now, -60 * i64::from(hours))),
        (None, None) => return Err(AppError::invalid(Field::Body, FieldProblem::Missing)),
    };
    let count = webhook::replay(&state.database, &caller, id, which, now).await?;
    tracing::info!(webhook.id = id, count, "what a webhook was told is posted again");
    redirect(&format!("{}/{id}?done=replay&count={count}", base_of(&caller)));
    Ok(())
}
