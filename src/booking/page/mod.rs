//! From a held time to a booked one: details, check; and what is said when somebody was faster.

mod check;
pub mod conflict;
mod details;
mod hold;

pub use self::{
    check::CheckPage,
    details::DetailsPage,
    hold::{hold_line, lost, running, unfinished},
};
use crate::booking::forms::is_bookable;
use crate::{
    account::guard,
    server::{AppState, fields::HOLDER},
    ui::{Hidden, Page, path_parameter, request_error, texts},
};
use engine::{
    appointment::{Item, Status, find, history},
    error::AppError,
    i18n::Texts,
    text::isolated,
};
use leptos::prelude::*;

/// Finds the hold that the path of a step names by its reference.
pub(super) async fn held() -> Result<Item, AppError> {
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor().await?;
    find(&state.database, caller, visitor, path_parameter("reference")?).await
}

/// Finds the hold, or makes the page that says that it is gone where a form led here: no step of a booking ends in nothing.
pub(super) async fn held_or_gone() -> Result<Result<Item, Page>, AppError> {
    match held().await {
        Err(AppError::NotFound) if request_error().is_some() => {
            let texts = texts();
            let title = texts.text("hold-gone-title");
            let body = view! {
                <div class="narrow stack">
                    <h1>{title.clone()}</h1>
                    <p>{texts.text("hold-gone-text")}</p>
                    <div class="actions">
                        <a class="btn primary" href="/">{texts.text("nav-find")}</a>
                        <a class="btn" href="/appointments">{texts.text("nav-appointments")}</a>
                    </div>
                </div>
            };
            Ok(Err(Page::new(title, body).shows_problem()))
        }
        found => found.map(Ok),
    }
}

/// The token of the browser, which a form of a booking carries along.
pub(super) async fn holder() -> Result<Option<AnyView>, AppError> {
    let token = guard::session().visitor_token().await?;
    Ok(token.map(|token| view! { <Hidden name=HOLDER value=token /> }.into_any()))
}

/// The page instead, when the hold has been booked or let go meanwhile.
///
/// # Errors
/// Those of the database.
pub(super) async fn elsewhere(item: &Item) -> Result<Option<Page>, AppError> {
    if is_bookable(item.status) {
        return Ok(None);
    }
    if item.status == Status::Cancelled && !was_booked(item).await? {
        return hold::let_go(item, texts()).await.map(Some);
    }
    let path = format!("/appointments/{}", item.reference);
    crate::ui::redirect(&path);
    Ok(Some(Page::new(item.reference.clone(), ())))
}

/// Whether an item has been more than a hold.
async fn was_booked(item: &Item) -> Result<bool, AppError> {
    if item.patient_id.is_none() {
        return Ok(false);
    }
    let Some(caller) = guard::caller().await? else {
        return Ok(false);
    };
    let state = expect_context::<AppState>();
    let history = history(&state.database, caller, item.reference.as_str().into()).await?;
    let mut changes = history.changes.iter();
    Ok(changes.any(|change| matches!(change.to, Status::Pending | Status::Confirmed)))
}

/// The list of times that an item is one of.
pub fn times_of(item: &Item) -> String {
    format!(
        "/doctors/{}?clinic={}&service={}",
        item.doctor_id, item.clinic_id, item.service_id
    )
}

/// Where somebody goes: to the clinic, or nowhere, where they meet by video or in writing.
pub fn place(item: &Item, texts: Texts) -> String {
    let from_afar = |key| texts.with(key, &[("clinic", item.clinic_name.clone().into())]);
    match item.mode.as_str() {
        "video" => from_afar("where-video"),
        "text" => from_afar("where-text"),
        _ => format!(
            "{}, {}",
            isolated(&item.clinic_name),
            isolated(&item.clinic_address)
        ),
    }
}

/// The steps of a booking, with where we are.
pub fn steps(current: usize, texts: Texts) -> impl IntoView {
    view! {
        <nav aria-label=texts.text("steps")>
            <ol class="steps">
                {["step-time", "step-details", "step-check", "step-done"]
                    .into_iter()
                    .enumerate()
                    .map(|(index, key)| {
                        let class = (index < current).then_some("done");
                        let here = (index == current).then_some("step");
                        view! { <li class=class aria-current=here>{texts.text(key)}</li> }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}
