//! The templates of a doctor: a list, and the form of one.

use leptos::{prelude::*, server_fn::ServerFn};

use super::form::{medication_rows, rows, what_is_wrong};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    prescription::template::forms::{DeleteTemplate, FORM, PutTemplate, TypedTemplate},
    server::AppState,
    ui::{
        Hidden, Page, TextArea, TextField, Tone, icon, isolate, notice, page, path_parameter, problem, query,
        request_error, texts,
    },
};
use engine::{
    error::{AppError, Field},
    i18n::Texts,
    prescription::{self, Template, Typed},
};

/// All templates of the doctor who has signed in.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let templates = prescription::templates(&state.database, &caller).await?;
        let said = match request_error() {
            Some(error) => Some(problem(error, texts)),
            None => query("saved").map(|_| notice(Tone::Good, texts.text("template-saved"), ()).into_any()),
        };
        let list = match templates.is_empty() {
            true => view! {
                <div class="empty">
                    {icon("pill")}
                    <h2>{texts.text("templates-empty-title")}</h2>
                    <p>{texts.text("templates-empty-text")}</p>
                </div>
            }
            .into_any(),
            false => {
                let rows = templates
                    .into_iter()
                    .map(|template| row(template, texts))
                    .collect_view();
                view! { <ul class="visits">{rows}</ul> }.into_any()
            }
        };
        Ok(Page::new(
            texts.text("templates-title"),
            view! {
                {said}
                <div class="stack">
                    <a class="back" href="/doctor">{icon("arrow-left")}{texts.text("today")}</a>
                    <div class="page-head">
                        <div>
                            <h1>{texts.text("templates-title")}</h1>
                            <p>{texts.text("templates-intro")}</p>
                        </div>
                        <a class="btn primary" href="/doctor/templates/new">{icon("plus")}{texts.text("template-new")}</a>
                    </div>
                </div>
                {list}
            },
        )
        .shows_problem())
    })
}

fn row(template: Template, texts: Texts) -> impl IntoView {
    let path = format!("/doctor/templates/{}", template.id);
    let names: Vec<String> = template.medications.into_iter().map(|one| one.name).collect();
    view! {
        <li class="card stack-s">
            <h2><a href=path>{isolate(template.name)}</a></h2>
            <p class="soft">{isolate(names.join(" · "))}</p>
            <form method="post" action=DeleteTemplate::url()>
                <Hidden name="id" value=template.id.to_string() />
                <button class="btn quiet">{icon("trash")}{texts.text("template-delete")}</button>
            </form>
        </li>
    }
}

/// A template that is not there yet.
#[component]
pub fn NewTemplatePage() -> impl IntoView {
    page(async {
        guard::doctor().await?;
        template_page(None).await
    })
}

/// A template that is there.
#[component]
pub fn TemplatePage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        let state = expect_context::<AppState>();
        let template = prescription::template(&state.database, &caller, path_parameter("template")?).await?;
        template_page(Some(template)).await
    })
}

async fn template_page(template: Option<Template>) -> Result<Page, AppError> {
    let texts = texts();
    let error = request_error();
    let subject = template.as_ref().map(|template| template.id.to_string());
    let typed: TypedTemplate = guard::session()
        .typed(FORM, subject.as_deref().unwrap_or_default())
        .await?;
    // What was typed and not saved stands in the form.
    let shown = match (&template, typed == TypedTemplate::default()) {
        (Some(template), true) => TypedTemplate {
            name: template.name.clone(),
            content: Typed {
                medications: template.medications.clone(),
                note: template.note.clone(),
            },
        },
        _ => typed,
    };
    let invalid = matches!(error, Some(AppError::ValidationFailed { .. }));
    let said = error.map(|error| match error {
        AppError::ValidationFailed {
            field: Field::TemplateName,
            ..
        } => problem(error, texts),
        error if invalid => what_is_wrong(&shown.content, error, texts),
        error => problem(error, texts),
    });
    let title = match &template {
        Some(template) => template.name.clone(),
        None => texts.text("template-new"),
    };
    let count = rows(
        shown.content.medications.len(),
        query("rows").and_then(|rows| rows.parse().ok()),
    );
    let which = template.as_ref().map(|template| {
        view! {
            <Hidden name="id" value=template.id.to_string() />
            <Hidden name="version" value=template.version.to_string() />
        }
    });
    let body = view! {
        {said}
        <div class="stack">
            <a class="back" href="/doctor/templates">{icon("arrow-left")}{texts.text("templates-title")}</a>
            <h1>{isolate(title.clone())}</h1>
            <form method="post" action=PutTemplate::url() class="stack">
                <KeyField />
                {which}
                <TextField
                    field=Field::TemplateName
                    label=texts.text("template-name")
                    value=shown.name.clone()
                />
                <p class="hint">{texts.text("medications-hint")}</p>
                {medication_rows(&shown.content, count, invalid, texts)}
                <TextArea
                    field=Field::Note
                    label=texts.text("prescription-note")
                    hint=texts.text("prescription-note-hint")
                    value=shown.content.note.clone()
                />
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("template-save")}</button>
                    <button class="btn quiet" name="more" value=count.to_string() formnovalidate>
                        {icon("plus")}
                        {texts.text("prescription-more-rows")}
                    </button>
                </div>
            </form>
        </div>
    };
    Ok(Page::new(title, body).shows_problem())
}
