//! The forms of a booking.

mod details;
mod hold;
mod parts;
mod pay;
mod reschedule;
mod submit;
mod who;

pub(super) use self::who::{ForWhom, asks_whose, patient_of};
pub use self::{details::*, hold::*, parts::*, pay::*, reschedule::*, submit::*};
use crate::{account::guard, server::AppState};
use engine::{
    appointment::{Item, Status},
    error::AppError,
};

/// How long a name may be, in characters.
pub const MAX_NAME: usize = 120;

/// A hold of this browser.
async fn find_held(state: &AppState, reference: String) -> Result<Item, AppError> {
    let visitor = guard::session().visitor().await?;
    let caller = guard::caller().await?;
    engine::appointment::find(&state.database, caller, visitor, reference).await
}

/// Whether a hold of this status still leads somewhere.
pub(super) fn is_bookable(status: Status) -> bool {
    matches!(status, Status::Held | Status::Expired)
}
