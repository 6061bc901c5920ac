//! The forms by which the desk oversees payments.

use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::storable,
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    payment::{self, RefundByHand},
};

/// Under which name a session keeps what was looked for, which is no part of a URL.
pub(super) const FOUND: &str = "find-payment";
/// Under which name it keeps where an amount can be found that was paid back by hand.
pub(super) const PAID_BACK: &str = "paid-back";

/// The length of what is looked for, in characters.
const MAX_LENGTH: usize = 100;

/// Finds payments by the reference of an appointment, the number of a receipt, or an id of the provider.
#[server(prefix = "/form", endpoint = "find-payment")]
pub async fn find_payment(#[server(default)] reference: String) -> Result<(), AppError> {
    guard::desk().await?;
    let wanted: String = storable(&reference).trim().chars().take(MAX_LENGTH).collect();
    if wanted.is_empty() {
        return Err(AppError::invalid(Field::Reference, FieldProblem::Missing));
    }
    guard::session().keep_typed(FOUND, String::new(), wanted).await?;
    redirect("/admin/payments?found=1");
    Ok(())
}

/// Says that an amount was paid back by hand.
#[server(prefix = "/form", endpoint = "pay-back-by-hand")]
pub async fn pay_back_by_hand(
    refund: i64,
    #[server(default)] paid_back_reference: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let state = expect_context::<AppState>();
    let typed = storable(&paid_back_reference);
    let name = refund.to_string();
    let attempt = async {
        let key = of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "pay-back-by-hand",
            &name,
            &typed,
        )?;
        let command = RefundByHand {
            caller: caller.clone(),
            refund_id: refund,
            reference: typed.clone(),
            key,
        };
        payment::refund_by_hand(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(PAID_BACK, name, typed, &result)
        .await?;
    result.map(|_| redirect("/admin/payments?done=paid-back"))
}

/// Says that somebody has seen to what is wrong with a payment.
#[server(prefix = "/form", endpoint = "see-to-payment")]
pub async fn see_to_payment(trouble: i64) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let state = expect_context::<AppState>();
    payment::see_to(&state.database, caller, trouble, state.now()).await?;
    redirect("/admin/payments?done=seen");
    Ok(())
}
