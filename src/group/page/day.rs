//! The sessions of a doctor's day, each as one block.

use jiff::civil;
use leptos::prelude::*;

use crate::{server::AppState, ui::isolate};
use engine::{
    error::AppError,
    group::{Listed, Seen, State, coming},
    i18n::Texts,
    time::{self, plus_minutes},
};

/// The most sessions of a day.
const MOST: i64 = 200;
const DAY_MINUTES: i64 = 24 * 60;

/// The sessions of a doctor on a date, each as one block; nothing where there are none.
///
/// # Errors
/// Those of the database.
pub async fn of_day(
    state: &AppState,
    doctor_id: i64,
    date: civil::Date,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    // Whatever the zone: one day more on both sides.
    let noon = time::first_instant(date, 12 * 60, &jiff::tz::TimeZone::UTC);
    let Some(noon) = noon else {
        return Ok(None);
    };
    let seen = Seen {
        doctor_id: Some(doctor_id),
        from: Some(plus_minutes(noon, -2 * DAY_MINUTES)),
        until: Some(plus_minutes(noon, 2 * DAY_MINUTES)),
        is_planning: true,
        limit: MOST,
        ..Seen::default()
    };
    let mut listed = coming(&state.database, seen, state.now()).await?;
    listed.retain(|one| {
        one.group.state == State::Published && time::local_date(one.group.starts_at, &one.zone) == date
    });
    if listed.is_empty() {
        return Ok(None);
    }
    let rows = listed
        .iter()
        .map(|one| {
            let path = format!("/doctor/groups/{}", one.group.id);
            let clock = |at| time::clock(at, &one.zone, texts.locale());
            view! {
                <li class="row">
                    <time datetime=one.group.starts_at.to_string()>
                        {clock(one.group.starts_at)} " " <small>{clock(one.group.ends_at)}</small>
                    </time>
                    <div>
                        <h3><a href=path>{isolate(one.group.title.clone())}</a></h3>
                        <p>{taken(one, texts)}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="day-groups">
                <h2 id="day-groups">{texts.text("group-planned")}</h2>
                <ol class="rows">{rows}</ol>
            </section>
        }
        .into_any(),
    ))
}

/// `9 of 12 seats taken`.
fn taken(listed: &Listed, texts: Texts) -> String {
    texts.with(
        "group-taken",
        &[
            ("taken", listed.taken.into()),
            ("capacity", listed.group.capacity.into()),
        ],
    )
}
