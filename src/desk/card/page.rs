//! What staff see of a patient: how they are reached, what the desk notes, and their appointments with the next steps.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{FORM, SaveCard, Typed, path_of};
use crate::{
    account::guard,
    appointment::page::{arrive_form, badge, move_link, news},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, TextArea, TextField, Tone, icon, isolate, notice, problem, query, request_error, texts},
};
use engine::{
    account::Caller,
    appointment::{Item, Status, path_of as appointment_path},
    desk::{self, Card, PatientChange},
    error::{AppError, Field},
    i18n::{Locale, Texts},
    time,
};
use jiff::tz::TimeZone;

/// How many past appointments are shown.
const MOST_PAST: usize = 20;

/// The sections of a patient that all staff see.
pub struct Sections {
    pub name: String,
    /// What became of the form that led here.
    pub said: Option<AnyView>,
    /// Name, phone, e-mail, language, and the form of the card.
    pub facts: AnyView,
    pub appointments: AnyView,
    /// What was changed of the patient, and by whom.
    pub changes: AnyView,
}

/// Reads a patient, and makes the sections about them.
///
/// # Errors
/// `NOT_FOUND` for a patient whom the caller has nothing to do with.
pub async fn sections(caller: &Caller, id: i64) -> Result<Sections, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let now = state.now();
    let card = desk::card(&state.database, caller, id, now).await?;
    let items = desk::appointments_of(&state.database, caller, id).await?;
    let changes = desk::changes_of(&state.database, id).await?;
    let stays = crate::stay::page::of_patient(caller, id).await?;
    let typed: Typed = guard::session().typed(FORM, &id.to_string()).await?;
    let error = request_error();
    let said = match error {
        Some(AppError::StalePatient) => {
            let body = view! { <p>{texts.text("card-stale-text")}</p> };
            Some(notice(Tone::Warn, texts.text("card-stale"), body).into_any())
        }
        Some(error @ AppError::ValidationFailed { .. }) => Some(problem(error, texts)),
        None if query("saved").is_some() => {
            let text = match query("saved").as_deref() {
                Some("number") => "number-confirmed-now",
                _ => "patient-saved",
            };
            Some(notice(Tone::Good, texts.text(text), ()).into_any())
        }
        // An appointment that was moved, or whose patient came, or which somebody else changed.
        _ => news(caller, texts).await?,
    };
    let name = card
        .person
        .name
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"));
    Ok(Sections {
        said,
        facts: facts(caller, &card, error.is_some().then_some(typed), texts).into_any(),
        appointments: view! { {appointments(caller, &state, id, &items, texts)} {stays} }.into_any(),
        changes: changed(&changes, texts).into_any(),
        name,
    })
}

fn facts(caller: &Caller, card: &Card, typed: Option<Typed>, texts: Texts) -> impl IntoView + use<> {
    let row = |key: &str, value: AnyView| view! { <div><dt>{texts.text(key)}</dt><dd>{value}</dd></div> };
    let phone = card.person.phone.clone();
    let phone = view! { <a class="num" href=format!("tel:{phone}")>{phone.clone()}</a> }.into_any();
    let email = card.email.clone().map(|email| {
        let unsure = (!card.is_confirmed).then(|| format!(" ({})", texts.text("card-email-unconfirmed")));
        row("card-email", view! { {isolate(email)} {unsure} }.into_any())
    });
    let language = card.locale.map(|locale| {
        let name = match locale {
            Locale::En => "English",
            Locale::Id => "Bahasa Indonesia",
            Locale::De => "Deutsch",
        };
        row("card-language", name.into_any())
    });
    let base = base_of(caller);
    let link = move |(id, name): (i64, Option<String>)| {
        let name = name.unwrap_or_else(|| texts.text("no-patient-name"));
        view! { <a href=format!("{base}/patients/{id}")>{isolate(name)}</a> " " }
    };
    let holder = card
        .holder
        .clone()
        .map(|holder| row("card-holder", link(holder).into_any()));
    let sharing = (!card.sharing.is_empty()).then(|| {
        let people = card.sharing.clone().into_iter().map(link).collect_view();
        row("card-sharing", people.into_any())
    });
    let typed = typed
        .filter(|typed| !typed.name.is_empty() || !typed.note.is_empty() || !typed.birthday.is_empty())
        .unwrap_or_else(|| Typed {
            name: card.person.name.clone().unwrap_or_default(),
            birthday: card.birthday.map(|day| day.to_string()).unwrap_or_default(),
            note: card.note.clone(),
        });
    let optional = format!(" {}", texts.text("optional"));
    view! {
        <section class="stack" aria-labelledby="card-title">
            <h2 id="card-title">{texts.text("card-title")}</h2>
            <dl class="summary">
                {row("phone-label", phone)}
                {email}
                {language}
                {holder}
                {sharing}
            </dl>
            <form method="post" action=SaveCard::url() class="stack" novalidate>
                <KeyField />
                <Hidden name="patient" value=card.person.id.to_string() />
                <Hidden name="version" value=card.version.to_string() />
                <TextField field=Field::Name label=texts.text("card-name") value=typed.name />
                <TextField
                    field=Field::Birthday
                    label=format!("{}{optional}", texts.text("card-birthday"))
                    value=typed.birthday
                    kind="date"
                    required=false
                />
                <TextArea
                    field=Field::DeskNote
                    label=format!("{}{optional}", texts.text("card-note"))
                    hint=texts.text("card-note-hint")
                    value=typed.note
                />
                <div class="actions"><button class="btn primary">{texts.text("card-save")}</button></div>
            </form>
        </section>
    }
}

/// The first path of somebody of staff.
fn base_of(caller: &Caller) -> &'static str {
    match caller {
        Caller::Doctor { .. } => "/doctor",
        _ => "/admin",
    }
}

fn appointments(
    caller: &Caller,
    state: &AppState,
    id: i64,
    items: &[Item],
    texts: Texts,
) -> impl IntoView + use<> {
    let now = state.now();
    let is_coming = |item: &&Item| item.status_at(now).is_open() && item.ends_at > now;
    let mut coming: Vec<&Item> = items.iter().filter(is_coming).collect();
    coming.sort_by_key(|item| item.starts_at);
    let past: Vec<&Item> = items.iter().filter(|item| !is_coming(item)).collect();
    let missed = past.iter().filter(|item| item.status == Status::NoShow).count();
    let missed = i64::try_from(missed).unwrap_or(i64::MAX);
    let here = path_of(caller, id);
    let row = |item: &&Item| {
        let href = appointment_path(caller.role(), &item.reference);
        let when = time::moment(item.starts_at, &item.zone, texts);
        let arrive = arrive_form(item, caller.role(), "btn primary", now, texts);
        let moving = move_link(caller, item, "btn", Some(&here), now, texts);
        let cancel = item.may_be_called_off(now).then(|| {
            view! {
                <a class="btn danger" href=format!("{href}#change")>
                    {icon("x")}
                    {texts.text("calls-cancel")}
                    <span class="hide">": " {when.clone()}</span>
                </a>
            }
        });
        let arrived = item.arrived_at.map(|at| {
            let clock = time::clock(at, &item.zone, texts.locale());
            view! { <p>{icon("map-pin")} " " {texts.with("card-arrived", &[("time", clock.into())])}</p> }
        });
        view! {
            <li class="row">
                <div>
                    <h3><a href=href.clone()>{when.clone()}</a></h3>
                    <p>{isolate(item.doctor(texts))} " · " {isolate(item.service(texts.locale()).to_owned())}</p>
                    {arrived}
                </div>
                {badge(item.status_at(now), texts)}
                <div class="actions">{arrive}{moving}{cancel}</div>
            </li>
        }
    };
    let coming_rows = coming.iter().map(row).collect_view();
    let past_rows = past.iter().take(MOST_PAST).map(row).collect_view();
    let nothing = coming
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("card-nothing-coming")}</p> });
    let book = format!("{}/book?patient={id}", base_of(caller));
    let count = i64::try_from(past.len()).unwrap_or(i64::MAX);
    view! {
        <section class="stack" aria-labelledby="coming-title">
            <h2 id="coming-title">{texts.text("card-coming")}</h2>
            {nothing}
            <ol class="rows">{coming_rows}</ol>
            <p><a class="btn primary" href=book>{icon("calendar-plus")}{texts.text("card-book")}</a></p>
        </section>
        <section class="stack" aria-labelledby="past-title">
            <h2 id="past-title">{texts.text("card-past")} " " <span class="count">{count}</span></h2>
            <p>{texts.with("card-missed", &[("count", missed.into())])}</p>
            <ol class="rows">{past_rows}</ol>
        </section>
    }
}

fn changed(changes: &[PatientChange], texts: Texts) -> impl IntoView + use<> {
    let rows = changes
        .iter()
        .map(|change| {
            let by = match &change.by {
                Some(name) => name.clone(),
                None => texts.text("card-changed-by-patient"),
            };
            let what = texts.text(&format!("card-changed-{}", change.what));
            let from_to = (change.what != "note").then(|| {
                view! { <p><s>{isolate(change.before.clone())}</s> " → " {isolate(change.after.clone())}</p> }
            });
            view! {
                <li>
                    <p><b>{what}</b> " " {isolate(by)}</p>
                    {from_to}
                    <time datetime=change.at.to_string()>{time::moment(change.at, &TimeZone::UTC, texts)}</time>
                </li>
            }
        })
        .collect_view();
    (!changes.is_empty()).then(|| {
        view! {
            <details>
                <summary>{texts.text("card-changes")}</summary>
                <ol class="timeline">{rows}</ol>
            </details>
        }
    })
}
