//! The pages of staff: which sessions there are, who has seats in one, and what can be done with it.

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    edit::{change_form, new_page},
    from_to, left, live,
    seat::seat_form,
    state_badge,
};
use crate::{
    account::guard,
    appointment::page::{reason_field, status_key, waiting},
    group::forms::{CancelGroup, PublishGroup, SESSION, Typed},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, query, texts},
    waitlist::way,
};
use engine::{
    account::Caller,
    appointment::Status,
    error::AppError,
    group::{Listed, Person, Seen, State, coming, find, people},
    i18n::Texts,
    text::isolated,
    time::plus_minutes,
};

/// The most sessions on a page.
const MOST: i64 = 200;
const DAY_MINUTES: i64 = 24 * 60;

/// The sessions of the clinics, for the desk.
#[component]
pub fn AdminGroupsPage() -> impl IntoView {
    page(async { list_page("/admin", guard::desk().await?).await })
}

/// A doctor's own sessions.
#[component]
pub fn DoctorGroupsPage() -> impl IntoView {
    page(async { list_page("/doctor", guard::doctor().await?.0).await })
}

/// A new session, for admins.
#[component]
pub fn AdminNewGroupPage() -> impl IntoView {
    page(async { new_page("/admin", &guard::admin().await?).await })
}

/// A new session of a doctor.
#[component]
pub fn DoctorNewGroupPage() -> impl IntoView {
    page(async { new_page("/doctor", &guard::doctor().await?.0).await })
}

/// A session, for the desk.
#[component]
pub fn AdminGroupPage() -> impl IntoView {
    page(async { one_page("/admin", guard::desk().await?).await })
}

/// A doctor's own session.
#[component]
pub fn DoctorGroupPage() -> impl IntoView {
    page(async { one_page("/doctor", guard::doctor().await?.0).await })
}

async fn list_page(base: &'static str, caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let now = state.now();
    let (doctor_id, plans) = match &caller {
        Caller::Doctor { doctor_id, .. } => (Some(*doctor_id), true),
        _ => (None, engine::account::must_be_admin(&caller).is_ok()),
    };
    let seen = Seen {
        doctor_id,
        clinics: caller.clinics().map(<[i64]>::to_vec),
        // Those of today stay in the list until the day is over.
        from: Some(plus_minutes(now, -DAY_MINUTES)),
        is_planning: true,
        limit: MOST,
        ..Seen::default()
    };
    let listed = coming(&state.database, seen, now).await?;
    let new = plans.then(|| {
        view! {
            <div class="actions">
                <a class="btn primary" href=format!("{base}/groups/new")>{icon("plus")}{texts.text("group-new")}</a>
            </div>
        }
    });
    let view = if listed.is_empty() {
        view! {
            <div class="empty">
                {icon("calendar")}
                <h2>{texts.text("group-none-title")}</h2>
                <p>{texts.text("group-none-planned")}</p>
            </div>
        }
        .into_any()
    } else {
        table(base, &listed, now, texts).into_any()
    };
    let title = texts.text("group-planned");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="page-head">
                <div><h1>{title}</h1><p>{texts.text("group-planned-intro")}</p></div>
                {new}
            </div>
            {view}
        },
    ))
}

fn table(base: &'static str, listed: &[Listed], now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let rows = listed
        .iter()
        .map(|one| {
            let path = format!("{base}/groups/{}", one.group.id);
            view! {
                <tr>
                    <th scope="row"><a href=path>{isolate(one.group.title.clone())}</a></th>
                    <td data-label=texts.text("when")><span>{from_to(one, texts)}</span></td>
                    <td data-label=texts.text("doctor")><span>{isolate(one.doctor(texts))}</span></td>
                    <td data-label=texts.text("clinic")><span>{isolate(one.clinic_name.clone())}</span></td>
                    <td data-label=texts.text("group-seats")><span>{left(one, texts)}</span></td>
                    <td data-label=texts.text("column-status")><span>{state_badge(one, now, texts)}</span></td>
                </tr>
            }
        })
        .collect_view();
    let head = [
        "group-name",
        "when",
        "doctor",
        "clinic",
        "group-seats",
        "column-status",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("group-planned") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("group-planned")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

async fn one_page(base: &'static str, caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let now = state.now();
    let id: i64 = path_parameter("group")?;
    let listed = find(&state.database, Some(caller.clone()), id).await?;
    let people = people(&state.database, caller.clone(), id, now).await?;
    let saved = query("saved").map(|_| notice(Tone::Good, texts.text("group-saved"), ()));
    let is_alive = listed.group.state != State::Cancelled && listed.group.ends_at > now;
    let (mut publish, mut change, mut cancel) = (None, None, None);
    if is_alive && listed.group.is_planned_by(&caller) {
        publish = (listed.group.state == State::Draft).then(|| publish_form(&listed, texts));
        change = Some(change_form(&listed, now, texts).await?);
        cancel = Some(cancel_form(&listed, texts).await?);
    }
    let patient = query("patient").and_then(|id| id.parse::<i64>().ok());
    let seat = match patient.filter(|_| listed.group.is_open(now) && listed.free() > 0) {
        Some(patient) => Some(seat_form(&state, &caller, &listed, patient, texts).await?),
        // Full: the patient may wait.
        None if listed.group.is_open(now) => patient.map(|patient| {
            let list = way::to_put_on_list(base, id, patient, texts);
            view! { <div class="actions">{list}</div> }.into_any()
        }),
        None => None,
    };
    let title = listed.group.title.clone();
    let place = format!(
        "{}, {}, {}",
        isolated(listed.service(texts.locale())),
        isolated(&listed.doctor(texts)),
        isolated(&listed.clinic_name)
    );
    Ok(Page::new(
        title.clone(),
        view! {
            {saved}
            <div class="stack">
                <a class="back" href=format!("{base}/groups")>{icon("arrow-left")}{texts.text("group-planned")}</a>
                <div class="page-head">
                    <div><h1>{isolate(title)}</h1><p>{from_to(&listed, texts)}</p><p class="soft">{place}</p></div>
                    {state_badge(&listed, now, texts)}
                </div>
                {publish}
                {seat}
            </div>
            // The table is the landmark of this name.
            <div class="stack">
                <h2>{texts.text("group-who")}</h2>
                <div id="who-sits" class="stack">
                    <p>{left(&listed, texts)}</p>
                    {seated(base, &people, now, texts)}
                </div>
            </div>
            {live(std::slice::from_ref(&listed), "who-sits", texts)}
            {change}
            {cancel}
        },
    ))
}

/// Who has seats, by seat.
fn seated(base: &'static str, people: &[Person], now: Timestamp, texts: Texts) -> AnyView {
    if people.is_empty() {
        return view! { <p class="soft">{texts.text("group-nobody")}</p> }.into_any();
    }
    let rows = people
        .iter()
        .map(|person| {
            let seats: Vec<String> = person.seats.iter().map(ToString::to_string).collect();
            let name = person.patient_name.clone().unwrap_or_else(|| texts.text("no-patient-name"));
            let phone = person.patient_phone.clone();
            view! {
                <tr>
                    <th scope="row"><a href=format!("{base}/appointments/{}", person.reference)>{isolate(name)}</a></th>
                    <td data-label=texts.text("group-seats")><span>{seats.join(", ")}</span></td>
                    <td data-label=texts.text("phone-label")><span><a class="num" href=format!("tel:{phone}")>{phone.clone()}</a></span></td>
                    <td data-label=texts.text("column-status")><span>{texts.text(status_key(person.status))} {here(person, now, texts)}</span></td>
                    <td data-label=texts.text("fact-reference")><span class="num">{person.reference.clone()}</span></td>
                </tr>
            }
        })
        .collect_view();
    let head = [
        "fact-patient",
        "group-seats",
        "phone-label",
        "column-status",
        "fact-reference",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("group-who") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("group-who")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// That somebody is here, and since when.
fn here(person: &Person, now: Timestamp, texts: Texts) -> Option<impl IntoView + use<>> {
    let since = person.arrived_at.filter(|_| person.status == Status::Confirmed)?;
    let text = waiting(now.duration_since(since).as_mins().max(0), texts);
    Some(view! { <span class="badge here">{icon("map-pin")}{text}</span> })
}

/// The box that takes the rest of a series along.
fn rest_box(listed: &Listed, texts: Texts) -> Option<impl IntoView + use<>> {
    listed.group.series_id.map(|_| {
        view! {
            <label class="check">
                <input type="checkbox" name="with_rest" value="true" />
                {texts.text("group-with-rest")}
            </label>
        }
    })
}

fn publish_form(listed: &Listed, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=PublishGroup::url() class="stack-s">
            <KeyField />
            <Hidden name="group" value=listed.group.id.to_string() />
            <Hidden name="version" value=listed.group.version.to_string() />
            {rest_box(listed, texts)}
            <div class="actions">
                <button class="btn primary">{icon("check")}{texts.text("group-publish")}</button>
            </div>
        </form>
    }
}

/// Cancelling a session, which needs a reason.
async fn cancel_form(listed: &Listed, texts: Texts) -> Result<AnyView, AppError> {
    let id = listed.group.id;
    let kept: Typed = guard::session().typed(SESSION, &format!("cancel {id}")).await?;
    Ok(view! {
        <section class="card stack" aria-labelledby="cancel-title">
            <h2 id="cancel-title">{texts.text("group-cancel")}</h2>
            <p class="soft">{texts.text("group-cancel-text")}</p>
            <form method="post" action=CancelGroup::url() class="stack">
                <KeyField />
                <Hidden name="group" value=id.to_string() />
                <Hidden name="version" value=listed.group.version.to_string() />
                {rest_box(listed, texts)}
                {reason_field("cancel-reason", texts.text("change-reason-hint"), kept.reason, true, texts)}
                <div class="actions">
                    <button class="btn danger">{icon("circle-x")}{texts.text("group-cancel-do")}</button>
                </div>
            </form>
        </section>
    }
    .into_any())
}
