//! The form that goes to pay for rooms that are held, where they are paid before they are booked.

use leptos::prelude::*;

use super::path_of;
use crate::{account::guard, idempotency::forms::of_form, payment::way, server::AppState, ui::redirect};
use engine::{
    error::AppError,
    idempotency::KeyOwner,
    payment::{self, StartRooms, Started},
    stay,
};

/// Goes to pay for rooms that are held; they are booked when the money has come.
#[server(prefix = "/form", endpoint = "pay-for-rooms")]
pub async fn pay_for_rooms(reference: String, #[server(default)] key: String) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let item = stay::stay_of_reference(&state.database, &caller, reference.clone()).await?;
    let path = path_of(&caller, &reference);
    let Some(provider) = state.payments.chosen() else {
        redirect(&format!("{path}?pay=not-now"));
        return Ok(());
    };
    let command = StartRooms {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "pay-for-rooms",
            &reference,
            &(),
        )?,
        caller: caller.clone(),
        stay_id: item.stay.id,
        provider,
        locale: crate::ui::texts().locale(),
    };
    let started = payment::start_rooms(&state.database, command, state.now()).await?;
    redirect(&match started {
        Started::Booked { .. } => format!("{path}?said=booked"),
        Started::Paying { payment_id } => way::by_form(&state, caller, payment_id).await?,
    });
    Ok(())
}
