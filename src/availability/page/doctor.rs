//! The page of a doctor: what they offer, and the times of one offer.

use std::sync::Arc;

use jiff::civil;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    initials, language_names,
    times::{TimesForm, busy_times, mode_icon, write_days, written_days},
};
use crate::{
    account::guard,
    booking::{forms::Hold, page::conflict::conflict},
    rating::page::average,
    server::AppState,
    ui::{Page, icon, isolate, page, path_parameter, query, request_error, texts},
};
use engine::{
    availability::{self, Doctor, Offering},
    error::AppError,
    i18n::Texts,
    time::{self, Range},
};

/// The doctor, and what of their offers and from which day on.
type About = (i64, Option<i64>, Option<i64>, Option<civil::Date>);

/// A doctor, the times of one offer, and their days as they are written on the page.
struct ShownTimes {
    doctor: Doctor,
    times: availability::Page,
    written: String,
}

impl ShownTimes {
    async fn read(
        state: &AppState,
        (doctor_id, clinic_id, service_id, from): About,
        visitor: Option<Vec<u8>>,
        busy: &[Range],
        texts: Texts,
    ) -> Result<Self, AppError> {
        let (doctor, times) = availability::doctor_with_page(
            &state.database,
            doctor_id,
            (clinic_id, service_id),
            from,
            visitor,
            state.now(),
        )
        .await?;
        let written = write_days(&times, busy, texts);
        Ok(Self {
            doctor,
            times,
            written,
        })
    }
}

/// What everybody sees who holds no time and has no appointment: it is read and written once for all who ask at once.
async fn shown_to_all(state: &AppState, about: About, texts: Texts) -> Result<Arc<ShownTimes>, AppError> {
    let question = ("the times of a doctor", format!("{about:?} {:?}", texts.locale()));
    state
        .together
        .ask(question, || ShownTimes::read(state, about, None, &[], texts))
        .await
}

/// A doctor, what they offer, and the times of one offer.
#[component]
pub fn DoctorPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let id = |name| query(name).and_then(|id| id.parse::<i64>().ok());
        let from: Option<civil::Date> = query("from").and_then(|date| time::date(&date));
        let about = (path_parameter("doctor")?, id("clinic"), id("service"), from);
        let visitor = guard::session().who_lets_go().await?;
        let busy = busy_times().await?;
        let shown = match visitor.is_none() && busy.is_empty() {
            true => shown_to_all(&state, about, texts).await?,
            false => Arc::new(ShownTimes::read(&state, about, visitor, &busy, texts).await?),
        };
        let ShownTimes {
            doctor,
            times,
            written,
        } = &*shown;
        let chosen = &times.offering;
        let base = format!(
            "/doctors/{}?clinic={}&service={}",
            doctor.id, chosen.clinic_id, chosen.service_id
        );
        let form = TimesForm {
            action: Hold::url().to_owned(),
            hidden: vec![
                ("doctor_id", doctor.id.to_string()),
                ("clinic_id", chosen.clinic_id.to_string()),
                ("service_id", chosen.service_id.to_string()),
            ],
            base,
            with: doctor.name.clone(),
            busy,
            ..TimesForm::default()
        };
        let problem = conflict(request_error(), None).await?;
        let chosen_name = texts.with(
            "chosen-service",
            &[
                ("service", chosen.service(texts.locale()).to_owned().into()),
                ("clinic", chosen.clinic_name.clone().into()),
            ],
        );
        let title = texts.with("times-title", &[("doctor", doctor.name.clone().into())]);
        Ok(Page::new(
            title,
            view! {
                {problem}
                <div class="stack">
                    <a class="back" href="/">{icon("arrow-left")}{texts.text("all-doctors")}</a>
                    <div class="media">
                        <span class="face big" aria-hidden="true">{initials(&doctor.name)}</span>
                        <div>
                            <h1>{isolate(doctor.name.clone())}</h1>
                            <p class="soft">{isolate(doctor.speciality(texts.locale()).to_owned())}</p>
                            {doctor.rating.map(|rating| view! { <p>{average(rating, texts)}</p> })}
                        </div>
                    </div>
                </div>
                <details class="fold">
                    <summary>
                        <span><b>{isolate(chosen_name)}</b><small>{texts.text("another-service")}</small></span>
                        {icon("chevron-down")}
                    </summary>
                    <h2 class="hide">{texts.text("what-to-book")}</h2>
                    <ul class="picks">
                        {doctor.offerings.iter().map(|offering| pick(offering, chosen, texts)).collect_view()}
                    </ul>
                    <p>
                        <a href=format!("/services/{}?clinic={}", chosen.service_id, chosen.clinic_id)>
                            {texts.with("any-doctor-link", &[("service", chosen.service(texts.locale()).to_owned().into())])}
                        </a>
                    </p>
                </details>
                <section class="stack" aria-labelledby="times">
                    <h2 id="times">{texts.text("choose-a-time")}</h2>
                    {written_days(times, written.clone(), form, texts)}
                    {crate::course::page::link("/course", chosen, None, texts)}
                </section>
                <section class="stack" aria-labelledby="about">
                    <h2 id="about">{texts.with("about-doctor", &[("doctor", doctor.name.clone().into())])}</h2>
                    <p class="said" dir="auto">{doctor.about.clone()}</p>
                    <ul class="facts">
                        <li>{icon("map-pin")}<span>{isolate(chosen.clinic_name.clone())} ", " {isolate(chosen.clinic_address.clone())}</span></li>
                        <li>{icon("languages")}<span>{language_names(doctor, texts)}</span></li>
                    </ul>
                </section>
            },
        )
        .shows_problem())
    })
}

fn pick(offering: &Offering, chosen: &Offering, texts: Texts) -> impl IntoView + use<> {
    let current = offering.clinic_id == chosen.clinic_id && offering.service_id == chosen.service_id;
    let href = format!(
        "/doctors/{}?clinic={}&service={}#times",
        offering.doctor_id, offering.clinic_id, offering.service_id
    );
    view! {
        <li>
            <a class="pick" href=href aria-current=current.then_some("true")>
                {icon(mode_icon(&offering.mode))}
                <span>
                    <b>{isolate(offering.service(texts.locale()).to_owned())}</b>
                    <small>
                        {texts.with("minutes", &[("count", offering.rules.duration.into())])} " · "
                        {offering.price.as_ref().map(|price| format!("{} · ", price.text(texts.locale())))}
                        {isolate(offering.clinic_name.clone())}
                    </small>
                </span>
            </a>
        </li>
    }
}
