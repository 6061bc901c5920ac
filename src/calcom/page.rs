//! The page that links an account at Cal.com. What becomes of it is on the page of calendars, with all others.

use engine::{
    caldav::{self, AccountView, Kind},
    error::{AppError, Field},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{CALENDARS, FORM, LinkCalCom, Typed};
use crate::{
    account::guard,
    server::AppState,
    ui::{Page, TextField, Tone, icon, isolate, notice, page, request_error, texts},
};

/// The page of a doctor.
#[component]
pub fn CalComPage() -> impl IntoView {
    page(async { link_page().await })
}

async fn link_page() -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let (caller, _) = guard::doctor().await?;
    let accounts = caldav::accounts(&state.database, &caller).await?;
    let linked = accounts.iter().find(|account| account.kind == Kind::CalCom);
    let typed: Typed = match request_error() {
        Some(_) => guard::session().typed(FORM, "").await?,
        None => linked.map(Typed::from).unwrap_or_default(),
    };
    let no_key = state.config.accounts.secret_key.is_none().then(|| {
        let body = view! { <p>{texts.text("calendars-no-key-text")}</p> };
        notice(Tone::Warn, texts.text("calendars-no-key"), body)
    });
    let hook = linked
        .zip(state.config.messages.public_url.as_ref())
        .map(|(account, origin)| {
            let address = format!("{origin}/hooks/calcom/{}", account.id);
            view! {
                <p>{texts.text("calcom-hook-address")}</p>
                <p class="mono said">{isolate(address)}</p>
            }
        });
    Ok(Page::new(
        texts.text("calcom-title"),
        view! {
            <a class="back" href=CALENDARS>{icon("arrow-left")}{texts.text("calendars-title")}</a>
            <div class="page-head">
                <div>
                    <h1>{texts.text("calcom-title")}</h1>
                    <p>{texts.text("calcom-intro")}</p>
                </div>
            </div>
            {no_key}
            {hook}
            <form method="post" action=LinkCalCom::url() class="narrow stack">
                <TextField
                    field=Field::CalendarServer
                    kind="url"
                    label=texts.text("calcom-server")
                    hint=texts.text("calcom-server-hint")
                    value=typed.server
                />
                <TextField
                    field=Field::CalendarPassword
                    kind="password"
                    autocomplete="new-password"
                    label=texts.text("calcom-key")
                    hint=texts.text("calcom-key-hint")
                />
                <TextField
                    field=Field::CalendarEventType
                    label=texts.text("calcom-event-type")
                    hint=texts.text("calcom-event-type-hint")
                    value=typed.event_type
                />
                <TextField
                    field=Field::Email
                    kind="email"
                    label=texts.text("calcom-email")
                    hint=texts.text("calcom-email-hint")
                    value=typed.email
                />
                <TextField
                    field=Field::CalendarHookSecret
                    kind="password"
                    required=false
                    autocomplete="new-password"
                    label=texts.text("calcom-secret")
                    hint=texts.text("calcom-secret-hint")
                />
                <div class="actions">
                    <button class="btn primary">{icon("plus")}{texts.text("calcom-link")}</button>
                </div>
            </form>
        },
    ))
}

impl From<&AccountView> for Typed {
    fn from(account: &AccountView) -> Self {
        Self {
            server: account.url.clone(),
            email: account.username.clone(),
            ..Self::default()
        }
    }
}
