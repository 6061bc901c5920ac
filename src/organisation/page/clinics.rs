//! The pages of clinics.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::forms::PutClinic,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, query, texts},
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Form, Input, back};
use engine::{
    error::{AppError, Field},
    i18n::Texts,
    organisation::{self, Clinic, Versioned, form::Filled},
    time,
};

/// All clinics.
#[component]
pub fn ClinicsPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let clinics = organisation::clinics(&state.database).await?;
        let saved = query("saved").and_then(|id| {
            let clinic = clinics.iter().find(|clinic| clinic.id.to_string() == id)?;
            let title = texts.with("org-saved", &[("name", clinic.what.name.clone().into())]);
            Some(notice(Tone::Good, title, ()))
        });
        let list = if clinics.is_empty() {
            view! {
                <div class="empty">
                    {icon("building")}
                    <h2>{texts.text("clinics-empty-title")}</h2>
                    <p>{texts.text("clinics-empty-text")}</p>
                </div>
            }
            .into_any()
        } else {
            list(&clinics, texts).into_any()
        };
        Ok(Page::new(
            texts.text("clinics-title"),
            view! {
                {saved}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("clinics-title")}</h1>
                        <p>{texts.text("clinics-intro")}</p>
                    </div>
                    <div class="actions">
                        <a class="btn" href="/admin/organisation">{icon("pencil")}{texts.text("identity-title")}</a>
                        <a class="btn" href="/admin/closures">{icon("ban")}{texts.text("nav-closures")}</a>
                        <a class="btn primary" href="/admin/clinics/new">{icon("plus")}{texts.text("clinic-new")}</a>
                    </div>
                </div>
                {list}
            },
        ))
    })
}

fn list(clinics: &[Versioned<Clinic>], texts: Texts) -> impl IntoView + use<> {
    let rows = clinics
        .iter()
        .map(|clinic| {
            let Clinic {
                name,
                address,
                city,
                phone,
                time_zone,
            } = clinic.what.clone();
            let zone = match time::zone(&time_zone) {
                Some(zone) => time::zone_name(&time_zone, &zone, crate::server::now()),
                None => time_zone,
            };
            view! {
                <tr>
                    <th scope="row"><a href=format!("/admin/clinics/{}", clinic.id)>{isolate(name)}</a></th>
                    <td data-label=texts.text("clinic-address")><span>{isolate(address)} ", " {isolate(city)}</span></td>
                    <td data-label=texts.text("clinic-phone")><span>{isolate(phone)}</span></td>
                    <td data-label=texts.text("clinic-zone")><span>{zone}</span></td>
                    <td data-label=texts.text("column-doctors")><span>{clinic.doctors}</span></td>
                </tr>
            }
        })
        .collect_view();
    let head = [
        "column-name",
        "clinic-address",
        "clinic-phone",
        "clinic-zone",
        "column-doctors",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("clinics-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("clinics-title")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// A clinic that is not there yet.
#[component]
pub fn NewClinicPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let form = Form::of("clinic", None, Filled::default(), wrong, texts).await?;
        Ok(clinic_page(None, &form))
    })
}

/// A clinic that is there.
#[component]
pub fn ClinicPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let clinic = organisation::clinic(&state.database, path_parameter("clinic")?).await?;
        let form = Form::of(
            "clinic",
            Some(clinic.id),
            Filled::from(&clinic.what),
            wrong,
            texts,
        )
        .await?;
        Ok(clinic_page(Some(&clinic), &form))
    })
}

fn wrong(filled: &Filled) -> Vec<AppError> {
    filled.clinic().err().unwrap_or_default()
}

fn clinic_page(clinic: Option<&Versioned<Clinic>>, form: &Form) -> Page {
    let texts = form.texts;
    let title = match clinic {
        Some(clinic) => clinic.what.name.clone(),
        None => texts.text("clinic-new"),
    };
    let last = clinic.and_then(|clinic| clinic.last_change.as_ref());
    let zone = clinic.map_or("UTC", |clinic| clinic.what.time_zone.as_str());
    let of = clinic.map(|clinic| {
        view! {
            <Hidden name="id" value=clinic.id.to_string() />
            <Hidden name="version" value=clinic.version.to_string() />
        }
    });
    let leave = if clinic.is_some() {
        "org-leave"
    } else {
        "org-cancel"
    };
    let zone_hint = match clinic {
        Some(_) => "clinic-zone-kept",
        None => "clinic-zone-hint",
    };
    let time_zone = Input {
        list: Some("zones"),
        ..Input::text(Field::TimeZone, "clinic-zone").hint(zone_hint)
    };
    let phone = Input {
        kind: "tel",
        ..Input::text(Field::ClinicPhone, "clinic-phone")
    };
    let body = view! {
        <div class="narrow stack">
            {back("/admin/clinics", "clinics-title", texts)}
            {form.problem(last, (zone, &time::zone(zone).unwrap_or(TimeZone::UTC)))}
            <h1>{title.clone()}</h1>
            <form method="post" action=PutClinic::url() class="stack">
                <KeyField />
                {of}
                {Input::text(Field::Title, "column-name").view(form)}
                {Input::text(Field::Address, "clinic-address").view(form)}
                {Input::text(Field::City, "clinic-city").view(form)}
                {phone.view(form)}
                {time_zone.view(form)}
                <datalist id="zones">
                    {time::zone_names()
                        .into_iter()
                        .map(|name| view! { <option value=name></option> })
                        .collect_view()}
                </datalist>
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("org-save")}</button>
                    <a class="btn quiet" href="/admin/clinics">{texts.text(leave)}</a>
                </div>
            </form>
        </div>
    };
    Page::new(title, body).shows_problem()
}
