//! The other appointments of a visit (B7).

use crate::ui::isolate;
use jiff::Timestamp;
use leptos::prelude::*;

use super::badge::badge;
use crate::server::AppState;
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
