//! A session, and the form that takes seats in it.

use jiff::Timestamp;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::{from_to, left, live};
use crate::{
    account::guard,
    group::forms::{PayForSeats, SEATS, TakeSeats, Wished},
    idempotency::page::KeyField,
    payment::page::{how, rule},
    server::AppState,
    ui::{
        Hidden, Page, TextArea, TextField, Tone, encode, icon, isolate, notice, page, path_parameter, query,
        request_error, texts,
    },
    waitlist::way,
};
use engine::{
    account::{Caller, family},
    error::{AppError, Field},
    group::{Listed, MAX_PARTY, State, find, seated_of},
    i18n::Texts,
    text::isolated,
    time,
};

/// One session, for everybody.
#[component]
pub fn GroupPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let now = state.now();
        let caller = guard::caller().await?;
        let listed = find(&state.database, caller.clone(), path_parameter("group")?).await?;
        let said = said(&listed, now, texts);
        let form = match said.is_none() {
            true => Some(form(&state, &listed, caller.as_ref(), texts).await?),
            false => None,
        };
        let title = listed.group.title.clone();
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/groups">{icon("arrow-left")}{texts.text("group-title")}</a>
                    <div class="page-head">
                        <div><h1>{isolate(title)}</h1><p>{from_to(&listed, texts)}</p></div>
                    </div>
                    <div id="seats-left"><p class="free">{left(&listed, texts)}</p></div>
                    {live(std::slice::from_ref(&listed), "seats-left", texts)}
                    {facts(&listed, texts)}
                    {said}
                    {form}
                </div>
            },
        ))
    })
}

/// Why nobody can take a seat, where it is about the session.
fn said(listed: &Listed, now: Timestamp, texts: Texts) -> Option<AnyView> {
    let key = match listed.group.state {
        State::Cancelled => "group-is-cancelled",
        State::Draft => "group-is-draft",
        State::Published if listed.group.starts_at <= now => "group-has-begun",
        State::Published => return None,
    };
    let others = view! { <p><a href="/groups">{texts.text("group-all")}</a></p> };
    Some(notice(Tone::Warn, texts.text(key), others).into_any())
}

fn facts(listed: &Listed, texts: Texts) -> impl IntoView + use<> {
    let zone = time::zone_name(&listed.zone_name, &listed.zone, listed.group.starts_at);
    let price = listed.group.price_of(1).map(|price| price.text(texts.locale()));
    let rows = [
        ("service", listed.service(texts.locale()).to_owned()),
        ("doctor", listed.doctor(texts)),
        (
            "where",
            format!(
                "{}, {}",
                isolated(&listed.clinic_name),
                isolated(&listed.clinic_address)
            ),
        ),
        ("when", texts.with("clinic-time", &[("zone", zone.into())])),
        ("group-price", price.unwrap_or_default()),
        ("group-pay-how", how(listed, texts)),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// The form that takes seats, or the way to it.
async fn form(
    state: &AppState,
    listed: &Listed,
    caller: Option<&Caller>,
    texts: Texts,
) -> Result<AnyView, AppError> {
    let id = listed.group.id;
    let here = format!("/groups/{id}");
    let holder = match caller {
        Some(Caller::Patient { id, .. }) => *id,
        Some(staff) if listed.group.is_seen_by(staff) => {
            let base = match staff {
                Caller::Doctor { .. } => "/doctor",
                _ => "/admin",
            };
            let path = format!("{base}/groups/{id}");
            return Ok(view! { <p><a class="btn" href=path>{texts.text("group-who")}</a></p> }.into_any());
        }
        Some(_) => return Ok(().into_any()),
        None => {
            let path = format!("/sign-in?next={}", encode(&here));
            return Ok(view! {
                <p>{texts.text("group-sign-in")}</p>
                <div class="actions"><a class="btn primary" href=path>{icon("log-in")}{texts.text("sign-in")}</a></div>
            }
            .into_any());
        }
    };
    // Who wants more than are left may take fewer, or wait for all of them.
    let refused = match request_error() {
        Some(AppError::InsufficientInventory { requested, .. }) => Some(requested),
        _ => None,
    };
    let people = family::of_holder(&state.database, holder).await?;
    let patients: Vec<i64> = people.iter().map(|person| person.id).collect();
    // Who has seats waits for no more of them.
    let may_wait = seated_of(&state.database, id, patients).await?.len() < people.len();
    let to_wait = |seats| may_wait.then(|| way::to_wait_for_seats(id, seats, texts));
    if listed.free() == 0 {
        let ways = view! {
            <div class="actions">
                {to_wait(refused.unwrap_or(1))}
                <a class="btn quiet" href="/groups">{texts.text("group-all")}</a>
            </div>
        };
        return Ok(notice(Tone::Warn, texts.text("group-is-full"), ways).into_any());
    }
    let wished: Wished = guard::session().typed(SEATS, &id.to_string()).await?;
    let chosen = match wished.patient {
        0 => holder,
        patient => patient,
    };
    let who = match people.len() {
        0 | 1 => Either::Left(view! { <Hidden name="patient" value=holder.to_string() /> }),
        _ => {
            let options = people
                .into_iter()
                .map(|person| {
                    let is_chosen = person.id == chosen;
                    let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
                    view! { <option value=person.id.to_string() selected=is_chosen>{name}</option> }
                })
                .collect_view();
            Either::Right(view! {
                <div class="field">
                    <label for="patient">{texts.text("course-for-whom")}</label>
                    <select id="patient" name="patient">{options}</select>
                </div>
            })
        }
    };
    let name = caller.and_then(Caller::name).is_none().then(|| {
        view! { <TextField field=Field::Name label=texts.text("name-label") value=wished.name.clone() autocomplete="name" /> }
    });
    let seats = match wished.seats.as_str() {
        "" => "1".to_owned(),
        seats => seats.to_owned(),
    };
    let most = MAX_PARTY.min(listed.group.capacity);
    let is_paid_first = listed.first().is_some();
    let (action, button) = match is_paid_first {
        true => (PayForSeats::url(), "pay-and-book"),
        false => (TakeSeats::url(), "group-take-do"),
    };
    let terms = is_paid_first.then(|| {
        view! {
            {rule(listed, texts)}
            <p class="soft">{texts.text("pay-seats-text")}</p>
        }
    });
    let not_now = query("pay").filter(|pay| pay == "not-now").map(|_| {
        notice(
            Tone::Bad,
            texts.text("pay-not-now"),
            view! { <p>{texts.text("pay-not-now-seats")}</p> },
        )
    });
    let wait = refused
        .and_then(to_wait)
        .map(|way| view! { <div class="actions">{way}</div> });
    Ok(view! {
        <section class="card stack" aria-labelledby="take">
            <h2 id="take">{texts.text("group-take")}</h2>
            {wait}
            {not_now}
            <form method="post" action=action class="stack">
                <KeyField />
                <Hidden name="group" value=id.to_string() />
                {who}
                {name}
                <TextField
                    field=Field::Seats
                    label=texts.text("group-how-many")
                    hint=texts.with("group-how-many-hint", &[("most", most.into())])
                    value=seats
                    inputmode="numeric"
                />
                <TextArea field=Field::Reason label=texts.text("reason-label") value=wished.reason />
                {terms}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text(button)}</button>
                </div>
            </form>
        </section>
    }
    .into_any())
}
