//! The details of errors about rooms and stays: how many are left and when, what can be had instead, who was first.

use engine::{
    error::AppError,
    stay::{self, Alternative, WantedRooms, alternatives, taken_above},
};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::server::{
    AppState, Problem,
    api::{Adding, Details, amount::Amount},
};

/// The details of an error about rooms or a stay.
#[derive(Debug)]
pub enum StayDetails {
    Short {
        wanted: WantedRooms,
        available: i32,
        night: Date,
    },
    Taken {
        room_type_id: i64,
        total: i32,
        first: Date,
        last: Date,
    },
    Changed {
        stay_id: i64,
    },
}

impl StayDetails {
    /// Finds the details of this error, if it is about rooms or a stay.
    pub fn of(error: AppError) -> Option<Self> {
        match error {
            AppError::RoomsShort {
                wanted,
                available,
                night,
            } => Some(Self::Short {
                wanted,
                available,
                night,
            }),
            AppError::RoomsTaken {
                room_type_id,
                total,
                first,
                last,
            } => Some(Self::Taken {
                room_type_id,
                total,
                first,
                last,
            }),
            AppError::StaleStay { stay_id } | AppError::StayTransition { stay_id, .. } => {
                Some(Self::Changed { stay_id })
            }
            _ => None,
        }
    }
}

impl Details for StayDetails {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let (database, now) = (&state.database, state.now());
            match *self {
                Self::Short {
                    wanted,
                    available,
                    night,
                } => {
                    let instead = alternatives(database, wanted, now).await.unwrap_or_default();
                    let instead: Vec<Value> = instead.iter().map(offered).collect();
                    problem
                        .detail("requested", wanted.rooms)
                        .detail("available", available)
                        .detail("date", night.to_string())
                        .detail("alternatives", instead)
                }
                Self::Taken {
                    room_type_id,
                    total,
                    first,
                    last,
                } => {
                    let nights = taken_above(database, room_type_id, (first, last), total, now).await;
                    let nights: Vec<Value> = nights
                        .unwrap_or_default()
                        .iter()
                        .map(|night| json!({ "date": night.night.to_string(), "taken": night.taken }))
                        .collect();
                    problem
                        .detail("requested", total)
                        .detail("date", first.to_string())
                        .detail("dates", nights)
                }
                Self::Changed { stay_id } => {
                    let Ok(last) = stay::last_change(database, stay_id).await else {
                        return problem;
                    };
                    let role = last.role.as_str();
                    problem
                        .detail("status", last.status.as_str())
                        .detail("version", last.version)
                        .detail("changed_at", last.changed_at.to_string())
                        .detail("changed_by", last.changed_by.unwrap_or_else(|| role.to_owned()))
                        .detail("changed_by_role", role)
                }
            }
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Short { .. } => {
                let other = json!({
                    "room_type_id": 1, "name": "Single room", "arrival": "2026-12-07", "departure": "2026-12-10",
                    "rooms": 3, "total_price": {"amount": "7650000", "currency": "IDR"},
                });
                vec![
                    ("requested", json!(3)),
                    ("available", json!(2)),
                    ("date", json!("2026-12-05")),
                    ("alternatives", json!([other])),
                ]
            }
            Self::Taken { .. } | Self::Changed { .. } => Vec::new(),
        }
    }
}

fn offered(one: &Alternative) -> Value {
    let wanted = one.wanted;
    json!({
        "room_type_id": wanted.room_type_id,
        "name": one.room_type.what.name,
        "arrival": wanted.arrival.to_string(),
        "departure": wanted.departure.to_string(),
        "rooms": wanted.rooms,
        "total_price": Amount::from(&one.total),
    })
}
