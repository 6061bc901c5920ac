//! The webhooks, and a form for another one.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    done,
    fields::{Choices, fields},
    state_tag,
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Page, icon, isolate, page, request_error, texts},
    webhook::forms::{FORM, MakeWebhook, NEW, Typed, base_of},
};
use engine::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    webhook::{self, WebhookView},
};

/// The webhooks of the clinic.
#[component]
pub fn AdminWebhooksPage() -> impl IntoView {
    page(async { list_page(guard::admin().await?).await })
}

/// The webhooks of a doctor.
#[component]
pub fn DoctorWebhooksPage() -> impl IntoView {
    page(async { list_page(guard::doctor().await?.0).await })
}

async fn list_page(caller: Caller) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let webhooks = webhook::list(&state.database, &caller, state.now()).await?;
    let typed: Typed = match request_error() {
        Some(_) => guard::session().typed(FORM, NEW).await?,
        None => Typed::default(),
    };
    let choices = Choices::of(&caller).await?;
    let intro = match caller {
        Caller::Doctor { .. } => "webhooks-intro-doctor",
        _ => "webhooks-intro",
    };
    let list = match webhooks.as_slice() {
        [] => view! {
            <div class="empty">
                {icon("message")}
                <h3>{texts.text("webhooks-empty-title")}</h3>
                <p>{texts.text("webhooks-empty-text")}</p>
            </div>
        }
        .into_any(),
        webhooks => table(webhooks, base_of(&caller), texts).into_any(),
    };
    Ok(Page::new(
        texts.text("webhooks-title"),
        view! {
            {done(texts)}
            <div class="page-head">
                <div>
                    <h1>{texts.text("webhooks-title")}</h1>
                    <p>{texts.text(intro)}</p>
                </div>
            </div>
            <section class="stack">
                <h2 id="webhooks-list">{texts.text("webhooks-list")}</h2>
                {list}
            </section>
            <section class="stack" aria-labelledby="webhook-new">
                <h2 id="webhook-new">{texts.text("webhook-new")}</h2>
                <form method="post" action=MakeWebhook::url() class="narrow stack">
                    <KeyField />
                    {fields(&typed, choices)}
                    <div class="actions">
                        <button class="btn primary">{icon("plus")}{texts.text("webhook-make")}</button>
                    </div>
                </form>
            </section>
        },
    ))
}

fn table(webhooks: &[WebhookView], base: &'static str, texts: Texts) -> impl IntoView + use<> {
    let rows = webhooks
        .iter()
        .map(|webhook| row(webhook, base, texts))
        .collect_view();
    let head = [
        "webhook-description",
        "webhook-url",
        "webhook-owner",
        "webhook-state",
        "webhook-waiting",
        "webhook-failed",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-labelledby="webhooks-list" tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("webhooks-list")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(webhook: &WebhookView, base: &'static str, texts: Texts) -> impl IntoView + use<> {
    let href = format!("{base}/{}", webhook.id);
    view! {
        <tr>
            <th scope="row"><a href=href>{isolate(webhook.description.clone())}</a></th>
            <td data-label=texts.text("webhook-url") class="said mono"><span>{isolate(webhook.url.clone())}</span></td>
            <td data-label=texts.text("webhook-owner")><span>{isolate(webhook.owner.clone())}</span></td>
            <td data-label=texts.text("webhook-state")>{state_tag(webhook, texts)}</td>
            <td data-label=texts.text("webhook-waiting") class="number"><span>{webhook.waiting}</span></td>
            <td data-label=texts.text("webhook-failed") class="number"><span>{webhook.failed}</span></td>
        </tr>
    }
}
