//! Choosing the appointment that is cancelled or moved.

use jiff::Timestamp;

use super::{
    Answer, Call,
    open::{answered, lock},
    work::Work,
};
use crate::{
    appointment::Item,
    booking::reference,
    database::{Failure, Tx},
    error::AppError,
};

/// The appointment that a step is about.
pub(super) enum Meant<'a> {
    This(&'a Item),
    /// The step was done: this was the answer.
    Answered(Answer),
    Nothing,
}

/// Finds the appointment that is meant: the one that is named, whatever became of it, since a copy of the step has to find what the
/// first one changed; or the only one that is ahead, where nobody said which.
///
/// # Errors
/// Those of the database.
pub(super) async fn meant<'a>(work: &Work<'_>, items: &'a [Item], said: &str) -> Result<Meant<'a>, AppError> {
    let named = |reference: &str| match items.iter().find(|item| item.reference == reference) {
        Some(item) => Meant::This(item),
        None => Meant::Nothing,
    };
    if !said.trim().is_empty() {
        return Ok(reference::read(said).map_or(Meant::Nothing, |reference| named(&reference)));
    }
    let mut ahead = items.iter().filter(|item| item.may_be_called_off(work.now));
    let only = match (ahead.next(), ahead.next()) {
        (Some(only), None) => Some(only.reference.clone()),
        _ => None,
    };
    let (call, step_id, now) = (work.call.clone(), work.step_id, work.now);
    let chosen = work
        .database
        .write("phone_call.choose", move |tx| {
            choose(tx, call.clone(), step_id, only.clone(), now)
        })
        .await?;
    Ok(match chosen {
        Chosen::Answered(answer) => Meant::Answered(answer),
        Chosen::Reference(reference) => reference.map_or(Meant::Nothing, |reference| named(&reference)),
    })
}

/// What a step that names nothing is about.
enum Chosen {
    Answered(Answer),
    Reference(Option<String>),
}

/// Notes what a step is about that names nothing, before anything is changed: every copy is about the same, also when it is not
/// ahead any more.
async fn choose(
    mut tx: Tx,
    call: Call,
    step_id: i64,
    only: Option<String>,
    now: Timestamp,
) -> Result<Chosen, Failure> {
    lock(&mut tx, &call, now).await?;
    if let Some(first) = answered(&mut tx, step_id).await? {
        return Ok(Chosen::Answered(first));
    }
    let chosen = sqlx::query_scalar!(
        "update phone_call_steps set meant = coalesce(meant, $2) where id = $1 returning meant",
        step_id,
        only,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Chosen::Reference(chosen))
}

/// The answer where an appointment could not be changed: one that was not ahead, and that no copy of this step has changed, is not
/// what is meant. The step may choose again.
///
/// # Errors
/// The one that was given, where something else is wrong; those of the database.
pub(super) async fn refused(work: &Work<'_>, item: &Item, error: AppError) -> Result<Answer, AppError> {
    if item.may_be_called_off(work.now) || !matches!(error, AppError::InvalidTransition { .. }) {
        return Err(error);
    }
    let (step_id, own) = (work.step_id, item.reference.clone());
    work.database
        .write("phone_call.choose_again", move |mut tx| {
            let own = own.clone();
            async move {
                sqlx::query!(
                    "update phone_call_steps set meant = null where id = $1 and meant = $2",
                    step_id,
                    own,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await?;
    Ok(Answer::NotFound)
}
