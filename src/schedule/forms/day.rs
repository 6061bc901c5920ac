//! The forms that stop, cancel and open a day.

use super::{DAY_CANCELLED, DAY_OPENED, DAY_STOPPED, FORM, Of, Typed, calls_part, kept, make};
use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};

use leptos::prelude::*;

use engine::{
    error::{AppError, Field, FieldProblem},
    schedule::{self, Act, AsDecided, CancelDay, must_have_the_day, week::date},
};

/// Takes no more bookings on a date, or asks whom it hits to cancel that day.
#[server(prefix = "/form", endpoint = "stop-day")]
pub async fn stop_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] reason: String,
    /// `stop` or `cancel`.
    #[server(default)]
    doing: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let form = match doing.as_str() {
        "stop" => DAY_STOPPED,
        "cancel" => DAY_CANCELLED,
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    };
    let typed = Typed::of(form, Some(clinic_id), &[("day", &day), ("reason", &reason)]);
    if form == DAY_STOPPED {
        let act = date(&day).map(|day| Act::StopDay {
            clinic_id,
            day,
            note: reason,
        });
        return make(of, typed, act).await;
    }
    must_have_the_day(&of.caller, doctor_id, clinic_id)?;
    let state = expect_context::<AppState>();
    let asked = match cancelling(&of, clinic_id, &day, &reason, &typed) {
        Ok(command) => schedule::ask_to_cancel_day(&state.database, command, state.now()).await,
        Err(error) => Err(error),
    };
    // What was typed is for the page that asks, too.
    let session = guard::session();
    session.keep_typed(FORM, doctor_id.to_string(), typed).await?;
    asked?;
    redirect(&format!("{}ask=day#ask", of.path_of_days(clinic_id)));
    Ok(())
}

/// Takes bookings again on a date on which they were stopped.
#[server(prefix = "/form", endpoint = "open-day")]
pub async fn open_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let typed = Typed::of(DAY_OPENED, Some(clinic_id), &[("day", &day)]);
    let act = date(&day).map(|day| Act::OpenDay { clinic_id, day });
    make(of, typed, act).await
}

/// The command that cancels a day, as it was typed.
fn cancelling(
    of: &Of,
    clinic_id: i64,
    day: &str,
    reason: &str,
    typed: &Typed,
) -> Result<CancelDay, AppError> {
    Ok(CancelDay {
        caller: of.caller.clone(),
        doctor_id: of.doctor_id,
        version: of.version,
        clinic_id,
        day: date(day)?,
        reason: reason.to_owned(),
        texts: texts(),
        key: of.key(typed)?,
    })
}

/// Cancels a day, and those appointments that it was decided about.
#[server(prefix = "/form", endpoint = "cancel-day")]
pub async fn cancel_whole_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] reason: String,
    /// Whom it hits, as it was asked.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    must_have_the_day(&of.caller, doctor_id, clinic_id)?;
    let state = expect_context::<AppState>();
    let typed = Typed::of(
        DAY_CANCELLED,
        Some(clinic_id),
        &[("day", &day), ("reason", &reason)],
    );
    let attempt = async {
        if decided.trim().is_empty() {
            return Err(AppError::invalid(Field::Body, FieldProblem::Malformed));
        }
        let command = cancelling(&of, clinic_id, &day, &reason, &typed)?;
        let decision = AsDecided::of(&decided);
        schedule::cancel_day_as_decided(&state.database, command, decision, state.now()).await
    };
    let cancelled = kept(&of, &typed, attempt.await).await?;
    redirect(&format!(
        "{}saved={DAY_CANCELLED}&cancelled={}&told={}{}",
        of.path_of_days(clinic_id),
        cancelled.appointments.len(),
        cancelled.told,
        calls_part(cancelled.call_list)
    ));
    Ok(())
}
