//! The forms of a course: booking what was chosen of its dates, and giving up the rest of it.

use jiff::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, server::AppState,
    ui::redirect,
};
use engine::{
    account::{Caller, required, storable, typed},
    appointment::find,
    booking::Wanted,
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    visit,
};

/// Under which name a session keeps what was chosen and typed.
pub(super) const FORM: &str = "course";

/// What was chosen of a course, and why the patient comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chosen {
    /// In seconds since 1970.
    pub times: Vec<i64>,
    pub reason: String,
}

/// What a course is about, as the key of what a session keeps.
pub(super) fn subject(doctor_id: i64, clinic_id: i64, service_id: i64, patient_id: i64) -> String {
    format!("{doctor_id}-{clinic_id}-{service_id}-{patient_id}")
}

/// Books the chosen dates of a course: all of them, or none.
#[server(prefix = "/form", endpoint = "book-course")]
pub async fn book_course(
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    patient: i64,
    /// Seconds since 1970; nothing for a date that is left out.
    #[server(default)]
    times: Vec<String>,
    #[server(default)] reason: String,
    /// Whether the patient may have more of the service than its limits allow, as staff say.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let about = subject(doctor_id, clinic_id, service_id, patient);
    let mut chosen: Vec<i64> = times.iter().filter_map(|time| time.parse().ok()).collect();
    chosen.sort_unstable();
    let kept = Chosen {
        times: chosen.clone(),
        reason: storable(&reason),
    };
    let attempt = async {
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let malformed = AppError::invalid(Field::StartsAt, FieldProblem::Malformed);
        if chosen.iter().any(|at| Timestamp::from_second(*at).is_err()) {
            return Err(malformed);
        }
        let segments = chosen.iter().map(|starts_at| Wanted {
            doctor_id,
            clinic_id,
            service_id,
            starts_at: *starts_at,
        });
        let command = visit::BookVisit {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "book-course",
                &about,
                &(&chosen, &reason, over_limit),
            )?,
            caller: caller.clone(),
            segments: segments.collect(),
            patient_id: patient,
            reason,
            rules: state.config.rules.booking.with_limit_exceeded(over_limit),
        };
        visit::book_course(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(FORM, about.clone(), kept, &result)
        .await?;
    let booked = result?;
    let first = booked.appointments.first().ok_or(AppError::Internal)?;
    redirect(&match &caller {
        Caller::Patient { .. } => format!("/appointments/{}/done", first.reference),
        Caller::Doctor { .. } => format!("/doctor/appointments/{0}?changed={0}", first.reference),
        Caller::Admin { .. } | Caller::Reception { .. } => {
            format!("/admin/appointments/{0}?changed={0}", first.reference)
        }
    });
    Ok(())
}

/// Cancels what is left of a course from an appointment on.
#[server(prefix = "/form", endpoint = "cancel-rest")]
pub async fn cancel_rest(
    reference: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let item = find(&state.database, Some(caller.clone()), None, reference.clone()).await?;
    let visit_id = item.visit_id.ok_or(AppError::NotFound)?;
    let reason = match caller.role().is_staff() {
        true => required(Field::Reason, &reason, MAX_REASON)?,
        false => typed(Field::Reason, &reason, MAX_REASON)?,
    };
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        None,
        "cancel-rest",
        &reference,
        &reason,
    )?;
    let (database, now) = (&state.database, state.now());
    visit::cancel_rest(database, caller.clone(), visit_id, item.id, reason, key, now).await?;
    redirect(&match &caller {
        Caller::Patient { .. } => "/appointments?cancelled=1".to_owned(),
        Caller::Doctor { .. } => format!("/doctor/appointments/{reference}?changed={reference}"),
        Caller::Admin { .. } | Caller::Reception { .. } => {
            format!("/admin/appointments/{reference}?changed={reference}")
        }
    });
    Ok(())
}
