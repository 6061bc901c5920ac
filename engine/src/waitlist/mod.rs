//! The waitlist: a time that comes free is offered to the next one who waits for it (B12).
//!
//! Somebody *joins* the list with what they wish for. A time that comes free is *offered* in the transaction that frees it:
//! as a hold of that patient with an end, and one message. They *accept* or *decline* it, or the offer *lapses* by
//! comparison; whoever does not want to wait any more *leaves*. Where an offer would not be of use, as at night, the time is
//! everybody's, and some who wait are *told* of it.
//!
//! It is a listener of [`Event::TimeFreed`](crate::event::Event) and [`Event::PlanOpened`](crate::event::Event), and of
//! bookings of what somebody was told of: no other slice calls it. Seats of group sessions are offered in the same way: see
//! [`seats`].

mod accept;
mod answer;
mod by_hand;
mod ended;
mod figures;
pub mod integrity;
mod join;
mod leave;
mod listen;
mod merged;
mod offer;
mod opened;
mod pick;
mod read;
mod rules;
mod seats;
mod skipped;
mod tidy;

pub use self::{
    accept::{Accept, accept},
    answer::{Decline, Which, decline},
    by_hand::{OfferByHand, offer_by_hand},
    figures::{FIGURE_DAYS, Figures, figures},
    join::{Join, Joined, join},
    leave::{Leave, leave},
    listen::listen,
    read::{
        Among, Filter, InSession, Instead, Misfit, OfferView, PER_PAGE, View, entry, list, of_patient,
        of_patients, offer_of, passed_over, service_named,
    },
    rules::{
        DayParts, EndedBecause, EntryState, MAX_ENTRIES, MAX_LAPSES_OF_ENTRY, MAX_LAPSES_OF_TIME, OfferState,
        Party, Standing, Weekdays, Why, Wishes, range_of_place, standing,
    },
    seats::{OfferSeats, offer_seats_by_hand},
    tidy::tidy,
};
pub(crate) use merged::{move_back, move_to};
