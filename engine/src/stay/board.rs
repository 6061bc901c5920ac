//! The desk's board of a clinic: who comes and who goes today, who is in which rooms, what is free tonight.

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{
    MAX_AHEAD, SeenRoomType, Status,
    nights::available,
    read::{Filter, Item, Search, items},
    room_type::room_types,
};
use crate::{
    account::{Caller, must_be_at_desk},
    database::Database,
    error::AppError,
};

/// The stays of a clinic today.
#[derive(Clone, Debug)]
pub struct Board {
    pub today: Date,
    /// Who is expected, also since earlier days, and who has arrived today.
    pub arrivals: Vec<Item>,
    /// Who leaves today or should have left, and who has left today.
    pub departures: Vec<Item>,
    /// Everybody who is in a room.
    pub here: Vec<Item>,
    /// The kinds of rooms of the clinic.
    pub tonight: Vec<Tonight>,
}

/// A kind of rooms tonight.
#[derive(Clone, Debug)]
pub struct Tonight {
    pub room_type: SeenRoomType,
    pub total: i32,
    pub free: i32,
}

/// The most stays that a board has.
const MAX_ON_BOARD: i64 = 500;

/// Reads the board of a clinic.
///
/// # Errors
/// `NOT_FOUND` for who is not at its desk, and where it has no kind of rooms.
pub async fn board(
    database: &Database,
    caller: &Caller,
    clinic_id: i64,
    now: Timestamp,
) -> Result<Board, AppError> {
    must_be_at_desk(caller)?;
    caller.must_be_of(clinic_id)?;
    let mut types = room_types(database).await?;
    types.retain(|one| one.what.clinic_id == clinic_id);
    let today = types
        .first()
        .map(|one| one.today(now))
        .ok_or(AppError::NotFound)?;
    let mut tonight = Vec::with_capacity(types.len());
    for room_type in types {
        let id = room_type.id;
        let nights = database
            .read("stay.tonight", move |mut connection| async move {
                available(&mut connection, id, (today, today.saturating_add(1.day())), now).await
            })
            .await?;
        let (total, free) = nights.first().map_or((0, 0), |night| (night.total, night.free));
        tonight.push(Tonight {
            room_type,
            total,
            free,
        });
    }
    let mut board = Board {
        today,
        arrivals: Vec::new(),
        departures: Vec::new(),
        here: Vec::new(),
        tonight,
    };
    for status in [Status::Booked, Status::Arrived, Status::Left] {
        let from = match status {
            // The day before: who leaves today has had the last night.
            Status::Left => today.saturating_sub(1.day()),
            _ => today.saturating_sub(MAX_AHEAD.days()),
        };
        let filter = Filter {
            search: Search {
                status: Some(status),
                clinic_id: Some(clinic_id),
                from: Some(from),
                to: Some(today),
                limit: MAX_ON_BOARD,
                ..Search::default()
            },
            ..Filter::default()
        };
        for item in items(database, filter).await? {
            board.add(item);
        }
    }
    let by_name = |item: &Item| (item.patient_name.clone(), item.stay.id);
    board.arrivals.sort_by_key(by_name);
    board.departures.sort_by_key(by_name);
    board.here.sort_by_key(by_name);
    Ok(board)
}

impl Board {
    fn add(&mut self, item: Item) {
        let (stay, today) = (&item.stay, self.today);
        match stay.status {
            Status::Booked => self.arrivals.push(item),
            Status::Arrived => {
                if stay.arrival == today {
                    self.arrivals.push(item.clone());
                }
                if stay.departure <= today {
                    self.departures.push(item.clone());
                }
                self.here.push(item);
            }
            Status::Left if stay.departure == today => self.departures.push(item),
            Status::Left | Status::Held | Status::Cancelled | Status::Lapsed => {}
        }
    }
}
