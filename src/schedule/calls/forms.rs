//! The forms of a list of whom to call.

use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, server::AppState,
    ui::redirect,
};
use engine::{
    account::{Caller, required},
    appointment::{self, ChangeStatus, Status},
    booking::{self, Reschedule},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    schedule::{self, Tick},
};
use jiff::Timestamp;
use leptos::prelude::*;

/// The most appointments of a list that are moved or cancelled at once.
pub(crate) const MOST_AT_ONCE: usize = 200;

fn path(caller: &Caller, list: i64) -> String {
    match caller {
        Caller::Doctor { .. } => format!("/doctor/calls/{list}"),
        _ => format!("/admin/calls/{list}"),
    }
}

/// Ticks a call off, or takes that back.
#[server(prefix = "/form", endpoint = "tick-call")]
pub async fn tick_call(
    list: i64,
    appointment: i64,
    #[server(default)] reference: String,
    #[server(default)] done: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let command = Tick {
        caller: caller.clone(),
        list_id: list,
        appointment_id: appointment,
        done: done == "true",
    };
    let is_done = command.done;
    let called = schedule::tick(&state.database, command, state.now()).await?;
    let path = path(&caller, list);
    // Somebody else has called before: both are told.
    let is_others = called.is_some_and(|called| Some(called.staff_id) != caller.staff_id());
    redirect(&match is_others && is_done {
        true => format!("{path}?already={}", crate::ui::encode(&reference)),
        false => path,
    });
    Ok(())
}

/// An appointment as the page showed it: `K7QM-4D2P 3`.
fn read_shown(text: &str) -> Option<(&str, i32)> {
    let (reference, version) = text.split_once(' ')?;
    Some((reference, version.parse().ok()?))
}

/// Cancels the appointments of a list that the page showed as still to be dealt with, each by itself, and says how many it
/// could not cancel. Whatever changed since the page was read stays as it is.
#[server(prefix = "/form", endpoint = "cancel-all-calls")]
pub async fn cancel_all(
    list: i64,
    #[server(default)] appointments: Vec<String>,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let now = state.now();
    let (_, calls) = schedule::call_list(&state.database, &caller, list, now).await?;
    let reason = required(Field::Reason, &reason, MAX_REASON)?;
    if appointments.len() > MOST_AT_ONCE {
        return Err(AppError::invalid(Field::Body, FieldProblem::TooMany));
    }
    let (mut done, mut left) = (0, 0);
    for shown in &appointments {
        let Some((reference, version)) = read_shown(shown) else {
            return Err(AppError::invalid(Field::Body, FieldProblem::Malformed));
        };
        let call = calls
            .iter()
            .find(|call| call.affected.item.reference == reference);
        let Some(call) = call else {
            left += 1;
            continue;
        };
        let item = &call.affected.item;
        let to = match item.status {
            // The form came twice: what it did before is answered once more.
            Status::Cancelled | Status::Rejected => item.status,
            _ if !call.is_in_harm(now) => {
                left += 1;
                continue;
            }
            open => open.called_off_by(caller.role()),
        };
        let subject = format!("{} {}", item.reference, to.as_str());
        let command = ChangeStatus {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "change-status",
                &subject,
                &(version, &reason),
            )?,
            caller: caller.clone(),
            which: item.reference.clone().into(),
            to,
            version: Some(version),
            reason: reason.clone(),
        };
        match appointment::change_status(&state.database, command, now).await {
            Ok(_) => done += 1,
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => left += 1,
        }
    }
    redirect(&format!("{}?done={done}&left={left}", path(&caller, list)));
    Ok(())
}

/// A move as the page proposed it: `K7QM-4D2P 3 1764403200`.
fn read_move(text: &str) -> Option<(String, i32, Timestamp)> {
    let mut parts = text.split(' ');
    let reference = parts.next()?.to_owned();
    let version = parts.next()?.parse().ok()?;
    let at = Timestamp::from_second(parts.next()?.parse().ok()?).ok()?;
    parts.next().is_none().then_some((reference, version, at))
}

/// Moves the appointments of a list to the times that the page proposed, each by itself, and says how many it could not move.
#[server(prefix = "/form", endpoint = "move-all-calls")]
pub async fn move_all(
    list: i64,
    #[server(default)] moves: Vec<String>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let now = state.now();
    if caller.staff_id().is_none() {
        return Err(AppError::NotFound);
    }
    if moves.len() > MOST_AT_ONCE {
        return Err(AppError::invalid(Field::Body, FieldProblem::TooMany));
    }
    let (mut done, mut left) = (0, 0);
    for proposed in &moves {
        let Some((reference, version, starts_at)) = read_move(proposed) else {
            return Err(AppError::invalid(Field::StartsAt, FieldProblem::Malformed));
        };
        let subject = format!("{reference} {}", starts_at.as_second());
        let command = Reschedule {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "reschedule",
                &subject,
                &version,
            )?,
            caller: caller.clone(),
            which: reference.into(),
            version: Some(version),
            starts_at,
            visitor: None,
            rules: state.config.rules.booking,
        };
        match booking::reschedule(&state.database, command, now).await {
            Ok(_) => done += 1,
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => left += 1,
        }
    }
    redirect(&format!("{}?done={done}&left={left}", path(&caller, list)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appointment_is_a_reference_and_a_version() {
        assert_eq!(read_shown("K7QM-4D2P 3"), Some(("K7QM-4D2P", 3)));
        for bad in ["", "K7QM-4D2P", "K7QM-4D2P x", "K7QM-4D2P 3 1"] {
            assert_eq!(read_shown(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_move_is_a_reference_a_version_and_a_time() {
        assert_eq!(
            read_move("K7QM-4D2P 3 60"),
            Some((
                "K7QM-4D2P".to_owned(),
                3,
                Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(60)
            ))
        );
        for bad in [
            "",
            "K7QM-4D2P",
            "K7QM-4D2P 3",
            "K7QM-4D2P x 60",
            "K7QM-4D2P 3 60 1",
        ] {
            assert_eq!(read_move(bad), None, "{bad}");
        }
    }
}
