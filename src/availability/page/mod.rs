//! Finding a doctor, and choosing a time.

mod any;
pub mod times;

use crate::{
    account::guard,
    booking::{
        forms::Hold,
        page::{conflict::conflict, unfinished},
    },
    rating::page::average,
    server::AppState,
    ui::{Page, icon, isolate, page, path_parameter, query, request_error, texts},
};
use jiff::{Timestamp, civil};
use leptos::{prelude::*, server_fn::ServerFn};

pub use self::any::AnyDoctorPage;
use self::times::{TimesForm, busy_times, mode_icon, write_days, written_days};
use engine::{
    availability::{self, Doctor, Offering, Search},
    error::AppError,
    i18n::Texts,
    organisation::{self, Clinic, Versioned},
    time::{self, Range},
};
use std::sync::Arc;

/// The start page: services and doctors to book.
#[component]
pub fn StartPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let search = Search {
            words: query("q").unwrap_or_default(),
            speciality: query("speciality").unwrap_or_default(),
            clinic_id: query("clinic").and_then(|id| id.parse().ok()),
            language: query("language").unwrap_or_default(),
            ..Search::default()
        };
        let availability::Overview {
            choices,
            doctors,
            services,
        } = availability::overview(&state.database, search.clone(), state.now()).await?;
        let with_any = services.map(|services| any::services(services, search.clinic_id, texts));
        let rooms = crate::stay::page::link_to_rooms(&state, texts).await?;
        let groups = match search.is_for_all() {
            true => crate::group::page::section(&state, None, texts).await?,
            false => None,
        };
        let mut clinics = organisation::clinics(&state.database).await?;
        clinics.retain(|clinic| choices.clinics.iter().any(|(id, _)| *id == clinic.id));
        let parts = guard::session().draft().await?.parts;
        let unfinished = match parts.is_empty() {
            true => unfinished(texts).await?,
            false => None,
        };
        let visit = parts.last().map(|part| {
            let check = view! {
                <div class="actions">
                    <a class="btn" href=format!("/book/{part}/check")>{texts.text("to-check")}</a>
                </div>
            };
            view! {
                <section class="notice good" aria-labelledby="visit">
                    {icon("circle-check")}
                    <h2 id="visit">{texts.text("add-part-choose")}</h2>
                    {check}
                </section>
            }
        });
        let count = i64::try_from(doctors.len()).unwrap_or(i64::MAX);
        let list = if doctors.is_empty() && search.is_for_all() {
            view! {
                <div class="empty">
                    {icon("calendar")}
                    <h2>{texts.text("not-open-title")}</h2>
                    <p>{texts.text("not-open-text")}</p>
                </div>
            }
            .into_any()
        } else if doctors.is_empty() {
            view! {
                <div class="empty">
                    {icon("search")}
                    <h2>{texts.text("no-doctors-title")}</h2>
                    <p>{texts.text("no-doctors-text")}</p>
                    <a class="btn primary" href="/">{texts.text("all-doctors")}</a>
                </div>
            }
            .into_any()
        } else {
            view! {
                <ul class="grid">
                    {doctors.into_iter().map(|(doctor, next)| card(doctor, next, texts)).collect_view()}
                </ul>
            }
            .into_any()
        };
        Ok(Page::new(
            texts.text("start-title"),
            view! {
                {visit}
                {unfinished}
                <section class="hero">
                    <h1>{texts.text("start-title")}</h1>
                    <p>{texts.text("start-intro")}</p>
                    {search_form(texts, search, choices)}
                </section>
                <section class="stack" aria-labelledby="doctors">
                    <h2 id="doctors">{texts.with("doctors-found", &[("count", count.into())])}</h2>
                    {list}
                </section>
                {groups}
                {with_any}
                {rooms}
                {our_clinics(clinics, texts)}
            },
        ))
    })
}

/// The clinics, for whoever wants to call or to come.
fn our_clinics(clinics: Vec<Versioned<Clinic>>, texts: Texts) -> Option<impl IntoView + use<>> {
    let list = clinics
        .iter()
        .map(|clinic| {
            view! {
                <li class="card">
                    <h3>{isolate(clinic.what.name.clone())}</h3>
                    <p>{isolate(clinic.what.address.clone())}</p>
                    <p><a class="num" href=format!("tel:{}", clinic.what.phone)>{clinic.what.phone.clone()}</a></p>
                </li>
            }
        })
        .collect_view();
    (!clinics.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="clinics">
                <h2 id="clinics">{texts.text("our-clinics")}</h2>
                <ul class="grid">{list}</ul>
            </section>
        }
    })
}

fn search_form(
    texts: Texts,
    search: Search,
    availability::Choices {
        specialities,
        clinics,
        languages,
    }: availability::Choices,
) -> impl IntoView {
    let select = |name: &'static str, label: String, chosen: String, options: Vec<(String, String)>| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <select id=name name=name>
                    <option value="">{texts.text("any")}</option>
                    {options
                        .into_iter()
                        .map(|(value, label)| {
                            let selected = value == chosen;
                            view! { <option value=value selected=selected>{label}</option> }
                        })
                        .collect_view()}
                </select>
            </div>
        }
    };
    let is_filtered =
        search.clinic_id.is_some() || !search.speciality.is_empty() || !search.language.is_empty();
    let chosen_clinic = search.clinic_id.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <form class="search" role="search" method="get" action="/">
            <div class="field">
                <label for="q">{texts.text("search-words")}</label>
                <input id="q" name="q" type="search" value=search.words />
            </div>
            <details class="fold" open=is_filtered>
                <summary>{texts.text("more-filters")}{icon("chevron-down")}</summary>
                <div class="search">
            {select(
                "speciality",
                texts.text("speciality"),
                search.speciality,
                specialities
                    .into_iter()
                    .map(|(name, names)| (name.clone(), names.or(&name, texts.locale()).to_owned()))
                    .collect(),
            )}
            {select(
                "clinic",
                texts.text("clinic"),
                chosen_clinic,
                clinics.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            )}
            {select(
                "language",
                texts.text("spoken-language"),
                search.language,
                languages
                    .into_iter()
                    .map(|code| {
                        let name = language_name(&code, texts);
                        (code, name)
                    })
                    .collect(),
            )}
                </div>
            </details>
            <button class="btn primary">{icon("search")}{texts.text("find")}</button>
        </form>
    }
}

/// The name of a language, or its code where the name is not known.
pub fn language_name(code: &str, texts: Texts) -> String {
    match code {
        "en" | "id" | "de" | "jv" | "mi" | "fr" | "zh" | "nl" | "tr" | "es" => {
            texts.text(&format!("language-{code}"))
        }
        other => other.to_owned(),
    }
}

fn language_names(doctor: &Doctor, texts: Texts) -> String {
    let names: Vec<String> = doctor
        .languages
        .iter()
        .map(|code| language_name(code, texts))
        .collect();
    names.join(", ")
}

/// The initials of a doctor, for want of a face.
fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter(|word| !word.ends_with('.') && !matches!(*word, "Dr" | "dr"))
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect()
}

/// The places where a doctor can be seen, each once.
fn places(doctor: &Doctor) -> Vec<String> {
    let mut places: Vec<String> = doctor
        .offerings
        .iter()
        .map(|offering| offering.clinic_name.clone())
        .collect();
    places.dedup();
    places
}

fn card(doctor: Doctor, next: Option<(Offering, Timestamp)>, texts: Texts) -> impl IntoView {
    let href = format!("/doctors/{}", doctor.id);
    let next = match next {
        Some((offering, starts_at)) => texts.with(
            "next-free",
            &[
                (
                    "day",
                    time::short_date(time::local_date(starts_at, &offering.zone), texts).into(),
                ),
                (
                    "time",
                    time::clock(starts_at, &offering.zone, texts.locale()).into(),
                ),
            ],
        ),
        None => texts.text("nothing-free-soon"),
    };
    view! {
        <li class="card doctor">
            <div class="media">
                <span class="face" aria-hidden="true">{initials(&doctor.name)}</span>
                <div>
                    <h3>{isolate(doctor.name.clone())}</h3>
                    <p class="soft">{isolate(doctor.speciality(texts.locale()).to_owned())}</p>
                    {doctor.rating.map(|rating| view! { <p>{average(rating, texts)}</p> })}
                </div>
            </div>
            <ul class="facts">
                <li>{icon("map-pin")}<span>{places(&doctor).join(" · ")}</span></li>
                <li>{icon("languages")}<span>{language_names(&doctor, texts)}</span></li>
            </ul>
            <p class="free">{next}</p>
            <a class="btn" href=href>
                {texts.text("choose-a-time")}
                <span class="hide">" " {isolate(doctor.name)}</span>
            </a>
        </li>
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_leave_out_titles() {
        assert_eq!(initials("Dr. Sari Wulandari"), "SW");
        assert_eq!(initials("Dr Lena von der Heide"), "Lv");
        assert_eq!(initials("dr. Budi"), "B");
    }
}
