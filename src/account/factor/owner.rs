//! Whose factor it is that is being set up.

use engine::{account::factor, error::AppError};
use jiff::Timestamp;
use leptos::prelude::expect_context;

use crate::{account::guard, server::AppState};

/// A member of staff who sets a factor up.
pub(super) struct Owner {
    pub staff_id: i64,
    /// When they began to sign in, where they have to have one first.
    pub enrolling: Option<Timestamp>,
}

/// Finds whoever sets a factor up: who has signed in and just proved who they are, or who may not sign in before they have
/// one.
///
/// # Errors
/// `UNAUTHENTICATED`, `STEP_UP_REQUIRED`; `FORBIDDEN` for patients.
pub(super) async fn owner() -> Result<Owner, AppError> {
    if guard::caller().await?.is_some() {
        let caller = guard::fresh().await?;
        let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
        return Ok(Owner {
            staff_id,
            enrolling: None,
        });
    }
    let state = expect_context::<AppState>();
    let step = guard::session()
        .second_step()
        .await?
        .filter(|step| step.is_enrolment)
        .ok_or(AppError::Unauthenticated)?;
    let answered = factor::enrolling(&state.database, &step.token, state.now())
        .await
        .map_err(|error| match error {
            AppError::WrongCode => AppError::Unauthenticated,
            error => error,
        })?;
    Ok(Owner {
        staff_id: answered.staff_id,
        enrolling: Some(answered.since),
    })
}
