//! Finding a doctor, and choosing a time.

mod any;

use crate::{
    account::guard,
    booking::{forms::Hold, page::conflict},
    idempotency::page::KeyField,
    rating::page::average,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, path_parameter, query, request_error, texts},
};
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

pub use self::any::AnyDoctorPage;
use super::island::LiveTimes;
use engine::{
    availability::{self, Day, Doctor, Offering, Search, Slot},
    i18n::Texts,
    time,
};

/// What can be booked, and with whom.
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
        } = availability::overview(&state.database, search.clone(), Timestamp::now()).await?;
        let with_any = services.map(|services| any::services(services, search.clinic_id, texts));
        let parts = guard::session().draft().await?.parts;
        let visit = parts.last().map(|part| {
            let check = view! {
                <div class="actions">
                    <a class="btn" href=format!("/book/{part}/check")>{texts.text("to-check")}</a>
                </div>
            };
            notice(Tone::Good, texts.text("add-part-choose"), check)
        });
        let count = i64::try_from(doctors.len()).unwrap_or(i64::MAX);
        let list = if doctors.is_empty() {
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
                <section class="hero">
                    <h1>{texts.text("start-title")}</h1>
                    <p>{texts.text("start-intro")}</p>
                    {search_form(texts, search, choices)}
                </section>
                {with_any}
                <section class="stack" aria-labelledby="doctors">
                    <h2 id="doctors">{texts.with("doctors-found", &[("count", count.into())])}</h2>
                    {list}
                </section>
            },
        ))
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
    let chosen_clinic = search.clinic_id.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <form class="search" role="search" method="get" action="/">
            <div class="field">
                <label for="q">{texts.text("search-words")}</label>
                <input id="q" name="q" type="search" value=search.words maxlength="100" />
            </div>
            {select(
                "speciality",
                texts.text("speciality"),
                search.speciality,
                specialities.into_iter().map(|name| (name.clone(), name)).collect(),
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
                    <h3><a href=href.clone()>{doctor.name.clone()}</a></h3>
                    <p class="soft">{doctor.speciality.clone()}</p>
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
                <span class="hide">" " {doctor.name}</span>
            </a>
        </li>
    }
}

/// A doctor, what they offer, and the times of one offer.
#[component]
pub fn DoctorPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let id = |name| query(name).and_then(|id| id.parse::<i64>().ok());
        let from: Option<civil::Date> = query("from").and_then(|date| date.parse().ok());
        let (doctor, times) = availability::doctor_with_page(
            &state.database,
            path_parameter("doctor")?,
            (id("clinic"), id("service")),
            from,
            guard::session().who_lets_go().await?,
            Timestamp::now(),
        )
        .await?;
        let chosen = times.offering.clone();
        let base = format!(
            "/doctors/{}?clinic={}&service={}",
            doctor.id, chosen.clinic_id, chosen.service_id
        );
        let form = TimesForm {
            action: Hold::url(),
            hidden: vec![
                ("doctor_id", doctor.id.to_string()),
                ("clinic_id", chosen.clinic_id.to_string()),
                ("service_id", chosen.service_id.to_string()),
            ],
            base,
        };
        let problem = conflict(request_error(), None).await?;
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
                            <h1>{doctor.name.clone()}</h1>
                            <p class="soft">{doctor.speciality.clone()}</p>
                            {doctor.rating.map(|rating| view! { <p>{average(rating, texts)}</p> })}
                        </div>
                    </div>
                    <p>{doctor.about.clone()}</p>
                    <ul class="facts">
                        <li>{icon("map-pin")}<span>{chosen.clinic_name.clone()} ", " {chosen.clinic_address.clone()}</span></li>
                        <li>{icon("languages")}<span>{language_names(&doctor, texts)}</span></li>
                    </ul>
                </div>
                <section class="stack" aria-labelledby="what">
                    <h2 id="what">{texts.text("what-to-book")}</h2>
                    <ul class="picks">
                        {doctor.offerings.iter().map(|offering| pick(offering, &chosen, texts)).collect_view()}
                    </ul>
                    <p>
                        <a href=format!("/services/{}?clinic={}", chosen.service_id, chosen.clinic_id)>
                            {texts.with("any-doctor-link", &[("service", chosen.service_name.clone().into())])}
                        </a>
                    </p>
                </section>
                <section class="stack" aria-labelledby="times">
                    <h2 id="times">{texts.text("choose-a-time")}</h2>
                    {days(times, form, texts)}
                </section>
            },
        )
        .shows_problem())
    })
}

/// The icon of a way to meet.
pub fn mode_icon(mode: &str) -> &'static str {
    match mode {
        "video" => "video",
        "text" => "message",
        _ => "stethoscope",
    }
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
                    <b>{offering.service_name.clone()}</b>
                    <small>
                        {texts.with("minutes", &[("count", offering.rules.duration.into())])} " · "
                        {offering.price.as_ref().map(|price| format!("{} · ", price.text(texts.locale())))}
                        {offering.clinic_name.clone()}
                    </small>
                </span>
            </a>
        </li>
    }
}

/// The id of the form with all times in it.
pub const TIMES_FORM: &str = "times-form";

/// Where the buttons of a list of times lead.
pub struct TimesForm {
    pub action: &'static str,
    pub hidden: Vec<(&'static str, String)>,
    /// The page itself, with a query, for paging.
    pub base: String,
}

/// Days with their free times, one real button per time; alive where there is JavaScript.
pub fn days(times: availability::Page, form: TimesForm, texts: Texts) -> impl IntoView {
    let live = view! {
        <LiveTimes
            url=format!("/live/times/{}", times.offering.doctor_id)
            just_taken=texts.text("just-taken")
            announcement=texts.with("just-taken-announcement", &[("time", "{time}".into())])
        />
    };
    view! {
        {list_of_days(times, form, texts)}
        {live}
    }
}

/// Days with their free times, as they were when the page was made.
fn list_of_days(times: availability::Page, form: TimesForm, texts: Texts) -> impl IntoView {
    let offering = &times.offering;
    let link = |date: civil::Date| format!("{}&from={date}#times", form.base);
    let earlier = times.earlier.map(link);
    let later = times.later.map(link);
    let empty = times.days.is_empty();
    view! {
        <p class="zone">{icon("clock")}<span>{zone_note(offering, texts)}</span></p>
        {empty.then(|| view! {
            <div class="empty">
                {icon("calendar")}
                <h2>{texts.text("no-times-title")}</h2>
                <p>{texts.text("no-times-text")}</p>
            </div>
        })}
        <form method="post" action=form.action class="days" id=TIMES_FORM>
            <KeyField />
            {form.hidden.into_iter().map(|(name, value)| view! { <Hidden name=name value=value /> }).collect_view()}
            {times.days.iter().map(|day| one_day(day, offering, texts)).collect_view()}
        </form>
        <nav aria-label=texts.text("days")>
            <ul class="pager">
                {earlier.map(|href| view! { <li><a class="btn" href=href>{icon("arrow-left")}{texts.text("earlier-days")}</a></li> })}
                {later.map(|href| view! { <li><a class="btn" href=href>{texts.text("later-days")}{icon("arrow-right")}</a></li> })}
            </ul>
        </nav>
    }
}

/// "All times are clinic time: Jakarta (UTC+7)."
pub fn zone_note(offering: &Offering, texts: Texts) -> String {
    texts.with(
        "zone-note",
        &[(
            "zone",
            zone_name(&offering.zone_name, &offering.zone, Timestamp::now()).into(),
        )],
    )
}

/// `Asia/Jakarta, UTC+7`, as it is at that moment.
pub fn zone_name(name: &str, zone: &TimeZone, at: Timestamp) -> String {
    let offset = Zoned::new(at, zone.clone()).offset().seconds();
    let (hours, minutes) = (offset / 3600, (offset % 3600).abs() / 60);
    match minutes {
        0 => format!("{name}, UTC{hours:+}"),
        minutes => format!("{name}, UTC{hours:+}:{minutes:02}"),
    }
}

fn one_day(day: &Day, offering: &Offering, texts: Texts) -> impl IntoView + use<> {
    let id = format!("day-{}", day.date);
    let labelled_by = id.clone();
    let (free, all) = (day.free(), day.slots.len());
    let left = texts.with(
        "times-left",
        &[
            ("free", i64::try_from(free).unwrap_or(i64::MAX).into()),
            ("all", i64::try_from(all).unwrap_or(i64::MAX).into()),
        ],
    );
    let is_morning = |slot: &&Slot| slot.starts_at.to_zoned(offering.zone.clone()).hour() < 12;
    let (morning, afternoon): (Vec<&Slot>, Vec<&Slot>) =
        day.slots.iter().filter(|slot| slot.free).partition(is_morning);
    view! {
        <section class="day" aria-labelledby=labelled_by>
            <header>
                <h3 id=id>
                    <time datetime=day.date.to_string()>{time::long_date(day.date, texts)}</time>
                </h3>
                <p>{left}</p>
            </header>
            {part_of_day("sunrise", "morning", &morning, offering, texts)}
            {part_of_day("sun", "afternoon", &afternoon, offering, texts)}
        </section>
    }
}

fn part_of_day(
    name: &'static str,
    key: &'static str,
    slots: &[&Slot],
    offering: &Offering,
    texts: Texts,
) -> Option<impl IntoView + use<>> {
    let buttons = slots
        .iter()
        .map(|slot| time_button(slot.starts_at, offering, texts))
        .collect_view();
    (!slots.is_empty()).then(|| {
        view! {
            <h4>{icon(name)}{texts.text(key)}</h4>
            <ul class="times">{buttons}</ul>
        }
    })
}

fn time_button(starts_at: Timestamp, offering: &Offering, texts: Texts) -> impl IntoView + use<> {
    let blocked = offering.rules.blocked(starts_at);
    view! {
        <li>
            <button
                class="time"
                name="starts_at"
                value=starts_at.as_second().to_string()
                data-from=blocked.start.as_second().to_string()
                data-until=blocked.end.as_second().to_string()
            >
                <time datetime=starts_at.to_string()>{time::clock(starts_at, &offering.zone, texts.locale())}</time>
            </button>
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

    #[test]
    fn a_zone_is_named_with_its_offset() {
        assert_eq!(
            zone_name(
                "Asia/Jakarta",
                &time::zone("Asia/Jakarta").unwrap(),
                Timestamp::UNIX_EPOCH
            ),
            "Asia/Jakarta, UTC+7"
        );
        assert_eq!(
            zone_name(
                "Asia/Kolkata",
                &time::zone("Asia/Kolkata").unwrap(),
                Timestamp::UNIX_EPOCH
            ),
            "Asia/Kolkata, UTC+5:30"
        );
    }
}
