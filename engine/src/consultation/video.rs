//! The link to the room of a video consultation, which is a secret of two people.

use std::fmt;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Rules, must_be_by, side_of};
use crate::{
    account::{Caller, session::random_token},
    appointment::{AppointmentName, Status, lock, peek},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::{Range, plus_minutes},
};

/// Minutes before the start from which on the two can join, and minutes after the end until which they can.
const EARLY_MINUTES: i64 = 15;
const LATE_MINUTES: i64 = 60;

/// Minutes after the end of an appointment from which on its room is forgotten.
const KEEP_MINUTES: i64 = 7 * 24 * 60;
/// Rooms that one round forgets.
const MAX_BATCH: i64 = 1000;

/// The number of hexadecimal digits of a room: 128 random bits.
const ROOM_LENGTH: usize = 32;

/// The word in a pattern that stands for the room.
const ROOM: &str = "{room}";

/// The pattern of the links to video rooms, such as `https://meet.example/{room}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a text is no pattern of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("it must begin with https://, and a host must follow")]
    Address,
    #[error("it must have {{room}} once, after the host")]
    Room,
    #[error("it must not have spaces, and no signs beyond ASCII")]
    Signs,
}

impl Pattern {
    /// Reads a pattern. A browser must reach it by HTTPS: cameras work nowhere else.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['"', '<', '>', '\\']) {
            return Err(PatternError::Signs);
        }
        let rest = text.strip_prefix("https://").ok_or(PatternError::Address)?;
        let (host, path) = rest.split_once('/').ok_or(PatternError::Room)?;
        let is_host = !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
        if !is_host && !host.contains(ROOM) {
            return Err(PatternError::Address);
        }
        match is_host && path.matches(ROOM).count() == 1 {
            true => Ok(Self(text.to_owned())),
            false => Err(PatternError::Room),
        }
    }

    fn address(&self, room: &str) -> Address {
        Address(self.0.replace(ROOM, room))
    }
}

/// The address of a room: whoever has it can enter. It is written down nowhere but for whom it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// The door of a video consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// It opens at this time, once the appointment is confirmed.
    NotYet {
        opens_at: Timestamp,
    },
    Open {
        address: Address,
        closes_at: Timestamp,
    },
    Over,
    /// The organisation has no pattern of links.
    NotConfigured,
}

/// The time in which the two can join.
fn open_time(time: Range) -> Range {
    Range::new(
        plus_minutes(time.start, -EARLY_MINUTES),
        plus_minutes(time.end, LATE_MINUTES),
    )
}

/// Whether the two of a video consultation with this status and time can join now.
pub fn is_door_open(status: Status, time: Range, now: Timestamp) -> bool {
    let open = open_time(time);
    matches!(status, Status::Confirmed | Status::InProgress) && open.start <= now && now < open.end
}

/// Finds the door of a video consultation. The room is made when somebody comes to the open door for the first time.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's two people, and where it is no video consultation.
pub async fn door(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    rules: &Rules,
    now: Timestamp,
) -> Result<Door, AppError> {
    let appointment = database
        .read("consultation.door", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            side_of(&appointment, &caller)?;
            must_be_by(&mut connection, "video", appointment.id).await?;
            Ok(appointment)
        })
        .await?;
    let Some(pattern) = &rules.video else {
        return Ok(Door::NotConfigured);
    };
    let open = open_time(appointment.time);
    if is_door_open(appointment.status, appointment.time, now) {
        let id = appointment.id;
        let room = database
            .write("consultation.make_room", move |tx| make_room(tx, id, now))
            .await?;
        return Ok(Door::Open {
            address: pattern.address(&room),
            closes_at: open.end,
        });
    }
    let is_coming = matches!(
        appointment.status,
        Status::Held | Status::Pending | Status::Confirmed | Status::InProgress
    );
    Ok(match is_coming && now < open.start {
        true => Door::NotYet { opens_at: open.start },
        false => Door::Over,
    })
}

/// The room of an appointment: the one that there is, also where both ask at once.
async fn make_room(mut tx: Tx, appointment_id: i64, now: Timestamp) -> Result<String, Failure> {
    // It may have been cancelled or moved since it was looked at.
    let appointment = lock(&mut tx, appointment_id).await?;
    if !is_door_open(appointment.status, appointment.time, now) {
        return Err(AppError::NotFound.into());
    }
    let room: String = random_token().chars().take(ROOM_LENGTH).collect();
    let made = sqlx::query_scalar!(
        "insert into video_rooms as known (appointment_id, room, made_at) values ($1, $2, $3)
         on conflict on constraint video_rooms_pkey do update set room = known.room
         returning room",
        appointment_id,
        room,
        now.to_sqlx(),
    );
    let room = locking(Lock::Consultation, made.fetch_one(&mut *tx)).await?;
    tx.commit().await?;
    Ok(room)
}

/// Forgets the rooms of appointments that ended some days ago.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from video_rooms
         where appointment_id in (select appointment_id from video_rooms
                                  join appointments on appointments.id = appointment_id
                                  where ends_at <= $1 limit $2 for update of video_rooms skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_a_host_and_then_a_room() {
        for (text, expected) in [
            ("https://meet.example/{room}", None),
            ("https://meet.example:8443/a?room={room}#b", None),
            ("http://meet.example/{room}", Some(PatternError::Address)),
            ("javascript:{room}", Some(PatternError::Address)),
            ("https:///{room}", Some(PatternError::Address)),
            ("https://me@meet.example/{room}", Some(PatternError::Address)),
            ("https://{room}.example/", Some(PatternError::Room)),
            ("https://meet.example", Some(PatternError::Room)),
            ("https://meet.example/", Some(PatternError::Room)),
            ("https://meet.example/{room}/{room}", Some(PatternError::Room)),
            ("https://meet.example/{room} ", Some(PatternError::Signs)),
            ("https://meet.example/\"{room}", Some(PatternError::Signs)),
            ("", Some(PatternError::Address)),
        ] {
            assert_eq!(Pattern::parse(text).err(), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_not_shown_where_things_are_logged() {
        let pattern = Pattern::parse("https://meet.example/{room}").unwrap();
        let address = pattern.address("secret");
        assert_eq!(address.as_str(), "https://meet.example/secret");
        assert_eq!(format!("{address:?}"), "Address(…)");
    }

    #[test]
    fn the_door_is_open_around_the_time_of_what_is_promised() {
        let at = |minutes| plus_minutes(Timestamp::UNIX_EPOCH, minutes);
        let time = Range::new(at(100), at(120));
        for (status, minute, expected) in [
            (Status::Confirmed, 84, false),
            (Status::Confirmed, 85, true),
            (Status::InProgress, 179, true),
            (Status::InProgress, 180, false),
            (Status::Pending, 100, false),
            (Status::Cancelled, 100, false),
            (Status::Completed, 110, false),
        ] {
            assert_eq!(
                is_door_open(status, time, at(minute)),
                expected,
                "{status:?} {minute}"
            );
        }
    }
}
