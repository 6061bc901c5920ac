//! What payments ask of stays: a hold that somebody goes to pay for, and the booking that a payment makes.

use std::ops::Deref;

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    Stay, lock,
    lock::{LockedStay, LockedStays, Stays},
    room_type::lock_for_booking,
    status::Status,
    submit::{Price, book_locked},
};
use crate::{
    appointment::Actor,
    database::{Failure, Tx},
    error::AppError,
};

/// A locked stay, with the locks of the holds that give their rooms back for it.
pub(crate) struct Paying {
    stays: LockedStays,
    stay: LockedStay,
}

impl Deref for Paying {
    type Target = Stay;

    fn deref(&self) -> &Stay {
        &self.stay
    }
}

impl Paying {
    /// Locks a stay that is to be booked.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn lock(tx: &mut Tx, id: i64, now: Timestamp) -> Result<Self, Failure> {
        let wanted = lock::peek(tx, id).await?.wanted();
        let stays = Stays {
            own: Some(id),
            wanted: Some(wanted),
            ..Stays::default()
        };
        let mut stays = stays.lock(tx, now).await?;
        let stay = stays.take_own()?;
        Ok(Self { stays, stay })
    }

    /// Refuses a hold that has lost its rooms, or whose rooms cannot be booked any more.
    ///
    /// # Errors
    /// `INVALID_TRANSITION`, `ROOM_TYPE_NOT_FOUND`, `INVALID_DATE_RANGE`.
    pub async fn must_be_held(&self, tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
        if self.status != Status::Held {
            return Err(self.ran_out().into());
        }
        let room_type = lock_for_booking(tx, self.room_type_id, now).await?;
        room_type.must_be_active()?;
        match self.arrival < room_type.today {
            true => Err(AppError::InvalidDateRange.into()),
            false => Ok(()),
        }
    }

    /// What is said of a hold that was held for long enough.
    pub fn ran_out(&self) -> AppError {
        AppError::StayTransition {
            stay_id: self.id,
            from: match self.status {
                Status::Held => Status::Lapsed,
                status => status,
            },
            to: Status::Booked,
        }
    }

    /// Books the hold at the price that was promised, also where it has run out while its rooms are free.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY` where somebody else has the rooms, and others with which the money goes back.
    pub async fn book(self, tx: &mut Tx, actor: Actor, now: Timestamp) -> Result<Stay, Failure> {
        let booked = book_locked(tx, self.stays, self.stay, (actor, Price::Promised), now).await?;
        Ok(booked.into_inner())
    }
}

/// Locks a stay alone, and reads it after that.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) async fn lock_one(tx: &mut Tx, id: i64, now: Timestamp) -> Result<Stay, Failure> {
    let stays = Stays {
        own: Some(id),
        ..Stays::default()
    };
    Ok(stays.lock(tx, now).await?.take_own()?.into_inner())
}

/// Reads a stay without locking it.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) async fn find(connection: &mut PgConnection, id: i64) -> Result<Stay, Failure> {
    lock::find(connection, id).await
}
