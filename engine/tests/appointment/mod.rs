//! Appointments: changes of their status, the clocks that they are read by, and the constraints that the database keeps by
//! itself.

mod arrive;
mod board;
mod change_status;
mod constraints;
mod count;
mod overdue;
mod race;
mod several;
mod wall_time;
mod zone;

use crate::support::{TestApp, VISIT};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status},
};

fn to(caller: Caller, reference: &str, to: Status, version: i32) -> ChangeStatus {
    ChangeStatus {
        key: None,
        caller,
        which: reference.into(),
        to,
        version: Some(version),
        reason: "because".to_owned(),
    }
}

/// Requests in as many half hours, each of a patient of its own.
async fn requests(app: &TestApp, count: usize) -> Vec<(i64, String)> {
    let mut requests = Vec::new();
    for (number, patient_id) in app.patients(count).await.into_iter().enumerate() {
        let wanted = app.wanted(0, VISIT, app.slot(i64::try_from(number).unwrap() + 7 * 48));
        requests.push((patient_id, app.requested(patient_id, wanted).await));
    }
    requests
}
