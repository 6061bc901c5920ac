//! Room stays: patients and companions take rooms of a clinic for nights, and there are never more of them taken than there
//! are (B9).
//!
//! `room_nights` has how many rooms of a kind there are in a night, and how many are taken; `stay_nights` has whose they are.
//! Every transaction locks its stays by id, then the kind of rooms, then the nights in the order of kind and night; one that
//! makes a stay waits before for whoever makes one for the same patient. Only the transition of a stay, whose row is locked
//! first, gives its rooms back: two cancels give them back once. A hold takes rooms like a booking, and gives them back as soon
//! as somebody wants them after its end.

mod alternatives;
mod board;
mod book;
mod cancel;
mod change;
mod here;
mod hold;
pub mod integrity;
mod lock;
mod nights;
pub(crate) mod pay;
mod put_room_type;
mod read;
mod room_type;
mod set_nights;
pub(crate) mod status;
mod submit;
mod tidy;
mod totals;
pub(crate) mod wanted;
mod write;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub(crate) use self::lock::lock_of_patients;
pub use self::{
    alternatives::{Alternative, alternatives},
    board::{Board, Tonight, board},
    book::{BookStay, book},
    cancel::{CancelStay, cancel},
    change::{ChangeStay, change},
    here::{Presence, SetPresence, set_presence},
    hold::hold,
    nights::{Night, nights},
    put_room_type::{PutRoomType, put_room_type},
    read::{Item, LastChange, Search, last_change, of_patients, search, stay, stay_of_reference},
    room_type::{LastEdit, RoomType, SeenRoomType, room_type, room_types},
    set_nights::{SetNights, set_nights, taken_above},
    status::Status,
    submit::{SubmitStay, submit},
    tidy::tidy,
    totals::TakenNight,
    wanted::WantedRooms,
};
use crate::{
    account::Caller,
    error::{AppError, Field, FieldProblem},
    idempotency::{Made, MadeStay},
    money::Price,
    payment::terms::Terms,
};

/// The most nights that a stay can have, and that can be looked at.
pub const MAX_NIGHTS: i32 = 90;
/// The most rooms of a stay.
pub const MAX_ROOMS: i32 = 20;
/// The most rooms that a kind can have.
pub const MAX_TOTAL: i32 = 1000;
/// The number of days ahead on which a stay can begin.
pub const MAX_AHEAD: i32 = 730;

/// A stay, as transactions read and answer it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub id: i64,
    pub reference: String,
    pub room_type_id: i64,
    pub clinic_id: i64,
    pub patient_id: i64,
    pub arrival: Date,
    /// The night of this date is not one of its nights.
    pub departure: Date,
    pub rooms: i32,
    pub status: Status,
    /// The end of a hold.
    pub held_until: Option<Timestamp>,
    /// What all of its nights cost, in the smallest unit of the currency.
    pub total_minor: i64,
    pub currency: String,
    /// What is paid before it is booked, in the smallest unit of the currency.
    #[serde(default)]
    pub first_minor: Option<i64>,
    #[serde(default)]
    pub terms: Terms,
    /// What the clinic keeps for nights that were given up too late.
    #[serde(default)]
    pub given_up_minor: i64,
    pub version: i32,
    pub created_at: Timestamp,
}

impl Stay {
    /// What it takes.
    pub fn wanted(&self) -> WantedRooms {
        WantedRooms {
            room_type_id: self.room_type_id,
            arrival: self.arrival,
            departure: self.departure,
            rooms: self.rooms,
        }
    }

    /// What all of its nights cost.
    pub fn total(&self) -> Price {
        Price {
            minor: self.total_minor,
            currency: self.currency.clone(),
        }
    }

    /// What is paid before it is booked.
    pub fn first(&self) -> Option<Price> {
        Price::of(self.first_minor, Some(self.currency.clone()))
    }

    /// What is to be paid for it in all: its nights, and those that were given up too late.
    pub fn price(&self) -> Price {
        Price {
            minor: self.total_minor + self.given_up_minor,
            currency: self.currency.clone(),
        }
    }

    /// Whether it is a hold that has run out.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.status == Status::Held && self.held_until.is_some_and(|until| until <= now)
    }

    /// Whether this caller may know that it exists (I4).
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Patient { .. } => caller.acts_for(Some(self.patient_id)) && caller.opens(self.created_at),
            Caller::Doctor { .. } => false,
            Caller::Admin { .. } | Caller::Reception { .. } => !caller.is_kept_from(self.clinic_id),
        }
    }

    /// What a request made or changed, for the key under which it is answered.
    pub(crate) fn made(&self) -> Made {
        Made::Stay(MadeStay {
            stay_id: self.id,
            arrival: self.arrival,
            departure: self.departure,
            rooms: self.rooms,
            status: self.status,
        })
    }
}

/// Checks the nights and the number of rooms of a new stay, or of one that is changed.
///
/// # Errors
/// `INVALID_DATE_RANGE` for a stay of no night, of too many or too far ahead; `VALIDATION_FAILED` for the number of rooms.
fn check(wanted: WantedRooms, today: Date) -> Result<(), AppError> {
    let ahead = wanted::nights_between(today, wanted.arrival);
    if !(1..=MAX_NIGHTS).contains(&wanted.nights()) || ahead > MAX_AHEAD {
        return Err(AppError::InvalidDateRange);
    }
    match wanted.rooms {
        1..=MAX_ROOMS => Ok(()),
        rooms => Err(AppError::invalid(
            Field::Rooms,
            match rooms > 0 {
                true => FieldProblem::TooMany,
                false => FieldProblem::Malformed,
            },
        )),
    }
}

/// Refuses whoever may not book rooms of this clinic for this patient (I4), as far as it is known without the database.
///
/// # Errors
/// `NOT_FOUND`.
fn must_be_theirs(caller: &Caller, patient_id: i64, clinic_id: i64) -> Result<(), AppError> {
    let may = match caller {
        Caller::Patient { .. } => caller.acts_for(Some(patient_id)),
        Caller::Doctor { .. } => false,
        Caller::Admin { .. } | Caller::Reception { .. } => !caller.is_kept_from(clinic_id),
    };
    may.then_some(()).ok_or(AppError::NotFound)
}
