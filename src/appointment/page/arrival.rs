//! That a patient is here: said with one click, seen with the time that they wait, and taken back within a minute (A6).

use jiff::Timestamp;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::parts::{Look, here, patient_name};
use crate::{
    appointment::forms::{Arrive, TakeBackArrival},
    idempotency::page::KeyField,
    ui::{Hidden, icon},
};
use engine::{
    account::{Caller, Role},
    appointment::{Change, Item},
    i18n::Texts,
};

/// For how long a patient has been waiting, or that one who should be here is not.
pub fn arrival_badge(item: &Item, now: Timestamp, texts: Texts) -> Option<impl IntoView + use<>> {
    let (class, name, text) = match item.waiting_minutes(now) {
        Some(minutes) => ("badge here", "map-pin", waiting(minutes, texts)),
        None if item.is_late(now) => ("badge late", "clock", texts.text("arrival-late")),
        None => return None,
    };
    Some(view! { <span class=class>{icon(name)}{text}</span> })
}

/// `Here, 12 min`.
pub fn waiting(minutes: i64, texts: Texts) -> String {
    texts.with("arrival-waiting", &[("minutes", minutes.into())])
}

/// The form that says that the patient of an appointment is here, as long as it can be said in this role.
pub fn arrive_form(
    item: &Item,
    role: Role,
    look: impl Into<Look>,
    now: Timestamp,
    texts: Texts,
) -> Option<AnyView> {
    let Look { class, key } = look.into();
    item.may_arrive(role, now).then(|| {
        let text = match role.is_staff() {
            true => {
                let whose = patient_name(item, texts);
                Either::Left(view! { {texts.text("arrive-do")}<span class="hide">": " {whose}</span> })
            }
            false => Either::Right(texts.text("arrive-self")),
        };
        view! {
            <form method="post" action=Arrive::url()>
                <KeyField />
                <Hidden name="reference" value=item.reference.clone() />
                <Hidden name="next" value=here() />
                <button class=class aria-keyshortcuts=key>{icon("map-pin")}{text}</button>
            </form>
        }
        .into_any()
    })
}

/// The form that takes back what this caller has just said, as the last change of an appointment.
pub fn take_back_form(
    reference: &str,
    last: Option<&Change>,
    caller: &Caller,
    now: Timestamp,
    texts: Texts,
) -> Option<impl IntoView + use<>> {
    last.filter(|last| last.can_be_taken_back_by(caller, now))
        .map(|_| {
            view! {
                <form method="post" action=TakeBackArrival::url()>
                    <KeyField />
                    <Hidden name="reference" value=reference.to_owned() />
                    <Hidden name="next" value=here() />
                    <button class="btn">{icon("history")}{texts.text("arrival-take-back")}</button>
                </form>
            }
        })
}
