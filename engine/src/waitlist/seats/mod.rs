//! Seats of group sessions for those who wait for them.
//!
//! Whoever frees seats has locked the session. At the end of that transaction the seats that are free are kept for who has
//! waited longest of those whose party fits into them: by a hold of the patient that has the seats themselves, so that the
//! database refuses them to everybody else. Nothing is waited for here, so that this can stand at the end of any transaction
//! without closing a circle of waiting.

mod by_hand;
mod offer;
mod pick;
pub(super) mod session;

pub use self::by_hand::{OfferSeats, offer_seats_by_hand};
pub(super) use self::offer::offer_seats;
