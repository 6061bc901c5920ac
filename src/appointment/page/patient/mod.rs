//! The pages of a patient's appointments.

mod change;
mod done;
mod mine;
mod one;

use jiff::Timestamp;
use leptos::prelude::*;

pub use self::{
    change::{CancelPage, ReschedulePage},
    done::DonePage,
    mine::MinePage,
    one::OnePage,
};
use super::notice::what_happened;
use crate::{
    account::guard,
    booking::page::{
        conflict::{ConflictSubject, conflict},
        place,
    },
    server::AppState,
    ui::{isolate, path_parameter},
};
use engine::{
    account::{Caller, Role},
    appointment::{self, Item, Status},
    error::AppError,
    i18n::Texts,
    time,
};

/// The patient who has signed in, and the appointment in the path.
async fn own() -> Result<(Caller, Item), AppError> {
    let state = expect_context::<AppState>();
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let item = appointment::find(
        &state.database,
        Some(caller.clone()),
        None,
        path_parameter("reference")?,
    )
    .await?;
    Ok((caller, item))
}

fn may(item: &Item, to: Status, now: Timestamp) -> bool {
    item.transition(item.status, to, now).is_allowed(Role::Patient)
}

/// Whether its patient may still move it: as long as it can be cancelled, and lies ahead.
fn may_move(item: &Item, now: Timestamp) -> bool {
    item.group.is_none() && may_cancel(item, now)
}

/// Whether its patient may still cancel it, and it lies ahead.
fn may_cancel(item: &Item, now: Timestamp) -> bool {
    item.starts_at > now && may(item, Status::Cancelled, now)
}

/// Shows the facts of an appointment in rows.
fn summary(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let rows = [
        ("doctor", item.doctor(texts)),
        ("service", item.service(texts.locale()).to_owned()),
        (
            "group-session",
            item.group
                .as_ref()
                .map_or_else(String::new, |group| group.title.clone()),
        ),
        ("group-seats", crate::group::page::seats_of(item)),
        (
            "when",
            format!(
                "{} – {} ({})",
                time::moment(item.starts_at, &item.zone, texts),
                time::clock(item.ends_at, &item.zone, texts.locale()),
                time::zone_name(&item.zone_name, &item.zone, item.starts_at)
            ),
        ),
        ("where", place(item, texts)),
        ("clinic-phone", item.clinic_phone.clone()),
        (
            "price",
            item.price
                .as_ref()
                .map(|price| price.text(texts.locale()))
                .unwrap_or_default(),
        ),
        ("pay-how", how_paid(item, texts)),
        ("whose-label", item.patient_name.clone().unwrap_or_default()),
        ("reason-label", item.reason.clone()),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd class="said">{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// How it is paid, in words. What was paid before it was booked stands under what was paid.
fn how_paid(item: &Item, texts: Texts) -> String {
    match (item.status, &item.paid_first) {
        (Status::Held, _) | (_, None) => crate::payment::page::how(item, texts),
        (_, Some(_)) => String::new(),
    }
}

/// Until when the doctor answers a request.
fn answered_by(item: &Item, texts: Texts) -> Option<String> {
    let until = item.answer_until.filter(|_| item.status == Status::Pending)?;
    Some(texts.with(
        "done-answer",
        &[
            ("doctor", item.doctor_name.clone().into()),
            ("until", time::moment(until, &item.zone, texts).into()),
        ],
    ))
}

/// Shows the error of a form about this appointment.
async fn said(error: Option<AppError>, caller: &Caller, item: &Item) -> Result<Option<AnyView>, AppError> {
    match error {
        Some(error @ (AppError::StaleVersion { .. } | AppError::InvalidTransition { .. })) => {
            what_happened(error, caller).await
        }
        error => conflict(error, Some(ConflictSubject::moving(item))).await,
    }
}
