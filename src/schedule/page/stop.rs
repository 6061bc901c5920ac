//! Stopping or cancelling a day, for the desk.

use leptos::prelude::*;

use super::{
    Form,
    ask::{calls_link, day_question},
    day::{day_form, stopped_days},
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    schedule::forms::{DAY_CANCELLED, DAY_OPENED, DAY_STOPPED},
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, query, texts},
};
use engine::{
    account::{Caller, Role},
    availability::offered,
    error::AppError,
    i18n::Texts,
    schedule::{self, version_for_the_day},
    text::isolated,
};

/// A doctor at a clinic, with their names.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) doctor_id: i64,
    pub(super) clinic_id: i64,
    pub(super) doctor: String,
    pub(super) clinic: String,
}

/// A day of a doctor at a clinic takes no more bookings, or is cancelled: for the desk, which has none of the plans.
#[component]
pub fn StopPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let all = doctors_by_clinic(&state, &caller).await?;
        let asked = |name| query(name).and_then(|id| id.parse::<i64>().ok());
        let (doctor_id, clinic_id) = match query("whose").as_deref().and_then(|ids| ids.split_once('-')) {
            Some((doctor, clinic)) => (doctor.parse().ok(), clinic.parse().ok()),
            None => (asked("doctor"), asked("clinic")),
        };
        let chosen = all
            .iter()
            .find(|whose| Some(whose.doctor_id) == doctor_id && Some(whose.clinic_id) == clinic_id);
        let (said, question, days, form) = match chosen {
            Some(whose) => {
                let form = Form::of(&whose.doctor_id.to_string(), texts).await?;
                let version =
                    version_for_the_day(&state.database, &caller, whose.doctor_id, whose.clinic_id).await?;
                let (doctor_id, clinic_id) = (whose.doctor_id, whose.clinic_id);
                let hidden = move || {
                    view! {
                        <KeyField />
                        <Hidden name="doctor_id" value=doctor_id.to_string() />
                        <Hidden name="clinic_id" value=clinic_id.to_string() />
                        <Hidden name="version" value=version.to_string() />
                    }
                };
                let stopped =
                    schedule::stopped(&state.database, &caller, (doctor_id, clinic_id), state.now()).await?;
                let is_asked = query("ask").as_deref() == Some("day") && form.typed.form == DAY_CANCELLED;
                let question = match is_asked {
                    true => {
                        let id = (whose.doctor_id, whose.clinic_id, version);
                        let back = format!(
                            "/admin/stop?doctor={}&clinic={}",
                            whose.doctor_id, whose.clinic_id
                        );
                        Some(day_question(&state, &caller, id, &form, back).await)
                    }
                    false => None,
                };
                let said = said(&form, caller.role(), texts);
                let days = stopped_days(&stopped, hidden, texts);
                (said, question, days, Some(day_form(&form, hidden())))
            }
            None => (None, None, None, None),
        };
        let title = texts.text("stop-title");
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    {said}
                    <a class="back" href="/admin/day">{icon("arrow-left")}{texts.text("sheet-day")}</a>
                    <div class="page-head">
                        <div><h1>{title}</h1><p>{texts.text("stop-text")}</p></div>
                    </div>
                    {question}
                    {choose(&all, chosen, texts)}
                    {days}
                    {form}
                </div>
            },
        )
        .shows_problem())
    })
}

/// The doctors at the caller's clinics, each once.
pub(super) async fn doctors_by_clinic(state: &AppState, caller: &Caller) -> Result<Vec<Whose>, AppError> {
    let mut all: Vec<Whose> = offered(&state.database, None)
        .await?
        .into_iter()
        .filter(|offering| !caller.is_kept_from(offering.clinic_id))
        .map(|offering| Whose {
            doctor_id: offering.doctor_id,
            clinic_id: offering.clinic_id,
            doctor: offering.doctor_name,
            clinic: offering.clinic_name,
        })
        .collect();
    all.dedup();
    Ok(all)
}

fn choose(all: &[Whose], chosen: Option<&Whose>, texts: Texts) -> impl IntoView + use<> {
    let options = all
        .iter()
        .map(|whose| {
            let name = format!("{}, {}", isolated(&whose.doctor), isolated(&whose.clinic));
            let value = format!("{}-{}", whose.doctor_id, whose.clinic_id);
            view! { <option value=value selected=chosen == Some(whose)>{name}</option> }
        })
        .collect_view();
    view! {
        <form class="filters" method="get" action="/admin/stop">
            <div class="fields">
                <div class="field">
                    <label for="whose">{texts.text("board-doctor")}</label>
                    <select id="whose" name="whose">{options}</select>
                </div>
                <button class="btn">{texts.text("continue")}</button>
            </div>
        </form>
    }
}

/// Shows the outcome of the form that led here.
fn said(form: &Form, role: Role, texts: Texts) -> Option<AnyView> {
    match form.error {
        Some(AppError::StaleDoctor) => {
            let body = view! { <p>{texts.text("plan-stale-text")}</p> };
            Some(notice(Tone::Warn, texts.text("plan-stale-title"), body).into_any())
        }
        Some(_) => form.problem(),
        None => {
            let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let (key, body) = match query("saved")?.as_str() {
                DAY_STOPPED => ("plan-saved-day-stopped", None),
                DAY_OPENED => ("plan-saved-day-opened", None),
                DAY_CANCELLED => {
                    let values = [
                        ("count", number("cancelled").into()),
                        ("told", number("told").into()),
                    ];
                    let told = texts.with("plan-day-told", &values);
                    (
                        "plan-saved-day-cancelled",
                        Some(view! { <p>{told}</p> {calls_link(role)} }),
                    )
                }
                _ => return None,
            };
            Some(notice(Tone::Good, texts.text(key), body).into_any())
        }
    }
}
