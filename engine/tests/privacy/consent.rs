//! What somebody agrees to, and takes back.

use engine::{
    error::AppError,
    privacy::consent::{Purpose, Said, SetConsent, VERSION, consents, set_consent},
};

use crate::support::{TestApp, patient_caller};

#[tokio::test]
async fn what_is_said_last_holds_and_each_purpose_by_itself() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let own = patient_caller(patient_id);
    let says = |is_given: bool| SetConsent {
        caller: patient_caller(patient_id),
        patient_id,
        purpose: Purpose::RemindersSms,
        is_given,
        said: Said::OnPage,
    };
    for consent in consents(&app.database, &own, patient_id).await.unwrap() {
        assert!(consent.is_given && consent.said.is_none());
    }
    for is_given in [true, true, false, false, true] {
        set_consent(&app.database, says(is_given), app.now).await.unwrap();
        let known = consents(&app.database, &own, patient_id).await.unwrap();
        assert_eq!(known[0].is_given, is_given);
        assert_eq!(known[0].said.map(|(_, version)| version), Some(VERSION));
        assert!(known[1..].iter().all(|other| other.said.is_none()));
    }
    // What is so already is not written again.
    assert_eq!(app.count("select count(*) from consents").await, 3);
    let stranger = patient_caller(app.patient(2).await);
    let theirs = SetConsent {
        caller: stranger.clone(),
        ..says(false)
    };
    assert_eq!(
        set_consent(&app.database, theirs, app.now).await,
        Err(AppError::NotFound)
    );
    let read = consents(&app.database, &stranger, patient_id).await;
    assert_eq!(read.err(), Some(AppError::NotFound));
}

#[tokio::test]
async fn who_took_it_back_is_not_reminded() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let may = "select consents_to(min(id), 'reminders_sms')::int::bigint from patients";
    assert_eq!(app.count(may).await, 1);
    let command = SetConsent {
        caller: patient_caller(patient_id),
        patient_id,
        purpose: Purpose::RemindersSms,
        is_given: false,
        said: Said::ByProgram,
    };
    set_consent(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.count(may).await, 0);
    let by_mail = "select consents_to(min(id), 'reminders_email')::int::bigint from patients";
    assert_eq!(app.count(by_mail).await, 1);
}
