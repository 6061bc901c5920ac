//! The list as the staff see it.

use std::collections::BTreeMap;

use engine::{
    account::Caller,
    availability::{Offering, offered},
    error::AppError,
    i18n::Texts,
    time,
    waitlist::{self, EntryState, FIGURE_DAYS, Figures, Filter, PER_PAGE, View},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{done, facts, offer_text, refused, state_text, wishes};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, icon, page, query, request_error, texts},
    waitlist::forms::{
        AcceptOffer, DeclineOffer, LeaveWaitlist, OFFER_FORM, OfferByHand, OfferSeats, TypedOffer, base_of,
    },
};

/// The list for the desk, with how well it fills what comes free.
#[component]
pub fn AdminWaitlistPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let state = expect_context::<AppState>();
        let figures = waitlist::figures(&state.database, &caller, state.now()).await?;
        list_page(caller, Some(figures)).await
    })
}

/// The list of a doctor.
#[component]
pub fn DoctorWaitlistPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        list_page(caller, None).await
    })
}

async fn list_page(caller: Caller, numbers: Option<Figures>) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let base = base_of(&caller);
    let filter = Filter {
        after: query("after").and_then(|id| id.parse().ok()),
        limit: Some(PER_PAGE + 1),
        ..Filter::default()
    };
    let mut entries = waitlist::list(&state.database, &caller, filter, now).await?;
    let is_more = i64::try_from(entries.len()).unwrap_or(i64::MAX) > PER_PAGE;
    entries.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| is_more).map(|last| {
        let href = format!("{base}?after={}", last.id);
        view! { <p><a class="btn" href=href>{texts.text("waitlist-more")}{icon("arrow-right")}</a></p> }
    });
    let own_doctor = match &caller {
        Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
        Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
    };
    let mut offers = offered(&state.database, own_doctor).await?;
    offers.retain(|offering| !caller.is_kept_from(offering.clinic_id));
    let problem = refused(request_error(), &entries, texts).await?;
    let typed: TypedOffer = guard::session().typed(OFFER_FORM, base).await?;
    let list = match entries.is_empty() {
        true => view! { <div class="empty"><h2>{texts.text("waitlist-none")}</h2></div> }.into_any(),
        false => {
            let rows = entries
                .iter()
                .map(|entry| row(entry, base, &offers, &typed, now, texts))
                .collect_view();
            view! { <ol class="stack">{rows}</ol> }.into_any()
        }
    };
    Ok(Page::new(
        texts.text("waitlist-title"),
        view! {
            {done(texts)}
            {problem}
            <div class="page-head">
                <div>
                    <h1>{texts.text("waitlist-title")}</h1>
                    <p class="soft">{texts.text("waitlist-staff-intro")}</p>
                </div>
            </div>
            {numbers.map(|numbers| figures(numbers, texts))}
            {list}
            {next}
        },
    )
    .shows_problem())
}

/// How well the list fills what comes free.
fn figures(numbers: Figures, texts: Texts) -> impl IntoView {
    let percent = numbers.fill_rate().map_or_else(
        || texts.text("waitlist-figure-no-rate"),
        |rate| texts.with("waitlist-figure-percent", &[("rate", rate.into())]),
    );
    let minutes = numbers.minutes_to_fill.map_or_else(
        || texts.text("waitlist-figure-no-rate"),
        |minutes| {
            texts.with(
                "waitlist-figure-minutes-of",
                &[("minutes", minutes.round().into())],
            )
        },
    );
    let rows = vec![
        ("waitlist-figure-waiting", numbers.waiting.to_string()),
        ("waitlist-figure-offered", numbers.offered.to_string()),
        ("waitlist-figure-times", numbers.times.to_string()),
        ("waitlist-figure-filled", numbers.filled.to_string()),
        ("waitlist-figure-rate", percent),
        ("waitlist-figure-minutes", minutes),
        ("waitlist-figure-declined", numbers.declined.to_string()),
        ("waitlist-figure-lapsed", numbers.lapsed.to_string()),
        ("waitlist-figure-told", numbers.told.to_string()),
    ];
    view! {
        <section class="stack-s" aria-labelledby="figures">
            <h2 id="figures">{texts.with("waitlist-figures", &[("days", FIGURE_DAYS.into())])}</h2>
            <p class="soft">{texts.text("waitlist-figures-text")}</p>
            {facts(rows, texts)}
        </section>
    }
}

fn row(
    entry: &View,
    base: &'static str,
    offers: &[Offering],
    typed: &TypedOffer,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let name = entry.patient_name.clone();
    let name = name.unwrap_or_else(|| texts.text("no-patient-name"));
    let patient = base.replace("/waitlist", &format!("/patients/{}", entry.patient_id));
    let joined = time::moment(entry.joined_at, &TimeZone::UTC, texts);
    let joined = match &entry.joined_by {
        Some(by) => texts.with(
            "waitlist-joined-by",
            &[("when", joined.into()), ("name", by.clone().into())],
        ),
        None => texts.with("waitlist-joined", &[("when", joined.into())]),
    };
    let earlier = entry
        .offers
        .iter()
        .map(|offer| {
            let href = format!("{base}/offers/{}", offer.id);
            view! { <li>{offer_text(offer, now, texts)} " " <a href=href>{texts.text("waitlist-why-whom")}</a></li> }
        })
        .collect_view();
    let earlier = (!entry.offers.is_empty()).then(|| view! { <ul>{earlier}</ul> });
    let by_hand = (entry.state == EntryState::Waiting && entry.is_known).then(|| match &entry.session {
        Some(session) => seats_by_hand(entry, session.seats, texts).into_any(),
        None => by_hand(entry, offers, typed, texts).into_any(),
    });
    let open = entry.open_offer().filter(|_| entry.is_known);
    let answer = open.map(|offer| answer_for(offer.id, &name, texts));
    let said = format!("{}: {name}", texts.text("waitlist-take-off"));
    let title = match entry.is_known {
        true => view! { <a href=patient><bdi>{name}</bdi></a> }.into_any(),
        false => view! { <bdi>{name}</bdi> }.into_any(),
    };
    let take_off = entry.is_known.then(|| {
        view! {
            <form method="post" action=LeaveWaitlist::url()>
                <Hidden name="entry" value=entry.id.to_string() />
                <button class="btn quiet" aria-label=said>{texts.text("waitlist-take-off")}</button>
            </form>
        }
    });
    view! {
        <li class="card stack">
            <div class="spread">
                <h2>{title}</h2>
                <span class="tag">{state_text(entry, now, texts)}</span>
            </div>
            <p class="soft">{joined}</p>
            {facts(wishes(entry, texts), texts)}
            {earlier}
            {answer}
            {by_hand}
            {take_off}
        </li>
    }
}

/// The answers of a patient who calls.
fn answer_for(offer_id: i64, name: &str, texts: Texts) -> impl IntoView + use<> {
    let label = |key: &str| format!("{}: {name}", texts.text(key));
    view! {
        <div class="actions">
            <form method="post" action=AcceptOffer::url()>
                <KeyField />
                <Hidden name="offer" value=offer_id.to_string() />
                <button class="btn primary" aria-label=label("waitlist-accept-for")>{texts.text("waitlist-accept-for")}</button>
            </form>
            <form method="post" action=DeclineOffer::url()>
                <Hidden name="offer" value=offer_id.to_string() />
                <button class="btn" aria-label=label("waitlist-decline-for")>{texts.text("waitlist-decline-for")}</button>
            </form>
        </div>
    }
}

/// The form that offers seats to somebody, whoever waits longer.
fn seats_by_hand(entry: &View, seats: i32, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=OfferSeats::url()>
            <KeyField />
            <Hidden name="entry" value=entry.id.to_string() />
            <button class="btn">{texts.with("waitlist-keep-seats", &[("count", i64::from(seats).into())])}</button>
        </form>
    }
}

/// The form that offers a free time to somebody, whoever waits longer.
fn by_hand(entry: &View, offers: &[Offering], typed: &TypedOffer, texts: Texts) -> impl IntoView + use<> {
    let typed = (typed.entry == entry.id).then(|| typed.clone());
    let is_open = typed.is_some();
    let typed = typed.unwrap_or_else(|| TypedOffer {
        day: entry.first_day.to_string(),
        ..TypedOffer::default()
    });
    let places: BTreeMap<(i64, i64), String> = offers
        .iter()
        .filter(|one| one.service_id == entry.service_id)
        .filter(|one| entry.doctor_id.is_none_or(|id| id == one.doctor_id))
        .filter(|one| entry.clinic_id.is_none_or(|id| id == one.clinic_id))
        .map(|one| {
            let name = format!("{}, {}", one.doctor_name, one.clinic_name);
            ((one.doctor_id, one.clinic_id), name)
        })
        .collect();
    let options = places
        .into_iter()
        .map(|((doctor_id, clinic_id), name)| {
            let value = format!("{doctor_id}-{clinic_id}");
            let selected = typed.offer == value;
            view! { <option value=value selected=selected>{name}</option> }
        })
        .collect_view();
    let id = |name: &str| format!("{name}-{}", entry.id);
    let (offer, day, hours) = (id("offer"), id("day"), id("hours"));
    view! {
        <details open=is_open>
            <summary>{texts.text("waitlist-by-hand")}</summary>
            <form method="post" action=OfferByHand::url() class="fields">
                <KeyField />
                <Hidden name="entry" value=entry.id.to_string() />
                <div class="field">
                    <label for=offer.clone()>{texts.text("doctor")}</label>
                    <select id=offer name="offer">{options}</select>
                </div>
                <div class="field">
                    <label for=day.clone()>{texts.text("waitlist-day")}</label>
                    <input id=day name="day" type="date" required value=typed.day />
                </div>
                <div class="field">
                    <label for=hours.clone()>{texts.text("waitlist-hours")}</label>
                    <input id=hours name="hours" autocomplete="off" inputmode="numeric" required value=typed.hours />
                </div>
                <button class="btn">{texts.text("waitlist-offer-now")}</button>
            </form>
        </details>
    }
}

/// What somebody waits for, in a word: the session, or the service.
fn subject(entry: &View, texts: Texts) -> String {
    match &entry.session {
        Some(session) => session.title.clone(),
        None => entry.service(texts.locale()).to_owned(),
    }
}

/// What a patient waits for, on the patient's card, and the way to put them on the list.
///
/// # Errors
/// `NOT_FOUND` for a patient whom the caller has nothing to do with.
pub async fn section_of_patient(caller: &Caller, patient_id: i64, texts: Texts) -> Result<AnyView, AppError> {
    let state = expect_context::<AppState>();
    let now = state.now();
    let base = base_of(caller);
    let entries = waitlist::of_patient(&state.database, caller, patient_id, now).await?;
    let rows = entries
        .iter()
        .map(|entry| {
            let last = entry.offers.first().map(|offer| offer_text(offer, now, texts));
            view! {
                <li>
                    <b>{subject(entry, texts)}</b> ": " {state_text(entry, now, texts)}
                    {last.map(|last| view! { <br /> {last} })}
                </li>
            }
        })
        .collect_view();
    let list = match entries.is_empty() {
        true => view! { <p>{texts.text("waitlist-none-of-patient")}</p> }.into_any(),
        false => view! { <ul class="stack-s">{rows}</ul> }.into_any(),
    };
    let href = format!("{base}/join?patient={patient_id}");
    Ok(view! {
        <section class="stack-s" aria-labelledby="waitlist-title">
            <h2 id="waitlist-title">{texts.text("waitlist-title")}</h2>
            {list}
            <p><a class="btn" href=href>{icon("plus")}{texts.text("waitlist-add")}</a></p>
        </section>
    }
    .into_any())
}
