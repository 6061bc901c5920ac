//! Somebody else was faster: what they did, how things stand now, and *Try again* (A2).

use crate::{
    account::guard,
    appointment::forms::{ChangeStatus, FORM, SEVERAL, Several},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Tone, icon, isolate, message, notice, problem, query, request_error, texts},
};
use jiff::Timestamp;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::{
    arrival::take_back_form,
    badge::{badge, status_key},
    parts::{here, patient_name, reason_field, short_moment, step_fields, step_text},
};
use engine::{
    account::{Caller, Role},
    appointment::{Change, Item, Status, find, find_by_id, history, needs_reason, path_of},
    error::AppError,
    i18n::Texts,
    text::isolated,
    time,
};

/// Shows the outcome of the form that led to this page: an error, or the change.
///
/// # Errors
/// Those of the database.
pub async fn news(caller: &Caller, texts: Texts) -> Result<Option<AnyView>, AppError> {
    match request_error() {
        Some(error) => {
            let happened = what_happened(error, caller).await?;
            Ok(Some(happened.unwrap_or_else(|| problem(error, texts))))
        }
        None => match query("moved") {
            Some(reference) => what_moved(reference, caller, texts).await,
            None => what_changed(caller, texts).await,
        },
    }
}

/// The appointment that the caller has just moved, with its new time.
async fn what_moved(reference: String, caller: &Caller, texts: Texts) -> Result<Option<AnyView>, AppError> {
    let state = expect_context::<AppState>();
    match find(&state.database, Some(caller.clone()), None, reference).await {
        Ok(item) => {
            let values = [
                ("patient", patient_name(&item, texts).into()),
                ("when", time::moment(item.starts_at, &item.zone, texts).into()),
            ];
            Ok(Some(
                notice(Tone::Good, texts.with("staff-moved", &values), ()).into_any(),
            ))
        }
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What became of requests that were confirmed together: how many were, and each that was not, with what happened to it.
///
/// # Errors
/// Those of the database.
pub(super) async fn several(caller: &Caller, texts: Texts) -> Result<Option<AnyView>, AppError> {
    if query("several").is_none() {
        return Ok(None);
    }
    let kept: Several = guard::session().typed(SEVERAL, "").await?;
    if kept.confirmed == 0 && kept.refused.is_empty() {
        return Ok(None);
    }
    let mut refused = Vec::new();
    for (reference, error) in kept.refused {
        if let Some((item, sentence)) = refused_in_short(reference, error, caller, texts).await? {
            let path = path_of(caller.role(), &item.reference);
            let which = in_short(&item, caller.role(), texts);
            refused.push(view! { <li><a href=path>{isolate(which)}</a> ": " {sentence}</li> });
        }
    }
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let title = texts.with("several-confirmed", &[("count", count(kept.confirmed).into())]);
    let (tone, body) = match refused.is_empty() {
        true => (Tone::Good, None),
        false => {
            let number = count(refused.len());
            let list = view! {
                <p>{texts.with("several-refused", &[("count", number.into())])}</p>
                <ul>{refused}</ul>
            };
            (Tone::Warn, Some(list))
        }
    };
    Ok(Some(notice(tone, title, body).into_any()))
}

/// An appointment that could not be changed, and why, in a sentence; nothing for one that is not the caller's.
async fn refused_in_short(
    reference: String,
    error: AppError,
    caller: &Caller,
    texts: Texts,
) -> Result<Option<(Item, String)>, AppError> {
    let state = expect_context::<AppState>();
    let item = match find(&state.database, Some(caller.clone()), None, reference).await {
        Err(AppError::NotFound) => return Ok(None),
        item => item?,
    };
    let which = item.reference.as_str().into();
    let changes = history(&state.database, caller.clone(), which).await?.changes;
    let is_about_it = matches!(
        error,
        AppError::StaleVersion { .. } | AppError::InvalidTransition { .. }
    );
    let sentence = match changes.last().filter(|_| is_about_it) {
        Some(last) => {
            let story = Story {
                error,
                item: &item,
                last,
                caller,
                now: state.now(),
                texts,
            };
            story.title(false)
        }
        None => message(error, texts),
    };
    Ok(Some((item, sentence)))
}

/// The appointment that the caller has just changed, as it is now.
async fn what_changed(caller: &Caller, texts: Texts) -> Result<Option<AnyView>, AppError> {
    let Some(reference) = query("changed") else {
        return Ok(None);
    };
    let state = expect_context::<AppState>();
    match find(&state.database, Some(caller.clone()), None, reference).await {
        Ok(item) if item.arrived_at.is_some() && item.status == Status::Confirmed => {
            who_came(&item, caller, texts).await.map(Some)
        }
        Ok(item) => {
            let title = texts.with(
                "changed-to",
                &[
                    ("patient", patient_name(&item, texts).into()),
                    ("time", short_moment(item.starts_at, &item, texts).into()),
                    (
                        "status",
                        texts.text(status_key(item.status_at(state.now()))).into(),
                    ),
                ],
            );
            Ok(Some(notice(Tone::Good, title, ()).into_any()))
        }
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The patient who has just come, with the way to take it back.
async fn who_came(item: &Item, caller: &Caller, texts: Texts) -> Result<AnyView, AppError> {
    let state = expect_context::<AppState>();
    let history = history(&state.database, caller.clone(), item.reference.as_str().into()).await?;
    let title = texts.with(
        "arrival-said",
        &[
            ("patient", patient_name(item, texts).into()),
            ("time", short_moment(item.starts_at, item, texts).into()),
        ],
    );
    let undo = take_back_form(
        &item.reference,
        history.changes.last(),
        caller,
        state.now(),
        texts,
    );
    Ok(notice(Tone::Good, title, undo).into_any())
}

/// Makes the notice for a refused change of an appointment, with its present state and the next steps. `None`
/// for other errors, and for appointments that are not the caller's.
///
/// # Errors
/// Those of the database.
pub async fn what_happened(error: AppError, caller: &Caller) -> Result<Option<AnyView>, AppError> {
    let (id, to) = match error {
        AppError::StaleVersion { appointment_id, to } => (appointment_id, to),
        AppError::InvalidTransition {
            appointment_id, to, ..
        } => (appointment_id, Some(to)),
        _ => return Ok(None),
    };
    let state = expect_context::<AppState>();
    let item = match find_by_id(&state.database, caller.clone(), id).await {
        Ok(item) => item,
        Err(AppError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let changes = history(&state.database, caller.clone(), item.reference.as_str().into())
        .await?
        .changes;
    let Some(last) = changes.last() else {
        return Ok(None);
    };
    let texts = texts();
    let now = state.now();
    let story = Story {
        error,
        item: &item,
        last,
        caller,
        now,
        texts,
    };
    let again = to.filter(|to| item.steps(caller.role(), now).contains(to));
    let form = match again {
        Some(to) => {
            let typed = guard::session().typed(FORM, &item.reference).await?;
            Some(try_again(&item, to, caller.role(), typed, texts).into_any())
        }
        None => None,
    };
    let title = story.title(again.is_some());
    let reason = story.reason();
    let call = story.is_too_late().then(|| call_the_clinic(&item, texts));
    // An appointment stays confirmed when its patient comes.
    let is_arrival = matches!(error, AppError::InvalidTransition { from, to, .. } if from == to);
    let now_it_is = if to == Some(item.status_at(now)) && !is_arrival {
        "happened-already"
    } else {
        "happened-not-made"
    };
    let path = path_of(caller.role(), &item.reference);
    let link = if here().split('?').next() == Some(path.as_str()) {
        "happened-leave"
    } else {
        "happened-view"
    };
    let body = view! {
        <p>{isolate(in_short(&item, caller.role(), texts))}</p>
        {reason}
        <p>{texts.text(now_it_is)} " " {badge(item.status_at(now), texts)}</p>
        {call}
        {form}
        <p><a href=path>{texts.text(link)}</a></p>
    };
    Ok(Some(notice(Tone::Warn, title, body).into_any()))
}

/// The facts that a notice is written from.
struct Story<'a> {
    error: AppError,
    item: &'a Item,
    last: &'a Change,
    caller: &'a Caller,
    now: Timestamp,
    texts: Texts,
}

impl Story<'_> {
    /// The sentence that says it all.
    fn title(&self, may_try_again: bool) -> String {
        let what = ("what", self.what_changed().into());
        match self.error {
            AppError::StaleVersion { to, .. } => {
                let while_looking = (to.is_none() || may_try_again) && !self.last.is_by(self.caller);
                let key = if while_looking {
                    "happened-meanwhile"
                } else {
                    "happened-plain"
                };
                self.texts.with(key, &[what])
            }
            _ if self.is_too_late() => self.texts.text("happened-too-late"),
            AppError::InvalidTransition {
                to: Status::NoShow, ..
            } if self.item.status == Status::Confirmed && !self.item.has_started(self.now) => {
                self.texts.text("happened-not-started")
            }
            _ if self.item.status.is_open() => self.texts.text("happened-not-possible"),
            _ => self.texts.with("happened-plain", &[what]),
        }
    }

    /// Whether a patient wants what only the clinic can still do.
    fn is_too_late(&self) -> bool {
        matches!(self.error, AppError::InvalidTransition { .. })
            && self.caller.role() == Role::Patient
            && matches!(self.item.status, Status::Pending | Status::Confirmed)
            && (self.item.has_started(self.now) || self.item.is_past_cutoff(self.now))
    }

    /// "Dr Sari confirmed this appointment at 10:31".
    fn what_changed(&self) -> String {
        let who = ("who", self.who().into());
        let when = ("when", self.when().into());
        self.texts.with(what_key(self.last), &[who, when])
    }

    /// Names the one who did it, as the subject of a sentence.
    fn who(&self) -> String {
        let texts = self.texts;
        if self.last.is_by(self.caller) {
            return texts.text("happened-you");
        }
        match (self.last.actor, &self.last.actor_name) {
            (Role::Doctor | Role::Admin | Role::Reception, Some(name)) => {
                texts.with("happened-named", &[("name", name.clone().into())])
            }
            (Role::Visitor | Role::Patient, _) if self.caller.role() == Role::Patient => {
                texts.text("happened-you")
            }
            (Role::Visitor | Role::Patient, _) => texts.text("happened-patient"),
            _ => texts.text("happened-clinic"),
        }
    }

    /// At what clinic time; with the date where it was another day.
    fn when(&self) -> String {
        let (zone, at) = (&self.item.zone, self.last.changed_at);
        let clock = ("time", time::clock(at, zone, self.texts.locale()).into());
        let date = time::local_date(at, zone);
        if date == time::local_date(self.now, zone) {
            self.texts.with("happened-at", &[clock])
        } else {
            let date = time::short_date(date, self.texts);
            self.texts.with("happened-on", &[("date", date.into()), clock])
        }
    }

    fn reason(&self) -> Option<impl IntoView + use<>> {
        let reason = self.last.reason.clone();
        (!reason.is_empty()).then(|| view! { <blockquote class="said" dir="auto">{reason}</blockquote> })
    }
}

/// The text of a change, with `who` and `when` in it.
fn what_key(change: &Change) -> &'static str {
    match (change.from, change.to) {
        _ if change.arrived == Some(true) => "happened-arrived",
        _ if change.arrived == Some(false) => "happened-arrival-taken-back",
        _ if change.from_starts_at.is_some() => "happened-moved",
        (_, Status::Held) => "happened-held",
        (_, Status::Pending) => "happened-pending",
        (Some(Status::Held), Status::Confirmed) => "happened-booked",
        (_, Status::Confirmed) => "happened-confirmed",
        (_, Status::InProgress) => "happened-in-progress",
        (_, Status::Completed) => "happened-completed",
        (_, Status::Cancelled) => "happened-cancelled",
        (_, Status::Rejected) => "happened-rejected",
        (Some(Status::Held), Status::Expired) => "happened-hold-expired",
        (_, Status::Expired) => "happened-expired",
        (_, Status::NoShow) => "happened-no-show",
    }
}

/// Which appointment: with whom, when, in which zone.
fn in_short(item: &Item, role: Role, texts: Texts) -> String {
    let with = if role == Role::Patient {
        isolated(&item.doctor(texts)).into_owned()
    } else {
        patient_name(item, texts)
    };
    format!(
        "{with}, {} ({})",
        time::moment(item.starts_at, &item.zone, texts),
        time::zone_name(&item.zone_name, &item.zone, item.starts_at)
    )
}

/// The same step again, on the appointment as it is now.
fn try_again(item: &Item, to: Status, role: Role, typed: String, texts: Texts) -> impl IntoView + use<> {
    let reason = match needs_reason(role, to) {
        true => Either::Left(reason_field(
            "again-reason",
            texts.text("change-reason-hint"),
            typed,
            true,
            texts,
        )),
        false => Either::Right(view! { <Hidden name="reason" value=typed /> }),
    };
    view! {
        <form method="post" action=ChangeStatus::url() class="stack">
            <KeyField />
            {step_fields(item)}
            <Hidden name="to" value=to.as_str() />
            {reason}
            <div class="actions">
                <button class="btn primary">
                    {icon("refresh")}
                    {texts.with("happened-try-again", &[("step", step_text(to, texts).into())])}
                </button>
            </div>
        </form>
    }
}

fn call_the_clinic(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let phone = item.clinic_phone.clone();
    view! {
        <p>
            {texts.with("happened-call", &[("clinic", item.clinic_name.clone().into())])} " "
            <a class="num" href=format!("tel:{phone}")>{phone.clone()}</a>
        </p>
    }
}
