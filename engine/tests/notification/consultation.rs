//! Whoever is away is told that there is something to read, once, and not what.

use engine::{
    account::Caller,
    consultation::{Rules, SendMessage, see, send},
    notification::{Channel, Dispatch, Kind},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{Postbox, listening, send_all};
use crate::support::{TestApp, patient_caller};

async fn says(app: &TestApp, caller: Caller, reference: &str, text: &str) {
    let command = SendMessage {
        caller,
        which: reference.into(),
        text: text.to_owned(),
        rules: Rules::default(),
        key: None,
    };
    send(&app.database, command, app.slot(10)).await.unwrap();
}

/// A text consultation, of which nothing has been said by a message.
async fn by_text(app: &TestApp) -> (Caller, String) {
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(10)).await;
    app.sql("update appointments set mode = 'text'; delete from messages")
        .await;
    (patient_caller(patient_id), reference)
}

/// Sends what is due this many minutes from now.
async fn after(app: &TestApp, dispatch: &Dispatch, minutes: i64) -> Timestamp {
    let now = plus_minutes(app.database.now(), minutes);
    send_all(dispatch, now).await;
    now
}

#[tokio::test]
async fn somebody_who_is_away_is_told_once_until_they_have_read() {
    let app = TestApp::new().await;
    let (patient, reference) = by_text(&app).await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let doctor = app.doctor_caller(0);
    for text in ["Take the results", "Secret words"] {
        says(&app, doctor.clone(), &reference, text).await;
    }
    // They may be about to read it.
    after(&app, &dispatch, 1).await;
    assert_eq!(postbox.kinds(), []);
    after(&app, &dispatch, 5).await;
    says(&app, doctor.clone(), &reference, "Still there?").await;
    after(&app, &dispatch, 10).await;
    assert_eq!(postbox.kinds(), [Kind::DoctorWrote]);
    let letter = postbox.letters().remove(0);
    assert_eq!(
        (letter.channel, letter.recipient.as_str()),
        (Channel::Sms, "+6281255500001")
    );
    let text = letter.text();
    let link = format!("https://clinic.example/appointments/{reference}/consultation");
    assert!(text.contains(&link), "{text}");
    for secret in ["results", "Secret", "there?", "Dr", "Visit", "Patient"] {
        assert!(!text.contains(secret), "{text}");
    }
    see(&app.database, patient, reference.as_str().into(), 3)
        .await
        .unwrap();
    says(&app, doctor, &reference, "One more thing").await;
    after(&app, &dispatch, 20).await;
    assert_eq!(postbox.kinds(), [Kind::DoctorWrote; 2]);
}

#[tokio::test]
async fn somebody_who_has_read_is_not_told() {
    let app = TestApp::new().await;
    let (patient, reference) = by_text(&app).await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    says(&app, app.doctor_caller(0), &reference, "Hello").await;
    says(&app, patient.clone(), &reference, "Hello").await;
    for caller in [patient, app.doctor_caller(0)] {
        see(&app.database, caller, reference.as_str().into(), 2)
            .await
            .unwrap();
    }
    after(&app, &dispatch, 5).await;
    assert_eq!(postbox.kinds(), []);
    let suppressed =
        "select count(*) from messages where state = 'suppressed' and last_error = 'no_longer_true'";
    assert_eq!(app.count(suppressed).await, 2);
}

#[tokio::test]
async fn a_doctor_is_told_by_e_mail() {
    let app = TestApp::new().await;
    let (patient, reference) = by_text(&app).await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    for text in ["It itches", "It still does"] {
        says(&app, patient.clone(), &reference, text).await;
    }
    after(&app, &dispatch, 5).await;
    assert_eq!(postbox.kinds(), [Kind::PatientWrote]);
    let letter = postbox.letters().remove(0);
    assert_eq!(
        (letter.channel, letter.recipient.as_str()),
        (Channel::Email, "doctor1@test.example")
    );
    let text = letter.text();
    let link = format!("https://clinic.example/doctor/appointments/{reference}/consultation");
    assert!(
        text.contains(&link) && !text.contains("itches") && !text.contains("Patient"),
        "{text}"
    );
}
