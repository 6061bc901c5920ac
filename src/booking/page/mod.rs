//! From a held time to a booked one: details, check; and what is said when somebody was faster.

use crate::{
    account::{guard, session::Draft},
    appointment::forms::MAX_REASON,
    availability::page::{TIMES_FORM, zone_name},
    idempotency::page::{KeyField, sent_choice},
    server::AppState,
    ui::{
        Hidden, Page, TextArea, TextField, Tone, icon, message, notice, page, path_parameter, problem,
        request_error, texts,
    },
};
use jiff::Timestamp;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::{
    forms::{AddPart, Details, DropPart, Hold, Keep, MAX_NAME, Reschedule, Submit, SubmitVisit, is_bookable},
    island::HoldCountdown,
};
use engine::{
    account::Role,
    appointment::{Item, Status, find, of_patient},
    availability::{Alternative, AnyDoctor, Except, Named, alternatives, doctor, is_free, place},
    booking::{Wanted, may_keep_until},
    error::{AppError, Field, Refusal},
    i18n::Texts,
    time::{self, Range},
};

/// What a hold is for: the steps know it by the reference in their path.
async fn held() -> Result<Item, AppError> {
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor().await?;
    find(&state.database, caller, visitor, path_parameter("reference")?).await
}

/// Where Back leads when the hold has been booked or let go of meanwhile.
fn elsewhere(item: &Item) -> Option<String> {
    if is_bookable(item.status) {
        return None;
    }
    Some(match item.status {
        Status::Cancelled if item.patient_id.is_none() => times_of(item),
        _ => format!("/appointments/{}", item.reference),
    })
}

/// The list of times that an item is one of.
fn times_of(item: &Item) -> String {
    format!(
        "/doctors/{}?clinic={}&service={}",
        item.doctor_id, item.clinic_id, item.service_id
    )
}

fn wanted(item: &Item) -> Wanted {
    Wanted {
        doctor_id: item.doctor_id,
        clinic_id: item.clinic_id,
        service_id: item.service_id,
        starts_at: item.starts_at.as_second(),
    }
}

/// The steps of a booking, with where we are.
pub fn steps(current: usize, texts: Texts) -> impl IntoView {
    view! {
        <nav aria-label=texts.text("steps")>
            <ol class="steps">
                {["step-time", "step-details", "step-check", "step-done"]
                    .into_iter()
                    .enumerate()
                    .map(|(index, key)| {
                        let class = (index < current).then_some("done");
                        let here = (index == current).then_some("step");
                        view! { <li class=class aria-current=here>{texts.text(key)}</li> }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}

/// Who comes and why.
#[component]
pub fn DetailsPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let item = held().await?;
        if let Some(path) = elsewhere(&item) {
            crate::ui::redirect(&path);
        }
        let caller = guard::caller().await?;
        let draft = guard::session().draft().await?;
        let asks_phone = caller.is_none();
        let asks_name = caller.as_ref().is_none_or(|caller| caller.name().is_none());
        let hold = hold_line(&item, texts);
        let form = details_form(&item, draft, asks_phone, asks_name, texts);
        let back = times_of(&item);
        let problem = conflict(request_error(), Some(Moment::of(&item))).await?;
        Ok(Page::new(
            texts.text("details-title"),
            view! {
                <div class="narrow stack">
                    {steps(1, texts)}
                    {problem}
                    <a class="back" href=back>{icon("arrow-left")}{texts.text("other-time")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("details-title")}</h1><p>{in_short(&item, texts)}</p></div>
                    </div>
                    {hold}
                    {form}
                </div>
            },
        )
        .shows_problem())
    })
}

fn details_form(
    item: &Item,
    draft: Draft,
    asks_phone: bool,
    asks_name: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    let action = if asks_phone { "send-code" } else { "continue" };
    view! {
        <form method="post" action=Details::url() class="stack">
            <Hidden name="reference" value=item.reference.clone() />
            {asks_name.then(|| view! {
                <TextField
                    field=Field::Name
                    label=texts.text("name-label")
                    hint=texts.text("name-hint")
                    value=draft.name
                    autocomplete="name"
                    maxlength=MAX_NAME
                />
            })}
            {asks_phone.then(|| view! {
                <TextField
                    field=Field::Phone
                    label=texts.text("phone-label")
                    hint=texts.text("phone-hint")
                    value=draft.phone
                    kind="tel"
                    autocomplete="tel"
                    maxlength=40
                />
            })}
            <TextArea
                field=Field::Reason
                label=texts.text("reason-label")
                hint=texts.text("reason-hint")
                value=draft.reason
                maxlength=MAX_REASON
            />
            <div class="actions">
                <button class="btn primary big">{texts.text(action)}</button>
            </div>
        </form>
    }
}

/// "Dr Sari, Tuesday 24 November 2026, 09:20".
fn in_short(item: &Item, texts: Texts) -> String {
    format!(
        "{}, {}",
        item.doctor_name,
        time::moment(item.starts_at, &item.zone, texts)
    )
}

/// Until when the time is held, with *Keep it longer* where that is possible.
fn hold_line(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    let until = item.held_until.filter(|_| item.status == Status::Held)?;
    let now = Timestamp::now();
    if until <= now {
        return None;
    }
    let state = expect_context::<AppState>();
    let may_keep = until < may_keep_until(item.created_at, state.config.rules.hold_minutes);
    let clock = |at| time::clock(at, &item.zone, texts.locale());
    let text = texts.with(
        "holding",
        &[
            ("time", clock(item.starts_at).into()),
            ("until", clock(until).into()),
        ],
    );
    let reference = item.reference.clone();
    // Seconds since 1970 fit into a double exactly.
    #[expect(clippy::cast_precision_loss)]
    let seconds = until.as_second() as f64;
    Some(view! {
        <div class="hold">
            <p>
                {icon("clock")}
                <span>
                    {text} " "
                    <HoldCountdown
                        until=seconds
                        left=texts.with("hold-minutes-left", &[("minutes", "{minutes}".into())])
                        last_minute=texts.text("hold-last-minute")
                        ran_out=texts.text("hold-ran-out")
                    />
                </span>
            </p>
            {may_keep.then(|| view! {
                <form method="post" action=Keep::url()>
                    <Hidden name="reference" value=reference />
                    <button class="btn">{texts.text("keep-longer")}</button>
                </form>
            })}
        </div>
    })
}

/// Everything once more, and one button.
#[component]
pub fn CheckPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let item = held().await?;
        if let Some(path) = elsewhere(&item) {
            crate::ui::redirect(&path);
        }
        let details = format!("/book/{}", item.reference);
        let caller = guard::caller().await?;
        let draft = guard::session().draft().await?;
        let name = caller
            .as_ref()
            .and_then(|caller| caller.name().map(ToOwned::to_owned))
            .unwrap_or(draft.name);
        if caller.is_none() || name.is_empty() {
            crate::ui::redirect(&details);
        }
        let mut error = request_error();
        if error.is_none() && item.status == Status::Expired {
            let except = Except {
                appointment_id: Some(item.id),
                holds_of: item.held_by.clone(),
            };
            if !is_free(&state.database, wanted(&item), except, Timestamp::now()).await? {
                error = Some(AppError::BookingFailed {
                    reason: Refusal::HoldExpired,
                    wanted: wanted(&item),
                });
            }
        }
        let lost = matches!(error, Some(AppError::BookingFailed { reason, .. }) if reason != Refusal::PatientOverlap);
        let parts = parts_of(&item, draft.parts).await?;
        if parts.len() > 1 {
            let problem = conflict(error, Some(Moment::of_part(&item))).await?;
            return Ok(check_visit(parts, problem, texts));
        }
        let problem = conflict(error, Some(Moment::of(&item))).await?;
        let summary = check_summary(&item, &name, &draft.reason, &details, texts);
        let hold = (!lost).then(|| hold_line(&item, texts));
        let button = (!lost).then(|| {
            view! {
                <form method="post" action=Submit::url() id=BOOK_FORM>
                    <KeyField />
                    <Hidden name="reference" value=item.reference.clone() />
                    <div class="actions">
                        <button class="btn primary big">{texts.text("book-now")}</button>
                    </div>
                </form>
                {add_another(&item, texts)}
            }
        });
        Ok(Page::new(
            texts.text("check-title"),
            view! {
                <div class="narrow stack">
                    {steps(2, texts)}
                    {problem}
                    <h1>{texts.text("check-title")}</h1>
                    {hold}
                    {summary}
                    {button}
                </div>
            },
        )
        .shows_problem())
    })
}

/// What is held for the visit that this one is a part of, this one included; what is no longer held is told of, too.
async fn parts_of(item: &Item, references: Vec<String>) -> Result<Vec<Item>, AppError> {
    if !references.contains(&item.reference) {
        return Ok(Vec::new());
    }
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor().await?;
    let mut parts = Vec::new();
    for reference in references {
        match find(&state.database, caller.clone(), visitor.clone(), reference).await {
            Ok(part) => parts.push(part),
            Err(AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

/// *Add another appointment*, to be booked together with this one.
fn add_another(item: &Item, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=AddPart::url() class="stack-s">
            <p class="soft">{texts.text("add-part-text")}</p>
            <Hidden name="reference" value=item.reference.clone() />
            <button class="btn quiet">{icon("plus")}{texts.text("add-part")}</button>
        </form>
    }
}

/// All parts of a visit, and one button that books them all or none (B7).
fn check_visit(parts: Vec<Item>, problem: Option<AnyView>, texts: Texts) -> Page {
    let references: Vec<String> = parts.iter().map(|part| part.reference.clone()).collect();
    let another = parts.last().map(|last| add_another(last, texts));
    let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    let all = parts
        .into_iter()
        .map(|part| {
            let id = format!("part-{}", part.reference);
            let labelled_by = id.clone();
            let ended = (part.status != Status::Held).then(|| {
                view! { <p><b>{texts.text("part-ended")}</b></p> }
            });
            let name = in_short(&part, texts);
            view! {
                <section class="slip stack-s" aria-labelledby=labelled_by>
                    <h2 id=id>{name.clone()}</h2>
                    <p>{part.service_name.clone()} " · " {part.clinic_name.clone()} ", " {part.clinic_address.clone()}</p>
                    {hold_line(&part, texts)}
                    {ended}
                    <form method="post" action=DropPart::url()>
                        <Hidden name="reference" value=part.reference.clone() />
                        <button class="btn quiet">{texts.text("drop-part")}<span class="hide">": " {name}</span></button>
                    </form>
                </section>
            }
        })
        .collect_view();
    Page::new(
        texts.text("check-title"),
        view! {
            <div class="narrow stack">
                {steps(2, texts)}
                {problem}
                <h1>{texts.text("check-title")}</h1>
                <p>{texts.text("check-visit-text")}</p>
                {all}
                <form method="post" action=SubmitVisit::url() id=BOOK_FORM>
                    <KeyField />
                    <Hidden name="parts" value=references.join(",") />
                    <div class="actions">
                        <button class="btn primary big">
                            {texts.with("book-visit", &[("count", count.into())])}
                        </button>
                    </div>
                </form>
                {another}
            </div>
        },
    )
    .shows_problem()
}

fn check_summary(
    item: &Item,
    name: &str,
    reason: &str,
    details: &str,
    texts: Texts,
) -> impl IntoView + use<> {
    let change = |href: String, what: &str| {
        let what = texts.text(what);
        view! { <dd><a href=href>{texts.text("change")}<span class="hide">" " {what}</span></a></dd> }
    };
    let rows = [
        (
            "doctor",
            item.doctor_name.clone(),
            Some(change("/".to_owned(), "doctor")),
        ),
        (
            "service",
            item.service_name.clone(),
            Some(change(times_of(item), "service")),
        ),
        (
            "when",
            format!(
                "{} ({})",
                time::moment(item.starts_at, &item.zone, texts),
                zone_name(&item.zone_name, &item.zone, item.starts_at)
            ),
            Some(change(times_of(item), "when")),
        ),
        (
            "where",
            format!("{}, {}", item.clinic_name, item.clinic_address),
            None,
        ),
        (
            "price",
            item.price
                .as_ref()
                .map(|price| price.text(texts.locale()))
                .unwrap_or_default(),
            None,
        ),
        (
            "name-label",
            name.to_owned(),
            Some(change(details.to_owned(), "name-label")),
        ),
        (
            "reason-label",
            if reason.is_empty() {
                texts.text("no-reason")
            } else {
                reason.to_owned()
            },
            Some(change(details.to_owned(), "reason-label")),
        ),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value, _)| !value.is_empty())
                .map(|(key, value, change)| view! { <div><dt>{texts.text(key)}</dt><dd>{value}</dd>{change}</div> })
                .collect_view()}
        </dl>
    }
}

/// The appointment or hold that a page with a conflict is about.
pub struct Moment {
    item_id: i64,
    reference: String,
    visit: Range,
    /// The appointment that is being moved, where it is not a new booking.
    moving: Option<(String, i32)>,
    /// Whether it is booked with others or not at all, so that none of them is swapped by itself.
    is_part: bool,
}

impl Moment {
    /// A hold that is being booked.
    pub fn of(item: &Item) -> Self {
        Self {
            item_id: item.id,
            reference: item.reference.clone(),
            visit: Range::new(item.starts_at, item.ends_at),
            moving: None,
            is_part: false,
        }
    }

    /// A hold that is one of several for a visit.
    pub fn of_part(item: &Item) -> Self {
        Self {
            is_part: true,
            ..Self::of(item)
        }
    }

    /// An appointment that is being moved.
    pub fn moving(item: &Item) -> Self {
        Self {
            moving: Some((item.reference.clone(), item.version)),
            ..Self::of(item)
        }
    }
}

/// What is said when a time could not be had, with the next step (EXPERIENCE, "When two people want
/// the same thing"); or what is said of any other error.
///
/// # Errors
/// Those of the database.
pub async fn conflict(error: Option<AppError>, moment: Option<Moment>) -> Result<Option<AnyView>, AppError> {
    let texts = texts();
    let Some(AppError::BookingFailed { reason, wanted }) = error else {
        return Ok(error.map(|error| match error.is_transient() {
            true => try_again(error, moment.as_ref(), texts).into_any(),
            false => problem(error, texts),
        }));
    };
    let state = expect_context::<AppState>();
    let except = Except {
        appointment_id: moment.as_ref().map(|moment| moment.item_id),
        holds_of: guard::session().who_lets_go().await?,
    };
    let moving = moment.as_ref().and_then(|moment| moment.moving.clone());
    let offers = alternatives(&state.database, wanted, except, Role::Patient, Timestamp::now()).await?;
    let offers: Vec<Alternative> = offers
        .into_iter()
        // What is moved stays with its doctor.
        .filter(|offer| moving.is_none() || offer.offering.doctor_id == wanted.doctor_id)
        // Whoever else has it, the patient is somewhere else then.
        .filter(|offer| reason != Refusal::PatientOverlap || offer.starts_at != wanted.starts_at())
        .collect();
    let (title, text, busy) = match (reason, zone_of(&state, wanted).await?) {
        (Refusal::PatientOverlap, _) => overlap(&state, wanted, moment.as_ref(), texts).await?,
        (reason, Some(zone)) => {
            let clock = time::clock(wanted.starts_at(), &zone, texts.locale());
            let title = match reason {
                Refusal::SlotTaken => texts.with("conflict-taken", &[("time", clock.into())]),
                Refusal::HoldExpired => texts.text("conflict-hold-expired"),
                Refusal::SlotClosed | Refusal::PatientOverlap => texts.text("conflict-closed"),
            };
            (title, texts.text("conflict-nothing-lost"), None)
        }
        (_, None) => return Ok(error.map(|error| problem(error, texts))),
    };
    let all_times = match &moving {
        Some((reference, _)) => format!("/appointments/{reference}/reschedule"),
        None => match (wanted.doctor_id, wanted.clinic_id) {
            (Wanted::ANY, Wanted::ANY) => format!("/services/{}", wanted.service_id),
            (Wanted::ANY, clinic_id) => format!("/services/{}?clinic={clinic_id}", wanted.service_id),
            (doctor_id, clinic_id) => {
                format!(
                    "/doctors/{doctor_id}?clinic={clinic_id}&service={}",
                    wanted.service_id
                )
            }
        },
    };
    let body = view! {
        <p>{text}</p>
        <ul class="offers">
            {offers.into_iter().map(|offer| offer_button(offer, moving.clone(), texts)).collect_view()}
        </ul>
        <div class="actions">
            {busy.map(|busy| busy_buttons(&busy, moment.as_ref(), texts))}
            <a class="btn quiet" href=all_times>{texts.text("all-times")}</a>
        </div>
    };
    Ok(Some(notice(Tone::Warn, title, body).into_any()))
}

/// The zone of what was wanted, where it is still offered.
async fn zone_of(state: &AppState, wanted: Wanted) -> Result<Option<jiff::tz::TimeZone>, AppError> {
    let found = if wanted.doctor_id == Wanted::ANY {
        let any = AnyDoctor {
            service: Named::Id(wanted.service_id),
            clinic_id: (wanted.clinic_id != Wanted::ANY).then_some(wanted.clinic_id),
        };
        place(&state.database, any)
            .await
            .map(|offering| Some(offering.zone))
    } else {
        doctor(&state.database, wanted.doctor_id).await.map(|doctor| {
            let mut offerings = doctor.offerings.into_iter();
            offerings
                .find(|offering| offering.clinic_id == wanted.clinic_id)
                .map(|offering| offering.zone)
        })
    };
    match found {
        Err(AppError::NotFound) => Ok(None),
        found => found,
    }
}

/// "You already have an appointment at 09:30 that day", with that appointment.
async fn overlap(
    state: &AppState,
    wanted: Wanted,
    moment: Option<&Moment>,
    texts: Texts,
) -> Result<(String, String, Option<Item>), AppError> {
    let length = moment.map_or(0, |moment| {
        moment.visit.end.as_second() - moment.visit.start.as_second()
    });
    let visit = Range::new(
        wanted.starts_at(),
        time::plus_minutes(wanted.starts_at(), (length / 60).max(1)),
    );
    let other = match guard::caller().await?.and_then(|caller| caller.patient_id()) {
        Some(patient_id) => of_patient(&state.database, patient_id)
            .await?
            .into_iter()
            .find(|item| {
                item.status.occupies()
                    && moment.is_none_or(|moment| moment.item_id != item.id)
                    && Range::new(item.starts_at, item.ends_at).overlaps(visit)
            }),
        None => None,
    };
    let text = texts.text("conflict-nothing-lost");
    Ok(match other {
        Some(item) => {
            let clock = time::clock(item.starts_at, &item.zone, texts.locale());
            let title = texts.with("conflict-overlap", &[("time", clock.into())]);
            (title, text, Some(item))
        }
        None => (texts.text("error-patient-overlap"), text, None),
    })
}

/// The form of the page that books what is held.
const BOOK_FORM: &str = "book-form";

/// The database was busy or away: the same request once more, under the same key.
fn try_again(error: AppError, moment: Option<&Moment>, texts: Texts) -> impl IntoView {
    let button = match moment {
        Some(moment) if moment.moving.is_none() => Some((BOOK_FORM, None)),
        _ => sent_choice().map(|choice| (TIMES_FORM, Some(choice))),
    };
    let button = button.map(|(form, choice)| {
        let name = choice.is_some().then_some("starts_at");
        view! {
            <div class="actions">
                <button class="btn primary" form=form name=name value=choice>
                    {icon("refresh")}
                    {texts.text("try-again")}
                </button>
            </div>
        }
    });
    notice(Tone::Bad, message(error, texts), button)
}

/// What can be done about the appointment that is in the way: look at it, or have this time in its stead, where the
/// patient may still cancel it.
fn busy_buttons(busy: &Item, moment: Option<&Moment>, texts: Texts) -> impl IntoView + use<> {
    let held = moment.filter(|moment| moment.moving.is_none() && !moment.is_part);
    let may_be_given_up = busy
        .steps(Role::Patient, Timestamp::now())
        .contains(&Status::Cancelled);
    let swap = held.filter(|_| may_be_given_up).map(|held| {
        view! {
            <form method="post" action=Submit::url()>
                <KeyField />
                <Hidden name="reference" value=held.reference.clone() />
                <Hidden name="instead_of" value=busy.reference.clone() />
                <Hidden name="version" value=busy.version.to_string() />
                <button class="btn">{texts.text("move-it-here")}</button>
            </form>
        }
    });
    view! {
        {swap}
        <a class="btn quiet" href=format!("/appointments/{}", busy.reference)>{texts.text("view-it")}</a>
    }
}

/// A time that can be had instead: a button that books it the way the lost one was.
fn offer_button(offer: Alternative, moving: Option<(String, i32)>, texts: Texts) -> impl IntoView {
    let wanted = offer.offering.at(offer.starts_at);
    let zone = &offer.offering.zone;
    let clock = time::clock(offer.starts_at, zone, texts.locale());
    let day = time::short_date(time::local_date(offer.starts_at, zone), texts);
    let label = view! { <b>{clock}</b><small>{day} " · " {offer.offering.doctor_name.clone()}</small> };
    let starts_at = wanted.starts_at.to_string();
    match moving {
        Some((reference, version)) => Either::Left(view! {
            <li>
                <form method="post" action=Reschedule::url()>
                    <KeyField />
                    <Hidden name="reference" value=reference />
                    <Hidden name="version" value=version.to_string() />
                    <button class="btn" name="starts_at" value=starts_at>{label}</button>
                </form>
            </li>
        }),
        None => Either::Right(view! {
            <li>
                <form method="post" action=Hold::url()>
                    <KeyField />
                    <Hidden name="doctor_id" value=wanted.doctor_id.to_string() />
                    <Hidden name="clinic_id" value=wanted.clinic_id.to_string() />
                    <Hidden name="service_id" value=wanted.service_id.to_string() />
                    <button class="btn" name="starts_at" value=starts_at>{label}</button>
                </form>
            </li>
        }),
    }
}
