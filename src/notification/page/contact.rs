//! How a patient wants to be told, and where an address is confirmed.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    notification::forms::{LinkEmail, SaveContact},
    server::AppState,
    ui::{
        Hidden, KeptForm, Page, TextField, Tone, icon, isolate, notice, page, path_parameter, query, texts,
    },
};
use engine::{
    error::Field,
    i18n::{Locale, Texts},
    notification::{Contact, contact},
};

/// The language of messages, whether there are reminders, and an e-mail address where the clinic sends e-mails.
#[component]
pub fn ContactPage() -> impl IntoView {
    page(async {
        let patient_id = guard::patient().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        if guard::anyone().await?.must_be_confirmed().is_err() {
            let body = view! { <p>{texts.text("number-older-text")}</p> };
            return Ok(Page::new(
                texts.text("contact-title"),
                view! {
                    <div class="narrow stack">
                        <a class="back" href="/appointments">{icon("arrow-left")}{texts.text("nav-appointments")}</a>
                        <h1>{texts.text("contact-title")}</h1>
                        {notice(Tone::Warn, texts.text("number-older-title"), body)}
                    </div>
                },
            ));
        }
        let contact = contact(&state.database, patient_id).await?;
        let said = query("saved").map(|saved| {
            let key = match saved.as_str() {
                "asked" => "contact-asked",
                _ => "contact-saved",
            };
            notice(Tone::Good, texts.text(key), ())
        });
        let email = match state.outbox.can_ask() {
            true => email_field(&contact, texts).into_any(),
            false => view! { <p class="soft">{texts.text("contact-no-email")}</p> }.into_any(),
        };
        Ok(Page::new(
            texts.text("contact-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/appointments">{icon("arrow-left")}{texts.text("nav-appointments")}</a>
                    {said}
                    {contact.has_come_back.then(|| notice(Tone::Warn, texts.text("contact-came-back"), ()))}
                    <h1>{texts.text("contact-title")}</h1>
                    <p>{texts.text("contact-intro")}</p>
                    <p>{texts.text("contact-phone")} ": " {isolate(contact.phone.clone())}</p>
                    <form method="post" action=SaveContact::url() id=FORM.id class="stack" novalidate>
                        {email}
                        {language_field(contact.locale, texts)}
                        <label class="check">
                            <input type="checkbox" name="reminders" value="true" checked=contact.wants_reminders />
                            <span>{texts.text("contact-reminders")}</span>
                        </label>
                        <div class="actions">
                            <button class="btn primary big">{texts.text("contact-save")}</button>
                        </div>
                    </form>
                </div>
            },
        )
        .keeps(FORM))
    })
}

/// The form of this page.
const FORM: KeptForm = KeptForm {
    id: "contact-form",
    action: "/form/save-contact",
};

fn email_field(contact: &Contact, texts: Texts) -> impl IntoView + use<> {
    let state = contact.email.as_ref().map(|_| match contact.is_confirmed {
        true => texts.text("contact-confirmed"),
        false if contact.has_come_back => texts.text("contact-came-back-text"),
        false => texts.text("contact-unconfirmed"),
    });
    view! {
        <TextField
            field=Field::Email
            label=texts.text("contact-email")
            hint=texts.text("contact-email-hint")
            value=contact.email.clone().unwrap_or_default()
            kind="email"
            autocomplete="email"
            required=false
        />
        {state.map(|state| view! { <p class="soft">{state}</p> })}
    }
}

fn language_field(chosen: Option<Locale>, texts: Texts) -> impl IntoView {
    let options = Locale::ALL
        .into_iter()
        .map(|locale| {
            view! {
                <option value=locale.code() lang=locale.code() selected=chosen == Some(locale)>{locale.own_name()}</option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="contact-language">{texts.text("contact-language")}</label>
            <select id="contact-language" name="language">
                <option value="">{texts.text("contact-language-last")}</option>
                {options}
            </select>
        </div>
    }
}

/// Where an address is confirmed. It says nothing about whoever it is for, and does not look whether the link is good: only
/// the button does.
#[component]
pub fn EmailPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let secret: String = path_parameter("secret")?;
        let is_done = query("done").is_some();
        let said = is_done.then(|| notice(Tone::Good, texts.text("email-done"), ()));
        let form = (!is_done).then(|| {
            view! {
                <p>{texts.text("email-intro")}</p>
                <form method="post" action=LinkEmail::url()>
                    <Hidden name="secret" value=secret />
                    <button class="btn primary big">{texts.text("email-confirm")}</button>
                </form>
            }
        });
        Ok(Page::new(
            texts.text("email-title"),
            view! {
                <div class="narrow stack">
                    {said}
                    <h1>{texts.text("email-title")}</h1>
                    {form}
                </div>
            },
        ))
    })
}
