//! The page that adds a doctor, who is bookable with one form.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{email, languages, nothing_to_offer, who};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::{
        forms::AddDoctor,
        page::{Form, Input, back, group_error, one_of, select},
    },
    server::AppState,
    ui::{Page, icon, page, problem, request_error, texts},
};
use engine::{
    error::Field,
    organisation::{
        self, Clinic, Service, Versioned,
        form::{BREAK_FROM, BREAK_UNTIL, DAYS, Filled, SERVICES, UNTIL},
    },
    text::isolated,
    time,
};

/// The weekdays on which most people work.
const USUAL_DAYS: [&str; 5] = ["1", "2", "3", "4", "5"];

/// Somebody who is not there yet.
#[component]
pub fn NewDoctorPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let clinics = organisation::clinics(&state.database).await?;
        let mut services = organisation::services(&state.database).await?;
        services.retain(|service| service.what.active);
        let title = texts.text("doctor-new");
        let (Some(first), false) = (clinics.first(), services.is_empty()) else {
            return Ok(Page::new(title, nothing_to_offer("doctor-new", texts)));
        };
        let only = |services: &[Versioned<Service>]| match services {
            [one] => vec![one.id.to_string()],
            _ => Vec::new(),
        };
        let usual = Filled::default()
            .with(Field::Clinic.name(), first.id.to_string())
            .with(Field::Hours.name(), "09:00")
            .with(UNTIL, "17:00")
            .tick(SERVICES, only(&services))
            .tick(DAYS, USUAL_DAYS.map(str::to_owned));
        let check = |filled: &Filled| filled.new_doctor().err().unwrap_or_default();
        let form = Form::of("doctor", None, usual, check, texts).await?;
        let problem = match form.error {
            Some(_) => form.problem(None, ("UTC", &TimeZone::UTC)),
            None => request_error().map(|error| problem(error, texts)),
        };
        let password_again = form
            .error
            .map(|_| view! { <p class="soft">{texts.text("doctor-password-again")}</p> });
        // Without one, the doctor is sent a link to choose it.
        let is_invited = state.config.public_url().is_some();
        let hint = match is_invited {
            true => "doctor-password-invited",
            false => "doctor-password-hint",
        };
        let password = Input {
            kind: "password",
            optional: is_invited,
            ..Input::text(Field::NewPassword, "doctor-first-password").hint(hint)
        };
        Ok(Page::new(
            title,
            view! {
                <div class="narrow stack">
                    {back("/admin/doctors", "doctors-title", texts)}
                    {problem}
                    <div class="page-head">
                        <div>
                            <h1>{texts.text("doctor-new")}</h1>
                            <p>{texts.text("doctor-new-intro")}</p>
                        </div>
                    </div>
                    <form method="post" action=AddDoctor::url() class="stack">
                        <KeyField />
                        <h2>{texts.text("doctor-who")}</h2>
                        {who(&form)}
                        {languages(&form)}
                        <h2>{texts.text("doctor-sign-in")}</h2>
                        {email(&form)}
                        {password.view(&form)}
                        {password_again}
                        <h2>{texts.text("doctor-where")}</h2>
                        {place(&form, &clinics)}
                        {offered(&form, &services)}
                        <h2>{texts.text("doctor-when")}</h2>
                        {week(&form)}
                        <div class="actions">
                            <button class="btn primary big">{icon("check")}{texts.text("doctor-add")}</button>
                            <a class="btn quiet" href="/admin/doctors">{texts.text("org-cancel")}</a>
                        </div>
                    </form>
                </div>
            },
        )
        .shows_problem())
    })
}

fn place(form: &Form, clinics: &[Versioned<Clinic>]) -> impl IntoView + use<> {
    let options = clinics
        .iter()
        .map(|clinic| {
            let label = format!("{}, {}", isolated(&clinic.what.name), isolated(&clinic.what.city));
            (clinic.id.to_string(), label)
        })
        .collect();
    select(form, Field::Clinic.name(), "clinic", options)
}

fn offered(form: &Form, services: &[Versioned<Service>]) -> impl IntoView + use<> {
    let (error, described_by) = group_error(form, &[Field::Services], "services");
    let boxes = services
        .iter()
        .enumerate()
        .map(|(index, service)| {
            one_of(
                form,
                SERVICES,
                index,
                service.id.to_string(),
                service.what.name.clone(),
            )
        })
        .collect_view();
    view! {
        <fieldset class="fields" id="services" aria-describedby=described_by>
            <legend>{form.texts.text("services-title")}</legend>
            {error}
            <div class="checks">{boxes}</div>
        </fieldset>
    }
}

/// The same hours on some days, with one break or none.
fn week(form: &Form) -> impl IntoView + use<> {
    let texts = form.texts;
    let (error, described_by) = group_error(form, &[Field::Day], "days");
    let days = (1..=7i8)
        .filter_map(|day| jiff::civil::Weekday::from_monday_one_offset(day).ok())
        .enumerate()
        .map(|(index, weekday)| {
            let day = weekday.to_monday_one_offset().to_string();
            one_of(form, DAYS, index, day, texts.text(time::weekday_key(weekday)))
        })
        .collect_view();
    let from = Input {
        inputmode: Some("decimal"),
        ..Input::text(Field::Hours, "plan-from")
    };
    view! {
        <fieldset class="fields" id="days" aria-describedby=described_by>
            <legend>{texts.text("doctor-days")}</legend>
            {error}
            <div class="checks">{days}</div>
        </fieldset>
        <fieldset class="fields">
            <legend>{texts.text("plan-hours")}</legend>
            {from.view(form)}
            {clock(form, UNTIL, "plan-until", true)}
        </fieldset>
        <fieldset class="fields">
            <legend>{texts.text("plan-break")}</legend>
            {clock(form, BREAK_FROM, "doctor-break-from", false)}
            {clock(form, BREAK_UNTIL, "doctor-break-until", false)}
        </fieldset>
        <p class="soft">{texts.text("doctor-week-later")}</p>
    }
}

fn clock(form: &Form, name: &'static str, label: &'static str, required: bool) -> impl IntoView + use<> {
    let texts = form.texts;
    let optional = (!required).then(|| view! { " " <span class="optional">{texts.text("optional")}</span> });
    view! {
        <div class="field">
            <label for=name>{texts.text(label)} {optional}</label>
            <input
                id=name
                name=format!("filled[fields][{name}]")
                value=form.filled.text(name).to_owned()
                required=required
                inputmode="decimal"
                autocomplete="off"
            />
        </div>
    }
}
