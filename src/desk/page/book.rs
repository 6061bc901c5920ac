//! Booking for a patient: who, with whom and what for, when, and one button.

use jiff::{Timestamp, civil};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    DeskPage, Offer, Person, Typed, conflict::problem, find_offer, name_of, offer_field,
    overbook::overbook_form, when,
};
use crate::{
    account::{guard, page::WhoseField},
    availability::page::times::{TimesForm, days},
    desk::NOBODY_YET,
    desk::forms::{DeskBook, DeskChoose, DeskPatient},
    idempotency::page::KeyField,
    ui::{Hidden, Page, TextArea, TextField, icon, isolate, page, query},
};
use engine::{
    account::Caller,
    availability::{For, Offering, page as times_page},
    desk,
    error::{AppError, Field, Refusal},
    i18n::Texts,
    text::isolated,
    time,
};

/// Booking for a patient, for the desk.
#[component]
pub fn AdminBookPage() -> impl IntoView {
    page(async { book_page(guard::desk().await?).await })
}

/// The page of a booking, for doctors in their own calendar.
#[component]
pub fn DoctorBookPage() -> impl IntoView {
    page(async { book_page(guard::doctor().await?.0).await })
}

async fn book_page(caller: Caller) -> Result<Page, AppError> {
    let desk = DeskPage::of(caller)?;
    let Some(person) = person(&desk).await? else {
        return who(&desk).await;
    };
    let offers = desk.offers().await?;
    let asked = query("offer").as_deref().and_then(Offer::parse);
    // Who has but one calendar begins with the first of what it is for.
    let first = offers
        .first()
        .filter(|_| matches!(desk.caller, Caller::Doctor { .. }));
    let chosen = find_offer(&offers, asked).or(first);
    let at = query("at").as_deref().and_then(moment);
    match (chosen, at) {
        (Some(offering), Some(at)) => check(&desk, &person, offering, at).await,
        (chosen, _) => choose(&desk, &person, &offers, chosen).await,
    }
}

/// Seconds since 1970, as forms and links have them.
fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// The patient that the page is about. Who may not know them begins with the phone number.
async fn person(desk: &DeskPage) -> Result<Option<Person>, AppError> {
    let Some(id) = query("patient").and_then(|id| id.parse().ok()) else {
        return Ok(None);
    };
    match desk::patient(&desk.state.database, &desk.caller, id, desk.now).await {
        Ok(person) => Ok(Some(person)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The step that asks for the patient.
async fn who(desk: &DeskPage) -> Result<Page, AppError> {
    let texts = desk.texts;
    let typed = desk.typed(NOBODY_YET).await?;
    let problem = problem(desk, None, &typed).await?;
    let (chosen, time) = chosen_before(desk).await?.unzip();
    Ok(Page::new(
        texts.text("desk-book"),
        view! {
            <div class="narrow stack">
                {problem}
                {desk.back()}
                <div class="page-head">
                    <div><h1>{texts.text("desk-book")}</h1><p>{texts.text("desk-book-text")}</p></div>
                </div>
                {time}
                <form method="post" action=DeskPatient::url() class="stack">
                    {chosen}
                    {person_fields(desk, &typed).await?}
                    <div class="actions">
                        <button class="btn primary big">{texts.text("continue")}</button>
                    </div>
                </form>
            </div>
        },
    )
    .shows_problem())
}

/// The offer and the time that were chosen before the patient, as fields of a form and in words.
async fn chosen_before(
    desk: &DeskPage,
) -> Result<Option<(impl IntoView + use<>, impl IntoView + use<>)>, AppError> {
    let asked = query("offer").as_deref().and_then(Offer::parse);
    let at = query("at").as_deref().and_then(moment);
    let (Some(offer), Some(at)) = (asked, at) else {
        return Ok(None);
    };
    let offers = desk.offers().await?;
    let Some(offering) = find_offer(&offers, Some(offer)) else {
        return Ok(None);
    };
    let words = format!(
        "{}, {}",
        isolated(&offering.doctor_name),
        when(offering, at, desk.texts)
    );
    let fields = view! {
        <Hidden name="offer" value=offer.to_string() />
        <Hidden name="at" value=at.as_second().to_string() />
    };
    Ok(Some((fields, view! { <p>{icon("clock")} " " {words}</p> })))
}

/// By what a patient is found, or made.
pub(super) async fn person_fields(desk: &DeskPage, typed: &Typed) -> Result<impl IntoView + use<>, AppError> {
    let texts = desk.texts;
    let people = desk.sharing(typed).await?;
    let whose = (!people.is_empty()).then(|| {
        view! { <WhoseField people whose=typed.whose.clone() name=typed.name.clone() /> }
    });
    Ok(view! {
        <TextField
            field=Field::Phone
            label=texts.text("desk-phone")
            hint=texts.text("desk-phone-hint")
            value=typed.phone.clone()
            kind="tel"
            autofocus=true
        />
        <TextField
            field=Field::Name
            label=texts.text("desk-name")
            hint=texts.text("desk-name-hint")
            value=typed.name.clone()
            required=false
        />
        {whose}
    })
}

/// The step that asks for the service and the time.
async fn choose(
    desk: &DeskPage,
    person: &Person,
    offers: &[Offering],
    chosen: Option<&Offering>,
) -> Result<Page, AppError> {
    let texts = desk.texts;
    let typed = desk.typed_about(person).await?;
    let problem = problem(desk, Some(person), &typed).await?;
    let times = match chosen {
        Some(offering) => Some(times(desk, person, offering).await?),
        None => None,
    };
    let wanted = query("overbook").as_deref().and_then(moment);
    let overbook = chosen.map(|offering| overbook_form(desk, person.id, offering, &typed, wanted));
    let title = texts.text("desk-book");
    let groups = match query("offer") {
        None => crate::group::page::for_patient(&desk.state, &desk.caller, person.id, texts).await?,
        Some(_) => None,
    };
    Ok(Page::new(
        title.clone(),
        view! {
            {problem}
            <div class="stack">
                {desk.back()}
                <div class="page-head"><div><h1>{title}</h1></div></div>
                {who_it_is(desk, person)}
            </div>
            <form class="filters" method="get" action=format!("{}/book", desk.base)>
                <Hidden name="patient" value=person.id.to_string() />
                <div class="fields">
                    {offer_field(offers, chosen.map(Offer::from), chosen.is_none(), texts)}
                    <button class="btn">{icon("clock")}{texts.text("desk-show-times")}</button>
                </div>
            </form>
            {times}
            {overbook}
            {groups}
        },
    )
    .shows_problem())
}

/// The patient in a line, with the way to another one.
fn who_it_is(desk: &DeskPage, person: &Person) -> impl IntoView + use<> {
    let texts = desk.texts;
    view! {
        <p>
            {icon("user")} " " <b>{name_of(person, texts)}</b> " " <span class="num">{person.phone.clone()}</span> " "
            <a href=format!("{}/book", desk.base)>{texts.text("desk-somebody-else")}</a>
        </p>
    }
}

async fn times(
    desk: &DeskPage,
    person: &Person,
    offering: &Offering,
) -> Result<impl IntoView + use<>, AppError> {
    let texts = desk.texts;
    let from: Option<civil::Date> = query("from").and_then(|date| time::date(&date));
    let times = times_page(
        &desk.state.database,
        offering.doctor_id,
        offering.clinic_id,
        offering.service_id,
        from,
        For::Desk,
        desk.now,
    )
    .await?;
    let offer = Offer::from(offering);
    let title = texts.with("times-title", &[("doctor", offering.doctor_name.clone().into())]);
    let form = TimesForm {
        action: DeskChoose::url().to_owned(),
        hidden: vec![("patient", person.id.to_string()), ("offer", offer.to_string())],
        base: desk.book_path(person.id, Some(offer)),
        with: offering.doctor_name.clone(),
        ..TimesForm::default()
    };
    Ok(view! {
        <section class="stack" aria-labelledby="times">
            <h2 id="times">{title}</h2>
            {days(&times, form, texts)}
            {crate::course::page::link(&format!("{}/course", desk.base), offering, Some(person.id), texts)}
        </section>
    })
}

/// Everything once more, why the patient comes, and one button.
async fn check(
    desk: &DeskPage,
    person: &Person,
    offering: &Offering,
    at: Timestamp,
) -> Result<Page, AppError> {
    let texts = desk.texts;
    let typed = desk.typed_about(person).await?;
    let problem = problem(desk, Some(person), &typed).await?;
    let path = desk.book_path(person.id, Some(Offer::from(offering)));
    let overbooks = desk.error.is_some() && !typed.day.is_empty();
    let form = match desk.error {
        Some(AppError::BookingFailed {
            reason: Refusal::PatientOverlap,
            ..
        }) => None,
        Some(AppError::BookingFailed { reason, .. }) if reason.is_limit_of_service() && !overbooks => {
            Some(book_form(desk, person, offering, at, &typed).into_any())
        }
        Some(AppError::BookingFailed { .. }) => {
            Some(overbook_form(desk, person.id, offering, &typed, Some(at)).into_any())
        }
        _ if overbooks => Some(overbook_form(desk, person.id, offering, &typed, Some(at)).into_any()),
        _ => Some(book_form(desk, person, offering, at, &typed).into_any()),
    };
    let title = texts.text("desk-check");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                {problem}
                <a class="back" href=path>{icon("arrow-left")}{texts.text("other-time")}</a>
                <h1>{title}</h1>
                {summary(person, offering, at, texts)}
                {form}
            </div>
        },
    )
    .shows_problem())
}

fn summary(person: &Person, offering: &Offering, at: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let rows = [
        (
            "fact-patient",
            format!("{}, {}", isolated(&name_of(person, texts)), person.phone),
        ),
        ("doctor", offering.doctor_name.clone()),
        ("service", offering.service(texts.locale()).to_owned()),
        ("when", when(offering, at, texts)),
        (
            "where",
            format!(
                "{}, {}",
                isolated(&offering.clinic_name),
                isolated(&offering.clinic_address)
            ),
        ),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// The form that books what was chosen; beyond the limit of the service, where that is what refused it.
fn book_form(
    desk: &DeskPage,
    person: &Person,
    offering: &Offering,
    at: Timestamp,
    typed: &Typed,
) -> impl IntoView + use<> {
    let texts = desk.texts;
    let book = match desk.is_limited() {
        true => "desk-book-over-limit",
        false => "book-now",
    };
    view! {
        <form method="post" action=DeskBook::url() class="stack">
            <KeyField />
            {desk.is_limited().then(|| view! { <Hidden name="over_limit" value="true".to_owned() /> })}
            <Hidden name="patient" value=person.id.to_string() />
            <Hidden name="offer" value=Offer::from(offering).to_string() />
            <Hidden name="starts_at" value=at.as_second().to_string() />
            <TextArea
                field=Field::Reason
                label=texts.text("reason-label")
                hint=texts.text("desk-reason-hint")
                value=typed.reason.clone()
                autofocus=true
            />
            <div class="actions">
                <button class="btn primary big">{texts.text(book)}</button>
            </div>
        </form>
    }
}
