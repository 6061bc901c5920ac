//! The doctor's day: what waits for an answer, and what comes next.

mod row;

use jiff::{Timestamp, civil, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use self::row::{Kind, SEVERAL_FORM, rows};
use super::{
    notice::{news, several},
    parts::{date_of, patient_name, record_list},
};
use crate::{
    account::guard,
    appointment::forms::{ConfirmSeveral, SearchDay, kept_search},
    desk::page::links as desk_links,
    idempotency::page::KeyField,
    schedule::page::elsewhere,
    server::AppState,
    ui::{Page, icon, island::LivePart, page, query, texts},
};
use engine::{
    appointment::{self, Item, Place, Search, Status},
    caldav::busy::conflicts,
    i18n::Texts,
    time,
};

/// The request that all rows of the day share.
#[derive(Clone, Copy)]
struct DayPage {
    texts: Texts,
    now: Timestamp,
    /// The date where the doctor works most.
    today: civil::Date,
    /// Whether rows must say where they are.
    many_places: bool,
}

impl DayPage {
    fn new(places: &[Place], now: Timestamp, texts: Texts) -> Self {
        let today = places.first().map_or_else(
            || time::local_date(now, &TimeZone::UTC),
            |place| time::local_date(now, &place.zone),
        );
        Self {
            texts,
            now,
            today,
            many_places: places.len() > 1,
        }
    }

    /// The path of the day of an appointment.
    fn day_path(&self, date: civil::Date) -> String {
        if date == self.today {
            "/doctor".to_owned()
        } else {
            format!("/doctor?date={date}")
        }
    }
}

/// The page that doctors land on: requests that wait, then the day in time order.
#[component]
pub fn TodayPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let news = match several(&caller, texts).await? {
            Some(several) => Some(several),
            None => news(&caller, texts).await?,
        };
        let places = appointment::places(&state.database, doctor_id).await?;
        let desk = DayPage::new(&places, now, texts);
        let search = kept_search("/doctor").await?;
        if !search.trim().is_empty() {
            let found = appointment::search_of_doctor(
                &state.database,
                doctor_id,
                Search::new(&search, state.config.rules.country),
            )
            .await?;
            record_list(&state, &caller, &found, now).await;
            return Ok(found_page(desk, search, &found, news));
        }
        let date = query("date").as_deref().and_then(date_of).unwrap_or(desk.today);
        let requests = appointment::requests(&state.database, doctor_id, now).await?;
        let mut day = appointment::day_sheet(&state.database, doctor_id, date, now).await?;
        let planned = day.iter().filter(|item| item.group.is_none()).count();
        // A session is one block, with all who have seats: of these, who is here stands with the others who are.
        day.retain(|item| item.group.is_none() || is_here(item, now));
        let groups = crate::group::page::of_day(&state, doctor_id, date, texts).await?;
        let next = if day.is_empty() && groups.is_none() {
            let after = end_of(date, &places).unwrap_or(now).max(now);
            appointment::next_of_doctor(&state.database, doctor_id, after, now).await?
        } else {
            None
        };
        let conflicts = conflicts(&state.database, &caller, now).await?;
        let conflicts = elsewhere::section(&conflicts, caller.role(), texts);
        let messages = crate::consultation::page::waiting(&caller, doctor_id, now, texts).await?;
        let listed: Vec<&Item> = requests.iter().chain(&day).chain(&next).collect();
        record_list(&state, &caller, listed, now).await;
        let title = time::long_date(date, texts);
        let is_free = planned == 0 && groups.is_none();
        let (here, rest) = who_is_here(day, now);
        // Where all of the day is here already, there is no gap to speak of.
        let rest = (is_free || !rest.is_empty()).then(|| the_day(desk, date, &rest, next.as_ref()));
        Ok(Page::new(
            title.clone(),
            view! {
                {news}
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p id="counts">{summary(planned, requests.len(), texts)}</p>
                        <p class="small">{zones(&places, date, texts)}</p>
                    </div>
                    {turn_days(desk, date)}
                </div>
                {desk_links(&caller, Some(date), texts)}
                <div id="here-now">{here_now(desk, &here)}</div>
                <div id="messages">{messages}</div>
                <LivePart
                    url="/live/mine".to_owned()
                    part="counts here-now messages".to_owned()
                    announcement=texts.text("consultation-news")
                />
                {(!requests.is_empty()).then(|| waiting(desk, &requests))}
                {conflicts}
                {groups}
                {rest}
                {search_form(String::new(), texts)}
                <p class="no-print">{crate::ical::page::link("btn quiet", texts)}</p>
            },
        )
        .shows_problem())
    })
}

/// When a date is over where the doctor works most.
fn end_of(date: civil::Date, places: &[Place]) -> Option<Timestamp> {
    const MIDNIGHT: i32 = 24 * 60;
    time::last_instant(date, MIDNIGHT, &places.first()?.zone)
}

fn summary(appointments: usize, requests: usize, texts: Texts) -> String {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    texts.with(
        "today-summary",
        &[
            ("appointments", count(appointments).into()),
            ("requests", count(requests).into()),
        ],
    )
}

/// Which clock the times of a date are told by.
fn zones(places: &[Place], date: civil::Date, texts: Texts) -> Option<String> {
    let (first, others) = places.split_first()?;
    if others.iter().all(|place| place.zone_name == first.zone_name) {
        return Some(texts.with(
            "clinic-time",
            &[(
                "zone",
                time::zone_of_days(&first.zone_name, &first.zone, (date, date), texts).into(),
            )],
        ));
    }
    Some(texts.text("today-many-zones"))
}

fn turn_days(desk: DayPage, date: civil::Date) -> impl IntoView {
    let texts = desk.texts;
    let day = |date: civil::Date| (desk.day_path(date), time::short_date(date, texts));
    let earlier = date.yesterday().ok().map(day);
    let later = date.tomorrow().ok().map(day);
    let to_today = date != desk.today;
    view! {
        <nav aria-label=texts.text("today-days")>
            <ul class="pager">
                {earlier.map(|(path, day)| view! { <li><a class="btn" href=path>{icon("arrow-left")}{day}</a></li> })}
                {to_today.then(|| view! { <li><a class="btn" href="/doctor">{texts.text("today")}</a></li> })}
                {later.map(|(path, day)| view! { <li><a class="btn" href=path>{day}{icon("arrow-right")}</a></li> })}
            </ul>
        </nav>
    }
}

fn search_form(value: String, texts: Texts) -> impl IntoView {
    view! {
        <form class="filters" method="post" action=SearchDay::url() role="search">
            <div class="fields">
                <div class="field">
                    <label for="search">{texts.text("search-label")}</label>
                    <input id="search" name="search" type="search" value=value autocomplete="off" />
                </div>
                <button class="btn">{icon("search")}{texts.text("find")}</button>
            </div>
        </form>
    }
}

/// The requests that wait for an answer, with the time that is left.
fn waiting(desk: DayPage, requests: &[Item]) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="waiting">
            <h2 id="waiting">
                {desk.texts.text("today-waiting")} " " <span class="count">{requests.len()}</span>
            </h2>
            <ol class="rows waiting">{rows(desk, requests, Kind::Request)}</ol>
            {(requests.len() > 1).then(|| confirm_chosen(desk.texts))}
        </section>
    }
}

/// Whether its patient is with the doctor or waits outside.
fn is_here(item: &Item, now: Timestamp) -> bool {
    match item.status_at(now) {
        Status::InProgress => true,
        Status::Confirmed => item.arrived_at.is_some(),
        _ => false,
    }
}

/// Parts a day: who is with the doctor or waits outside, the longest first, and the rest in time order.
fn who_is_here(day: Vec<Item>, now: Timestamp) -> (Vec<Item>, Vec<Item>) {
    let (mut here, rest): (Vec<Item>, Vec<Item>) = day.into_iter().partition(|item| is_here(item, now));
    here.sort_by_key(|item| (item.status != Status::InProgress, item.arrived_at));
    (here, rest)
}

/// The first rows of the page: who is here, each with the next step.
fn here_now(desk: DayPage, here: &[Item]) -> Option<impl IntoView + use<>> {
    (!here.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="here">
                <h2 id="here">{desk.texts.text("today-here")} " " <span class="count">{here.len()}</span></h2>
                <ol class="rows here">{rows(desk, here, Kind::Day)}</ol>
            </section>
        }
    })
}

fn confirm_chosen(texts: Texts) -> impl IntoView {
    view! {
        <form id=SEVERAL_FORM method="post" action=ConfirmSeveral::url() class="actions">
            <KeyField />
            <button id="chosen" class="btn">{icon("check-check")}{texts.text("several-confirm")}</button>
            <span class="hint">{texts.text("several-hint")}</span>
        </form>
    }
}

fn the_day(desk: DayPage, date: civil::Date, day: &[Item], next: Option<&Item>) -> AnyView {
    let texts = desk.texts;
    if day.is_empty() {
        return nothing_planned(desk, date, next).into_any();
    }
    view! {
        <section class="stack" aria-labelledby="day">
            <h2 id="day">{texts.text("today-day")}</h2>
            <ol class="rows">{rows(desk, day, Kind::Day)}</ol>
        </section>
    }
    .into_any()
}

fn nothing_planned(desk: DayPage, date: civil::Date, next: Option<&Item>) -> impl IntoView + use<> {
    let texts = desk.texts;
    let title = if date == desk.today {
        "today-empty-title"
    } else {
        "today-empty-title-other"
    };
    let next = match next {
        Some(item) => {
            let text = texts.with(
                "today-next",
                &[
                    ("time", time::moment(item.starts_at, &item.zone, texts).into()),
                    ("patient", patient_name(item, texts).into()),
                ],
            );
            let path = desk.day_path(time::local_date(item.starts_at, &item.zone));
            view! { <p>{text}</p> <a class="btn" href=path>{texts.text("today-go-there")}</a> }.into_any()
        }
        None => view! { <p>{texts.text("today-no-next")}</p> }.into_any(),
    };
    view! { <div class="empty">{icon("sun")}<h2>{texts.text(title)}</h2>{next}</div> }
}

/// The page of a search, over all dates.
fn found_page(desk: DayPage, search: String, found: &[Item], news: Option<AnyView>) -> Page {
    let texts = desk.texts;
    let list = if found.is_empty() {
        view! {
            <div class="empty">
                {icon("search")}
                <h2>{texts.text("search-empty-title")}</h2>
                <p>{texts.text("search-empty-text")}</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <section class="stack" aria-labelledby="found">
                <h2 id="found">{texts.text("search-found")} " " <span class="count">{found.len()}</span></h2>
                <ol class="rows">{rows(desk, found, Kind::Found)}</ol>
            </section>
        }
        .into_any()
    };
    Page::new(
        texts.text("search-title"),
        view! {
            {news}
            <div class="stack">
                <a class="back" href="/doctor">{icon("arrow-left")}{texts.text("today")}</a>
                <h1>{texts.text("search-title")}</h1>
            </div>
            {search_form(search, texts)}
            {list}
        },
    )
    .shows_problem()
}

/// The step that a visit usually takes from here.
pub(super) fn usual_step(steps: &[Status]) -> Option<Status> {
    steps
        .iter()
        .copied()
        .find(|to| matches!(to, Status::Confirmed | Status::InProgress | Status::Completed))
}

/// The first line of a text, cut where there is no more room.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_one_line_of_what_the_patient_wrote() {
        assert_eq!(shortened("A cough\nfor two weeks", 80), "A cough");
        assert_eq!(shortened("Größere Sorgen", 7), "Größere…");
        assert_eq!(shortened("", 7), "");
    }
}
