//! The price of rooms that are wanted, or why they cannot be had.

use super::RoomPageOf;
use engine::{
    account::Caller,
    error::AppError,
    money::Price,
    stay::{self, Night, Search, Status, WantedRooms},
};

impl RoomPageOf {
    /// The exact price of rooms that can be had, or why they cannot.
    pub(super) async fn check(&self, wanted: WantedRooms) -> Result<Result<Price, AppError>, AppError> {
        let nights = wanted.nights();
        if wanted.arrival < self.today || nights < 1 || wanted.rooms < 1 {
            return Ok(Err(AppError::InvalidDateRange));
        }
        let range = (wanted.arrival, wanted.departure);
        let nights = match stay::nights(&self.state.database, self.room_type.id, range, self.now).await {
            Ok(nights) => nights,
            Err(error @ AppError::InvalidDateRange) => return Ok(Err(error)),
            Err(error) => return Err(error),
        };
        let own = self.held(wanted).await?;
        let left = |night: &Night| {
            let of_own = own
                .iter()
                .filter(|hold| hold.each_night().any(|other| other == night.night));
            night.free + of_own.map(|hold| hold.rooms).sum::<i32>()
        };
        let short = nights
            .iter()
            .filter(|night| left(night) < wanted.rooms)
            .min_by_key(|night| (left(night), night.night));
        Ok(match short {
            Some(night) => Err(AppError::RoomsShort {
                wanted,
                available: left(night).max(0),
                night: night.night,
            }),
            None => self.price(wanted),
        })
    }

    /// For whom the rooms are: whom the desk books, or whom of their family the patient has chosen.
    pub(super) fn whom(&self) -> Option<i64> {
        let Some(caller @ Caller::Patient { id, .. }) = &self.caller else {
            return self.patient;
        };
        let chosen = Some(self.kept.patient).filter(|chosen| caller.acts_for(Some(*chosen)));
        Some(chosen.unwrap_or(*id))
    }

    /// What the patient holds of these rooms: another hold or a booking takes its place.
    async fn held(&self, wanted: WantedRooms) -> Result<Vec<WantedRooms>, AppError> {
        let (Some(caller), Some(patient)) = (&self.caller, self.whom()) else {
            return Ok(Vec::new());
        };
        let search = Search {
            status: Some(Status::Held),
            patient_id: Some(patient),
            room_type_id: Some(wanted.room_type_id),
            limit: 10,
            ..Search::default()
        };
        let held = stay::search(&self.state.database, caller, search).await?;
        let running = held.iter().filter(|item| !item.stay.has_run_out(self.now));
        Ok(running.map(|item| item.stay.wanted()).collect())
    }

    fn price(&self, wanted: WantedRooms) -> Result<Price, AppError> {
        let count = i64::from(wanted.nights()) * i64::from(wanted.rooms);
        let price = &self.room_type.what.price;
        Ok(Price {
            minor: price.minor.checked_mul(count).ok_or(AppError::InvalidDateRange)?,
            currency: price.currency.clone(),
        })
    }
}
