//! A month of nights with what is left in each: a table that works by keyboard.

use jiff::{ToSpan, civil::Date};
use leptos::prelude::*;

use crate::ui::{icon, texts};
use engine::{
    i18n::Texts,
    stay::Night,
    time::{leaf, long_date, monday, month_and_year, weekday_key},
};

/// What is chosen of the nights so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice {
    pub arrival: Option<Date>,
    pub departure: Option<Date>,
    pub rooms: i32,
}

/// The days of a calendar and where they lead.
pub struct Calendar {
    /// A day of the month that is shown.
    pub month: Date,
    pub today: Date,
    pub nights: Vec<Night>,
    pub choice: Choice,
    /// Whether a day leads to a choice with it. It is only shown, where not.
    pub can_choose: bool,
    /// The address of the page with these in its query: a choice, and the month.
    pub address: Option<Box<dyn Fn(Choice, Date) -> String + Send>>,
}

impl Calendar {
    /// The nights of the month of a day, from its first to that of the next.
    pub fn range(month: Date) -> (Date, Date) {
        let first = month.first_of_month();
        (first, first.saturating_add(1.month()))
    }

    /// The table, with the ways to the months before and after.
    pub fn view(self) -> impl IntoView {
        let texts = texts();
        let (first, next) = Self::range(self.month);
        let title = month_and_year(first, texts);
        let label = title.clone();
        let head = [0, 1, 2, 3, 4, 5, 6].map(|day| {
            let date = monday(first).saturating_add(day.days());
            let name = texts.text(weekday_key(date.weekday()));
            let [short, ..] = leaf(date, texts);
            view! { <th scope="col"><abbr title=name>{short}</abbr></th> }
        });
        let mut weeks = Vec::new();
        let mut start = monday(first);
        while start < next {
            let days = [0, 1, 2, 3, 4, 5, 6]
                .map(|day| self.day(start.saturating_add(day.days()), (first, next), texts));
            weeks.push(view! { <tr>{days}</tr> });
            start = start.saturating_add(7.days());
        }
        let pages = self.address.as_ref().map(|address| {
            let before = (first > self.today.first_of_month()).then(|| {
                let month = first.saturating_sub(1.month());
                let path = address(self.choice, month);
                view! { <a class="btn" href=path>{icon("arrow-left")}{month_and_year(month, texts)}</a> }
            });
            let after = address(self.choice, next);
            view! {
                <nav class="actions" aria-label=texts.text("rooms-months")>
                    {before}
                    <a class="btn" href=after>{month_and_year(next, texts)}{icon("arrow-right")}</a>
                </nav>
            }
        });
        view! {
            <div class="table-wrap" role="region" aria-label=label tabindex="0">
                <table class="month">
                    <caption>{title}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{weeks}</tbody>
                </table>
            </div>
            {pages}
        }
    }

    fn day(&self, date: Date, (first, next): (Date, Date), texts: Texts) -> AnyView {
        if !(first..next).contains(&date) {
            return view! { <td class="none"></td> }.into_any();
        }
        let night = self.nights.iter().find(|night| night.night == date);
        let Some(night) = night.filter(|_| date >= self.today) else {
            return view! { <td class="over"><b>{date.day().to_string()}</b></td> }.into_any();
        };
        let left = match night.free {
            ..=0 => texts.text("rooms-full"),
            free => texts.with("rooms-left", &[("count", free.into())]),
        };
        let choice = self.choice;
        let is_chosen = match (choice.arrival, choice.departure) {
            (Some(arrival), Some(departure)) => (arrival..departure).contains(&date),
            (Some(arrival), None) => arrival == date,
            _ => false,
        };
        let class = match (is_chosen, night.free < choice.rooms.max(1)) {
            (true, _) => "chosen",
            (false, true) => "full",
            (false, false) => "free",
        };
        let is_departure = choice.departure.is_none() && choice.arrival.is_some_and(|arrival| arrival < date);
        let (to, key) = match is_departure {
            true => (
                Choice {
                    departure: Some(date),
                    ..choice
                },
                "rooms-until-day",
            ),
            false => (
                Choice {
                    arrival: Some(date),
                    departure: None,
                    ..choice
                },
                "rooms-from-day",
            ),
        };
        // Nobody can arrive where no room is left; to leave is always possible.
        let leads = is_departure || night.free >= choice.rooms.max(1);
        let path = self
            .address
            .as_ref()
            .filter(|_| self.can_choose && leads)
            .map(|address| address(to, self.month));
        let inside = view! { <b>{date.day().to_string()}</b><small>{left.clone()}</small> };
        match path {
            Some(path) => {
                let label = texts.with(
                    key,
                    &[("date", long_date(date, texts).into()), ("left", left.into())],
                );
                view! { <td class=class><a href=format!("{path}#choose") aria-label=label>{inside}</a></td> }
                    .into_any()
            }
            None => view! { <td class=class>{inside}</td> }.into_any(),
        }
    }
}
