//! Joining the waitlist: by a patient, and by the desk for one.

use std::collections::BTreeMap;

use engine::{
    account::{Caller, family},
    appointment::{Item, Status, find},
    availability::{Offering, offered},
    desk,
    error::{AppError, Field},
    group::{self, Listed, MAX_PARTY},
    i18n::Texts,
    text::isolated,
    time::{self, local_date},
};
use jiff::{ToSpan, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{DAYS, PARTS, notice_text};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, TextArea, TextField, icon, page, problem, query, request_error, texts},
    waitlist::forms::{
        FORM, JoinWaitlist, Typed, USUAL_DAYS, USUAL_NOTICE, USUAL_NOTICE_OF_SEATS, about, base_of,
    },
};

/// The notices that can be chosen, in minutes.
const NOTICES: [i32; 6] = [120, 240, 720, 1440, 2880, 10080];

/// A number in the query.
fn asked(name: &str) -> Option<i64> {
    query(name).and_then(|id| id.parse().ok())
}

/// What somebody is about to wait for.
enum For {
    /// Any time of a service.
    Time,
    /// A sooner time than that of this appointment.
    Sooner(Box<Item>),
    /// Seats of this group session.
    Seats(Box<Listed>),
}

impl For {
    fn own(&self) -> Option<&Item> {
        match self {
            Self::Sooner(item) => Some(item),
            Self::Time | Self::Seats(_) => None,
        }
    }

    fn session(&self) -> Option<&Listed> {
        match self {
            Self::Seats(listed) => Some(listed),
            Self::Time | Self::Sooner(_) => None,
        }
    }

    /// The session that the way here names, where seats can be waited for in it.
    async fn session_asked(caller: &Caller) -> Result<Option<Self>, AppError> {
        let Some(id) = asked("group") else {
            return Ok(None);
        };
        let state = expect_context::<AppState>();
        let listed = group::find(&state.database, Some(caller.clone()), id).await?;
        match listed.group.is_open(state.now()) {
            true => Ok(Some(Self::Seats(Box::new(listed)))),
            false => Err(AppError::NotFound),
        }
    }

    /// The texts of the title and of what is below it.
    fn texts(&self, is_staff: bool) -> (&'static str, &'static str) {
        match (self, is_staff) {
            (Self::Sooner(_), _) => ("waitlist-sooner-title", "waitlist-sooner-intro"),
            (Self::Seats(_), false) => ("waitlist-seats-link", "waitlist-seats-intro"),
            (Self::Time | Self::Seats(_), true) => ("waitlist-add-title", "waitlist-add-intro"),
            (Self::Time, false) => ("waitlist-join-title", "waitlist-join-intro"),
        }
    }
}

/// A patient joins for themselves, or for somebody who shares the phone.
#[component]
pub fn JoinPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        let state = expect_context::<AppState>();
        let what = match query("instead_of") {
            Some(reference) => {
                let item = find(&state.database, Some(caller.clone()), None, reference).await?;
                let may_move =
                    matches!(item.status, Status::Pending | Status::Confirmed) && item.group.is_none();
                For::Sooner(Box::new(
                    Some(item).filter(|_| may_move).ok_or(AppError::NotFound)?,
                ))
            }
            None => For::session_asked(&caller).await?.unwrap_or(For::Time),
        };
        let holder = caller.patient_id().ok_or(AppError::NotFound)?;
        let mut people: Vec<(i64, String)> = Vec::new();
        for person in family::of_holder(&state.database, holder).await? {
            let name = person.name.unwrap_or_else(|| texts().text("no-patient-name"));
            people.push((person.id, name));
        }
        join_page(caller, people, what).await
    })
}

/// The desk puts a patient on the list.
#[component]
pub fn AdminJoinPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        staffs_page(caller).await
    })
}

/// A doctor puts one of their patients on the list.
#[component]
pub fn DoctorJoinPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        staffs_page(caller).await
    })
}

async fn staffs_page(caller: Caller) -> Result<Page, AppError> {
    let state = expect_context::<AppState>();
    let patient_id = asked("patient").ok_or(AppError::NotFound)?;
    let person = desk::patient(&state.database, &caller, patient_id, state.now()).await?;
    let people = vec![(patient_id, person.name.unwrap_or_default())];
    let what = For::session_asked(&caller).await?.unwrap_or(For::Time);
    join_page(caller, people, what).await
}

async fn join_page(caller: Caller, people: Vec<(i64, String)>, what: For) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let own_doctor = match &caller {
        Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
        Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
    };
    let mut offers = offered(&state.database, own_doctor).await?;
    offers.retain(|offering| !caller.is_kept_from(offering.clinic_id));
    let own = what.own();
    let subject = own
        .and_then(|item| item.patient_id)
        .or(people.first().map(|(id, _)| *id))
        .unwrap_or_default();
    let reference = own.map_or("", |item| item.reference.as_str());
    let session = what.session().map(|listed| listed.group.id);
    let about = about(&caller, reference, session, subject);
    let typed: Typed = guard::session().typed(FORM, &about).await?;
    let said = request_error().map(|error| problem(error, texts));
    let (title, intro) = what.texts(caller.role().is_staff());
    let fields = match &what {
        For::Sooner(item) => own_fields(item, texts).into_any(),
        For::Seats(listed) => seats_fields(listed, people, &typed, texts).into_any(),
        For::Time => choices(&offers, &caller, people, &typed, texts).into_any(),
    };
    let days = match &what {
        For::Seats(_) => notice_field(&typed, USUAL_NOTICE_OF_SEATS, texts).into_any(),
        For::Sooner(_) | For::Time => days_fields(&typed, own, texts).into_any(),
    };
    let back = base_of(&caller);
    Ok(Page::new(
        texts.text(title),
        view! {
            <div class="narrow stack">
                {said}
                <a class="back" href=back>{icon("arrow-left")}{texts.text("waitlist-title")}</a>
                <h1>{texts.text(title)}</h1>
                <p>{texts.text(intro)}</p>
                <form method="post" action=JoinWaitlist::url() class="stack">
                    <KeyField />
                    {fields}
                    {days}
                    {own.is_none().then(|| view! {
                        <TextArea field=Field::Reason label=texts.text("reason-label") value=typed.reason.clone() />
                    })}
                    <button class="btn primary big">{texts.text("waitlist-join")}</button>
                </form>
            </div>
        },
    )
    .shows_problem())
}

/// What goes along for an appointment that is to move.
fn own_fields(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let when = time::moment(item.starts_at, &item.zone, texts);
    let patient = item
        .patient_id
        .map(|id| view! { <Hidden name="patient" value=id.to_string() /> });
    view! {
        {patient}
        <Hidden name="instead_of" value=item.reference.clone() />
        <p class="card">
            <b>{when}</b> " · " <bdi>{isolated(&item.doctor_name).into_owned()}</bdi> " · "
            <bdi>{isolated(item.service(texts.locale())).into_owned()}</bdi>
        </p>
    }
}

/// For whom it is: the only one, or a choice.
fn whose(people: Vec<(i64, String)>, chosen: Option<i64>, texts: Texts) -> impl IntoView {
    match people.as_slice() {
        [(id, _)] => view! { <Hidden name="patient" value=id.to_string() /> }.into_any(),
        _ => select("patient", texts.text("whose-label"), None, people, chosen).into_any(),
    }
}

/// What goes along for seats of a group session: how many, and for whom.
fn seats_fields(
    listed: &Listed,
    people: Vec<(i64, String)>,
    typed: &Typed,
    texts: Texts,
) -> impl IntoView + use<> {
    let group = &listed.group;
    let when = time::moment(group.starts_at, &listed.zone, texts);
    let seats = match typed.seats.as_str() {
        "" => asked("seats").unwrap_or(1).to_string(),
        seats => seats.to_owned(),
    };
    let most = MAX_PARTY.min(group.capacity);
    view! {
        {whose(people, typed.patient, texts)}
        <Hidden name="group" value=group.id.to_string() />
        <p class="card">
            <b>{isolated(&group.title).into_owned()}</b> " · " {when} " · "
            <bdi>{isolated(&listed.doctor(texts)).into_owned()}</bdi>
        </p>
        <TextField
            field=Field::Seats
            label=texts.text("group-how-many")
            hint=texts.with("waitlist-seats-hint", &[("most", most.into())])
            value=seats
            inputmode="numeric"
        />
    }
}

/// The choice of a service, and of a doctor, a clinic and a person where there are several.
fn choices(
    offers: &[Offering],
    caller: &Caller,
    people: Vec<(i64, String)>,
    typed: &Typed,
    texts: Texts,
) -> impl IntoView + use<> {
    let named = |name: fn(&Offering, Texts) -> (i64, String)| -> Vec<(i64, String)> {
        let all: BTreeMap<i64, String> = offers.iter().map(|offering| name(offering, texts)).collect();
        all.into_iter().collect()
    };
    let services = named(|one, texts| (one.service_id, one.service(texts.locale()).to_owned()));
    let doctors = named(|one, _| (one.doctor_id, one.doctor_name.clone()));
    let clinics = named(|one, _| (one.clinic_id, one.clinic_name.clone()));
    let any_doctor = (!matches!(caller, Caller::Doctor { .. })).then(|| texts.text("waitlist-any-doctor"));
    // The desk of named clinics puts nobody on the lists of others.
    let any_clinic = caller
        .clinics()
        .is_none()
        .then(|| texts.text("waitlist-any-clinic"));
    // What was sent before, also where it is any of them; else what the way here names.
    let was_sent = typed.days.is_some();
    let chosen = |name: &str, typed: Option<i64>| match was_sent {
        true => typed,
        false => asked(name),
    };
    let service = chosen("service", Some(typed.service));
    let doctor = chosen("doctor", typed.doctor.parse().ok());
    let clinic = chosen("clinic", typed.clinic.parse().ok());
    view! {
        {whose(people, typed.patient, texts)}
        {select("service", texts.text("service"), None, services, service)}
        {select("doctor", texts.text("doctor"), any_doctor, doctors, doctor)}
        {select("clinic", texts.text("where"), any_clinic, clinics, clinic)}
    }
}

/// A choice, first of any of them where that is one.
fn select(
    name: &'static str,
    label: String,
    any: Option<String>,
    options: Vec<(i64, String)>,
    chosen: Option<i64>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(id, name)| {
            let selected = chosen == Some(id);
            view! { <option value=id.to_string() selected=selected>{name}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {any.map(|any| view! { <option value="">{any}</option> })}
                {options}
            </select>
        </div>
    }
}

/// Between which dates, on which days, at which parts of them, and how soon.
fn days_fields(typed: &Typed, own: Option<&Item>, texts: Texts) -> impl IntoView + use<> {
    let now = crate::server::now();
    let today = local_date(now, &TimeZone::UTC);
    let last = match own {
        Some(item) => local_date(item.starts_at, &item.zone),
        None => today.saturating_add(USUAL_DAYS.days()),
    };
    let kept = typed.days.clone();
    let is_kept = kept.is_some();
    let kept = kept.unwrap_or_default();
    let value = |typed: &str, usual: jiff::civil::Date| match typed.is_empty() {
        true => usual.to_string(),
        false => typed.to_owned(),
    };
    let (first_day, last_day) = (value(&kept.first_day, today), value(&kept.last_day, last));
    let check = |name: &str, label: String, was_checked: bool| {
        let checked = was_checked || !is_kept;
        view! {
            <label class="check">
                <input type="checkbox" name=format!("days[{name}]") value="true" checked=checked />
                <span>{label}</span>
            </label>
        }
    };
    let days = DAYS
        .iter()
        .zip(kept.weekdays())
        .map(|((name, _), checked)| check(name, texts.text(&format!("weekday-{name}")), checked))
        .collect_view();
    let parts = PARTS
        .iter()
        .zip(kept.parts())
        .map(|((name, _), checked)| check(name, texts.text(&format!("waitlist-{name}-hours")), checked))
        .collect_view();
    view! {
        <div class="fields">
            <div class="field">
                <label for="first_day">{texts.text("waitlist-first-day")}</label>
                <input id="first_day" name="days[first_day]" type="date" value=first_day />
            </div>
            <div class="field">
                <label for="last_day">{texts.text("waitlist-last-day")}</label>
                <input id="last_day" name="days[last_day]" type="date" value=last_day />
            </div>
        </div>
        <fieldset class="field">
            <legend>{texts.text("waitlist-days")}</legend>
            <div class="checks">{days}</div>
        </fieldset>
        <fieldset class="field">
            <legend>{texts.text("waitlist-parts")}</legend>
            <div class="checks">{parts}</div>
        </fieldset>
        {notice_field(typed, USUAL_NOTICE, texts)}
    }
}

/// How soon an offer is still of use.
fn notice_field(typed: &Typed, usual: i32, texts: Texts) -> impl IntoView + use<> {
    let kept = typed.days.as_ref().and_then(|days| days.notice);
    let notice = kept.unwrap_or(usual);
    let notices = NOTICES
        .iter()
        .map(|minutes| {
            let selected = *minutes == notice;
            let label = notice_text(*minutes, texts);
            view! { <option value=minutes.to_string() selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="notice">{texts.text("waitlist-notice")}</label>
            <p class="hint" id="notice-hint">{texts.text("waitlist-notice-hint")}</p>
            <select id="notice" name="days[notice]" aria-describedby="notice-hint">{notices}</select>
        </div>
    }
}
