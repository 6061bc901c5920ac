//! The pages of group sessions.

mod day;
mod edit;
mod list;
mod one;
mod planned;
mod seat;

pub use self::{
    day::of_day,
    list::{GroupsPage, section},
    one::GroupPage,
    planned::{
        AdminGroupPage, AdminGroupsPage, AdminNewGroupPage, DoctorGroupPage, DoctorGroupsPage,
        DoctorNewGroupPage,
    },
    seat::for_patient,
};

use jiff::Timestamp;
use leptos::prelude::*;

use crate::ui::{icon, island::LivePart, isolate};
use engine::{
    appointment::Item,
    group::{Listed, State},
    i18n::Texts,
    time,
};

/// The number of seats that an appointment has in a session; empty where it has none.
pub fn seats_of(item: &Item) -> String {
    let seats = item
        .group
        .as_ref()
        .map(|group| group.seats)
        .filter(|seats| *seats > 0);
    seats.map_or_else(String::new, |seats| seats.to_string())
}

/// The session in which an appointment has seats, in a line.
pub fn seats_line(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    let group = item.group.clone()?;
    let seats = (group.seats > 0).then(|| texts.with("group-own-seats", &[("count", group.seats.into())]));
    Some(view! { <p>{isolate(group.title)} {seats.map(|seats| format!(" · {seats}"))}</p> })
}

/// `3 of 12 left`, or that none is.
fn left(listed: &Listed, texts: Texts) -> String {
    match listed.free() {
        0 => texts.text("group-full"),
        free => texts.with(
            "group-left",
            &[("free", free.into()), ("capacity", listed.group.capacity.into())],
        ),
    }
}

/// `Mon 23 Nov, 09:20 – 10:20`, at the clinic.
fn from_to(listed: &Listed, texts: Texts) -> String {
    let clock = |at| time::clock(at, &listed.zone, texts.locale());
    let (start, end) = (listed.group.starts_at, listed.group.ends_at);
    let date = time::long_date(time::local_date(start, &listed.zone), texts);
    format!("{date}, {} – {}", clock(start), clock(end))
}

/// The state of a session in words: that of its row, or that it is over.
fn state_badge(listed: &Listed, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let (class, name, key) = match listed.group.state {
        State::Draft => ("badge pending", "pencil", "group-draft"),
        State::Cancelled => ("badge cancelled", "circle-x", "group-cancelled"),
        State::Published if listed.group.ends_at <= now => ("badge completed", "check-check", "group-over"),
        State::Published => ("badge confirmed", "circle-check", "group-published"),
    };
    view! { <span class=class>{icon(name)}{texts.text(key)}</span> }
}

/// Keeps a part of a page as it is in the database, as long as sessions of these doctors are on it.
fn live(listed: &[Listed], part: &str, texts: Texts) -> Option<impl IntoView + use<>> {
    let mut doctors: Vec<i64> = listed.iter().map(|listed| listed.group.doctor_id).collect();
    doctors.sort_unstable();
    doctors.dedup();
    let doctors: Vec<String> = doctors.iter().map(ToString::to_string).collect();
    (!doctors.is_empty()).then(|| {
        view! {
            <LivePart
                url=format!("/live/groups?doctors={}", doctors.join(","))
                part=part.to_owned()
                announcement=texts.text("group-changed")
            />
        }
    })
}
