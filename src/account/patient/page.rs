//! The parts of one's own account that patients have.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{AskedPhone, ChangeName, ConfirmPhone, NEW_PHONE, NewPhone};
use crate::{
    account::guard,
    ui::{Hidden, Page, TextField, icon, page, redirect, texts},
};
use engine::{account::family::Relative, error::Field, i18n::Texts};

/// The names of the patient and of who shares the phone, the way to how they are told, and a form for a new phone number.
pub fn sections(people: &[Relative], texts: Texts) -> AnyView {
    let names = people
        .iter()
        .map(|person| name_form(person, texts))
        .collect_view();
    view! {
        <section class="stack narrow" id="name" aria-labelledby="account-name">
            <h2 id="account-name">{texts.text("account-name")}</h2>
            <p class="soft">{texts.text("account-name-text")}</p>
            {names}
        </section>
        <section class="stack-s" aria-labelledby="account-contact">
            <h2 id="account-contact">{texts.text("contact-title")}</h2>
            <p class="soft">{texts.text("contact-intro")}</p>
            <div class="actions">
                <a class="btn" href="/contact">{icon("message")}{texts.text("contact-link")}</a>
            </div>
        </section>
        <section class="stack-s" aria-labelledby="account-data">
            <h2 id="account-data">{texts.text("privacy-own-title")}</h2>
            <p class="soft">{texts.text("privacy-own-intro")}</p>
            <div class="actions">
                <a class="btn" href="/account/data">{icon("shield-check")}{texts.text("privacy-own-open")}</a>
            </div>
        </section>
        <section class="stack narrow" aria-labelledby="account-phone">
            <h2 id="account-phone">{texts.text("new-phone-title")}</h2>
            <p class="soft">{texts.text("new-phone-text")}</p>
            <form method="post" action=NewPhone::url() class="stack">
                <TextField
                    field=Field::Phone
                    label=texts.text("new-phone-label")
                    kind="tel"
                    autocomplete="tel"
                />
                <div class="actions"><button class="btn">{texts.text("send-code")}</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn name_form(person: &Relative, texts: Texts) -> impl IntoView + use<> {
    let id = format!("name-{}", person.id);
    let label = match person.is_holder {
        true => texts.text("account-own-name"),
        false => texts.text("account-relative-name"),
    };
    view! {
        <form method="post" action=ChangeName::url() class="fields">
            <Hidden name="patient" value=person.id.to_string() />
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id name="name" value=person.name.clone().unwrap_or_default() autocomplete="off" required />
            </div>
            <button class="btn">{texts.text("account-name-save")}</button>
        </form>
    }
}

/// The code that was sent to a new number.
#[component]
pub fn NewPhonePage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let texts = texts();
        let asked: AskedPhone = guard::session().typed(NEW_PHONE, "").await?;
        if asked.challenge.is_empty() {
            redirect("/account");
            return Ok(Page::new(texts.text("new-phone-title"), ()));
        }
        let intro = texts.with(
            "code-intro",
            &[
                ("phone", asked.phone.clone().into()),
                ("minutes", engine::account::otp::LIFETIME_MINUTES.into()),
            ],
        );
        Ok(Page::new(
            texts.text("new-phone-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/account">{icon("arrow-left")}{texts.text("account-title")}</a>
                    <div class="page-head"><div><h1>{texts.text("new-phone-title")}</h1><p>{intro}</p></div></div>
                    <form method="post" action=ConfirmPhone::url() class="stack">
                        <TextField
                            field=Field::Code
                            label=texts.text("code-label")
                            autocomplete="one-time-code"
                            inputmode="numeric"
                            class="code"
                        />
                        <div class="actions">
                            <button class="btn primary big">{texts.text("continue")}</button>
                        </div>
                    </form>
                    <form method="post" action=NewPhone::url()>
                        <Hidden name="phone" value=asked.phone />
                        <button class="link">{texts.text("send-again")}</button>
                    </form>
                </div>
            },
        ))
    })
}
