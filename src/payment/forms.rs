//! The forms about payments.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, storable},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    payment::{self, Provider, SubjectName, TakeAtDesk, Taken},
};

/// Under which name a session keeps what was typed at the desk.
pub(super) const FORM: &str = "take-payment";

/// What was typed at the desk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TypedAmount {
    pub amount: String,
    pub means: String,
}

/// Takes a payment at the desk. The way on is the receipt.
#[server(prefix = "/form", endpoint = "take-payment")]
pub async fn take_payment(
    reference: String,
    means: String,
    #[server(default)] amount: String,
    /// The id of a stay, where it is for one.
    #[server(default)]
    stay: Option<i64>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let typed = TypedAmount {
        amount: storable(&amount),
        means: storable(&means),
    };
    let result = try_to_take(caller, (&reference, stay), &typed, &key).await;
    guard::session()
        .settle_typed(FORM, reference, typed, &result)
        .await?;
    redirect(&format!(
        "/admin/payments/{}/receipt?done=take",
        result?.payment_id
    ));
    Ok(())
}

async fn try_to_take(
    caller: Caller,
    (reference, stay): (&str, Option<i64>),
    typed: &TypedAmount,
    key: &str,
) -> Result<Taken, AppError> {
    let state = expect_context::<AppState>();
    let said = (typed.amount.trim(), typed.means.as_str());
    let means = Provider::parse(&typed.means).filter(|means| means.is_desk());
    let command = TakeAtDesk {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "take-payment",
            reference,
            &said,
        )?,
        caller,
        which: match stay {
            Some(id) => SubjectName::Stay(id),
            None => SubjectName::Appointment(reference.into()),
        },
        means: means.ok_or(AppError::invalid(Field::Amount, FieldProblem::Malformed))?,
        amount: typed.amount.clone(),
    };
    payment::take_at_desk(&state.database, command, state.now()).await
}

/// Goes on to the provider's page of a payment that was begun.
#[server(prefix = "/form", endpoint = "go-on-paying")]
pub async fn go_on_paying(payment: i64) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    redirect(&super::way::by_form(&state, caller, payment).await?);
    Ok(())
}
