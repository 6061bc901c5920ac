//! What a webhook was told, and what was answered.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{fields::topic_text, moment, word};
use crate::{
    ui::{Hidden, icon, isolate, pager, query, texts},
    webhook::forms::ReplayWebhook,
};
use engine::{
    i18n::Texts,
    webhook::{DeliveryFilter, DeliveryState, DeliveryView, Subject, Topic, WebhookView},
};

/// The number of deliveries on a page.
pub(super) const PER_PAGE: usize = 50;

/// What the page asks for: one more than it shows.
pub(super) fn asked_for() -> DeliveryFilter {
    DeliveryFilter {
        state: query("state").as_deref().and_then(DeliveryState::parse),
        before: query("before").and_then(|id| id.parse().ok()),
        limit: i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX),
    }
}

/// The deliveries of a webhook, with the ways to have them posted again.
pub(super) fn deliveries(
    webhook: &WebhookView,
    filter: DeliveryFilter,
    mut found: Vec<DeliveryView>,
    (path, can_replay): (&str, bool),
) -> impl IntoView + use<> {
    let texts = texts();
    let is_more = found.len() > PER_PAGE;
    found.truncate(PER_PAGE);
    let of_state = filter
        .state
        .map_or_else(String::new, |state| format!("state={}", state.as_str()));
    let older =
        (found.last().filter(|_| is_more)).map(|last| format!("{path}?{of_state}&before={}", last.id));
    let newest = filter.before.map(|_| format!("{path}?{of_state}"));
    let list = match found.is_empty() {
        true => view! { <div class="empty"><h3>{texts.text("webhook-told-nothing")}</h3></div> }.into_any(),
        false => table(webhook.id, &found, can_replay, texts).into_any(),
    };
    let all_failed = (can_replay && webhook.failed > 0).then(|| replay_failed(webhook.id, texts));
    view! {
        <section class="stack">
            <h2 id="deliveries">{texts.text("webhook-deliveries")}</h2>
            {states(path, filter, texts)}
            {all_failed}
            {list}
            {pager((newest, "pages-newest"), (older, "pages-older"), texts)}
        </section>
    }
}

fn states(path: &str, filter: DeliveryFilter, texts: Texts) -> impl IntoView + use<> {
    let states = DeliveryState::ALL
        .map(|state| {
            let selected = filter.state == Some(state);
            let text = word("webhook-delivery", state.as_str(), texts);
            view! { <option value=state.as_str() selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <form class="filters" method="get" action=path.to_owned() role="search" aria-label=texts.text("webhook-deliveries")>
            <div class="fields">
                <div class="field">
                    <label for="state">{texts.text("webhook-state")}</label>
                    <select id="state" name="state"><option value="">{texts.text("messages-all")}</option>{states}</select>
                </div>
                <button class="btn">{icon("filter")}{texts.text("board-do-filter")}</button>
            </div>
        </form>
    }
}

/// Posts all again that was given up lately.
fn replay_failed(id: i64, texts: Texts) -> impl IntoView {
    let hours = [1u16, 24, 72, 720]
        .map(|hours| {
            let text = texts.with("webhook-replay-hours", &[("count", hours.into())]);
            view! { <option value=hours selected=hours == 72>{text}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=ReplayWebhook::url() class="card fields">
            <Hidden name="id" value=id.to_string() />
            <div class="field">
                <label for="hours">{texts.text("webhook-replay-failed-since")}</label>
                <select id="hours" name="hours">{hours}</select>
            </div>
            <button class="btn">{icon("refresh")}{texts.text("webhook-replay-failed")}</button>
        </form>
    }
}

fn table(id: i64, found: &[DeliveryView], can_replay: bool, texts: Texts) -> impl IntoView + use<> {
    let rows = found
        .iter()
        .map(|delivery| row(id, delivery, can_replay, texts))
        .collect_view();
    let head = [
        "column-time",
        "webhook-event",
        "webhook-state",
        "webhook-attempts",
        "webhook-answer",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-labelledby="deliveries" tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("webhook-deliveries")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(id: i64, delivery: &DeliveryView, can_replay: bool, texts: Texts) -> impl IntoView + use<> {
    let event = match Topic::parse(&delivery.event) {
        Some(topic) => topic_text(topic.name(), texts),
        // Of a newer server.
        None => delivery.event.clone(),
    };
    let about = delivery
        .about
        .zip(delivery.version)
        .map(|((subject, id), version)| {
            let values = [("id", id.into()), ("version", version.into())];
            let text = match subject {
                Subject::Appointment => texts.with("webhook-about", &values),
                Subject::Stay => texts.with("webhook-about-stay", &values),
                Subject::Group => texts.with("webhook-about-group", &values),
            };
            view! { <p class="soft">{text}</p> }
        });
    let next = (delivery.state == DeliveryState::Due && delivery.attempts > 0).then(
        || view! { <p class="soft">{texts.text("webhook-next")} " " {moment(delivery.due_at, texts)}</p> },
    );
    let tried = delivery
        .tried_at
        .map(|at| view! { <p class="soft">{texts.text("webhook-tried")} " " {moment(at, texts)}</p> });
    let again = (can_replay && matches!(delivery.state, DeliveryState::Delivered | DeliveryState::Failed)).then(|| {
        view! {
            <form method="post" action=ReplayWebhook::url()>
                <Hidden name="id" value=id.to_string() />
                <Hidden name="delivery" value=delivery.id.to_string() />
                <button class="btn quiet">
                    {icon("refresh")}
                    <span>{texts.text("webhook-replay")}<span class="hide">": " {delivery.name.clone()}</span></span>
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{moment(delivery.happened_at, texts)}</th>
            <td data-label=texts.text("webhook-event")>{event}{about}<p class="soft mono">{delivery.name.clone()}</p></td>
            <td data-label=texts.text("webhook-state")>
                {word("webhook-delivery", delivery.state.as_str(), texts)}{next}{again}
            </td>
            <td data-label=texts.text("webhook-attempts")><span>{delivery.attempts}</span>{tried}</td>
            <td data-label=texts.text("webhook-answer") class="said">{answer(delivery, texts)}</td>
        </tr>
    }
}

/// What was answered: its status, what it means, and what a stranger wrote, which is text and nothing else.
fn answer(delivery: &DeliveryView, texts: Texts) -> impl IntoView + use<> {
    let status = delivery.answer_status.map(|status| view! { <p>{status}</p> });
    let trouble = delivery
        .trouble
        .map(|trouble| view! { <p>{word("webhook-trouble", trouble.as_str(), texts)}</p> });
    let took = delivery
        .took_ms
        .map(|took| view! { <p class="soft">{texts.with("webhook-took", &[("ms", took.into())])}</p> });
    let said = (!delivery.answer.is_empty()).then(|| {
        view! {
            <details class="more">
                <summary><span>{texts.text("webhook-answer-body")}</span>{icon("chevron-down")}</summary>
                <p class="mono">{isolate(delivery.answer.clone())}</p>
            </details>
        }
    });
    view! { {status}{trouble}{took}{said} }
}
