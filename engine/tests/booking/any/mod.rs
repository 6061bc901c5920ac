//! Booking with whichever doctor is free.

mod fair;
mod race;
mod turns;

use jiff::Timestamp;

use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    appointment::Summary,
    availability::{Except, Turns, in_turn},
    booking::{self, Book},
    error::AppError,
    idempotency::Key,
    time::GivenTime,
};

async fn turns(app: &TestApp, starts_at: Timestamp) -> Turns {
    let any = app.any_doctor(VISIT);
    in_turn(
        &app.database,
        any,
        GivenTime::At(starts_at),
        Except::default(),
        false,
        None,
        app.now,
    )
    .await
    .unwrap()
    .unwrap()
}

fn book(turns: &Turns, patient_id: i64, key: Option<Key>) -> Book {
    Book {
        caller: patient_caller(patient_id),
        wanted: turns.wanted,
        overbook: None,
        patient_id,
        reason: String::new(),
        rules: crate::support::answer_within(60),
        key,
    }
}

async fn book_any(
    app: &TestApp,
    patient_id: i64,
    starts_at: Timestamp,
    key: Option<Key>,
) -> Result<Summary, AppError> {
    let turns = turns(app, starts_at).await;
    let command = book(&turns, patient_id, key);
    booking::book_any(&app.database, turns, command, app.now).await
}
