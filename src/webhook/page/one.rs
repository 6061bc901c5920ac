//! One webhook: what it is, what it was told, and what can be done with it.

use http::request::Parts;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    deliveries::{asked_for, deliveries},
    done,
    fields::{Choices, fields, topic_text},
    moment, state_tag,
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::{AppState, HeadersOnly},
    ui::{
        Hidden, Page, Tone, icon, in_textarea, isolate, notice, page, path_parameter, query, request_error,
        texts,
    },
    webhook::{
        forms::{ChangeWebhook, FORM, RotateWebhookSecret, TestWebhook, Typed, WebhookState, base_of},
        sign::written,
    },
};
use engine::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    webhook::{self, Because, State, WebhookView},
};

/// A webhook of the clinic.
#[component]
pub fn AdminWebhookPage() -> impl IntoView {
    page(async { one_page(guard::admin().await?).await })
}

/// A webhook of a doctor.
#[component]
pub fn DoctorWebhookPage() -> impl IntoView {
    page(async { one_page(guard::doctor().await?.0).await })
}

async fn one_page(caller: Caller) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let id = path_parameter("webhook")?;
    let webhook = webhook::one(&state.database, &caller, id, now).await?;
    let secret = secret(&state, &caller, &webhook, texts).await?;
    let filter = asked_for();
    let found = webhook::deliveries(&state.database, &caller, id, filter, now).await?;
    let typed: Option<Typed> = match request_error() {
        Some(_) => guard::session().typed(FORM, &id.to_string()).await?,
        None => None,
    };
    let typed = typed.unwrap_or_else(|| Typed::from(&webhook));
    let (base, is_open) = (base_of(&caller), webhook.state != State::Ended);
    let path = format!("{base}/{id}");
    let change = match is_open {
        true => Some(change(&webhook, &typed, Choices::of(&caller).await?, texts)),
        false => None,
    };
    let list = deliveries(&webhook, filter, found, (&path, is_open));
    let title = webhook.description.clone();
    Ok(Page::new(
        title.clone(),
        view! {
            {secret}
            {done(texts)}
            {trouble(&webhook, texts)}
            <a class="back" href=base>{icon("arrow-left")}{texts.text("webhooks-title")}</a>
            <div class="page-head"><div><h1>{isolate(title)}</h1>{state_tag(&webhook, texts)}</div></div>
            {facts(&webhook, texts)}
            {is_open.then(|| deeds(&webhook, texts))}
            {list}
            {change}
        },
    ))
}

/// A secret that was just made is shown here once and then forgotten, as a new token is on its page.
async fn secret(
    state: &AppState,
    caller: &Caller,
    webhook: &WebhookView,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let is_new = matches!(query("done").as_deref(), Some("make" | "rotate"));
    if request_error().is_some() || !is_new {
        return Ok(None);
    }
    // Who asks for the headers alone sees nothing.
    let is_seen = use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<HeadersOnly>().is_none());
    let key = state.config.accounts.secret_key.clone();
    let told = match guard::session().holder().filter(|_| is_seen) {
        Some(browser) => {
            webhook::tell(&state.database, caller, webhook.id, &browser, key, state.now()).await?
        }
        None => None,
    };
    Ok(Some(match told {
        Some(secret) => {
            let body = view! {
                <div class="stack-s">
                    <p>{texts.text("webhook-secret-text")}</p>
                    <div class="field">
                        <label for="secret">{texts.text("webhook-secret")}</label>
                        // All of it is seen, and can be chosen with the keyboard.
                        <textarea id="secret" class="mono" rows="2" readonly autocomplete="off" spellcheck="false">
                            {in_textarea(&written(&secret))}
                        </textarea>
                    </div>
                </div>
            };
            notice(Tone::Good, texts.text("webhook-secret-told"), body).into_any()
        }
        None => {
            let body = view! { <p>{texts.text("webhook-secret-was-told-text")}</p> };
            notice(Tone::Good, texts.text("webhook-secret-was-told"), body).into_any()
        }
    }))
}

/// What its owner has to look after.
fn trouble(webhook: &WebhookView, texts: Texts) -> Option<AnyView> {
    let (title, text) = match (webhook.state, webhook.because) {
        (State::Paused, Some(Because::Failing)) => ("webhook-failing-title", "webhook-failing-text"),
        (State::Ended, Some(Because::Gone)) => ("webhook-gone-title", "webhook-gone-text"),
        (State::Active | State::Paused, _) if !webhook.is_owner_there => {
            ("webhook-owner-gone", "webhook-owner-gone-text")
        }
        _ => return None,
    };
    let body = view! { <p>{texts.text(text)}</p> };
    Some(notice(Tone::Bad, texts.text(title), body).into_any())
}

fn facts(webhook: &WebhookView, texts: Texts) -> impl IntoView + use<> {
    let events: Vec<String> = (webhook.topics.iter())
        .map(|topic| topic_text(topic.name(), texts))
        .collect();
    let named = |name: &Option<String>, any: &str| match name {
        Some(name) => isolate(name.clone()),
        None => texts.text(any).into_any(),
    };
    let details = match webhook.with_details {
        true => "webhook-tells-details",
        false => "webhook-tells-ids",
    };
    let delivered = match webhook.delivered_at {
        Some(at) => moment(at, texts).into_any(),
        None => texts.text("webhook-never").into_any(),
    };
    let old_secret = webhook.old_secret_until.map(|until| {
        view! { <div><dt>{texts.text("webhook-old-secret-until")}</dt><dd>{moment(until, texts)}</dd></div> }
    });
    view! {
        <dl class="summary">
            <div><dt>{texts.text("webhook-url")}</dt><dd class="mono">{isolate(webhook.url.clone())}</dd></div>
            <div><dt>{texts.text("webhook-owner")}</dt><dd>{isolate(webhook.owner.clone())}</dd></div>
            <div><dt>{texts.text("webhook-events")}</dt><dd>{events.join(", ")}</dd></div>
            <div><dt>{texts.text("webhook-doctor")}</dt><dd>{named(&webhook.doctor_name, "webhook-any-doctor")}</dd></div>
            <div><dt>{texts.text("webhook-clinic")}</dt><dd>{named(&webhook.clinic_name, "webhook-any-clinic")}</dd></div>
            <div><dt>{texts.text("webhook-tells")}</dt><dd>{texts.text(details)}</dd></div>
            <div><dt>{texts.text("webhook-delivered-at")}</dt><dd>{delivered}</dd></div>
            {old_secret}
        </dl>
    }
}

/// What can be done with a webhook that has not ended.
fn deeds(webhook: &WebhookView, texts: Texts) -> impl IntoView + use<> {
    let id = webhook.id.to_string();
    let (act, key, name) = match webhook.state {
        State::Active => ("pause", "webhook-pause", "ban"),
        State::Paused | State::Ended => ("resume", "webhook-resume", "play"),
    };
    view! {
        <div class="actions">
            <form method="post" action=TestWebhook::url()>
                <Hidden name="id" value=id.clone() />
                <button class="btn">{icon("message")}{texts.text("webhook-test")}</button>
            </form>
            <form method="post" action=WebhookState::url()>
                <Hidden name="id" value=id.clone() />
                <Hidden name="act" value=act />
                <button class="btn">{icon(name)}{texts.text(key)}</button>
            </form>
        </div>
        <details class="more">
            <summary><span>{texts.text("webhook-rotate")}</span>{icon("chevron-down")}</summary>
            <form method="post" action=RotateWebhookSecret::url() class="stack-s">
                <KeyField />
                <Hidden name="id" value=id.clone() />
                <p>{texts.text("webhook-rotate-text")}</p>
                <div class="actions"><button class="btn">{icon("lock")}{texts.text("webhook-rotate-really")}</button></div>
            </form>
        </details>
        <details class="more">
            <summary><span>{texts.text("webhook-delete")}</span>{icon("chevron-down")}</summary>
            <form method="post" action=WebhookState::url() class="stack-s">
                <Hidden name="id" value=id />
                <Hidden name="act" value="delete" />
                <p>{texts.text("webhook-delete-text")}</p>
                <div class="actions">
                    <button class="btn danger">{icon("trash")}{texts.text("webhook-delete-really")}</button>
                </div>
            </form>
        </details>
    }
}

fn change(webhook: &WebhookView, typed: &Typed, choices: Choices, texts: Texts) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="webhook-change">
            <h2 id="webhook-change">{texts.text("webhook-change")}</h2>
            <form method="post" action=ChangeWebhook::url() class="narrow stack">
                <KeyField />
                <Hidden name="seen[id]" value=webhook.id.to_string() />
                <Hidden name="seen[version]" value=webhook.version.to_string() />
                {fields(typed, choices)}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("webhook-save")}</button>
                </div>
            </form>
        </section>
    }
}
