//! The doctors of the organisation, and whether patients can book them.

use crate::{
    account::{forms::SetDoctorActive, guard},
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, problem, query, request_error, texts},
};
use leptos::{prelude::*, server_fn::ServerFn};

use engine::{
    error::AppError,
    i18n::Texts,
    organisation::{DoctorAccount, doctors},
};

/// All doctors, with a switch for each.
#[component]
pub fn AdminDoctorsPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let doctors = doctors(&state.database, state.now()).await?;
        let news = news(&doctors, texts);
        let list = if doctors.is_empty() {
            view! {
                <div class="empty">
                    {icon("stethoscope")}
                    <h2>{texts.text("doctors-empty-title")}</h2>
                    <p>{texts.text("doctors-empty-text")}</p>
                </div>
            }
            .into_any()
        } else {
            list(&doctors, texts).into_any()
        };
        Ok(Page::new(
            texts.text("doctors-title"),
            view! {
                {news}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("doctors-title")}</h1>
                        <p>{texts.text("doctors-intro")}</p>
                    </div>
                    <div class="actions">
                        <a class="btn primary" href="/admin/doctors/new">{icon("plus")}{texts.text("doctor-new")}</a>
                        <a class="btn" href="/admin/import">{icon("list")}{texts.text("import-title")}</a>
                    </div>
                </div>
                {list}
            },
        )
        .shows_problem())
    })
}

/// Shows the outcome of the form that led here.
fn news(doctors: &[DoctorAccount], texts: Texts) -> Option<AnyView> {
    match request_error() {
        Some(AppError::StaleDoctor) => {
            let text = view! { <p>{texts.text("doctors-stale-text")}</p> };
            Some(notice(Tone::Warn, texts.text("doctors-stale-title"), text).into_any())
        }
        Some(error) => Some(problem(error, texts)),
        None => {
            let changed: i64 = query("changed")?.parse().ok()?;
            let doctor = doctors.iter().find(|doctor| doctor.id == changed)?;
            let key = if doctor.active {
                "doctor-activated"
            } else {
                "doctor-deactivated"
            };
            let title = texts.with(key, &[("doctor", doctor.name.clone().into())]);
            let stay = (!doctor.active && doctor.coming > 0)
                .then(|| view! { <p>{texts.with("doctor-keeps", &[("count", doctor.coming.into())])}</p> });
            Some(notice(Tone::Good, title, stay).into_any())
        }
    }
}

fn list(doctors: &[DoctorAccount], texts: Texts) -> impl IntoView + use<> {
    let head = [
        "column-name",
        "column-email",
        "column-clinics",
        "column-coming",
        "column-bookable",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    let rows = doctors.iter().map(|doctor| row(doctor, texts)).collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("doctors-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("doctors-title")}</caption>
                <thead>
                    <tr>
                        {head}
                        <th scope="col"><span class="hide">{texts.text("column-actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(doctor: &DoctorAccount, texts: Texts) -> impl IntoView + use<> {
    let (state, state_icon, action, class) = if doctor.active {
        ("doctor-active", "circle-check", "doctor-deactivate", "btn danger")
    } else {
        ("doctor-inactive", "ban", "doctor-activate", "btn")
    };
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/admin/doctors/{}", doctor.id)>{isolate(doctor.name.clone())}</a>
                " "
                <small>{isolate(doctor.speciality.clone())}</small>
            </th>
            <td data-label=texts.text("column-email")><span>{doctor.email.clone()}</span></td>
            <td data-label=texts.text("column-clinics")><span>{doctor.clinics.join(", ")}</span></td>
            <td data-label=texts.text("column-coming")>
                <a
                    href=format!("/admin?doctor={}", doctor.id)
                    aria-label=format!("{}: {}", texts.text("column-coming"), doctor.coming)
                >
                    {doctor.coming}
                </a>
            </td>
            <td data-label=texts.text("column-bookable")>
                <span class="tag">{icon(state_icon)} " " {texts.text(state)}</span>
            </td>
            <td class="end">
                <a class="btn" href=format!("/admin/doctors/{}/plan", doctor.id)>
                    {icon("calendar")}
                    {texts.text("nav-plan")}
                    <span class="hide">": " {isolate(doctor.name.clone())}</span>
                </a>
                <form method="post" action=SetDoctorActive::url()>
                    <Hidden name="doctor_id" value=doctor.id.to_string() />
                    <Hidden name="active" value=(!doctor.active).to_string() />
                    <Hidden name="version" value=doctor.version.to_string() />
                    <button class=class>
                        {texts.text(action)}
                        <span class="hide">": " {isolate(doctor.name.clone())}</span>
                    </button>
                </form>
            </td>
        </tr>
    }
}
