//! The parts of pages that are about passkeys. They need a script, and are hidden without it.

use jiff::tz::TimeZone;
use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};

use super::forms::{AddPasskey, AnswerPasskey, ConfirmPasskey, RemovePasskey};
use crate::ui::{Hidden, TextField, icon, isolate};
use engine::{account::factor::passkey::OwnPasskey, error::Field, i18n::Texts, time};

/// The script of passkeys.
fn script() -> impl IntoView {
    view! { <script type="module" src="/passkey.js" nonce=use_nonce()></script> }
}

/// Where the answer of the authenticator goes, and what is said when there was none.
fn answer(texts: Texts) -> impl IntoView {
    view! {
        <Hidden name="credential" value="" />
        <p class="error" role="alert" data-failed hidden>{icon("alert-triangle")}<span>{texts.text("passkey-failed")}</span></p>
    }
}

/// A button that signs in with a passkey.
pub(super) fn sign_in(texts: Texts) -> impl IntoView {
    view! {
        <form method="post" action=AnswerPasskey::url() class="stack-s" data-passkey="sign-in" hidden>
            {answer(texts)}
            <div class="actions">
                <button class="btn big">{icon("lock")}{texts.text("passkey-use")}</button>
            </div>
        </form>
        {script()}
    }
}

/// A button that proves with a passkey who one is.
pub(super) fn confirm(next: String, texts: Texts) -> impl IntoView {
    view! {
        <form method="post" action=ConfirmPasskey::url() class="stack-s" data-passkey="confirm" hidden>
            <Hidden name="next" value=next />
            {answer(texts)}
            <div class="actions">
                <button class="btn">{icon("lock")}{texts.text("passkey-use")}</button>
            </div>
        </form>
        {script()}
    }
}

/// The passkeys of one's own account, and a form for another one. At an address that can have none, that is said.
pub(super) fn own(passkeys: Vec<OwnPasskey>, can_be_added: bool, texts: Texts) -> impl IntoView {
    let list = passkeys
        .into_iter()
        .map(|passkey| one(passkey, texts))
        .collect_view();
    let form = match can_be_added {
        true => view! {
            <form method="post" action=AddPasskey::url() class="narrow stack-s" data-passkey="add" hidden>
                <TextField
                    field=Field::PasskeyName
                    label=texts.text("passkey-name")
                    hint=texts.text("passkey-name-hint")
                />
                {answer(texts)}
                <div class="actions">
                    <button class="btn primary">{icon("plus")}{texts.text("passkey-add")}</button>
                </div>
            </form>
            {script()}
        }
        .into_any(),
        false => view! { <p class="hint">{texts.text("passkey-no-address")}</p> }.into_any(),
    };
    view! {
        <section class="stack-s" aria-labelledby="factors-passkeys">
            <h2 id="factors-passkeys">{texts.text("factors-passkeys")}</h2>
            <p class="soft">{texts.text("factors-passkeys-text")}</p>
            <ul class="stack-s">{list}</ul>
            {form}
        </section>
    }
}

fn one(passkey: OwnPasskey, texts: Texts) -> impl IntoView {
    let day = |at| time::short_date(time::local_date(at, &TimeZone::UTC), texts);
    let made = texts.with("passkey-made", &[("day", day(passkey.made_at).into())]);
    let used = passkey.last_used_at.map(|at| {
        let used = texts.with("account-used", &[("when", day(at).into())]);
        view! { " · " {used} }
    });
    view! {
        <li class="card stack-s">
            <h3>{isolate(passkey.name.clone())}</h3>
            <p>{made}{used}</p>
            <form method="post" action=RemovePasskey::url()>
                <Hidden name="id" value=passkey.id.to_string() />
                <button class="btn danger">
                    {icon("trash")}
                    {texts.text("passkey-remove")}
                    <span class="hide">": " {isolate(passkey.name)}</span>
                </button>
            </form>
        </li>
    }
}
