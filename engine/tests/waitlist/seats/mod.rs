//! Seats of group sessions: what comes free is offered to whose party fits, in the transaction that frees it.

mod answer;
mod by_staff;
mod nobody;
mod offer;
mod race;
mod session;

use engine::{
    error::AppError,
    group::{self, Details, Group, Plan, Take, Taken},
    time::plus_minutes,
    waitlist::{self, Join, Joined, Party},
};

use super::{join, wishes};
use crate::support::{INSTANT, RULES, TestApp, patient_caller};

/// Where an offer is kept for half an hour.
pub const FAR: i64 = 60;

/// A published session of the first doctor, of an hour.
pub async fn session(app: &TestApp, slot: i64, capacity: i32) -> Group {
    session_of(app, app.doctors[0].id, slot, capacity).await
}

/// A published session of this doctor, or of nobody, of an hour.
pub async fn session_of(app: &TestApp, doctor_id: i64, slot: i64, capacity: i32) -> Group {
    let command = Plan {
        caller: app.admin_caller(),
        doctor_id,
        clinic_id: app.clinic,
        service_id: app.services[INSTANT],
        details: Details {
            title: "Birth class".to_owned(),
            starts_at: app.slot(slot),
            minutes: 60,
            capacity,
            price: None,
        },
        weeks: 1,
        publish: true,
        key: None,
    };
    let planned = group::plan(&app.database, command, app.now).await;
    planned.unwrap().remove(0)
}

pub fn taking(group_id: i64, patient_id: i64, seats: i32) -> Take {
    Take {
        caller: patient_caller(patient_id),
        group_id,
        patient_id,
        seats,
        name: None,
        reason: String::new(),
        rules: RULES,
        key: None,
    }
}

pub async fn takes(app: &TestApp, group_id: i64, patient_id: i64, seats: i32) -> Result<Taken, AppError> {
    group::take(
        &app.database,
        taking(group_id, patient_id, seats),
        app.database.now(),
    )
    .await
}

/// Somebody takes seats, and answers with the reference of the appointment that has them.
pub async fn seated(app: &TestApp, group_id: i64, patient_id: i64, seats: i32) -> String {
    let taken = takes(app, group_id, patient_id, seats).await.unwrap();
    taken.appointment.reference
}

pub fn waiting(app: &TestApp, group_id: i64, patient_id: i64, seats: i32) -> Join {
    Join {
        party: Some(Party { group_id, seats }),
        ..join(patient_id, wishes(app))
    }
}

/// A patient waits for seats, since so many minutes after the test began.
pub async fn waits_for(app: &TestApp, group_id: i64, patient_id: i64, seats: i32, minutes: i64) -> Joined {
    let command = waiting(app, group_id, patient_id, seats);
    waitlist::join(&app.database, command, plus_minutes(app.now, minutes))
        .await
        .unwrap()
}

/// The number of seats that are free for everybody at this moment.
pub async fn free(app: &TestApp, group_id: i64) -> i32 {
    group::find(&app.database, None, group_id).await.unwrap().free()
}

/// How many seats were left for whoever was refused.
pub fn left<T: std::fmt::Debug>(result: &Result<T, AppError>) -> Option<i32> {
    match result {
        Err(AppError::InsufficientInventory { available, .. }) => Some(*available),
        _ => None,
    }
}
