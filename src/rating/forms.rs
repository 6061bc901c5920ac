//! The form of a rating.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, storable, typed},
    appointment::look_up,
    error::{AppError, Field},
    idempotency::KeyOwner,
    rating::{self, MAX_COMMENT, Score},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "rating";

/// The form as a patient filled it in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Typed {
    pub score: String,
    pub comment: String,
}

/// Rates a visit (A5).
#[server(prefix = "/form", endpoint = "rate")]
pub async fn rate(
    reference: String,
    #[server(default)] score: String,
    #[server(default)] comment: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    // Whatever was typed: for anybody else the appointment is not there.
    look_up(&state.database, caller.clone(), reference.clone().into()).await?;
    let session = guard::session();
    let path = format!("/appointments/{reference}");
    let result = try_to(&state, caller, reference.clone(), &score, &comment, &key).await;
    // Staff see the appointment and have nothing to rate.
    if result != Err(AppError::NotFound) {
        // As long as it is, without what a database does not take.
        let typed = Typed {
            score: storable(&score),
            comment: storable(&comment),
        };
        session.settle_typed(FORM, reference, typed, &result).await?;
    }
    result?;
    redirect(&format!("{path}?rated=1"));
    Ok(())
}

async fn try_to(
    state: &AppState,
    caller: Caller,
    reference: String,
    score: &str,
    comment: &str,
    key: &str,
) -> Result<(), AppError> {
    let command = rating::Rate {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "rate",
            &reference,
            &(score, comment),
        )?,
        caller,
        which: reference.into(),
        score: Score::parse(score)?,
        comment: typed(Field::Comment, comment, MAX_COMMENT)?,
    };
    rating::rate(&state.database, command, state.now()).await?;
    Ok(())
}
