//! The form behind the link in a message about a stay.

use leptos::prelude::*;

use crate::{server::AppState, ui::redirect};
use engine::{
    error::AppError,
    notification::{open_stay, stay_path},
    stay::{self, CancelStay},
};

/// Cancels the stay of a link.
#[server(prefix = "/form", endpoint = "link-cancel-stay")]
pub async fn link_cancel_stay(secret: String, version: i32) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this stay alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_stay(&state.database, secret.clone(), now).await?;
    let command = CancelStay {
        caller: linked.caller,
        stay_id: linked.item.stay.id,
        version: Some(version),
        reason: String::new(),
        key: None,
    };
    stay::cancel(&state.database, command, now).await?;
    redirect(&format!("{}?done=cancel", stay_path(&secret)));
    Ok(())
}
