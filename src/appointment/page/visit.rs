//! The other appointments of a visit (B7).

use crate::ui::isolate;
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{badge::badge, parts::reason_field};
use crate::{
    course::forms::CancelRest,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, icon},
};
use engine::{
    account::Role,
    appointment::{Item, Status, of_visit},
    error::AppError,
    i18n::Texts,
    time,
};

/// The other parts of its visit; none, where it was booked alone.
///
/// # Errors
/// Those of the database.
pub(super) async fn rest(item: &Item) -> Result<Vec<Item>, AppError> {
    let (Some(visit_id), Some(patient_id)) = (item.visit_id, item.patient_id) else {
        return Ok(Vec::new());
    };
    let state = expect_context::<AppState>();
    let mut parts = of_visit(&state.database, patient_id, visit_id).await?;
    parts.retain(|part| part.id != item.id);
    Ok(parts)
}

/// Whether its patient can still give it up.
pub(super) fn is_left(part: &Item, now: Timestamp) -> bool {
    part.steps(Role::Patient, now).contains(&Status::Cancelled)
}

/// The form of staff that cancels what is left of a course from this appointment on; none where nothing later is left.
///
/// # Errors
/// Those of the database.
pub(super) async fn rest_form(item: &Item, role: Role, texts: Texts) -> Result<Option<AnyView>, AppError> {
    let now = crate::server::now();
    let rest = rest(item).await?;
    // Of a course, which is with one doctor.
    let is_one_doctors = rest.iter().all(|part| part.doctor_id == item.doctor_id);
    let ends = |part: &Item| {
        let steps = part.steps(role, now);
        steps.contains(&Status::Cancelled) || steps.contains(&Status::Rejected)
    };
    let later = rest
        .iter()
        .filter(|part| part.starts_at > item.starts_at && ends(part))
        .count();
    if later == 0 || !is_one_doctors || !ends(item) {
        return Ok(None);
    }
    let count = i64::try_from(later + 1).unwrap_or(i64::MAX);
    Ok(Some(
        view! {
            <details class="card">
                <summary>{texts.text("cancel-rest")}</summary>
                <form method="post" action=CancelRest::url() class="stack">
                    <KeyField />
                    <Hidden name="reference" value=item.reference.clone() />
                    <p>{texts.with("cancel-rest-text", &[("count", count.into())])}</p>
                    {reason_field("rest-reason", texts.text("change-reason-hint"), String::new(), true, texts)}
                    <div class="actions">
                        <button class="btn danger">{icon("calendar-x")}{texts.text("cancel-rest")}</button>
                    </div>
                </form>
            </details>
        }
        .into_any(),
    ))
}

/// That it is part of a visit, and what the others are.
pub(super) fn part_of(item: &Item, rest: &[Item], texts: Texts) -> Option<impl IntoView + use<>> {
    item.visit_id?;
    let now = crate::server::now();
    let parts = rest
        .iter()
        .map(|part| {
            let href = format!("/appointments/{}", part.reference);
            let when = time::moment(part.starts_at, &part.zone, texts);
            view! {
                <li>
                    <a href=href>{isolate(part.doctor_name.clone())} ", " {when}</a>
                    " "
                    {badge(part.status_at(now), texts)}
                </li>
            }
        })
        .collect_view();
    Some(view! {
        <section class="stack-s" aria-labelledby="visit">
            <h2 id="visit">{texts.text("part-of-visit")}</h2>
            <p class="soft">{texts.text("part-of-visit-text")}</p>
            <ul>{parts}</ul>
        </section>
    })
}
