//! How patients say that they want to be told.

use engine::{
    error::AppError,
    i18n::Locale,
    notification::{Channel, Kind, SaveContact, confirm_email, contact, save_contact},
    time::plus_minutes,
};

use super::{Postbox, listening, send_all, soon};
use crate::support::TestApp;

/// Half hours in a day.
const DAY: i64 = 48;

fn wish(patient_id: i64, email: &str) -> SaveContact {
    SaveContact {
        patient_id,
        email: email.to_owned(),
        locale: Some(Locale::De),
        wants_reminders: true,
        asked_in: Locale::En,
    }
}

/// The secret in the link of the newest letter.
fn secret(postbox: &Postbox) -> String {
    let letters = postbox.letters();
    let link = &letters.last().unwrap().links[0].address;
    link.strip_prefix("https://clinic.example/e/").unwrap().to_owned()
}

#[tokio::test]
async fn nothing_goes_to_an_address_before_it_is_confirmed() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let saved = save_contact(&app.database, wish(patient, "maya@example.org"), app.now)
        .await
        .unwrap();
    assert!(!saved.is_confirmed);
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let channels: Vec<(Kind, Channel)> = postbox
        .letters()
        .iter()
        .map(|letter| (letter.kind, letter.channel))
        .collect();
    assert!(
        channels.contains(&(Kind::ConfirmEmail, Channel::Email)),
        "{channels:?}"
    );
    assert!(
        channels.contains(&(Kind::Confirmed, Channel::Sms)),
        "{channels:?}"
    );
    assert!(postbox.letters().iter().all(|letter| letter.locale == Locale::De));

    let asked = Postbox::new();
    let again = listening(&app, &asked);
    save_contact(&app.database, wish(patient, "maya@example.org"), app.now)
        .await
        .unwrap();
    send_all(&again, soon(&app)).await;
    let secret = secret(&asked);
    for _ in 0..2 {
        confirm_email(&app.database, secret.clone(), app.now)
            .await
            .unwrap();
    }
    assert!(contact(&app.database, patient).await.unwrap().is_confirmed);
    app.confirmed(patient, 1, app.slot(5 * DAY + 20)).await;
    send_all(&again, soon(&app)).await;
    let last = asked.letters().last().unwrap().clone();
    assert_eq!(
        (last.kind, last.recipient.as_str()),
        (Kind::Confirmed, "maya@example.org")
    );
    assert_eq!(last.calendars.len(), 1);
}

#[tokio::test]
async fn a_link_confirms_the_address_that_it_went_to_and_no_other() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    save_contact(&app.database, wish(patient, "old@example.org"), app.now)
        .await
        .unwrap();
    send_all(&dispatch, soon(&app)).await;
    let secret = secret(&postbox);
    save_contact(&app.database, wish(patient, "new@example.org"), app.now)
        .await
        .unwrap();
    assert_eq!(
        confirm_email(&app.database, secret.clone(), app.now).await,
        Err(AppError::NotFound)
    );
    assert!(!contact(&app.database, patient).await.unwrap().is_confirmed);
    // A day later it is too old in any case.
    save_contact(&app.database, wish(patient, "old@example.org"), app.now)
        .await
        .unwrap();
    let later = plus_minutes(app.database.now(), 25 * 60);
    assert_eq!(
        confirm_email(&app.database, secret, later).await,
        Err(AppError::NotFound)
    );
}

#[tokio::test]
async fn many_addresses_within_a_day_are_refused() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let mut results = Vec::new();
    for number in 0..7 {
        let wish = wish(patient, &format!("a{number}@example.org"));
        results.push(save_contact(&app.database, wish, app.now).await.is_ok());
    }
    assert_eq!(results, [true, true, true, true, true, false, false]);
    assert_eq!(
        contact(&app.database, patient).await.unwrap().email.as_deref(),
        Some("a4@example.org")
    );
}

#[tokio::test]
async fn who_wants_no_reminders_hears_of_changes_all_the_same() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let wish = SaveContact {
        wants_reminders: false,
        ..wish(patient, "")
    };
    save_contact(&app.database, wish, app.now).await.unwrap();
    let start = app.slot(4 * DAY + 20);
    app.confirmed(patient, 0, start).await;
    send_all(&dispatch, soon(&app)).await;
    send_all(&dispatch, plus_minutes(start, -20 * 60)).await;
    assert_eq!(postbox.kinds(), [Kind::Confirmed]);
}
