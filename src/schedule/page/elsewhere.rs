//! Appointments and sessions at times at which the doctor is busy by a calendar elsewhere.

use leptos::prelude::*;

use crate::ui::icon;
use engine::{
    account::Role,
    appointment::path_of,
    caldav::busy::{Conflict, Under},
    i18n::Texts,
    text::isolated,
    time,
};

/// The number of them that are named.
const MAX_NAMED: usize = 10;

/// Lists them, each with the way to it, and the calendars that have something else then; what that is, nobody here knows.
pub fn section(conflicts: &[Conflict], role: Role, texts: Texts) -> Option<AnyView> {
    if conflicts.is_empty() {
        return None;
    }
    let named = conflicts
        .iter()
        .take(MAX_NAMED)
        .map(|conflict| {
            let when = time::moment(conflict.starts_at, &conflict.zone, texts);
            let names: Vec<_> = conflict.calendars.iter().map(|name| isolated(name)).collect();
            let calendars = texts.with("busy-conflict-in", &[("calendars", names.join(", ").into())]);
            let (path, name) = way_to(&conflict.under, role);
            view! {
                <li>
                    <a href=path>{when} ", " {name}</a>
                    " "
                    <span class="small soft">{calendars}</span>
                </li>
            }
        })
        .collect_view();
    let more = i64::try_from(conflicts.len().saturating_sub(MAX_NAMED)).unwrap_or(0);
    let more = (more > 0).then(|| view! { <li>{texts.with("plan-more", &[("count", more.into())])}</li> });
    let section = view! {
        <section class="card stack" id="busy-elsewhere" aria-labelledby="busy-elsewhere-title">
            <h2 id="busy-elsewhere-title">
                {icon("calendar-x")} {texts.text("busy-conflicts")} " " <span class="count">{conflicts.len()}</span>
            </h2>
            <p class="soft">{texts.text("busy-conflicts-text")}</p>
            <ul class="plain">{named} {more}</ul>
        </section>
    };
    Some(section.into_any())
}

/// The way to an appointment or a session, and its name.
fn way_to(under: &Under, role: Role) -> (String, String) {
    match under {
        Under::Appointment { reference } => (path_of(role, reference), reference.clone()),
        Under::Session { group_id, title } => {
            let base = match role {
                Role::Doctor => "/doctor",
                _ => "/admin",
            };
            (format!("{base}/groups/{group_id}"), isolated(title).into_owned())
        }
    }
}
