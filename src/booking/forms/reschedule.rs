//! The form that moves an appointment.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, local_path},
    appointment::path_of,
    booking,
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
};

/// Moves an appointment to another time.
#[server(prefix = "/form", endpoint = "reschedule")]
pub async fn reschedule(
    reference: String,
    version: i32,
    starts_at: i64,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    /// Whether the patient may have more of the service in that week than its limit allows, as staff say.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let home = after_move(&caller, &reference, &next);
    let subject = format!("{reference} {starts_at}");
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        Some(starts_at),
        "reschedule",
        &subject,
        &version,
    )?;
    let command = booking::Reschedule {
        caller,
        key,
        which: reference.into(),
        version: Some(version),
        starts_at: Timestamp::from_second(starts_at)
            .map_err(|_| AppError::invalid(Field::StartsAt, FieldProblem::Malformed))?,
        visitor: guard::session().visitor().await?,
        rules: state.config.rules.booking.with_limit_exceeded(over_limit),
    };
    booking::reschedule(&state.database, command, state.now()).await?;
    redirect(&home);
    Ok(())
}

/// The page that a caller goes on with after a move, and which says that it was made.
fn after_move(caller: &Caller, reference: &str, next: &str) -> String {
    let own = path_of(caller.role(), reference);
    let path = match local_path(next) {
        _ if caller.staff_id().is_none() => return format!("{own}?moved=1"),
        "/" => own.as_str(),
        path => path.split('#').next().unwrap_or_default(),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}moved={reference}")
}
