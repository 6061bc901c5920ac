//! The pages of links.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{ChoosePassword, ForgottenPassword};
use crate::{
    server::AppState,
    ui::{Cookies, Hidden, Page, TextField, Tone, icon, notice, page, query, texts},
};
use engine::{
    account::link::{self, Followed, Purpose},
    error::Field,
    i18n::Texts,
};

/// Asks for the address of who has forgotten the password.
#[component]
pub fn ForgottenPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let sent = query("sent").map(|_| {
            let body = view! { <p>{texts.text("forgotten-sent-text")}</p> };
            notice(Tone::Good, texts.text("forgotten-sent"), body)
        });
        let form = match state.config.public_url() {
            Some(_) => view! {
                <form method="post" action=ForgottenPassword::url() class="stack">
                    <TextField
                        field=Field::Email
                        label=texts.text("email-label")
                        kind="email"
                        autocomplete="username"
                    />
                    <div class="actions">
                        <button class="btn primary">{icon("mail")}{texts.text("forgotten-send")}</button>
                    </div>
                </form>
            }
            .into_any(),
            None => view! { <p>{texts.text("forgotten-no-links")}</p> }.into_any(),
        };
        Ok(Page::new(
            texts.text("forgotten-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/staff/sign-in">{icon("arrow-left")}{texts.text("staff-sign-in")}</a>
                    {sent}
                    <div class="page-head">
                        <div><h1>{texts.text("forgotten-title")}</h1><p>{texts.text("forgotten-intro")}</p></div>
                    </div>
                    {form}
                </div>
            },
        ))
    })
}

/// What a link from a mail leads to. Looking at it uses nothing up.
#[component]
pub fn ChoosePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let key = query("key").unwrap_or_default();
        let followed = link::follow(&state.database, &key, state.now()).await?;
        Ok(match followed {
            Some(followed) => choosing(key, &followed, texts),
            None => spent(texts),
        })
    })
}

/// A form for a password.
fn choosing(key: String, followed: &Followed, texts: Texts) -> Page {
    let (title, intro) = match followed.purpose {
        Purpose::Invitation => ("link-invitation-title", "link-invitation-intro"),
        Purpose::Password => ("link-password-title", "link-password-intro"),
    };
    let intro = texts.with(
        intro,
        &[
            ("name", followed.name.clone().into()),
            ("email", followed.email.clone().into()),
        ],
    );
    let email = followed.email.clone();
    Page::new(
        texts.text(title),
        view! {
            <div class="narrow stack">
                <div class="page-head"><div><h1>{texts.text(title)}</h1><p>{intro}</p></div></div>
                <form method="post" action=ChoosePassword::url() class="stack">
                    <Cookies />
                    <Hidden name="key" value=key />
                    // For programs that keep passwords.
                    <input type="hidden" name="username" autocomplete="username" value=email />
                    <TextField
                        field=Field::NewPassword
                        label=texts.text("new-password-label")
                        hint=texts.text("new-password-hint")
                        kind="password"
                        autocomplete="new-password"
                    />
                    <div class="actions">
                        <button class="btn primary big">{texts.text("link-choose")}</button>
                    </div>
                </form>
            </div>
        },
    )
}

/// A link that is not good, or not any more.
fn spent(texts: Texts) -> Page {
    Page::new(
        texts.text("link-spent-title"),
        view! {
            <section class="lost">
                <h1>{texts.text("link-spent-title")}</h1>
                <p>{texts.text("link-spent-text")}</p>
                <div class="actions">
                    <a class="btn primary" href="/staff/forgotten">{texts.text("forgotten-title")}</a>
                    <a class="btn" href="/staff/sign-in">{texts.text("staff-sign-in")}</a>
                </div>
            </section>
        },
    )
}
