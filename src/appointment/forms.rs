//! Forms of appointments.

use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, local_path, required, storable, typed},
    appointment::{self, Status, needs_reason},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    visit,
};

/// Under which name a session keeps the reason that was typed.
pub(super) const FORM: &str = "change-status";

/// How many characters a reason may have.
pub const MAX_REASON: usize = 500;

/// Confirms, rejects, starts, completes, cancels or misses an appointment (A1).
#[server(prefix = "/form", endpoint = "change-status")]
pub async fn change_status(
    reference: String,
    to: String,
    version: i32,
    #[server(default)] reason: String,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let to = Status::parse(&to).ok_or(AppError::invalid(Field::Status, FieldProblem::Malformed))?;
    let leads_to = after_change(&caller, &reference, &next);
    let result = try_to(caller, reference.clone(), to, version, &reason, &key).await;
    keep_typed(reference, &reason, &result).await?;
    result?;
    redirect(&leads_to);
    Ok(())
}

async fn try_to(
    caller: Caller,
    reference: String,
    to: Status,
    version: i32,
    reason: &str,
    key: &str,
) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let reason = if needs_reason(caller.role(), to) {
        required(Field::Reason, reason, MAX_REASON)?
    } else {
        typed(Field::Reason, reason, MAX_REASON)?
    };
    let subject = format!("{reference} {}", to.as_str());
    let command = appointment::ChangeStatus {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "change-status",
            &subject,
            &(version, &reason),
        )?,
        caller,
        which: reference.into(),
        to,
        version: Some(version),
        reason,
    };
    appointment::change_status(&state.database, command, state.now()).await?;
    Ok(())
}

/// Cancels what is left of a visit (B7), from the page that cancels one part of it.
#[server(prefix = "/form", endpoint = "cancel-visit")]
pub async fn cancel_visit(
    reference: String,
    visit_id: i64,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let result = try_to_cancel(caller, visit_id, &reason, &key).await;
    keep_typed(reference, &reason, &result).await?;
    result?;
    redirect("/appointments");
    Ok(())
}

async fn try_to_cancel(caller: Caller, visit_id: i64, reason: &str, key: &str) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let reason = typed(Field::Reason, reason, MAX_REASON)?;
    let whose = KeyOwner::Caller(&caller);
    let key = of_form(whose, key, None, "cancel-visit", &visit_id.to_string(), &reason)?;
    let database = &state.database;
    visit::cancel_visit(database, caller, visit_id, reason, key, state.now()).await?;
    Ok(())
}

/// Keeps a reason for the next try, until there has been one that went well.
async fn keep_typed(reference: String, reason: &str, result: &Result<(), AppError>) -> Result<(), AppError> {
    let session = guard::session();
    match result {
        Ok(()) => session.forget_typed(FORM).await,
        Err(_) if reason.is_empty() => Ok(()),
        // As long as it is, without what a database does not take.
        Err(_) => {
            let reason = storable(reason);
            session.keep_typed(FORM, reference, reason).await
        }
    }
}

/// The page that a caller goes on with after a change, and which says what became of it.
fn after_change(caller: &Caller, reference: &str, next: &str) -> String {
    if let Caller::Patient { .. } = caller {
        return format!("/appointments/{reference}");
    }
    let path = match local_path(next) {
        "/" => caller.home(),
        path => path.split('#').next().unwrap_or_default(),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}changed={reference}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leads_to_the_appointment_or_back_to_the_list() {
        let patient = Caller::Patient {
            id: 1,
            name: None,
            family: Vec::new(),
        };
        let doctor = Caller::Doctor {
            staff_id: 1,
            doctor_id: 1,
            name: "Dr Sari".to_owned(),
        };
        for (caller, next, expected) in [
            (&patient, "/appointments/AB/cancel", "/appointments/AB"),
            (&doctor, "", "/doctor?changed=AB"),
            (&doctor, "https://evil.example", "/doctor?changed=AB"),
            (
                &doctor,
                "/doctor?date=2026-11-24#change",
                "/doctor?date=2026-11-24&changed=AB",
            ),
        ] {
            assert_eq!(after_change(caller, "AB", next), expected);
        }
    }
}
