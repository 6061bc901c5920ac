//! The demo's message page: what would go out as SMS or e-mail.

use crate::{
    server::AppState,
    ui::{Page, icon, page, texts},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;

use engine::{error::AppError, i18n::Texts, notification::outbox, time};

/// The messages that would have been sent. Only the demo has this page.
#[component]
pub fn MessagesPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        if !state.config.demo {
            return Err(AppError::NotFound);
        }
        let messages = outbox::newest(&state.database).await?;
        let view = if messages.is_empty() {
            view! {
                <div class="empty">
                    {icon("message")}
                    <h2>{texts.text("messages-empty-title")}</h2>
                    <p>{texts.text("messages-empty-text")}</p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <ol class="messages">
                    {messages
                        .into_iter()
                        .map(|message| {
                            view! {
                                <li class="card">
                                    <div class="spread">
                                        <b>{format!("{} {}", message.channel.to_uppercase(), message.to)}</b>
                                        <time datetime=message.sent_at.to_string()>{ago(message.sent_at, texts)}</time>
                                    </div>
                                    <pre dir="auto">{message.body}</pre>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            }
            .into_any()
        };
        Ok(Page::new(
            texts.text("messages-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("messages-title")}</h1><p>{texts.text("messages-intro")}</p></div>
                </div>
                {view}
            },
        ))
    })
}

/// Messages belong to no clinic, so they are shown in UTC.
fn ago(at: Timestamp, texts: Texts) -> String {
    format!("{} UTC", time::moment(at, &TimeZone::UTC, texts))
}
