//! Staff move an appointment: choose a time, check both, move.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    availability::page::times::TimesForm,
    booking::{
        forms::Reschedule,
        page::conflict::{ConflictSubject, conflict},
    },
    server::AppState,
    ui::{Page, Tone, encode, icon, notice, page, path_parameter, query, request_error, texts},
};
use engine::{
    account::{Caller, local_path},
    appointment::{self, Item, path_of},
    error::AppError,
    i18n::Texts,
};
use jiff::Timestamp;

use super::{
    moving::{MoveForm, OVER_LIMIT, chosen_time, move_check, moving_page},
    notice::what_happened,
    parts::{Look, patient_name},
};

/// Another time for an appointment, chosen at the desk.
#[component]
pub fn AdminReschedulePage() -> impl IntoView {
    page(async { staff_page(guard::desk().await?).await })
}

/// Another time for an appointment, chosen by its doctor.
#[component]
pub fn DoctorReschedulePage() -> impl IntoView {
    page(async { staff_page(guard::doctor().await?.0).await })
}

async fn staff_page(caller: Caller) -> Result<Page, AppError> {
    let state = expect_context::<AppState>();
    let reference = path_parameter("reference")?;
    let item = appointment::find(&state.database, Some(caller.clone()), None, reference).await?;
    let href = path_of(caller.role(), &item.reference);
    if !item.may_be_moved_by_staff(state.now()) && request_error().is_none() {
        crate::ui::redirect(&href);
    }
    let is_limited = matches!(
        request_error(),
        Some(AppError::BookingFailed { reason, .. }) if reason.is_limit_of_service()
    );
    let problem = match request_error() {
        Some(error @ (AppError::StaleVersion { .. } | AppError::InvalidTransition { .. })) => {
            what_happened(error, &caller).await?
        }
        error => conflict(error, Some(ConflictSubject::moved_by_staff(&item, &caller))).await?,
    };
    // A free time of another doctor, or at another clinic, is none to move to.
    let (elsewhere, problem) = match (problem, elsewhere(&item, &caller)) {
        (None, Some(notice)) => (true, Some(notice)),
        (problem, _) => (false, problem),
    };
    // The page that staff go on with, such as a list of calls.
    let next = query("next").filter(|next| local_path(next) != "/");
    let path = format!("{href}/reschedule");
    if let Some(chosen) = chosen_time(&item).filter(|_| !elsewhere) {
        let other_times = match &next {
            Some(next) => format!("{path}?next={}", encode(next)),
            None => path,
        };
        let form = MoveForm {
            action: Reschedule::url(),
            hidden: [
                Some(("reference", item.reference.clone())),
                Some(("version", item.version.to_string())),
                next.map(|next| ("next", next)),
                is_limited.then(|| (OVER_LIMIT, "true".to_owned())),
            ]
            .into_iter()
            .flatten()
            .collect(),
            with: Some(item.doctor_name.clone()),
            whose: Some(patient_name(&item, texts())),
            other_times,
        };
        return Ok(move_check(&item, chosen, form, problem).shows_problem());
    }
    let base = match &next {
        Some(next) => format!("{path}?next={}&", encode(next)),
        None => format!("{path}?"),
    };
    let form = TimesForm {
        action: path,
        is_link: true,
        hidden: next.map(|next| ("next", next)).into_iter().collect(),
        base,
        moving: Some(item.reference.clone()),
        with: item.doctor_name.clone(),
        ..TimesForm::default()
    };
    let moving = moving_page(&item, caller, href, form, problem).await?;
    Ok(moving.shows_problem())
}

/// The notice that the free time which was chosen in a calendar is with another doctor or at another clinic, with the way to book it.
fn elsewhere(item: &Item, caller: &Caller) -> Option<AnyView> {
    let (offer, at) = (query("offer")?, query("starts_at")?.parse::<i64>().ok()?);
    let mut ids = offer.split('-').map(|id| id.parse::<i64>().ok());
    let (doctor_id, clinic_id, service_id) = (ids.next()??, ids.next()??, ids.next()??);
    if (doctor_id, clinic_id) == (item.doctor_id, item.clinic_id) {
        return None;
    }
    let texts = texts();
    let book = item
        .patient_id
        .filter(|_| caller.role().is_at_desk())
        .map(|patient_id| {
            let path = format!(
                "/admin/book?patient={patient_id}&offer={doctor_id}-{clinic_id}-{service_id}&at={at}"
            );
            view! {
                <div class="actions">
                    <a class="btn" href=path>{icon("calendar-plus")}{texts.text("move-elsewhere-book")}</a>
                </div>
            }
        });
    let body = view! { <p>{texts.text("move-elsewhere-text")}</p> {book} };
    Some(notice(Tone::Warn, texts.text("move-elsewhere-title"), body).into_any())
}

/// The way for staff to move an appointment; nothing where it can no longer be moved. `next` is the page that they go on
/// with.
pub fn move_link(
    caller: &Caller,
    item: &Item,
    look: impl Into<Look>,
    next: Option<&str>,
    now: Timestamp,
    texts: Texts,
) -> Option<AnyView> {
    item.may_be_moved_by_staff(now).then(|| {
        let next = next.map_or_else(String::new, |next| format!("?next={}", encode(next)));
        let path = format!("{}/reschedule{next}", path_of(caller.role(), &item.reference));
        let whose = format!(": {}", patient_name(item, texts));
        let Look { class, key } = look.into();
        view! {
            <a class=class href=path aria-keyshortcuts=key>{icon("refresh")}{texts.text("staff-move")}<span class="hide">{whose}</span></a>
        }
        .into_any()
    })
}
