//! Text and video consultations.

mod race;
mod thread;
mod video;

use engine::{
    account::Caller,
    consultation::{Rules, SendMessage, Sent, send},
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;

use crate::support::{TestApp, patient_caller};

/// Half an hour, of which threads stay open for another one.
pub fn rules() -> Rules {
    Rules {
        open_minutes: 30,
        video: None,
    }
}

/// A confirmed text consultation of the first doctor: whose it is, its reference, and a moment in it.
pub async fn by_text(app: &TestApp) -> (i64, String, Timestamp) {
    let patient_id = app.patient(1).await;
    let start = app.slot(10);
    let reference = app.confirmed(patient_id, 0, start).await;
    app.sql("update appointments set mode = 'text'").await;
    (patient_id, reference, plus_minutes(start, 5))
}

pub fn message(caller: Caller, reference: &str, text: &str) -> SendMessage {
    SendMessage {
        caller,
        which: reference.into(),
        text: text.to_owned(),
        rules: rules(),
        key: None,
    }
}

/// Somebody writes.
pub async fn says(
    app: &TestApp,
    caller: Caller,
    reference: &str,
    text: &str,
    now: Timestamp,
) -> Result<Sent, AppError> {
    send(&app.database, message(caller, reference, text), now).await
}

/// Patient and doctor say one thing each.
pub async fn both_said(app: &TestApp) -> (Caller, Caller, String, Timestamp) {
    let (patient_id, reference, now) = by_text(app).await;
    let (patient, doctor) = (patient_caller(patient_id), app.doctor_caller(0));
    says(app, patient.clone(), &reference, "It itches", now)
        .await
        .unwrap();
    says(app, doctor.clone(), &reference, "Since when?", now)
        .await
        .unwrap();
    (patient, doctor, reference, now)
}
