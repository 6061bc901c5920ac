//! A status in words, with its icon and shape.

use leptos::prelude::*;

use crate::ui::icon;
use engine::{
    appointment::{Item, Status},
    i18n::Texts,
};

/// The status of an appointment, never by colour alone.
pub fn badge(status: Status, texts: Texts) -> impl IntoView {
    let name = match status {
        Status::Held => "circle-dashed",
        Status::Pending => "hourglass",
        Status::Confirmed => "check",
        Status::InProgress => "play",
        Status::Completed => "check-check",
        Status::Cancelled => "circle-x",
        Status::Rejected => "ban",
        Status::Expired => "history",
        Status::NoShow => "user-x",
    };
    view! {
        <span class=format!("badge {}", status.as_str())>
            {icon(name)}
            {texts.text(status_key(status))}
        </span>
    }
}

/// That staff booked it although the doctor had no such time (B13).
pub fn overbooked_badge(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    item.overbooked.then(|| {
        view! {
            <span class="badge overbooked">
                {icon("users")}
                {texts.text("overbooked")}
            </span>
        }
    })
}

/// That the patient has said, by the link in a message, that they come.
pub fn coming_badge(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    (item.is_coming && item.status == Status::Confirmed).then(|| {
        view! {
            <span class="badge confirmed">
                {icon("check-check")}
                {texts.text("says-coming")}
            </span>
        }
    })
}

/// The text key of a status.
pub fn status_key(status: Status) -> &'static str {
    match status {
        Status::Held => "status-held",
        Status::Pending => "status-pending",
        Status::Confirmed => "status-confirmed",
        Status::InProgress => "status-in-progress",
        Status::Completed => "status-completed",
        Status::Cancelled => "status-cancelled",
        Status::Rejected => "status-rejected",
        Status::Expired => "status-expired",
        Status::NoShow => "status-no-show",
    }
}
