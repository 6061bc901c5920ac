//! The board of appointments of the desk.

mod filter;
mod list;

use jiff::civil;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

pub use self::filter::read_filter;
use self::{
    filter::{TABS, path_to},
    list::list,
};
use super::{badge::status_key, notice::news, overdue::overdue_notice, parts::record_list};
use crate::{
    account::{guard, page::phones_notice},
    appointment::forms::{SearchBoard, kept_search},
    desk::page::links as desk_links,
    organisation::page::first_steps,
    server::AppState,
    ui::{Page, csv_link, icon, page, texts},
};
use engine::{
    account::{must_be_admin, renumber::phone_findings},
    appointment::{self, Board, Choices, Count, Filter, Status, Turn},
    i18n::Texts,
    notification::Channel,
    organisation,
};

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
