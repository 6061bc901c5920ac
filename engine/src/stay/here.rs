//! People arrive and leave.

use jiff::{Timestamp, ToSpan};

use super::{
    Stay,
    lock::{Stays, must_be_seen},
    nights::lock_nights,
    read::today_at,
    status::Status,
    write::{Nights, set_nights, set_status},
};
use crate::{
    account::{Caller, must_be_at_desk},
    appointment::Actor,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// What the desk says of the people of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Arrived,
    /// They are not here after all: somebody has clicked in the wrong row.
    NotArrived,
    Left,
}

impl Presence {
    fn status(self) -> Status {
        match self {
            Self::Arrived => Status::Arrived,
            Self::NotArrived => Status::Booked,
            Self::Left => Status::Left,
        }
    }
}

/// The desk says that the people of a stay are here, or gone.
#[derive(Clone, Debug)]
pub struct SetPresence {
    pub caller: Caller,
    pub stay_id: i64,
    pub presence: Presence,
    /// The version that the caller has read.
    pub version: Option<i32>,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Notes that the people of a stay arrived or left. They arrive on a day of their stay. Who leaves early gives back the nights
/// to come, which are not paid for; the first night is theirs in any case.
///
/// # Errors
/// `NOT_FOUND` for who is not at the desk of the clinic; `STALE_VERSION`, `INVALID_TRANSITION`, `IDEMPOTENCY_CONFLICT`.
pub async fn set_presence(
    database: &Database,
    command: SetPresence,
    now: Timestamp,
) -> Result<Stay, AppError> {
    must_be_at_desk(&command.caller)?;
    database
        .write("stay.set_presence", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SetPresence, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let stays = Stays {
        own: Some(command.stay_id),
        ..Stays::default()
    };
    let mut stay = stays.lock(&mut tx, now).await?.take_own()?;
    must_be_seen(&stay, &command.caller, command.version)?;
    let today = today_at(&mut tx, stay.clinic_id, now).await?;
    let (from, to) = (stay.status, command.presence.status());
    let is_too_early =
        command.presence == Presence::Arrived && !(stay.arrival..=stay.departure).contains(&today);
    if is_too_early || matches!(from, Status::Held | Status::Lapsed) || !from.may_become(to) {
        return Err(AppError::StayTransition {
            stay_id: stay.id,
            from,
            to,
        }
        .into());
    }
    let actor = Actor::from(&command.caller);
    let first_morning = stay.arrival.saturating_add(1.day());
    let departure = today.max(first_morning);
    if command.presence == Presence::Left && departure < stay.departure {
        let locked = lock_nights(&mut tx, &stay.night_keys()).await?;
        let nights = Nights {
            arrival: stay.arrival,
            departure,
            rooms: stay.rooms,
        };
        // Nothing is taken, so there is no price to ask for.
        stay = set_nights(&mut tx, &locked, stay, nights, 0, (actor, ""), now).await?;
    }
    let stay = set_status(&mut tx, stay, to, actor, "", now).await?.into_inner();
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}
