//! Seats that staff take for a patient.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{from_to, left};
use crate::{
    account::guard,
    group::forms::{SEATS, SeatPatient, Wished},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, TextArea, TextField, icon, isolate, request_error},
};
use engine::{
    account::Caller,
    desk,
    error::{AppError, Field},
    group::{Listed, MAX_PARTY, Seen, coming},
    i18n::Texts,
};

/// The most sessions beside the times of doctors.
const FOR_PATIENT: i64 = 20;

/// The form that takes seats for a patient.
pub(super) async fn seat_form(
    state: &AppState,
    caller: &Caller,
    listed: &Listed,
    patient: i64,
    texts: Texts,
) -> Result<AnyView, AppError> {
    let person = desk::patient(&state.database, caller, patient, state.now()).await?;
    let id = listed.group.id;
    let wished: Wished = guard::session().typed(SEATS, &format!("{id}-{patient}")).await?;
    let seats = match wished.seats.as_str() {
        "" => "1".to_owned(),
        seats => seats.to_owned(),
    };
    let is_too_many = matches!(
        request_error(),
        Some(AppError::BookingFailed { reason, .. }) if reason.is_limit_of_service()
    );
    let over_limit = is_too_many.then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="over_limit" value="true" />
                {texts.text("group-over-limit")}
            </label>
        }
    });
    let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
    let most = MAX_PARTY.min(listed.group.capacity);
    Ok(view! {
        <section class="card stack" aria-labelledby="take">
            <h2 id="take">{texts.text("group-take")}</h2>
            <p>{icon("user")} " " <b>{isolate(name)}</b> " " <span class="num">{person.phone}</span></p>
            <form method="post" action=SeatPatient::url() class="stack">
                <KeyField />
                <Hidden name="group" value=id.to_string() />
                <Hidden name="patient" value=patient.to_string() />
                <TextField
                    field=Field::Seats
                    label=texts.text("group-how-many")
                    hint=texts.with("group-how-many-hint", &[("most", most.into())])
                    value=seats
                    inputmode="numeric"
                />
                <TextArea field=Field::Reason label=texts.text("reason-label") value=wished.reason />
                {over_limit}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("group-take-do")}</button>
                </div>
            </form>
        </section>
    }
    .into_any())
}

/// The sessions that staff can take seats in for a patient; nothing where there are none.
///
/// # Errors
/// Those of the database.
pub async fn for_patient(
    state: &AppState,
    caller: &Caller,
    patient: i64,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let (doctor_id, base) = match caller {
        Caller::Doctor { doctor_id, .. } => (Some(*doctor_id), "/doctor"),
        _ => (None, "/admin"),
    };
    let seen = Seen {
        doctor_id,
        clinics: caller.clinics().map(<[i64]>::to_vec),
        limit: FOR_PATIENT,
        ..Seen::default()
    };
    let listed = coming(&state.database, seen, state.now()).await?;
    if listed.is_empty() {
        return Ok(None);
    }
    let rows = listed
        .iter()
        .map(|one| {
            let path = format!("{base}/groups/{}?patient={patient}", one.group.id);
            view! {
                <li>
                    <a href=path>{isolate(one.group.title.clone())}</a>
                    {format!(", {}, {}", from_to(one, texts), left(one, texts))}
                </li>
            }
        })
        .collect_view();
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="group-sessions">
                <h2 id="group-sessions">{texts.text("group-planned")}</h2>
                <ul>{rows}</ul>
            </section>
        }
        .into_any(),
    ))
}
