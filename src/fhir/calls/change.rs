//! `PUT` and `PATCH` of an appointment: another status, or another time, and only of the version that was read (A2).

use axum::{
    extract::{FromRequest, Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
};
use engine::{
    account::typed,
    appointment::{self, ChangeStatus, Item, Status},
    booking::{self, Reschedule, Wanted, reschedule},
    error::{AppError, Field},
    idempotency,
    nobody::somebody,
    time::GivenTime,
};

use super::{act::Act, appointments::shown_now};
use crate::{
    appointment::forms::MAX_REASON,
    booking::api::holds::Holder,
    fhir::{
        answer::json,
        base::Base,
        input::AppointmentInput,
        name::id,
        patch::{NotPatched, Step, apply},
        refusal::{not_changed, not_had},
        shown::{self, fhir_status},
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Fault, IfMatch, InPath, RequestTexts, SentKey},
    },
};

/// An appointment as it is, and as it is to be.
pub struct Change {
    pub item: Item,
    pub input: AppointmentInput,
    /// The version that the caller has read; `None` accepts any.
    pub version: Option<i32>,
}

/// Changes an appointment into what the body says.
pub async fn put(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath(name): InPath<String>,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    base: Base,
    Body(input): Body<AppointmentInput>,
) -> Answer {
    let act = Act {
        state: &state,
        caller: &caller,
        base: &base,
        locale: texts.locale(),
        key: sent.of(&caller, "fhir-put", &(&name, &input))?,
    };
    let id = id(&name).ok_or(AppError::NotFound)?;
    let input = input.checked()?;
    if input.id.as_deref() != Some(name.as_str()) {
        return Err(Fault::malformed("id"));
    }
    let version = Some(needed(seen.or(input.version()?)?)?);
    let item = appointment::find_by_id(&state.database, caller.clone(), id).await?;
    change(&act, Change { item, input, version }).await
}

/// The steps of a JSON Patch.
pub struct Steps(Vec<Step>);

impl FromRequest<AppState> for Steps {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json-patch+json") {
            return Err(Fault::foreign(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-supported",
                "fhir-patch",
                "Content-Type",
            ));
        }
        let bytes = axum::body::Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Fault::foreign(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-costly",
                "api-too-large",
                "body",
            ),
            _ => Fault::malformed("body"),
        })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Fault::malformed("body"))
    }
}

/// Changes an appointment by a JSON Patch of how it is read.
pub async fn patch(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath(name): InPath<String>,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    base: Base,
    Steps(steps): Steps,
) -> Answer {
    let act = Act {
        state: &state,
        caller: &caller,
        base: &base,
        locale: texts.locale(),
        key: sent.of(&caller, "fhir-patch", &(&name, &steps))?,
    };
    let id = id(&name).ok_or(AppError::NotFound)?;
    let version = Some(needed(seen.or(None)?)?);
    let item = appointment::find_by_id(&state.database, caller.clone(), id).await?;
    let present = json(&shown::appointment(&item, texts.locale(), state.now()));
    let patched = apply(present, &steps).map_err(|problem| match problem {
        NotPatched::Path => Fault::malformed("path"),
        NotPatched::Test => not_changed("test"),
    })?;
    let input: AppointmentInput = serde_json::from_value(patched).map_err(|_| Fault::malformed("value"))?;
    change(&act, Change { item, input, version }).await
}

/// The version that was read, without which nothing is changed.
fn needed(version: Option<i32>) -> Result<i32, Fault> {
    version.ok_or_else(|| {
        Fault::foreign(
            StatusCode::PRECONDITION_REQUIRED,
            "required",
            "fhir-version-needed",
            "If-Match",
        )
    })
}

/// Gives an appointment the status or the time that it is to have; one of them at a time.
///
/// # Errors
/// `STALE_VERSION`; those of the change; a refusal of everything that is not changed this way.
pub(super) async fn change(act: &Act<'_>, change: Change) -> Answer {
    let Change { item, input, version } = &change;
    let now = act.state.now();
    let is_stale = version.is_some_and(|version| version != item.version);
    // The same request, sent again, is given its answer.
    if is_stale && !idempotency::is_answered(&act.state.database, act.key.as_ref(), now).await? {
        return Err(AppError::StaleVersion {
            appointment_id: item.id,
            to: None,
        }
        .into());
    }
    let own = [
        ("Practitioner", somebody(item.doctor_id)),
        ("Location", Some(item.clinic_id)),
        ("Patient", item.patient_id),
    ];
    for (kind, id) in own {
        if input.participant(kind)?.is_some_and(|said| Some(said) != id) {
            return Err(not_changed("participant"));
        }
    }
    let present = item.status_at(now);
    let said = input.status.as_deref().ok_or_else(|| Fault::missing("status"))?;
    let starts_at = start(&change)?;
    match (said == fhir_status(present), starts_at == item.starts_at) {
        (true, true) => {}
        (true, false) => move_to(act, &change, starts_at).await?,
        (false, true) => give_status(act, &change, present, said).await?,
        (false, false) => return Err(not_changed("status")),
    }
    shown_now(
        act.state,
        act.caller,
        (StatusCode::OK, act.base),
        item.id,
        act.locale,
    )
    .await
}

/// The start that the appointment is to have: that of its slot or of itself, of which one alone may be new.
fn start(change: &Change) -> Result<jiff::Timestamp, Fault> {
    let Change { item, input, .. } = change;
    let present = item.starts_at;
    let said = match input.start.as_deref() {
        None => present,
        Some(start) => match GivenTime::parse(start) {
            Some(said) => said
                .in_zone(&item.zone)
                .ok_or_else(|| Fault::malformed("start"))?,
            None => return Err(Fault::malformed("start")),
        },
    };
    let slot = match input.slot()? {
        None => present,
        Some(slot) => {
            let wanted = Wanted::from(slot);
            let own = Wanted::from(item);
            // Doctor, clinic and service of an appointment do not change.
            if (Wanted {
                starts_at: own.starts_at,
                ..wanted
            }) != own
            {
                return Err(not_changed("slot"));
            }
            wanted.starts_at()
        }
    };
    match (said == present, slot == present) {
        (_, true) => Ok(said),
        (true, false) => Ok(slot),
        (false, false) if said == slot => Ok(said),
        (false, false) => Err(Fault::malformed("slot")),
    }
}

async fn move_to(act: &Act<'_>, change: &Change, starts_at: jiff::Timestamp) -> Result<(), Fault> {
    let command = Reschedule {
        caller: act.caller.clone(),
        which: appointment::AppointmentName::Id(change.item.id),
        version: change.version,
        starts_at,
        visitor: None,
        rules: act.state.config.rules.booking,
        key: act.key.clone(),
    };
    reschedule(&act.state.database, command, act.state.now())
        .await
        .map_err(|error| not_had(error, act.caller, Some(change.item.id), act.locale))?;
    Ok(())
}

async fn give_status(act: &Act<'_>, change: &Change, present: Status, said: &str) -> Result<(), Fault> {
    let Change { item, input, version } = change;
    let now = act.state.now();
    if present == Status::Held && said == "cancelled" {
        let holder = Holder::of(act.caller)?;
        booking::release(&act.state.database, item.reference.clone(), holder.visitor, now).await?;
        return Ok(());
    }
    let to = match said {
        "booked" => Status::Confirmed,
        "arrived" => Status::InProgress,
        "fulfilled" => Status::Completed,
        "noshow" => Status::NoShow,
        "cancelled" => present.called_off_by(act.caller.role()),
        _ => return Err(Fault::malformed("status")),
    };
    let command = ChangeStatus {
        caller: act.caller.clone(),
        which: appointment::AppointmentName::Id(item.id),
        to,
        version: *version,
        reason: typed(Field::Reason, input.why_cancelled(), MAX_REASON)?,
        key: act.key.clone(),
    };
    appointment::change_status(&act.state.database, command, now).await?;
    Ok(())
}
