//! Booking: holding a time, booking it, and moving an appointment.

mod any;
mod book;
mod clicks;
mod expired;
mod instead;
mod limit;
mod moved_request;
mod one_patient;
mod open;
mod own_hold;
mod race;
mod refused;
mod reschedule;
mod stopped;

use jiff::Timestamp;

use crate::support::{DOCTORS, TestApp, hold, submit};
use engine::{
    booking::{self, Wanted},
    error::AppError,
};

type Held = Result<String, AppError>;

async fn hold_all(app: &TestApp, choices: Vec<(usize, Wanted)>, now: Timestamp) -> Vec<Held> {
    let racers = choices
        .into_iter()
        .map(|(visitor, wanted)| {
            let database = app.database.clone();
            async move { booking::hold(&database, hold(visitor, wanted), now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn submit_all(app: &TestApp, bookings: Vec<(usize, i64, String)>, now: Timestamp) -> Vec<Held> {
    let racers = bookings
        .into_iter()
        .map(|(visitor, patient_id, reference)| {
            let database = app.database.clone();
            async move {
                booking::submit(&database, submit(visitor, patient_id, &reference), now)
                    .await
                    .map(|booked| booked.reference)
            }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}
