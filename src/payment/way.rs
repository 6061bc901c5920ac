//! The way on for somebody who pays.

use super::{path_of, worker};
use crate::server::AppState;
use engine::{
    account::Caller,
    error::AppError,
    payment::{self, Way},
};

/// Where a patient who pays goes on: to the provider's page, which is opened where it is not there yet, or to ours, which says
/// why not.
///
/// # Errors
/// `NOT_FOUND` for a payment of somebody else.
pub async fn on(state: &AppState, caller: Caller, payment_id: i64) -> Result<String, AppError> {
    let way = payment::way(&state.database, caller, payment_id, state.now()).await?;
    Ok(match way {
        Way::There(url) => url,
        Way::Open(page) => worker::open(state, &page)
            .await?
            .unwrap_or_else(|| path_of(payment_id)),
        Way::Over => path_of(payment_id),
    })
}
