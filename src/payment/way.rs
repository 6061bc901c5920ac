//! The way on for somebody who pays.

use std::time::Duration;

use super::{path_of, worker};
use crate::server::AppState;
use engine::{
    account::Caller,
    error::AppError,
    payment::{self, NewSession, Opening, Way},
};

/// The looks at a page that is being opened, and the time between two of them: as long as somebody likes to wait.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// Where a patient who pays goes on: to the provider's page, which is opened where it is not there yet, or to ours, which says
/// why not.
///
/// # Errors
/// `NOT_FOUND` for a payment of somebody else.
pub async fn on(state: &AppState, caller: Caller, payment_id: i64) -> Result<String, AppError> {
    for _ in 0..LOOKS {
        match payment::way(&state.database, caller.clone(), payment_id, state.now()).await? {
            Way::There(url) => return Ok(url),
            Way::Over => break,
            Way::Open(page) => {
                if let Some(opening) =
                    payment::begin_opening(&state.database, page.payment_id, state.now()).await?
                {
                    return open(state, &page, opening).await;
                }
            }
        }
        // Somebody opens it just now, such as by the first one of two clicks. Not each provider opens a page twice.
        tokio::time::sleep(PAUSE).await;
    }
    Ok(path_of(payment_id))
}

/// The way on for who sends a form, as [`on`] has it.
///
/// # Errors
/// Those of [`on`].
pub async fn by_form(state: &AppState, caller: Caller, payment_id: i64) -> Result<String, AppError> {
    let url = on(state, caller, payment_id).await?;
    Ok(match state.payments.stand_in() {
        Some(provider) => provider.in_browser(&url),
        None => url,
    })
}

async fn open(state: &AppState, page: &NewSession, opening: Opening) -> Result<String, AppError> {
    match worker::open(state, page).await? {
        Some(url) => Ok(url),
        None => {
            payment::give_opening_back(&state.database, opening).await?;
            Ok(path_of(page.payment_id))
        }
    }
}
