//! The forms of rooms and stays.

mod link;
mod pay;

use jiff::civil::Date;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::{link::*, pay::*};
use crate::{
    account::guard,
    appointment::forms::MAX_REASON,
    booking::forms::MAX_NAME,
    idempotency::forms::of_form,
    organisation::forms::{Sent, first},
    server::AppState,
    ui::redirect,
};
use engine::{
    account::{Caller, required, storable, typed},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    organisation::form::Filled,
    stay::{self, BookStay, Presence, SetNights, SetPresence, SubmitStay, WantedRooms},
    time,
};

/// The names under which a session keeps what was typed.
pub(super) const TAKE: &str = "take_rooms";
pub(super) const CANCEL: &str = "stay_cancel";
pub(super) const CHANGE: &str = "stay_change";
pub(super) const NIGHTS: &str = "room_nights";
/// The name of the form of a kind of rooms.
pub(super) const ROOM_TYPE: &str = "room_type";

/// The words of the forms for what the desk says of people.
pub(super) const ARRIVED: &str = "arrived";
pub(super) const NOT_ARRIVED: &str = "not_arrived";
pub(super) const LEFT: &str = "left";

/// The nights and rooms of a form, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Typed {
    pub arrival: String,
    pub departure: String,
    pub rooms: String,
    pub reason: String,
}

impl Typed {
    fn new(arrival: &str, departure: &str, rooms: &str, reason: &str) -> Self {
        Self {
            arrival: storable(arrival),
            departure: storable(departure),
            rooms: storable(rooms),
            reason: storable(reason),
        }
    }
}

/// What was typed beside the nights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    /// For whom the rooms are.
    pub patient: i64,
    pub name: String,
    pub reason: String,
}

/// Reads a date that was typed.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn date(field: Field, typed: &str) -> Result<Date, AppError> {
    match typed.trim() {
        "" => Err(AppError::invalid(field, FieldProblem::Missing)),
        typed => time::date(typed).ok_or(AppError::invalid(field, FieldProblem::Malformed)),
    }
}

/// Reads the nights and the number of rooms that were typed.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn read_wanted(
    room_type_id: i64,
    arrival: &str,
    departure: &str,
    rooms: &str,
) -> Result<WantedRooms, AppError> {
    Ok(WantedRooms {
        room_type_id,
        arrival: date(Field::Arrival, arrival)?,
        departure: date(Field::Departure, departure)?,
        rooms: number(Field::Rooms, rooms)?,
    })
}

fn number(field: Field, typed: &str) -> Result<i32, AppError> {
    match typed.trim() {
        "" => Err(AppError::invalid(field, FieldProblem::Missing)),
        typed => typed
            .parse()
            .map_err(|_| AppError::invalid(field, FieldProblem::Malformed)),
    }
}

/// The page of a stay for this caller.
pub(super) fn path_of(caller: &Caller, reference: &str) -> String {
    match caller.role().is_staff() {
        true => format!("/admin/stays/{reference}"),
        false => format!("/stays/{reference}"),
    }
}

/// Holds rooms for a patient who decides; books them for the desk, where that is done.
#[server(prefix = "/form", endpoint = "take-rooms")]
pub async fn take_rooms(
    room_type_id: i64,
    patient: i64,
    #[server(default)] arrival: String,
    #[server(default)] departure: String,
    #[server(default)] rooms: String,
    /// Of a patient who has none yet.
    #[server(default)]
    name: Option<String>,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let is_staff = caller.role().is_staff();
    // Whoever takes rooms for their family chooses the patient in the form, so it is not what the form is about.
    let about = match &caller {
        Caller::Patient { id, .. } => *id,
        _ => patient,
    };
    let kept = Said {
        patient,
        name: storable(name.as_deref().unwrap_or_default()),
        reason: storable(&reason),
    };
    let attempt = async {
        let wanted = read_wanted(room_type_id, &arrival, &departure, &rooms)?;
        let name = match name.as_deref().filter(|_| !is_staff) {
            Some(name) => Some(required(Field::Name, name, MAX_NAME)?),
            None => None,
        };
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let command = BookStay {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "take-rooms",
                &patient.to_string(),
                &(wanted, &name, &reason),
            )?,
            caller: caller.clone(),
            patient_id: patient,
            wanted,
            name,
            reason,
        };
        let (database, now) = (&state.database, state.now());
        match is_staff {
            true => stay::book(database, command, now).await,
            false => stay::hold(database, command, state.config.rules.booking, now).await,
        }
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(TAKE, about.to_string(), kept, &result)
        .await?;
    let path = path_of(&caller, &result?.reference);
    redirect(&match is_staff {
        true => format!("{path}?said=booked"),
        false => path,
    });
    Ok(())
}

/// Books what is held.
#[server(prefix = "/form", endpoint = "book-held-rooms")]
pub async fn book_held_rooms(reference: String, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let item = stay::stay_of_reference(&state.database, &caller, reference.clone()).await?;
    let command = SubmitStay {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "book-held-rooms",
            &reference,
            &(),
        )?,
        caller: caller.clone(),
        stay_id: item.stay.id,
    };
    stay::submit(&state.database, command, state.now()).await?;
    redirect(&format!("{}?said=booked", path_of(&caller, &reference)));
    Ok(())
}

/// Cancels a stay, or gives a hold up.
#[server(prefix = "/form", endpoint = "cancel-stay")]
pub async fn cancel_stay(
    reference: String,
    #[server(default)] version: Option<i32>,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let item = stay::stay_of_reference(&state.database, &caller, reference.clone()).await?;
    let kept = storable(&reason);
    let attempt = async {
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let command = stay::CancelStay {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "cancel-stay",
                &reference,
                &(version, &reason),
            )?,
            caller: caller.clone(),
            stay_id: item.stay.id,
            version,
            reason,
        };
        stay::cancel(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(CANCEL, reference.clone(), kept, &result)
        .await?;
    result?;
    let was_held = item.stay.status == stay::Status::Held;
    redirect(&match was_held && !caller.role().is_staff() {
        true => format!("/rooms/{}", item.stay.room_type_id),
        false => format!("{}?said=cancelled", path_of(&caller, &reference)),
    });
    Ok(())
}

/// Extends, shortens or moves a stay.
#[server(prefix = "/form", endpoint = "change-stay")]
pub async fn change_stay(
    reference: String,
    #[server(default)] version: Option<i32>,
    #[server(default)] arrival: String,
    #[server(default)] departure: String,
    #[server(default)] rooms: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let item = stay::stay_of_reference(&state.database, &caller, reference.clone()).await?;
    let kept = Typed::new(&arrival, &departure, &rooms, &reason);
    let attempt = async {
        let wanted = read_wanted(item.stay.room_type_id, &arrival, &departure, &rooms)?;
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let command = stay::ChangeStay {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "change-stay",
                &reference,
                &(version, wanted, &reason),
            )?,
            caller: caller.clone(),
            stay_id: item.stay.id,
            version,
            arrival: wanted.arrival,
            departure: wanted.departure,
            rooms: wanted.rooms,
            reason,
        };
        stay::change(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(CHANGE, reference.clone(), kept, &result)
        .await?;
    result?;
    redirect(&format!("{}?said=changed", path_of(&caller, &reference)));
    Ok(())
}

/// Says that people arrived, or left.
#[server(prefix = "/form", endpoint = "set-stay-presence")]
pub async fn set_stay_presence(
    reference: String,
    presence: String,
    #[server(default)] version: Option<i32>,
    /// The page to go back to: the board, or the stay.
    #[server(default)]
    on_board: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let state = expect_context::<AppState>();
    let item = stay::stay_of_reference(&state.database, &caller, reference.clone()).await?;
    let said = match presence.as_str() {
        ARRIVED => Presence::Arrived,
        NOT_ARRIVED => Presence::NotArrived,
        LEFT => Presence::Left,
        _ => return Err(AppError::invalid(Field::Status, FieldProblem::Malformed)),
    };
    let command = SetPresence {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "set-stay-presence",
            &format!("{reference} {presence}"),
            &version,
        )?,
        caller,
        stay_id: item.stay.id,
        presence: said,
        version,
    };
    stay::set_presence(&state.database, command, state.now()).await?;
    redirect(&match on_board {
        true => format!(
            "/admin/stays?clinic={}&said={presence}&stay={reference}",
            item.stay.clinic_id
        ),
        false => format!("/admin/stays/{reference}?said={presence}"),
    });
    Ok(())
}

/// Makes a kind of rooms, or describes one anew.
#[server(prefix = "/form", endpoint = "put-room-type")]
pub async fn put_room_type(
    #[server(default)] id: Option<i64>,
    #[server(default)] version: i32,
    #[server(default)] filled: Filled,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = Sent::new(caller.clone(), ROOM_TYPE, id, &filled, key);
    let attempt = async {
        let command = stay::PutRoomType {
            caller,
            which: id.map(|id| (id, version)),
            description: first(filled.room_type())?,
            key: sent.key()?,
        };
        stay::put_room_type(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    sent.done(result, |saved| format!("/admin/room-types?saved={}", saved.id))
        .await
}

/// Says how many rooms there are in some nights.
#[server(prefix = "/form", endpoint = "set-room-nights")]
pub async fn set_room_nights(
    room_type_id: i64,
    /// Both count.
    #[server(default)]
    from: String,
    #[server(default)] to: String,
    /// Nothing: as many as the kind has.
    #[server(default)]
    total: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let kept = Typed::new(&from, &to, &total, "");
    let about = room_type_id.to_string();
    let attempt = async {
        let (first, last) = (date(Field::Arrival, &from)?, date(Field::Departure, &to)?);
        let total = match total.trim() {
            "" => None,
            total => Some(number(Field::Rooms, total)?),
        };
        let command = SetNights {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "set-room-nights",
                &about,
                &(first, last, total),
            )?,
            caller,
            room_type_id,
            from: first,
            until: last.tomorrow().map_err(|_| AppError::InvalidDateRange)?,
            total,
        };
        stay::set_nights(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(NIGHTS, about.clone(), kept, &result)
        .await?;
    result?;
    redirect(&format!("/admin/room-types/{room_type_id}?saved=nights"));
    Ok(())
}
