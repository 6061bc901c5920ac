//! The numbers that the phone agent answers, for admins of all clinics.

use engine::{
    error::Field,
    i18n::{Locale, Texts},
    organisation,
    phone_call::{self, Line},
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    phone_call::forms::{CALLS, LINE_FORM, PutPhoneLine, RemovePhoneLine, TypedLine},
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, icon, notice, page, problem, query, request_error, texts},
};

/// The numbers, each with its clinic, and a form for another one.
#[component]
pub fn PhoneLinesPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let lines = phone_call::lines(&state.database).await?;
        let clinics = organisation::clinics(&state.database).await?;
        let typed: TypedLine = guard::session().typed(LINE_FORM, "").await?;
        let said = match query("said").as_deref() {
            Some("set") => Some("phone-lines-said-set"),
            Some("removed") => Some("phone-lines-said-removed"),
            _ => None,
        };
        let said = said.map(|key| notice(Tone::Good, texts.text(key), ()));
        let off = state
            .config
            .phone
            .keys
            .is_empty()
            .then(|| view! { <p>{icon("alert-triangle")} " " {texts.text("phone-lines-off")}</p> });
        let clinics: Vec<(i64, String)> = clinics
            .into_iter()
            .map(|clinic| (clinic.id, clinic.what.name))
            .collect();
        Ok(Page::new(
            texts.text("phone-lines-title"),
            view! {
                {said}
                {request_error().map(|error| problem(error, texts))}
                <div class="stack">
                    <a class="back" href=CALLS>{icon("arrow-left")}{texts.text("phone-calls-title")}</a>
                    <h1>{texts.text("phone-lines-title")}</h1>
                    <p class="soft">{texts.text("phone-lines-intro")}</p>
                    {off}
                    {list(&lines, texts)}
                    {form(&clinics, typed, texts)}
                </div>
            },
        ))
    })
}

fn list(lines: &[Line], texts: Texts) -> AnyView {
    if lines.is_empty() {
        return view! { <p>{texts.text("phone-lines-none")}</p> }.into_any();
    }
    let rows = lines
        .iter()
        .map(|line| {
            let label = format!("{}: {}", texts.text("phone-lines-remove"), line.number);
            view! {
                <li class="card spread">
                    <span>
                        <b>{line.number.clone()}</b> " " {line.clinic_name.clone()} ", " {line.locale.own_name()}
                    </span>
                    <form method="post" action=RemovePhoneLine::url()>
                        <Hidden name="number" value=line.number.clone() />
                        <button class="btn quiet" aria-label=label>{texts.text("phone-lines-remove")}</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="stack-s">{rows}</ul> }.into_any()
}

fn form(clinics: &[(i64, String)], typed: TypedLine, texts: Texts) -> impl IntoView + use<> {
    let clinics = clinics
        .iter()
        .map(|(id, name)| {
            let selected = typed.clinic == *id;
            view! { <option value=id.to_string() selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let languages = Locale::ALL
        .into_iter()
        .map(|locale| {
            let selected = typed.language == locale.code();
            view! { <option value=locale.code() lang=locale.code() selected=selected>{locale.own_name()}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=PutPhoneLine::url() class="stack narrow">
            <TextField field=Field::Phone label=texts.text("phone-lines-number") kind="tel" value=typed.phone />
            <div class="field">
                <label for="clinic">{texts.text("clinic")}</label>
                <select id="clinic" name="clinic">{clinics}</select>
            </div>
            <div class="field">
                <label for="language">{texts.text("phone-lines-language")}</label>
                <select id="language" name="language">{languages}</select>
            </div>
            <button class="btn primary">{texts.text("phone-lines-add")}</button>
        </form>
    }
}
