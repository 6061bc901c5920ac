//! The page of the organisation itself: its name, its logo, and the pages that it writes about itself.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::forms::{IDENTITY, PutIdentity, PutLogo, RemoveLogo},
    server::{AppState, fields::FILE},
    ui::{
        Hidden, Page, Tone, error_text, field_error, icon, in_textarea, notice, page, problem, query,
        request_error, texts,
    },
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Form, Input, back};
use engine::{
    error::{AppError, Field},
    i18n::{Locale, Texts},
    organisation::{OwnPage, SeenLogo, form::Filled, identity, logo},
};

/// Name, phone number, logo, and the texts of the own pages.
#[component]
pub fn OrganisationPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let seen = identity(&state.database).await?;
        let seen_logo = logo(&state.database).await?;
        let form = Form::of(IDENTITY, Some(1), Filled::from(&seen.identity), wrong, texts).await?;
        // Of the logo, nothing is kept that was sent.
        let of_logo = request_error()
            .filter(|_| form.error.is_none())
            .map(|error| problem(error, texts));
        let saved = match query("saved").as_deref() {
            Some("identity") => Some("identity-saved"),
            Some("logo") => Some("logo-saved"),
            _ => None,
        };
        let saved = saved.map(|key| notice(Tone::Good, texts.text(key), ()));
        let title = texts.text("identity-title");
        let last = seen.last_change.as_ref();
        let body = view! {
            <div class="narrow stack">
                {saved}
                {back("/admin/clinics", "clinics-title", texts)}
                {form.problem(last, ("UTC", &TimeZone::UTC))}
                {of_logo}
                <h1>{title.clone()}</h1>
                {words(seen.version, &form)}
                {logo_section(&seen_logo, texts)}
            </div>
        };
        Ok(Page::new(title, body).shows_problem())
    })
}

fn wrong(filled: &Filled) -> Vec<AppError> {
    filled.identity().err().unwrap_or_default()
}

fn words(version: i32, form: &Form) -> impl IntoView + use<> {
    let texts = form.texts;
    let phone = Input {
        kind: "tel",
        ..Input::text(Field::ClinicPhone, "clinic-phone")
    };
    let pages = OwnPage::ALL.map(|page| {
        let (title, hint) = match page {
            OwnPage::Privacy => ("privacy-title", "identity-privacy-hint"),
            OwnPage::Imprint => ("imprint-title", "identity-imprint-hint"),
        };
        let areas = Locale::ALL.map(|locale| area(form, page.field(locale), locale));
        view! {
            <fieldset class="stack">
                <legend><h2>{texts.text(title)}</h2></legend>
                <p class="hint">{texts.text(hint)}</p>
                {areas}
            </fieldset>
        }
    });
    view! {
        <form method="post" action=PutIdentity::url() class="stack">
            <KeyField />
            <Hidden name="version" value=version.to_string() />
            {Input::text(Field::Title, "column-name").hint("identity-name-hint").optional().view(form)}
            {phone.hint("identity-phone-hint").optional().view(form)}
            {pages}
            <div class="actions">
                <button class="btn primary">{icon("check")}{texts.text("org-save")}</button>
            </div>
        </form>
    }
}

/// A page in one language.
fn area(form: &Form, field: Field, locale: Locale) -> impl IntoView + use<> {
    let name = field.name();
    let notes = form.notes(field, None);
    let (described_by, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <div class="field">
            <label for=name lang=locale.code()>{locale.own_name()}</label>
            {notes.view(name)}
            <textarea
                id=name
                name=format!("filled[fields][{name}]")
                lang=locale.code()
                dir="auto"
                rows="8"
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {in_textarea(form.filled.text(name))}
            </textarea>
        </div>
    }
}

fn logo_section(seen: &SeenLogo, texts: Texts) -> impl IntoView + use<> {
    let version = seen.version.to_string();
    let error = request_error().and_then(|error| field_error(error, Field::Logo, texts));
    let described_by = match error {
        Some(_) => "logo-hint logo-error",
        None => "logo-hint",
    };
    let invalid = error.is_some().then_some("true");
    let error = error.map(|error| error_text("logo-error".to_owned(), error));
    let present = seen.logo.as_ref().map(|logo| {
        view! {
            <p class="logo"><img src=logo.path() width=logo.width height=logo.height alt=texts.text("logo-now") /></p>
            <form method="post" action=RemoveLogo::url()>
                <KeyField />
                <Hidden name="version" value=version.clone() />
                <button class="btn">{icon("trash")}{texts.text("logo-remove")}</button>
            </form>
        }
    });
    view! {
        <section class="stack" aria-labelledby="logo-title">
            <h2 id="logo-title">{texts.text("logo-title")}</h2>
            {present}
            <form method="post" action=PutLogo::url() enctype="multipart/form-data" class="stack">
                <KeyField />
                <Hidden name="version" value=version />
                <div class="field">
                    <label for="logo">{texts.text("logo-file")}</label>
                    <p class="hint" id="logo-hint">{texts.text("logo-hint")}</p>
                    {error}
                    <input
                        id="logo"
                        name=FILE
                        type="file"
                        accept="image/png,image/jpeg,image/webp"
                        required
                        aria-describedby=described_by
                        aria-invalid=invalid
                    />
                </div>
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("logo-upload")}</button>
                </div>
            </form>
        </section>
    }
}
