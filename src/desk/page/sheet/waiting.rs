//! Who is here and waits, who is late, and who comes next: the work of the desk at this moment, with one click each.

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    appointment::{
        forms::{Arrive, ChangeStatus},
        page::{here, waiting},
    },
    idempotency::page::KeyField,
    ui::{Hidden, icon, isolate},
};
use engine::{
    account::Role,
    appointment::{Status, path_of},
    desk::sheet::{Column, Sheet, Visit},
    i18n::Texts,
    time::{self, plus_minutes},
};

/// How many minutes ahead somebody is expected.
const AHEAD_MINUTES: i64 = 60;

/// How many are listed; the table has all.
const MOST: usize = 25;

/// The list; nothing where nobody is expected.
pub(super) fn list(sheet: &Sheet, now: Timestamp, texts: Texts) -> Option<impl IntoView + use<>> {
    let mut expected: Vec<(&Column, &Visit)> = sheet
        .columns
        .iter()
        .flat_map(|column| column.visits.iter().map(move |visit| (column, visit)))
        .filter(|(_, visit)| visit.clinic_id == sheet.clinic.id && is_expected(visit, now))
        .collect();
    // Who is here comes first, by how long they wait; then those who are late and those who come next.
    expected.sort_by_key(|(_, visit)| (visit.arrived_at.is_none(), visit.arrived_at, visit.time.start));
    let is_empty = expected.is_empty();
    let more = expected.len().saturating_sub(MOST);
    let rows = expected
        .into_iter()
        .take(MOST)
        .map(|(column, visit)| row(sheet, column, visit, now, texts))
        .collect_view();
    let more = (more > 0).then(|| {
        let count = i64::try_from(more).unwrap_or(i64::MAX);
        view! { <p class="soft">{texts.with("sheet-more", &[("count", count.into())])}</p> }
    });
    (!is_empty).then(|| {
        view! {
            <section class="stack-s" aria-labelledby="expected">
                <h2 id="expected">{texts.text("sheet-expected")}</h2>
                // One form for all of them; a key of a form counts for each appointment by itself.
                <form method="post" action=Arrive::url() id="arrive">
                    <KeyField />
                    <Hidden name="next" value=here() />
                </form>
                <ol class="rows expected">{rows}</ol>
                {more}
            </section>
        }
    })
}

/// Whether the desk has something to do about a visit now.
fn is_expected(visit: &Visit, now: Timestamp) -> bool {
    visit.status == Status::Confirmed
        && (visit.arrived_at.is_some() || visit.time.start <= plus_minutes(now, AHEAD_MINUTES))
}

fn row(sheet: &Sheet, column: &Column, visit: &Visit, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let clock = time::clock(visit.time.start, &sheet.clinic.zone, texts.locale());
    let name = visit
        .patient_name
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"));
    let (class, state) = match visit.waiting_minutes(now) {
        Some(minutes) => (
            "row now",
            Some(view! { <span class="badge here">{icon("map-pin")}{waiting(minutes, texts)}</span> }),
        ),
        None if visit.is_late(now) => (
            "row",
            Some(view! { <span class="badge late">{icon("clock")}{texts.text("arrival-late")}</span> }),
        ),
        None => ("row", None),
    };
    let arrive = visit.may_arrive(now).then(|| {
        view! {
            <button class="btn primary" form="arrive" name="reference" value=visit.reference.clone()>
                {icon("map-pin")}
                {texts.text("arrive-do")}
                <span class="hide">": " {name.clone()}</span>
            </button>
        }
    });
    let missed = visit.is_late(now).then(|| missed(visit, &name, texts));
    view! {
        <li class=class>
            <time datetime=visit.time.start.to_string()>{clock}</time>
            <div>
                <h3><a href=path_of(Role::Admin, &visit.reference)>{isolate(name)}</a></h3>
                <p>{isolate(format!("{}, {}", column.doctor_name, visit.service(texts.locale())))}</p>
            </div>
            {state}
            <div class="actions">{arrive}{missed}</div>
        </li>
    }
}

/// The form that says that a patient did not come.
fn missed(visit: &Visit, name: &str, texts: Texts) -> impl IntoView + use<> {
    let name = name.to_owned();
    view! {
        <form method="post" action=ChangeStatus::url()>
            <KeyField />
            <Hidden name="reference" value=visit.reference.clone() />
            <Hidden name="version" value=visit.version.to_string() />
            <Hidden name="next" value=here() />
            <Hidden name="to" value=Status::NoShow.as_str() />
            <button class="btn">{icon("user-x")}{texts.text("do-no-show")}<span class="hide">": " {name}</span></button>
        </form>
    }
}
