//! The start page: the search for doctors, those who were found, and the clinics.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{any, initials, language_name, language_names};
use crate::{
    account::guard,
    booking::page::unfinished,
    rating::page::average,
    server::AppState,
    ui::{Page, icon, isolate, page, query, texts},
};
use engine::{
    availability::{self, Doctor, Offering, Search},
    i18n::Texts,
    organisation::{self, Clinic, Versioned},
    time,
};

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
