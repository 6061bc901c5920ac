//! Templates of prescriptions, for the programs of their doctors.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Line, MedicationData};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Edit, Fault, Id, IfMatch, Nothing, RequestTexts, SentKey, done,
        found, found_version, made, versioned,
    },
    openapi::VISITS,
};
use engine::{
    error::{AppError, Field},
    prescription::{self, PutTemplate, SavedTemplate, Template, Typed},
};

/// A template: a prescription that a doctor writes often.
#[derive(Serialize, ToSchema)]
pub struct TemplateData {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments.
    #[schema(example = 1)]
    version: i32,
    #[schema(example = "Sinusitis")]
    name: String,
    medications: Vec<MedicationData>,
    #[schema(example = "After meals")]
    note: String,
}

impl From<Template> for TemplateData {
    fn from(template: Template) -> Self {
        Self {
            id: template.id,
            version: template.version,
            name: template.name,
            medications: template.medications.into_iter().map(Into::into).collect(),
            note: template.note,
        }
    }
}

/// A new template.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// The name. No other template of the doctor has it.
    #[schema(min_length = 1, max_length = 120, example = "Sinusitis")]
    name: String,
    #[schema(min_items = 1, max_items = 20)]
    medications: Vec<Line>,
    #[schema(max_length = 500, example = "After meals")]
    note: Option<String>,
}

/// The new content of a template. Prescriptions that were written with it stay as they are.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateChange {
    /// The name. No other template of the doctor has it.
    #[schema(min_length = 1, max_length = 120, example = "Sinusitis")]
    name: String,
    #[schema(min_items = 1, max_items = 20)]
    medications: Vec<Line>,
    #[schema(max_length = 500, example = "After meals")]
    note: Option<String>,
    /// The version that the caller has read; needed if there is no `If-Match`.
    #[schema(example = 1)]
    version: Option<i32>,
}

versioned!(TemplateChange);

/// The id and version of a template that was saved.
#[derive(Serialize, ToSchema)]
pub struct TemplateSaved {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    version: i32,
}

impl From<SavedTemplate> for TemplateSaved {
    fn from(saved: SavedTemplate) -> Self {
        Self {
            id: saved.id,
            version: saved.version,
        }
    }
}

/// Lists the templates of the calling doctor, by name.
#[utoipa::path(
    get, path = "/v1/prescription-templates", tag = VISITS, security(("token" = ["read"])),
    responses((status = 200, description = "Templates", body = Done<Vec<TemplateData>>)),
)]
pub async fn templates(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let templates = prescription::templates(&state.database, &caller).await?;
    let templates: Vec<TemplateData> = templates.into_iter().map(Into::into).collect();
    Ok(found(texts, templates))
}

/// Returns a template of the calling doctor.
#[utoipa::path(
    get, path = "/v1/prescription-templates/{id}", tag = VISITS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a template")),
    responses((status = 200, description = "The template; its version is in the `ETag`", body = Done<TemplateData>)),
)]
pub async fn template(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let template = prescription::template(&state.database, &caller, id).await?;
    let version = template.version;
    Ok(found_version(texts, TemplateData::from(template), version))
}

/// Adds a template. A doctor can have 100 of them.
#[utoipa::path(
    post, path = "/v1/prescription-templates", tag = VISITS, request_body = NewTemplate, security(("token" = ["treat"])),
    responses(
        (status = 201, description = "Added", body = Done<TemplateSaved>,
         headers(("Location" = String, description = "The path of the template"))),
    ),
)]
pub async fn add_template(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewTemplate>,
) -> Answer {
    let command = PutTemplate {
        key: sent.of(&caller, "add-template", &request)?,
        caller,
        which: None,
        name: request.name,
        content: content(request.medications, request.note),
    };
    let saved = prescription::put_template(&state.database, command, state.now())
        .await
        .map_err(named)?;
    let location = format!("/api/v1/prescription-templates/{}", saved.id);
    Ok(made(texts, "api-changed", &location, TemplateSaved::from(saved)))
}

/// Replaces a template.
#[utoipa::path(
    put, path = "/v1/prescription-templates/{id}", tag = VISITS, request_body = TemplateChange,
    security(("token" = ["treat"])),
    params(("id" = i64, Path, description = "The id of a template"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<TemplateSaved>),
        (status = 409, description = "`STALE_VERSION`: it was changed since, and has to be read again; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_template(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<TemplateChange>,
) -> Answer {
    let command = PutTemplate {
        key: edit.key("change-template")?,
        which: Some((edit.id, edit.version()?)),
        caller: edit.caller,
        name: edit.body.name,
        content: content(edit.body.medications, edit.body.note),
    };
    let saved = prescription::put_template(&state.database, command, state.now())
        .await
        .map_err(named)?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        TemplateSaved::from(saved),
    ))
}

/// Deletes a template. Prescriptions that were written with it stay as they are.
#[utoipa::path(
    delete, path = "/v1/prescription-templates/{id}", tag = VISITS, security(("token" = ["treat"])),
    params(("id" = i64, Path, description = "The id of a template")),
    responses((status = 200, description = "Deleted", body = Done<Nothing>)),
)]
pub async fn delete_template(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    prescription::delete_template(&state.database, &caller, id).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// The fault of a template, by the call's own names.
fn named(error: AppError) -> Fault {
    Fault::from(error).under(&[(Field::TemplateName, "name")])
}

fn content(medications: Vec<Line>, note: Option<String>) -> Typed {
    Typed {
        medications: medications.into_iter().map(Into::into).collect(),
        note: note.unwrap_or_default(),
    }
}
