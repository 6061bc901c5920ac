//! The parts of one's own account that patients have.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{AskedPhone, ChangeWishes, ConfirmPhone, NEW_PHONE, NewPhone, WISHES};
use crate::{
    account::guard,
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, icon, notice, page, redirect, request_error, texts},
};
use engine::{
    account::wishes::{Topic, Way, Wishes, wishes},
    error::{AppError, Field},
    i18n::{Locale, Texts},
};

/// What a patient wants to be told, how and where, and a form for a new phone number.
///
/// # Errors
/// Those of the database.
pub async fn sections(patient_id: i64, texts: Texts) -> Result<AnyView, AppError> {
    let state = expect_context::<AppState>();
    let mut there = wishes(&state.database, patient_id).await?;
    let (email, is_confirmed) = (there.email.clone(), there.is_confirmed);
    if request_error().is_some() {
        let typed: String = guard::session().typed(WISHES, "").await?;
        if !typed.is_empty() {
            there.email = Some(typed);
        }
    }
    let waits = (email.is_some() && !is_confirmed).then(|| {
        let body = view! { <p>{texts.text("wishes-waits-text")}</p> };
        notice(Tone::Warn, texts.text("wishes-waits"), body)
    });
    let has_links = state.config.public_url().is_some();
    let sections = view! {
        {waits}
        {form(&there, has_links || email.is_some(), texts)}
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
    };
    Ok(sections.into_any())
}

fn form(there: &Wishes, has_email: bool, texts: Texts) -> impl IntoView + use<> {
    let languages = Locale::ALL
        .map(|locale| {
            let selected = there.locale == Some(locale);
            view! { <option value=locale.code() selected=selected>{locale.own_name()}</option> }
        })
        .collect_view();
    let email = match has_email {
        true => view! {
            <TextField
                field=Field::Email
                label=texts.text("wishes-email")
                hint=texts.text("wishes-email-hint")
                value=there.email.clone().unwrap_or_default()
                kind="email"
                autocomplete="email"
                required=false
            />
        }
        .into_any(),
        false => view! { <p class="hint">{texts.text("wishes-no-email")}</p> }.into_any(),
    };
    let topics = Topic::ALL
        .map(|topic| topic_field(topic, there, has_email, texts))
        .collect_view();
    view! {
        <section class="stack narrow" aria-labelledby="account-wishes">
            <h2 id="account-wishes">{texts.text("wishes-title")}</h2>
            <p class="soft">{texts.text("wishes-text")}</p>
            <form method="post" action=ChangeWishes::url() class="stack">
                <div class="field w-m">
                    <label for="language">{texts.text("language")}</label>
                    <select id="language" name="language">
                        <option value="">{texts.text("wishes-any-language")}</option>
                        {languages}
                    </select>
                </div>
                {email}
                {topics}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("wishes-save")}</button>
                </div>
            </form>
        </section>
    }
}

fn topic_field(topic: Topic, there: &Wishes, has_email: bool, texts: Texts) -> impl IntoView + use<> {
    let chosen = there.ways.get(&topic).copied().unwrap_or_default();
    let id = format!("wish-{}", topic.name());
    let ways = Way::ALL
        .into_iter()
        .filter(|way| has_email || *way != Way::Email)
        .map(|way| {
            let selected = way == chosen;
            let text = texts.text(&format!("way-{}", way.name()));
            view! { <option value=way.name() selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <div class="field w-m">
            <label for=id.clone()>{texts.text(&format!("wish-{}", topic.name()))}</label>
            <select id=id name=topic.name()>{ways}</select>
        </div>
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
