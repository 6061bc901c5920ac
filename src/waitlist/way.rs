//! The ways to the waitlist, from every list that disappoints.

use engine::i18n::Texts;
use leptos::prelude::*;

use crate::ui::icon;

/// The way to wait for a time of a service, with this doctor and at this clinic where they are named.
pub fn to_join(
    service_id: i64,
    doctor_id: Option<i64>,
    clinic_id: Option<i64>,
    texts: Texts,
) -> impl IntoView + use<> {
    let mut href = format!("/waitlist/join?service={service_id}");
    if let Some(id) = doctor_id {
        href += &format!("&doctor={id}");
    }
    if let Some(id) = clinic_id {
        href += &format!("&clinic={id}");
    }
    view! { <a class="btn quiet" href=href>{icon("clock")}{texts.text("waitlist-join-link")}</a> }
}

/// The way to wait for a sooner time than that of an appointment.
pub fn to_sooner(reference: &str, texts: Texts) -> impl IntoView + use<> {
    let href = format!("/waitlist/join?instead_of={reference}");
    view! { <a class="btn quiet" href=href>{icon("clock")}{texts.text("waitlist-sooner-link")}</a> }
}

/// The way to wait for seats of a group session that has too few.
pub fn to_wait_for_seats(group_id: i64, seats: i32, texts: Texts) -> impl IntoView + use<> {
    let href = format!("/waitlist/join?group={group_id}&seats={seats}");
    view! { <a class="btn" href=href>{icon("clock")}{texts.text("waitlist-seats-link")}</a> }
}

/// The way on which the staff put a patient on the list of a group session.
pub fn to_put_on_list(base: &str, group_id: i64, patient_id: i64, texts: Texts) -> impl IntoView + use<> {
    let href = format!("{base}/waitlist/join?patient={patient_id}&group={group_id}");
    view! { <a class="btn" href=href>{icon("clock")}{texts.text("waitlist-add")}</a> }
}
