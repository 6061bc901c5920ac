//! The board of appointments of the desk.

use crate::{
    account::{guard, page::phones_notice},
    appointment::forms::{SEARCHED, SearchBoard, kept_search},
    desk::page::links as desk_links,
    organisation::page::first_steps,
    server::AppState,
    ui::{Page, csv_link, encode, icon, isolate, page, pager, texts},
};
use jiff::{Timestamp, civil};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use super::{
    arrival::arrival_badge,
    badge::{badge, coming_badge, overbooked_badge, status_key},
    notice::news,
    overdue::overdue_notice,
    parts::{date_of, here, patient_name, record_list},
};
use engine::{
    account::{Country, Role, must_be_admin, renumber::phone_findings},
    appointment::{self, Board, Choices, Count, Filter, Item, Mark, Search, Status, Turn, path_of},
    i18n::Texts,
    notification::Channel,
    organisation, time,
};

/// The statuses that the board has a tab for.
const TABS: [Status; 8] = [
    Status::Pending,
    Status::Confirmed,
    Status::InProgress,
    Status::Completed,
    Status::Cancelled,
    Status::Rejected,
    Status::Expired,
    Status::NoShow,
];

/// All appointments, with filters that live in the URL, but for the words of a search by person, which the session keeps.
#[component]
pub fn BoardPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let news = news(&caller, texts).await?;
        // What is of no single clinic is for who has all of them.
        let is_of_all = must_be_admin(&caller).is_ok();
        let (findings, held_back) = match is_of_all {
            true => (
                phone_findings(&state.database, &caller).await?.len(),
                appointment::held_back(&state.database, now).await?,
            ),
            false => (0, None),
        };
        let phones = phones_notice(findings, texts);
        let choices = appointment::choices(&state.database, &caller).await?;
        let today = choices.today(now);
        let parameters = use_query_map().get_untracked();
        let words = kept_search("/admin").await?;
        let filter = read_filter(
            |name| parameters.get(name),
            &words,
            &choices,
            today,
            state.config.rules.country,
        );
        let filter = Filter {
            clinics: caller.clinics().map(<[i64]>::to_vec),
            ..filter
        };
        let board = appointment::board(&state.database, filter.clone()).await?;
        record_list(&state, &caller, &board.items, now).await;
        let whole = Filter {
            turn: Turn::First,
            ..filter.clone()
        };
        let csv = path_to(&whole, today).replacen("/admin", "/admin/board.csv", 1);
        let list = if board.items.is_empty() {
            match organisation::setup(&state.database).await? {
                setup if setup.is_complete() || !is_of_all => nothing_matches(texts).into_any(),
                setup => {
                    let has_sender = state.outbox.senders.of(Channel::Sms).is_some();
                    first_steps(setup, has_sender, texts).into_any()
                }
            }
        } else {
            list(&board, &filter, today, now, texts).into_any()
        };
        Ok(Page::new(
            texts.text("board-title"),
            view! {
                {news}
                {overdue_notice(held_back, texts)}
                {phones}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("board-title")}</h1>
                        <p>{texts.text("board-intro")}</p>
                    </div>
                    {desk_links(&caller, None, texts)}
                </div>
                {tabs(&board, &filter, today, texts)}
                {filters(&filter, &choices, texts)}
                {list}
                {csv_link(csv, texts)}
            },
        )
        .shows_problem())
    })
}

/// Reads the filter from the URL. What cannot be read is ignored: an old link shows more, but never
/// an error. Without a word about where to begin, the board begins today.
pub fn read_filter(
    get: impl Fn(&str) -> Option<String>,
    words: &str,
    choices: &Choices,
    today: civil::Date,
    country: Country,
) -> Filter {
    let date = |name: &str| get(name).as_deref().and_then(date_of);
    let id = |name: &str, known: &[(i64, String)]| {
        let id: i64 = get(name)?.parse().ok()?;
        known.iter().any(|(known, _)| *known == id).then_some(id)
    };
    Filter {
        status: get("status")
            .and_then(|status| Status::parse(&status))
            .filter(|status| TABS.contains(status)),
        doctor_id: id("doctor", &choices.doctors),
        clinic_id: id("clinic", &choices.clinics),
        // An empty field is a word: from the beginning.
        from: match get("from").as_deref() {
            Some("") => None,
            from => from.and_then(date_of).or(Some(today)),
        },
        until: date("until"),
        search: Search::new(words, country),
        clinics: None,
        turn: read_turn(get),
    }
}

/// Reads which page is wanted. A link of before pages had marks shows the first one.
fn read_turn(get: impl Fn(&str) -> Option<String>) -> Turn {
    let mark = |name: &str| get(name).as_deref().and_then(Mark::parse);
    match (mark("after"), mark("before")) {
        (Some(after), _) => Turn::After(after),
        (None, Some(before)) => Turn::Before(before),
        (None, None) => Turn::First,
    }
}

/// The URL that [`read_filter`] reads as this filter.
fn path_to(filter: &Filter, today: civil::Date) -> String {
    let mut pairs = Vec::new();
    let mut say =
        |name: &str, value: Option<String>| pairs.extend(value.map(|value| format!("{name}={value}")));
    say("status", filter.status.map(|status| status.as_str().to_owned()));
    say("doctor", filter.doctor_id.map(|id| id.to_string()));
    say("clinic", filter.clinic_id.map(|id| id.to_string()));
    say(
        "from",
        (filter.from != Some(today)).then(|| filter.from.map(|from| from.to_string()).unwrap_or_default()),
    );
    say("until", filter.until.map(|until| until.to_string()));
    say(
        SEARCHED,
        (!filter.search.words.is_empty()).then(|| "1".to_owned()),
    );
    match filter.turn {
        Turn::First => {}
        Turn::After(mark) => say("after", Some(mark.to_string())),
        Turn::Before(mark) => say("before", Some(mark.to_string())),
    }
    if pairs.is_empty() {
        "/admin".to_owned()
    } else {
        format!("/admin?{}", pairs.join("&"))
    }
}

fn tabs(board: &Board, filter: &Filter, today: civil::Date, texts: Texts) -> impl IntoView + use<> {
    let tab = |status: Option<Status>| {
        let path = path_to(
            &Filter {
                status,
                turn: Turn::First,
                ..filter.clone()
            },
            today,
        );
        let current = (status == filter.status).then_some("page");
        let name = status.map_or_else(
            || texts.text("board-all"),
            |status| texts.text(status_key(status)),
        );
        view! {
            <li><a href=path aria-current=current>{name} " " {number_of(board.count(status), texts)}</a></li>
        }
    };
    let others = TABS
        .into_iter()
        // A tab that would lead to nothing only takes room.
        .filter(|&status| {
            board.count(Some(status)).is_none_or(|count| count.number > 0) || filter.status == Some(status)
        })
        .map(|status| tab(Some(status)))
        .collect_view();
    view! { <nav class="tabs" aria-label=texts.text("board-status")><ul>{tab(None)}{others}</ul></nav> }
}

/// The number beside a tab, where it was counted.
fn number_of(count: Option<Count>, texts: Texts) -> impl IntoView + use<> {
    let number = match count? {
        Count {
            number,
            is_more: false,
        } => number.to_string(),
        Count {
            number,
            is_more: true,
        } => texts.with("board-more-than", &[("count", number.into())]),
    };
    Some(view! { <span class="count">{number}</span> })
}

fn filters(filter: &Filter, choices: &Choices, texts: Texts) -> impl IntoView + use<> {
    let date = |date: Option<civil::Date>| date.map(|date| date.to_string());
    let status = filter
        .status
        .map(|status| view! { <input type="hidden" name="status" value=status.as_str() /> });
    view! {
        <form class="filters" method="post" action=SearchBoard::url() role="search" aria-label=texts.text("board-filter")>
            {status}
            <div class="fields">
                <div class="field">
                    <label for="search">{texts.text("search-label")}</label>
                    <input
                        id="search"
                        name="search"
                        type="search"
                        value=filter.search.words.clone()
                        autocomplete="off"
                    />
                </div>
                {choice("doctor", "board-doctor", "board-all-doctors", &choices.doctors, filter.doctor_id, texts)}
                {choice("clinic", "board-clinic", "board-all-clinics", &choices.clinics, filter.clinic_id, texts)}
                <div class="field">
                    <label for="from">{texts.text("board-from")}</label>
                    <input id="from" name="from" type="date" value=date(filter.from) />
                </div>
                <div class="field">
                    <label for="until">{texts.text("board-until")}</label>
                    <input id="until" name="until" type="date" value=date(filter.until) />
                </div>
                <button class="btn">{icon("filter")}{texts.text("board-do-filter")}</button>
            </div>
        </form>
    }
}

fn choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    options: &[(i64, String)],
    chosen: Option<i64>,
    texts: Texts,
) -> impl IntoView + use<> {
    let options = options
        .iter()
        .map(|(id, name)| view! { <option value=*id selected=chosen == Some(*id)>{name.clone()}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{texts.text(label)}</label>
            <select id=name name=name>
                <option value="">{texts.text(all)}</option>
                {options}
            </select>
        </div>
    }
}

fn nothing_matches(texts: Texts) -> impl IntoView {
    view! {
        <div class="empty">
            {icon("filter")}
            <h2>{texts.text("board-empty-title")}</h2>
            <p>{texts.text("board-empty-text")}</p>
            <a class="btn" href="/admin?from=">{texts.text("board-clear")}</a>
        </div>
    }
}

fn list(
    board: &Board,
    filter: &Filter,
    today: civil::Date,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let caption = match board.count(filter.status) {
        Some(Count {
            number,
            is_more: false,
        }) => texts.with("board-caption", &[("count", number.into())]),
        Some(Count {
            number,
            is_more: true,
        }) => texts.with("board-caption-more", &[("count", number.into())]),
        None => texts.text("board-caption-many"),
    };
    let turn = |turn: Turn| {
        path_to(
            &Filter {
                turn,
                ..filter.clone()
            },
            today,
        )
    };
    let earlier = board.earlier.map(turn);
    let later = board.later.map(turn);
    let head = [
        "column-time",
        "column-patient",
        "column-doctor",
        "column-visit",
        "column-status",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    let rows = board
        .items
        .iter()
        .map(|item| row(item, now, texts))
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("board-title") tabindex="0">
            <table class="cards">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        {head}
                        <th scope="col"><span class="hide">{texts.text("column-actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager((earlier, "pages-earlier"), (later, "pages-later"), texts)}
    }
}

fn row(item: &Item, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let clock = time::clock(item.starts_at, &item.zone, texts.locale());
    let date = time::short_date(time::local_date(item.starts_at, &item.zone), texts);
    let patient = patient_name(item, texts);
    let open = format!(": {patient}, {date}, {clock}");
    let moving = item.may_be_moved_by_staff(now).then(|| {
        let path = format!("{}/reschedule?next={}", path_of(Role::Admin, &item.reference), encode(&here()));
        let whose = open.clone();
        view! { <a class="btn quiet" href=path>{texts.text("staff-move")}<span class="hide">{whose}</span></a> }
    });
    view! {
        <tr>
            <th scope="row">
                <time datetime=item.starts_at.to_string()>{clock}</time>
                " "
                <small>{format!("{date}, {}", time::zone_name(&item.zone_name, &item.zone, item.starts_at))}</small>
            </th>
            <td data-label=texts.text("column-patient")>
                <span>{isolate(patient)} " " <small class="num">{item.patient_phone.clone()}</small></span>
            </td>
            <td data-label=texts.text("column-doctor")>
                <span>{isolate(item.doctor(texts))} " " <small>{isolate(item.clinic_name.clone())}</small></span>
            </td>
            <td data-label=texts.text("column-visit")><span>{isolate(item.service(texts.locale()).to_owned())}</span></td>
            <td data-label=texts.text("column-status")>{badge(item.status_at(now), texts)} " " {overbooked_badge(item, texts)} {coming_badge(item, texts)} {arrival_badge(item, now, texts)}</td>
            <td class="end">
                <div class="actions">
                    {moving}
                    <a class="btn" href=path_of(Role::Admin, &item.reference)>
                        {texts.text("open")}
                        <span class="hide">{open}</span>
                    </a>
                </div>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: civil::Date = civil::date(2026, 11, 24);

    fn choices() -> Choices {
        Choices {
            doctors: vec![(1, "Dr Sari".to_owned())],
            clinics: vec![(2, "Klinik Harapan".to_owned())],
            ..Choices::default()
        }
    }

    fn read(query: &[(&str, &str)]) -> Filter {
        let get = |name: &str| {
            query
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let words = if get(SEARCHED).is_some() { "Maya & Co" } else { "" };
        read_filter(get, words, &choices(), TODAY, Country::default())
    }

    #[test]
    fn without_a_filter_the_board_begins_today() {
        let filter = read(&[]);
        assert_eq!(
            filter,
            Filter {
                from: Some(TODAY),
                ..Filter::default()
            }
        );
        assert_eq!(path_to(&filter, TODAY), "/admin");
    }

    #[test]
    fn a_filter_survives_the_url() {
        let query = [
            ("status", "no_show"),
            ("doctor", "1"),
            ("clinic", "2"),
            ("from", ""),
            ("until", "2026-12-01"),
            (SEARCHED, "1"),
            ("after", "1764403200000000_12"),
        ];
        let filter = read(&query);
        assert!(
            matches!(filter.turn, Turn::After(Mark { id: 12, .. })),
            "{filter:?}"
        );
        assert_eq!(filter.from, None);
        assert_eq!(
            path_to(&filter, TODAY),
            "/admin?status=no_show&doctor=1&clinic=2&from=&until=2026-12-01&searched=1&after=1764403200000000_12"
        );
        assert_eq!(filter.search.words, "Maya & Co");
        // A name in an old link does nothing, and is not passed on.
        let old = read(&[("search", "Maya")]);
        assert_eq!(
            (old.search.words.as_str(), path_to(&old, TODAY).as_str()),
            ("", "/admin")
        );
    }

    #[test]
    fn a_page_is_turned_back_by_the_url() {
        let filter = read(&[("before", "1764403200000000_12")]);
        assert!(
            matches!(filter.turn, Turn::Before(Mark { id: 12, .. })),
            "{filter:?}"
        );
        assert_eq!(path_to(&filter, TODAY), "/admin?before=1764403200000000_12");
    }

    #[test]
    fn a_malformed_filter_is_ignored() {
        let query = [
            ("status", "held"),
            ("doctor", "7"),
            ("clinic", "2' or 1=1"),
            ("from", "2026-02-30"),
            ("until", "soon"),
            ("page", "3"),
            ("after", "soon"),
            ("before", "1_"),
        ];
        assert_eq!(read(&query), read(&[]));
    }
}
