//! The fields of a session, for those who plan it.

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    group::forms::{ChangeGroup, NEW, PlanGroup, SESSION, Typed},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, TextField, error_text, field_error, icon, request_error, texts},
};
use engine::{
    account::Caller,
    appointment,
    availability::offered,
    error::{AppError, Field},
    group::{Listed, MAX_CAPACITY, MAX_WEEKS},
    i18n::Texts,
    nobody::NOBODY,
    organisation,
    schedule::clock_text,
    time,
};

/// A list to choose from, with its error where the last try had one.
fn select(
    field: Field,
    label: String,
    options: Vec<(i64, String)>,
    chosen: &str,
    texts: Texts,
) -> impl IntoView + use<> {
    let name = field.name();
    let error = request_error().and_then(|error| field_error(error, field, texts));
    let (described_by, invalid) = match error {
        Some(_) => (Some(format!("{name}-error")), Some("true")),
        None => (None, None),
    };
    let options = options
        .into_iter()
        .map(|(id, label)| {
            let is_chosen = id.to_string() == chosen;
            view! { <option value=id.to_string() selected=is_chosen>{label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {error.map(|error| error_text(format!("{name}-error"), error))}
            <select id=name name=name required aria-describedby=described_by aria-invalid=invalid>
                <option value="">{texts.text("group-choose")}</option>
                {options}
            </select>
        </div>
    }
}

/// What is said of a session in every form of one.
fn details(typed: &Typed, texts: Texts) -> impl IntoView + use<> {
    let typed = typed.clone();
    let capacity = texts.with("group-capacity-hint", &[("most", MAX_CAPACITY.into())]);
    view! {
        <TextField field=Field::Title label=texts.text("group-name") hint=texts.text("group-name-hint") value=typed.title />
        <TextField field=Field::Day label=texts.text("group-day") kind="date" value=typed.day />
        <TextField field=Field::Hours label=texts.text("group-from") kind="time" value=typed.hours />
        <TextField field=Field::Length label=texts.text("group-length") value=typed.length inputmode="numeric" />
        <TextField field=Field::Capacity label=texts.text("group-capacity") hint=capacity value=typed.capacity inputmode="numeric" />
        <TextField field=Field::Price label=texts.text("group-price") required=false value=typed.price inputmode="decimal" />
        <TextField field=Field::Currency label=texts.text("group-currency") required=false value=typed.currency />
    }
}

/// The page of a session that is not there yet.
///
/// # Errors
/// Those of the database.
pub(super) async fn new_page(base: &'static str, caller: &Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let typed: Typed = guard::session().typed(SESSION, NEW).await?;
    let doctors = match caller {
        Caller::Doctor { .. } => None,
        _ => Some(doctors(&state, texts).await?),
    };
    let doctor =
        doctors.map(|doctors| select(Field::Doctor, texts.text("doctor"), doctors, &typed.doctor, texts));
    let clinics = clinics(&state, caller).await?;
    let services = organisation::services(&state.database).await?;
    let services = services
        .into_iter()
        .filter(|service| service.what.active)
        .map(|service| (service.id, service.what.name))
        .collect();
    let weeks = match typed.weeks.as_str() {
        "" => "1".to_owned(),
        weeks => weeks.to_owned(),
    };
    let weeks_hint = texts.with("group-weeks-hint", &[("most", MAX_WEEKS.into())]);
    let title = texts.text("group-new");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                <a class="back" href=format!("{base}/groups")>{icon("arrow-left")}{texts.text("group-planned")}</a>
                <h1>{title}</h1>
                <form method="post" action=PlanGroup::url() class="stack">
                    <KeyField />
                    {doctor}
                    {select(Field::Clinic, texts.text("clinic"), clinics, &typed.clinic, texts)}
                    {select(Field::Service, texts.text("service"), services, &typed.service, texts)}
                    {details(&typed, texts)}
                    <TextField field=Field::Weeks label=texts.text("group-weeks") hint=weeks_hint value=weeks inputmode="numeric" />
                    <div class="actions">
                        <button class="btn primary" name="publish" value="true">{icon("check")}{texts.text("group-publish")}</button>
                        <button class="btn" name="publish" value="false">{texts.text("group-keep-draft")}</button>
                    </div>
                </form>
            </div>
        },
    ))
}

/// The clinics at which a session can be: of a doctor, those where they work.
async fn clinics(state: &AppState, caller: &Caller) -> Result<Vec<(i64, String)>, AppError> {
    if let Caller::Doctor { doctor_id, .. } = caller {
        let places = appointment::places(&state.database, *doctor_id).await?;
        let places = places
            .into_iter()
            .map(|place| (place.clinic_id, place.clinic_name));
        return Ok(places.collect());
    }
    let clinics = organisation::clinics(&state.database).await?;
    let clinics = clinics.into_iter().map(|clinic| (clinic.id, clinic.what.name));
    Ok(clinics.collect())
}

/// The doctors who can be booked, and that there is none.
async fn doctors(state: &AppState, texts: Texts) -> Result<Vec<(i64, String)>, AppError> {
    let offered = offered(&state.database, None).await?;
    let mut doctors: Vec<(i64, String)> = offered
        .into_iter()
        .map(|offering| (offering.doctor_id, offering.doctor_name))
        .collect();
    doctors.dedup();
    // A class that a nurse holds has none. It is the last choice, since it is the rare one.
    doctors.push((NOBODY, texts.text("no-doctor")));
    Ok(doctors)
}

/// The form that changes a session, filled with what it is or with what was typed.
///
/// # Errors
/// Those of the session of the browser.
pub(super) async fn change_form(listed: &Listed, now: Timestamp, texts: Texts) -> Result<AnyView, AppError> {
    let group = &listed.group;
    let about = group.id.to_string();
    let kept: Typed = guard::session().typed(SESSION, &about).await?;
    let typed = match kept == Typed::default() {
        true => as_it_is(listed),
        false => kept,
    };
    let hint =
        (group.starts_at <= now).then(|| view! { <p class="soft">{texts.text("group-has-begun")}</p> });
    Ok(view! {
        <section class="card stack" aria-labelledby="change">
            <h2 id="change">{texts.text("group-change")}</h2>
            <p class="soft">{texts.text("group-change-text")}</p>
            {hint}
            <form method="post" action=ChangeGroup::url() class="stack">
                <KeyField />
                <Hidden name="group" value=about />
                <Hidden name="version" value=group.version.to_string() />
                {details(&typed, texts)}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("org-save")}</button>
                </div>
            </form>
        </section>
    }
    .into_any())
}

fn as_it_is(listed: &Listed) -> Typed {
    let group = &listed.group;
    let local = time::wall_time(group.starts_at, &listed.zone);
    let minutes = group.ends_at.duration_since(group.starts_at).as_mins();
    let price = group.price_of(1);
    Typed {
        title: group.title.clone(),
        day: local.date().to_string(),
        hours: clock_text(60 * i32::from(local.hour()) + i32::from(local.minute())),
        length: minutes.to_string(),
        capacity: group.capacity.to_string(),
        price: price.as_ref().map(|price| price.amount()).unwrap_or_default(),
        currency: price.map(|price| price.currency).unwrap_or_default(),
        ..Typed::default()
    }
}
