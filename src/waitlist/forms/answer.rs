//! Answering an offer: on a page, by its link, or by the staff for a patient who calls.

use leptos::prelude::*;

use super::base_of;
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    error::AppError,
    idempotency::KeyOwner,
    notification::{offer_path, open_offer},
    waitlist::{self, Accept, Decline, Leave, Which},
};

/// Accepts what is kept for a patient: by the patient, or by the staff for one who calls.
#[server(prefix = "/form", endpoint = "accept-offer")]
pub async fn accept_offer(offer: i64, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let staffs_base = caller.role().is_staff().then(|| base_of(&caller));
    let state = expect_context::<AppState>();
    let command = Accept {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "accept-offer",
            &offer.to_string(),
            &(),
        )?,
        caller,
        which: Which::Offer(offer),
        rules: state.config.rules.booking,
    };
    let booked = waitlist::accept(&state.database, command, state.now()).await?;
    match staffs_base {
        Some(base) => redirect(&format!("{base}?done=accept-for")),
        None => redirect(&format!("/appointments/{}/done", booked.reference)),
    }
    Ok(())
}

/// Declines what is kept for a patient: by the patient, or by the staff for one who calls.
#[server(prefix = "/form", endpoint = "decline-offer")]
pub async fn decline_offer(offer: i64) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let command = Decline {
        caller: caller.clone(),
        which: Which::Offer(offer),
    };
    let state = expect_context::<AppState>();
    let entry_id = waitlist::decline(&state.database, command, state.now()).await?;
    let entry = waitlist::entry(&state.database, &caller, entry_id, state.now()).await?;
    let done = match (caller.role().is_staff(), entry.state.is_open()) {
        (true, _) => "decline-for",
        (false, true) => "decline",
        (false, false) => "decline-seats",
    };
    redirect(&format!("{base}?done={done}"));
    Ok(())
}

/// Accepts the time of a link.
#[server(prefix = "/form", endpoint = "link-accept")]
pub async fn link_accept(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this time alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let command = Accept {
        key: None,
        caller: linked.caller,
        which: Which::Offer(linked.offer_id),
        rules: state.config.rules.booking,
    };
    waitlist::accept(&state.database, command, now).await?;
    redirect(&format!("{}?done=accept", offer_path(&secret)));
    Ok(())
}

/// Declines the time of a link.
#[server(prefix = "/form", endpoint = "link-decline")]
pub async fn link_decline(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this time alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let command = Decline {
        caller: linked.caller.clone(),
        which: Which::Offer(linked.offer_id),
    };
    let entry_id = waitlist::decline(&state.database, command, now).await?;
    let entry = waitlist::entry(&state.database, &linked.caller, entry_id, now).await?;
    let done = match entry.state.is_open() {
        true => "decline",
        false => "decline-seats",
    };
    redirect(&format!("{}?done={done}", offer_path(&secret)));
    Ok(())
}

/// Leaves the list by a link, which is the link of one of its offers.
#[server(prefix = "/form", endpoint = "link-leave")]
pub async fn link_leave(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this entry alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let offer = waitlist::offer_of(&state.database, &linked.caller, Which::Offer(linked.offer_id)).await?;
    let command = Leave {
        caller: linked.caller,
        entry_id: offer.entry_id,
    };
    waitlist::leave(&state.database, command, now).await?;
    redirect(&format!("{}?done=leave", offer_path(&secret)));
    Ok(())
}
